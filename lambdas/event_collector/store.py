"""All DynamoDB calls of the collector.

IAM, exactly: dynamodb:BatchWriteItem on the events table; dynamodb:GetItem, dynamodb:PutItem and dynamodb:UpdateItem
on the state table. No index.

Layout of a visitor's row: `now` the running session (see shared/running.py), `b1`..`b4` the session as the last four
requests met it, `r1`..`r4` the ids of those requests, `t1`..`t4` when they came. `left` and `since` are the visitor's
allowance of requests; `noted` and `noted_before` tell of older requests that they were here. `moved` means that the
row has been carried over midnight into the next day's row.
"""

from __future__ import annotations

import random
import time
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from event_collector.allowance import Allowance
from event_collector.numbering import MOST_NOTED, REMEMBERED_REQUESTS, Arrival, Remembered, Row, stamp
from shared import keys
from shared.dynamo import ConditionFailed, DynamoDB, Item, StorageBusy
from shared.keys import Key
from shared.metrics import SESSION_GAP_MS, SESSION_MAX_MS, Running, begin
from shared.running import from_map, to_map
from shared.settings import Settings

ROW_TTL_SECONDS = 26 * 3600
SALT_TTL_SECONDS = 48 * 3600
_WRITE_ATTEMPTS = 5
_WRITE_BUDGET_SECONDS = 4.0
_ALLOWANCE_NAMES = {"#left": "left", "#since": "since"}
_SLOTS = range(1, REMEMBERED_REQUESTS + 1)
_ROW_NAMES = {
    "#now": "now",
    "#moved": "moved",
    "#ttl": "ttl",
    "#noted": "noted",
    "#noted_before": "noted_before",
    **{f"#{kind}{slot}": f"{kind}{slot}" for kind in "brt" for slot in _SLOTS},
}
# Newest first: each slot takes over what its neighbour held before this update.
_SHIFT = ", ".join(f"#{kind}{slot} = #{kind}{slot - 1}" for slot in reversed(_SLOTS[1:]) for kind in "brt")
# The last four requests are among the noted ones, but for those in rows from before there were notes: these have no
# size, which is not below the limit either.
_IS_NEW = "size(#noted) < :most AND NOT (contains(#noted, :note) OR contains(#noted_before, :note))"


class RowUnavailable(Exception):
    """The row did not accept a plain continuation; `row` is its content, `moved` whether another day has taken it."""

    def __init__(self, row: Row | None, moved: bool) -> None:
        super().__init__("the running session cannot simply be continued")
        self.row = row
        self.moved = moved


class CollectorStore:
    """Visitor rows, salts and events in DynamoDB."""

    def __init__(
        self,
        dynamodb: DynamoDB,
        settings: Settings,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._dynamodb = dynamodb
        self._events_table = settings.events_table
        self._state_table = settings.state_table
        self._clock = clock
        self._sleep = sleep

    def extend(self, key: Key, arrival: Arrival, *, is_limited: bool) -> Running:
        """Continue the running session in one call, whatever its numbers are, and return it as it was before.

        Raises RowUnavailable when there is nothing to continue, when this request was here before, or when its
        events are not all newer than the session's latest.
        """
        try:
            answer = self._dynamodb.call(
                "UpdateItem",
                TableName=self._state_table,
                Key=key.attributes(),
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **_continuation(
                    arrival,
                    self._ttl(arrival.received_at, ROW_TTL_SECONDS),
                    is_limited=is_limited,
                ),
            )
        except ConditionFailed as failed:
            item = failed.item
            raise RowUnavailable(_row(item), bool(item and "moved" in item)) from failed
        return from_map(answer["Attributes"]["now"])

    def replace(self, key: Key, old: Row | None, new: Row, received_at: int) -> None:
        """Write the row if it still is what was decided upon; raises RowUnavailable otherwise."""
        item: Item = {
            **key.attributes(),
            "now": to_map(new.now),
            **_allowance_attributes(new.allowance),
            "noted": {"SS": sorted(new.noted)},
            "ttl": self._ttl(received_at, ROW_TTL_SECONDS),
        }
        if new.noted_before:
            item["noted_before"] = {"SS": sorted(new.noted_before)}
        for slot in _SLOTS:
            # Empty slots are filled, so that the plain continuation can shift them without looking.
            memory = new.ring[slot - 1] if slot <= len(new.ring) else Remembered("-", 0, new.ring[-1].before)
            item[f"b{slot}"] = to_map(memory.before)
            item[f"r{slot}"] = {"S": memory.request_id}
            item[f"t{slot}"] = {"N": str(memory.received_at)}
        request: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if old is not None:
            request = {
                "ConditionExpression": "#r1 = :newest AND attribute_not_exists(#moved)",
                "ExpressionAttributeNames": {"#r1": "r1", "#moved": "moved"},
                "ExpressionAttributeValues": {":newest": {"S": old.ring[0].request_id}},
            }
        try:
            self._dynamodb.call(
                "PutItem",
                TableName=self._state_table,
                Item=item,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **request,
            )
        except ConditionFailed as failed:
            raise RowUnavailable(_row(failed.item), bool(failed.item and "moved" in failed.item)) from failed

    def set_allowance(self, key: Key, old: Allowance | None, new: Allowance) -> bool:
        """Write what is left, unless somebody else has meanwhile: then False."""
        values = {":left": {"N": str(new.left)}, ":since": {"N": str(new.since)}}
        condition = "attribute_exists(pk) AND attribute_not_exists(#left)"
        if old is not None:
            condition = "#left = :old_left AND #since = :old_since"
            values |= {":old_left": {"N": str(old.left)}, ":old_since": {"N": str(old.since)}}
        try:
            self._dynamodb.call(
                "UpdateItem",
                TableName=self._state_table,
                Key=key.attributes(),
                UpdateExpression="SET #left = :left, #since = :since",
                ConditionExpression=condition,
                ExpressionAttributeNames=_ALLOWANCE_NAMES,
                ExpressionAttributeValues=values,
            )
        except ConditionFailed:
            return False
        return True

    def take_over(self, key: Key, received_at: int) -> Row | None:
        """Close yesterday's row for good and return what it held; None when there is none. May be repeated.

        A row that never was is closed too: a collector whose clock is a little behind must not begin it afterwards.
        """
        answer = self._dynamodb.call(
            "UpdateItem",
            TableName=self._state_table,
            Key=key.attributes(),
            UpdateExpression="SET #moved = :true, #ttl = if_not_exists(#ttl, :ttl)",
            ExpressionAttributeNames={"#moved": "moved", "#ttl": "ttl"},
            ExpressionAttributeValues={
                ":true": {"BOOL": True},
                ":ttl": self._ttl(received_at, ROW_TTL_SECONDS),
            },
            ReturnValues="ALL_OLD",
        )
        return _row(answer.get("Attributes"))

    def read(self, key: Key) -> Row | None:
        """A row that nobody changes any more."""
        answer = self._dynamodb.call(
            "GetItem", TableName=self._state_table, Key=key.attributes(), ConsistentRead=True
        )
        return _row(answer.get("Item"))

    def salt(self, day: str) -> bytes:
        """The salt of a UTC day: whoever comes first makes it, everybody else gets the same one."""
        key = keys.salt(day).attributes()
        found = self._dynamodb.call("GetItem", TableName=self._state_table, Key=key, ConsistentRead=True).get(
            "Item"
        )
        if found is None:
            made = random.SystemRandom().randbytes(32)
            expires = {"N": str(int(self._clock()) + SALT_TTL_SECONDS)}
            try:
                self._dynamodb.call(
                    "PutItem",
                    TableName=self._state_table,
                    Item={**key, "salt": {"B": b64encode(made).decode()}, "ttl": expires},
                    ConditionExpression="attribute_not_exists(pk)",
                )
                return made
            except ConditionFailed:
                read = self._dynamodb.call(
                    "GetItem", TableName=self._state_table, Key=key, ConsistentRead=True
                )
                found = read["Item"]
        return b64decode(found["salt"]["B"])

    def write_events(self, items: list[Item]) -> None:
        """Store up to 25 events, all of them; raises StorageBusy when the time for retries is used up."""
        left = [{"PutRequest": {"Item": item}} for item in items]
        deadline = self._clock() + _WRITE_BUDGET_SECONDS
        for attempt in range(_WRITE_ATTEMPTS):
            try:
                answer = self._dynamodb.call("BatchWriteItem", RequestItems={self._events_table: left})
                left = answer.get("UnprocessedItems", {}).get(self._events_table, [])
            except StorageBusy:
                if attempt == _WRITE_ATTEMPTS - 1:
                    raise
            if not left:
                return
            if self._clock() > deadline:
                break
            self._sleep(0.05 * 2**attempt * (0.5 + random.random()))  # noqa: S311 - jitter
        raise StorageBusy("BatchWriteItem", "UnprocessedItems")

    def _ttl(self, received_at: int, seconds: int) -> Item:
        """Working rows expire after the present, even when the traffic that is being written lies in the past."""
        return {"N": str(max(received_at // 1000, int(self._clock())) + seconds)}


def _continuation(arrival: Arrival, ttl: Item, *, is_limited: bool) -> dict[str, Any]:
    """The update that runs whatever session the row holds on over the arrival's events, on condition that it may."""
    timeline = arrival.timeline(arrival.received_at)
    _, after = stamp(begin("", timeline[0][0]), timeline)
    sets = [
        _SHIFT,
        "#b1 = #now, #r1 = :id, #t1 = :received, #ttl = :ttl",
        "#now.#n = #now.#n + :n",
        "#now.#p = #now.#p + :p",
        "#now.#l = :newest",
    ]
    names = {"#n": "n", "#p": "p", "#l": "l", "#a": "a"}
    values: Item = {
        ":n": {"N": str(after.events)},
        ":p": {"N": str(after.views)},
        ":newest": {"N": str(timeline[-1][0])},
        ":oldest": {"N": str(timeline[0][0])},
        ":id": {"S": arrival.request_id},
        ":note": {"S": arrival.note},
        ":notes": {"SS": [arrival.note]},
        ":most": {"N": str(MOST_NOTED)},
        ":received": {"N": str(arrival.received_at)},
        ":ttl": ttl,
    }
    for letter, value, changed in (
        ("q", {"N": str(after.seen)}, after.seen > 0),
        ("i", {"BOOL": True}, after.interactive),
        ("v", {"N": str(after.viewed_at)}, after.views > 0),
        ("g", {"S": after.page}, after.views > 0),
    ):
        if changed:
            sets.append(f"#now.#{letter} = :{letter}")
            names[f"#{letter}"] = letter
            values[f":{letter}"] = value
    condition = f"attribute_not_exists(#moved) AND #now.#l <= :oldest AND {_IS_NEW}"
    if is_limited:
        sets.append("#left = #left - :one")
        condition += " AND #left >= :one"
        names["#left"] = "left"
        values[":one"] = {"N": "1"}
    if arrival.own_session is None:
        condition += " AND #now.#l >= :quiet AND #now.#a >= :young"
        values[":quiet"] = {"N": str(timeline[0][0] - SESSION_GAP_MS)}
        values[":young"] = {"N": str(timeline[0][0] - SESSION_MAX_MS)}
    else:
        names.pop("#a")
    return {
        "UpdateExpression": f"SET {', '.join(sets)} ADD #noted :notes",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": _ROW_NAMES | names,
        "ExpressionAttributeValues": values,
    }


def _row(item: Item | None) -> Row | None:
    if not item or "now" not in item:
        return None
    ring = tuple(
        Remembered(item[f"r{slot}"]["S"], int(item[f"t{slot}"]["N"]), from_map(item[f"b{slot}"]))
        for slot in _SLOTS
        if item[f"r{slot}"]["S"] != "-"
    )
    allowance = Allowance(int(item["left"]["N"]), int(item["since"]["N"])) if "left" in item else None
    noted, noted_before = (
        frozenset(item[name]["SS"]) if name in item else frozenset() for name in ("noted", "noted_before")
    )
    return Row(from_map(item["now"]), ring, allowance, noted, noted_before)


def _allowance_attributes(allowance: Allowance | None) -> Item:
    if allowance is None:
        return {}
    return {"left": {"N": str(allowance.left)}, "since": {"N": str(allowance.since)}}
