"""All DynamoDB calls of the aggregator.

IAM, exactly: on the state table dynamodb:GetItem, dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem and
dynamodb:Query; on the sessions table dynamodb:UpdateItem; dynamodb:Query on its index ActivityIndex and on the events
table's index EventTypeIndex. Reading the stream needs dynamodb:DescribeStream, GetRecords, GetShardIterator and
ListStreams for the event source mapping.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from aggregator.projection import SessionFacts, SessionView
from shared import keys
from shared.block import PARTS, Block
from shared.day import Day
from shared.dynamo import ConditionFailed, DynamoDB, Item
from shared.event import StoredEvent
from shared.keys import Key
from shared.metrics import ACTIVITY_STEP_MS
from shared.raw_events import events_between
from shared.rollups import Rollups, part
from shared.settings import Settings
from shared.visit_log import VisitLog

HOUR_BLOCK_TTL_SECONDS = 40 * 86400
SESSION_TTL_SECONDS = 48 * 3600
MAX_SITES = 10_000


class AggregatorStore:
    """Blocks, days, sessions and the registry of sites in DynamoDB."""

    def __init__(self, dynamodb: DynamoDB, settings: Settings) -> None:
        self._dynamodb = dynamodb
        self._state_table = settings.state_table
        self._sessions_table = settings.sessions_table
        self._events_table = settings.events_table
        self.rollups = Rollups(dynamodb, settings.state_table)
        self.visit_log = VisitLog(dynamodb, settings.state_table)

    def read_block(self, key: Key) -> tuple[Block, int]:
        """A block and the sequence number of the last record folded into it; an absent one is empty, at 0."""
        answer = self._dynamodb.call(
            "GetItem", TableName=self._state_table, Key=key.attributes(), ConsistentRead=True
        )
        item = answer.get("Item")
        if item is None:
            return Block(), 0
        return Block.decoded({name: part(item, name) for name in PARTS}), int(item["last_sequence"]["S"])

    def write_block(self, key: Key, block: Block, sequence: int, read_sequence: int, expires: int) -> None:
        """Write a block that was read at `read_sequence`; raises ConditionFailed if it has moved on since."""
        self._dynamodb.call(
            "PutItem",
            TableName=self._state_table,
            Item={
                **key.attributes(),
                **{name: {"B": b64encode(data).decode()} for name, data in block.encoded().items()},
                # A string: sequence numbers have more digits than a Number holds.
                "last_sequence": {"S": str(sequence)},
                "ttl": {"N": str(expires)},
            },
            **(
                {
                    "ConditionExpression": "last_sequence = :read",
                    "ExpressionAttributeValues": {":read": {"S": str(read_sequence)}},
                }
                if read_sequence
                else {"ConditionExpression": "attribute_not_exists(pk)"}
            ),
        )

    def register_site(self, site: str, first_day: str) -> None:
        """Make a site known, or known for longer; the earliest day counts, in whatever order the calls come."""
        item = {**keys.site(site).attributes(), "first_day": {"S": first_day}}
        try:
            self._dynamodb.call(
                "PutItem",
                TableName=self._state_table,
                Item=item,
                ConditionExpression="attribute_not_exists(pk) OR first_day > :first_day",
                ExpressionAttributeValues={":first_day": item["first_day"]},
            )
        except ConditionFailed:
            return

    def mark_day(self, site: str, day: str) -> None:
        """Note that a day which is over has changed: its fold no longer stands."""
        self._dynamodb.call(
            "UpdateItem",
            TableName=self._state_table,
            Key=keys.day_block(site, day).attributes(),
            UpdateExpression="ADD marks :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    def write_day(self, site: str, day: str, folded: Day, marks: int) -> bool:
        """Write a fold that has seen `marks` late arrivals; False when another one came while it was made."""
        condition = "marks = :marks" if marks else "attribute_not_exists(marks)"
        try:
            self._dynamodb.call(
                "UpdateItem",
                TableName=self._state_table,
                Key=keys.day_block(site, day).attributes(),
                UpdateExpression="SET #data = :data, folded_marks = :marks",
                ConditionExpression=condition,
                ExpressionAttributeNames={"#data": "data"},
                ExpressionAttributeValues={
                    ":data": {"B": b64encode(folded.encoded()).decode()},
                    ":marks": {"N": str(marks)},
                },
            )
        except ConditionFailed:
            return False
        return True

    def project(self, view: SessionView, is_active: bool) -> None:
        """Bring a session's item up to date; older news than it has changes nothing but fills in first facts."""
        now = view.now
        sets: dict[str, Item] = {
            "site": {"S": view.site},
            "visitor": {"S": view.visitor},
            "start_time": {"N": str(now.start)},
            "last_activity": {"N": str(now.last - now.last % ACTIVITY_STEP_MS)},
            "last_event": {"N": str(now.last)},
            "last_seen": {"N": str(now.seen)},
            "page_count": {"N": str(now.views)},
            "event_count": {"N": str(now.events)},
            "current_page": {"S": now.page},
            "ttl": {"N": str(now.last // 1000 + SESSION_TTL_SECONDS)},
        }
        removed = set()
        if view.visitor_before:
            sets["visitor_before"] = {"S": view.visitor_before}
        else:
            removed.add("visitor_before")
        if view.user_id:
            sets["user_id"] = {"S": view.user_id}
        if view.facts:
            sets |= _facts_attributes(view.facts)
        if is_active:
            # A string, and absent when inactive: the index is sparse, and no index key can be a Boolean.
            sets["is_active"] = {"S": "true"}
        else:
            removed.add("is_active")
        try:
            self._set_session(now.session_id, sets, sorted(removed))
        except ConditionFailed:
            if view.facts:
                self._fill_session(now.session_id, _facts_attributes(view.facts))

    def _set_session(self, session_id: str, sets: dict[str, Item], removed: list[str]) -> None:
        expression = "SET " + ", ".join(f"#{name} = :{name}" for name in sets)
        if removed:
            expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
        self._dynamodb.call(
            "UpdateItem",
            TableName=self._sessions_table,
            Key={"session_id": {"S": session_id}},
            UpdateExpression=expression,
            ConditionExpression="attribute_not_exists(#event_count) OR #event_count < :event_count",
            ExpressionAttributeNames={f"#{name}": name for name in [*sets, *removed]},
            ExpressionAttributeValues={f":{name}": value for name, value in sets.items()},
        )

    def _fill_session(self, session_id: str, sets: dict[str, Item]) -> None:
        self._dynamodb.call(
            "UpdateItem",
            TableName=self._sessions_table,
            Key={"session_id": {"S": session_id}},
            UpdateExpression="SET "
            + ", ".join(f"#{name} = if_not_exists(#{name}, :{name})" for name in sets),
            ExpressionAttributeNames={f"#{name}": name for name in sets},
            ExpressionAttributeValues={f":{name}": value for name, value in sets.items()},
        )

    def silent_sessions(self, cutoff: int) -> Iterator[str]:
        """Ids of sessions still marked active whose latest event is older than `cutoff`, epoch ms."""
        for page in self._dynamodb.query(
            TableName=self._sessions_table,
            IndexName="ActivityIndex",
            KeyConditionExpression="is_active = :active AND last_activity < :cutoff",
            ExpressionAttributeValues={":active": {"S": "true"}, ":cutoff": {"N": str(cutoff)}},
        ):
            for item in page["Items"]:
                if int(item["last_event"]["N"]) < cutoff:
                    yield item["session_id"]["S"]

    def events_of(self, event_type: str, start: int, end: int) -> Iterator[StoredEvent]:
        """Events of a type in [start, end), epoch ms, of all sites."""
        return events_between(self._dynamodb, self._events_table, event_type, start, end)

    def end_session(self, session_id: str, cutoff: int) -> bool:
        """Take the active mark off, unless the session has come back to life."""
        try:
            self._dynamodb.call(
                "UpdateItem",
                TableName=self._sessions_table,
                Key={"session_id": {"S": session_id}},
                UpdateExpression="REMOVE is_active",
                ConditionExpression="last_event < :cutoff",
                ExpressionAttributeValues={":cutoff": {"N": str(cutoff)}},
            )
        except ConditionFailed:
            return False
        return True

    def delete_expired_salts(self, now_seconds: int) -> int:
        """Delete salts past their two days at once; DynamoDB's own expiry may take two more."""
        deleted = 0
        for page in self._dynamodb.query(
            TableName=self._state_table,
            KeyConditionExpression="pk = :salts",
            ExpressionAttributeValues={":salts": {"S": keys.SALTS}},
        ):
            for item in page["Items"]:
                if int(item["ttl"]["N"]) <= now_seconds:
                    key = {"pk": item["pk"], "sk": item["sk"]}
                    self._dynamodb.call("DeleteItem", TableName=self._state_table, Key=key)
                    deleted += 1
        return deleted


def _facts_attributes(facts: SessionFacts) -> dict[str, Item]:
    return {
        "referrer": {"S": facts.referrer},
        "source": {"S": facts.source},
        "entry_page": {"S": facts.entry_page},
        "country": {"S": facts.country},
        "device": {"S": facts.device},
    }
