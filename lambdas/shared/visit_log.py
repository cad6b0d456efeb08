"""The visit log: for every site and closed hour the parts of its visits, and which hours have been written.

IAM, exactly: dynamodb:Query and dynamodb:GetItem on the state table to read; dynamodb:PutItem to write as well.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from os import urandom
from typing import Any

from shared import keys
from shared.block import Totals
from shared.dynamo import ConditionFailed, DynamoDB, Item
from shared.keys import DAY_MS, HOUR_MS
from shared.packing import pack_parts, unpack_parts
from shared.parts import Part
from shared.settings import RESERVED_SITES

KEPT_DAYS = 40
# When an hour is written: a client's time may be fifteen minutes ago, and the hour blocks should be complete.
SETTLING_MS = 30 * 60_000
_LARGEST_BYTES = 380_000  # of an item's 400 KB
_MOST_PARTS = 4000  # in an item
_KEY_SECONDS = (
    3 * 86_400
)  # from a day's midnight on: a visit of it may last until the next, and be written a day later


def expires_of(hour: int) -> int:
    """When what is known of an hour goes, epoch seconds."""
    return hour // 1000 + KEPT_DAYS * 86_400


def packed(hour: int, parts: Sequence[Part]) -> list[tuple[int, bytes]]:
    """Parts of one site and hour as items' content, each with how many it has; equal parts give equal bytes."""
    ordered = sorted(parts, key=lambda part: (part.start, part.key))
    chunks = [ordered[first : first + _MOST_PARTS] for first in range(0, len(ordered), _MOST_PARTS)]
    found: list[tuple[int, bytes]] = []
    while chunks:
        chunk = chunks.pop(0)
        data = _pack(hour, chunk)
        if len(data) <= _LARGEST_BYTES or len(chunk) == 1:
            found.append((len(chunk), data))
        else:
            half = len(chunk) // 2
            chunks = [chunk[:half], chunk[half:], *chunks]
    return found


def _pack(hour: int, parts: Sequence[Part]) -> bytes:
    names: dict[str, int] = {}
    facts: dict[tuple[tuple[str, str], ...], int] = {}

    def coded(counts: dict[str, int]) -> list[int]:
        pairs = (
            (names.setdefault(name, len(names)), count) for name, count in sorted(counts.items()) if count
        )
        return [number for pair in pairs for number in pair]

    rows = [
        [
            part.key,
            part.start - hour,
            part.newest - hour,
            part.totals.as_list(),
            part.visitors,
            coded(part.pages),
            coded(part.types),
            coded(part.exits),
            facts.setdefault(tuple(sorted(part.facts.items())), len(facts)) if part.facts else -1,
            part.rank,
            names.setdefault(part.page, len(names)),
        ]
        for part in parts
    ]
    return pack_parts({"n": list(names), "f": [dict(one) for one in facts], "v": rows}, [])


def unpacked(site: str, hour: int, data: bytes) -> Iterator[Part]:
    """The parts back out of an item's content."""
    content, _ = unpack_parts(data)
    names, facts = content["n"], content["f"]

    def counts(coded: list[int]) -> dict[str, int]:
        return {names[code]: count for code, count in zip(coded[::2], coded[1::2], strict=True)}

    for key, start, newest, totals, visitors, pages, types, exits, fact, rank, page in content["v"]:
        yield Part(
            site, key, hour, hour + start, hour + newest, Totals(*totals), tuple(visitors),
            counts(pages), counts(types), counts(exits), facts[fact] if fact >= 0 else None, rank, names[page],
        )  # fmt: skip


@dataclass(slots=True)
class Coverage:
    """Which hours the log has: of all sites, and of those into which a past was written, each from when to when.

    `skipped` are those that had too many events to be written.
    """

    hours: set[int] = field(default_factory=set)
    skipped: set[int] = field(default_factory=set)
    sites: dict[str, tuple[int, int]] = field(default_factory=dict)

    def has(self, site: str, hour: int) -> bool:
        """Whether the log has all visits of a site in a clock hour."""
        if site in RESERVED_SITES:
            return False
        first, end = self.sites.get(site, (0, 0))
        return hour in self.hours or first <= hour < end


class VisitLog:
    """The visit log in the state table."""

    def __init__(self, dynamodb: DynamoDB, state_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = state_table
        self._keys: dict[str, bytes] = {}

    def coverage(self, now: int) -> Coverage:
        """What has been written and is not too old."""
        found = Coverage()
        oldest = now - KEPT_DAYS * DAY_MS
        for item in self._query(pk=keys.VISIT_LOG):
            name = item["sk"]["S"]
            if "hours" in item:
                midnight = keys.start_of_day(name)
                for hours, mask in ((found.hours, item["hours"]), (found.skipped, item["skipped"])):
                    of_day = (midnight + hour * HOUR_MS for hour in range(24) if int(mask["N"]) >> hour & 1)
                    hours.update(hour for hour in of_day if hour >= oldest)
            else:
                first, end = int(item["first"]["N"]), int(item["end"]["N"])
                first = max(first, keys.hour_start(oldest) + HOUR_MS)
                found.sites[name.removeprefix(keys.VISIT_LOG_SITE)] = first, end
        return found

    def mark(self, hour: int, coverage: Coverage, *, is_skipped: bool = False) -> None:
        """Note that an hour is written, of all sites, or that it never will be."""
        (coverage.skipped if is_skipped else coverage.hours).add(hour)
        self._mark_day(keys.day_of(hour), coverage)

    def reopen(self, hours: set[int], now: int) -> None:
        """Note that hours have to be written once more, because something of them has arrived late."""
        coverage = self.coverage(now)
        stale = hours & coverage.hours
        coverage.hours -= stale
        for day in sorted({keys.day_of(hour) for hour in stale}):
            self._mark_day(day, coverage)

    def _mark_day(self, day: str, coverage: Coverage) -> None:
        midnight = keys.start_of_day(day)

        def mask(hours: set[int]) -> Item:
            bits = (1 << number for number in range(24) if midnight + number * HOUR_MS in hours)
            return {"N": str(sum(bits))}

        self._put(
            {
                **keys.visit_log_day(day).attributes(),
                "hours": mask(coverage.hours),
                "skipped": mask(coverage.skipped),
                "ttl": {"N": str(expires_of(midnight + DAY_MS))},
            }
        )

    def mark_site(self, site: str, first: int, end: int) -> None:
        """Note that the hours [first, end) of a site are written, whatever was known before."""
        self._put(
            {
                **keys.visit_log_site(site).attributes(),
                "first": {"N": str(first)},
                "end": {"N": str(end)},
                "ttl": {"N": str(expires_of(end))},
            }
        )

    def write_hour(self, site: str, hour: int, parts: Sequence[Part]) -> int:
        """Write all parts of a site's hour; how many items that took."""
        chunks = packed(hour, parts)
        for number, (count, data) in enumerate(chunks):
            self._put(
                {
                    **keys.visit_log_hour(site, hour, number).attributes(),
                    "visits": {"N": str(count)},
                    "data": {"B": b64encode(data).decode()},
                    "ttl": {"N": str(expires_of(hour))},
                }
            )
        return len(chunks)

    def read(
        self, site: str, first: int, end: int, most: int, has: Callable[[int], bool]
    ) -> tuple[list[Part], int]:
        """Parts of a site's hours [first, end) that `has` allows, newest first, and from when on they are all there.

        Reading ends before the hour with which they would be more than `most`.
        """
        found: list[Part] = []
        reached = end
        for hour, count, data in self._items(site, first, end):
            if hour < reached and len(found) + count > most:
                return found, hour + HOUR_MS
            reached = hour
            if has(hour):
                found += unpacked(site, hour, data)
        return found, first

    def _items(self, site: str, first: int, end: int) -> Iterator[tuple[int, int, bytes]]:
        if end <= first:
            return
        newest, oldest = keys.visit_log_hour(site, end - HOUR_MS, 0), keys.visit_log_hour(site, first, 0)
        month, last = newest.pk, oldest.pk
        day = keys.start_of_day(keys.day_of(end - HOUR_MS))
        while True:
            items = self._query(
                pk=month, first=oldest.sk[:-2], last=newest.sk[:-2] + "~", ScanIndexForward=False
            )
            for item in items:
                hour = keys.visit_log_hour_of(item["sk"]["S"])
                yield hour, int(item["visits"]["N"]), b64decode(item["data"]["B"])
            if month == last:
                return
            day = keys.start_of_day(keys.day_of(day)[:7] + "-01") - DAY_MS
            month = keys.visit_log_hour(site, day, 0).pk

    def key_of_day(self, day: str) -> bytes:
        """The key under which visits of a day are known; empty as long as nothing was written with it."""
        if day not in self._keys:
            answer = self._dynamodb.call(
                "GetItem", TableName=self._table, Key=keys.visit_key(day).attributes(), ConsistentRead=True
            )
            if "Item" not in answer:
                return b""
            self._keys[day] = b64decode(answer["Item"]["salt"]["B"])
        return self._keys[day]

    def made_key_of_day(self, day: str) -> bytes:
        """The same, made when there is none; it goes with the day's salts."""
        if not self.key_of_day(day):
            item: Item = {
                **keys.visit_key(day).attributes(),
                "salt": {"B": b64encode(urandom(32)).decode()},
                "ttl": {"N": str(keys.start_of_day(day) // 1000 + _KEY_SECONDS)},
            }
            with suppress(ConditionFailed):  # somebody else was faster
                self._dynamodb.call(
                    "PutItem",
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                )
        return self.key_of_day(day)

    def _put(self, item: Item) -> None:
        self._dynamodb.call("PutItem", TableName=self._table, Item=item)

    def _query(self, pk: str, first: str = "", last: str = "~", **more: Any) -> Iterable[Item]:
        for page in self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            ExpressionAttributeValues={":pk": {"S": pk}, ":first": {"S": first or " "}, ":last": {"S": last}},
            **more,
        ):
            yield from page["Items"]
