"""Reads the rollups: the registry of sites, hour blocks and day blocks. Every read is bounded by key, not by TTL.

IAM, exactly: dynamodb:Query and dynamodb:GetItem on the state table.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared import keys
from shared.block import Lists, Minutes
from shared.day import Day
from shared.distinct import VISITORS, Distinct
from shared.dynamo import DynamoDB, Item
from shared.keys import HOUR_MS


@dataclass(frozen=True, slots=True)
class DayEntry:
    """What the day's item says. `marks` counts late arrivals; the fold stands only if it has seen all of them."""

    day: Day | None
    marks: int
    folded_marks: int

    @property
    def is_current(self) -> bool:
        """Whether the fold may be used instead of the hour blocks."""
        return self.day is not None and self.marks == self.folded_marks


@dataclass(frozen=True, slots=True)
class FoldMarks:
    """What a day's item says about its fold; `folded_marks` None when there is none yet."""

    marks: int
    folded_marks: int | None

    @property
    def is_current(self) -> bool:
        """Whether the fold has seen everything that arrived."""
        return self.marks == self.folded_marks


class Rollups:
    """The rollups in the state table."""

    def __init__(self, dynamodb: DynamoDB, state_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = state_table

    def sites(self, limit: int) -> dict[str, str]:
        """Known sites and the first UTC day each was seen on; at most `limit` of them."""
        found: dict[str, str] = {}
        for page in self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :sites",
            ExpressionAttributeValues={":sites": {"S": keys.SITES}},
        ):
            found |= {item["sk"]["S"]: item["first_day"]["S"] for item in page["Items"]}
            if len(found) >= limit:
                break
        return dict(list(found.items())[:limit])

    def first_day(self, site: str) -> str | None:
        """The first UTC day on which a site was seen; None for an unknown site."""
        answer = self._dynamodb.call("GetItem", TableName=self._table, Key=keys.site(site).attributes())
        return str(answer["Item"]["first_day"]["S"]) if "Item" in answer else None

    def hour_blocks(
        self, site: str, day: str, first_hour: int = 0, end_hour: int = 24, *, consistent: bool = False
    ) -> list[tuple[int, Lists, Distinct]]:
        """Hour, lists and visitors of the blocks of the hours [first, end) of a UTC day, one for each shard."""
        items = self._hour_items(site, day, first_hour, end_hour, ("data", "visitors"), consistent)
        return [
            (
                _hour(item),
                Lists.decoded(part(item, "data")),
                Distinct.decoded(VISITORS, part(item, "visitors")),
            )
            for item in items
        ]

    def hour_lists(self, site: str, day: str, first_hour: int, end_hour: int) -> Iterator[Lists]:
        """The lists alone of the same blocks."""
        for item in self._hour_items(site, day, first_hour, end_hour, ("data",)):
            yield Lists.decoded(part(item, "data"))

    def minutes(self, site: str, first: int, last: int) -> list[tuple[int, Minutes]]:
        """Minutes of the clock hours from one moment to another, each with its hour's start: one Query a day."""
        return [
            (keys.start_of_day(day) + _hour(item) * HOUR_MS, Minutes.decoded(part(item, "minutes")))
            for day, (first_hour, end_hour) in keys.hours_by_day(first, last + 1).items()
            for item in self._hour_items(site, day, first_hour, end_hour, ("minutes",))
        ]

    def _hour_items(
        self,
        site: str,
        day: str,
        first_hour: int,
        end_hour: int,
        parts: tuple[str, ...],
        consistent: bool = False,
    ) -> Iterator[Item]:
        for page in self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :day AND sk BETWEEN :first AND :last",
            ProjectionExpression=", ".join(["sk", *(f"#{name}" for name in parts)]),
            ExpressionAttributeNames={f"#{name}": name for name in parts},
            ExpressionAttributeValues={
                ":day": {"S": keys.hour_blocks(site, day)},
                ":first": {"S": f"{first_hour:02d}"},
                ":last": {"S": f"{end_hour - 1:02d}~"},
            },
            ConsistentRead=consistent,
        ):
            yield from page["Items"]

    def days(self, site: str, first_day: str, last_day: str) -> dict[str, DayEntry]:
        """Day entries from the first to the last UTC day, both included: one Query a month."""
        return {item["sk"]["S"]: _day_entry(item) for item in self._day_items(site, first_day, last_day)}

    def fold_marks(self, site: str, first_day: str, last_day: str) -> dict[str, FoldMarks]:
        """Whether the days' folds still stand, without the folds: forty of those are seconds of decoding."""
        items = self._day_items(site, first_day, last_day, ProjectionExpression="sk, marks, folded_marks")
        return {
            item["sk"]["S"]: FoldMarks(
                marks=int(item["marks"]["N"]) if "marks" in item else 0,
                folded_marks=int(item["folded_marks"]["N"]) if "folded_marks" in item else None,
            )
            for item in items
        }

    def _day_items(self, site: str, first_day: str, last_day: str, **more: Any) -> Iterator[Item]:
        for month in _months(first_day, last_day):
            for page in self._dynamodb.query(
                TableName=self._table,
                KeyConditionExpression="pk = :month AND sk BETWEEN :first AND :last",
                ExpressionAttributeValues={
                    ":month": {"S": keys.day_blocks(site, month)},
                    ":first": {"S": first_day},
                    ":last": {"S": last_day},
                },
                ConsistentRead=True,
                **more,
            ):
                yield from page["Items"]


def part(item: Item, name: str) -> bytes:
    """A binary attribute of an item."""
    return b64decode(item[name]["B"])


def _hour(item: Item) -> int:
    return int(item["sk"]["S"][:2])


def _day_entry(item: Item) -> DayEntry:
    return DayEntry(
        day=Day.decoded(part(item, "data")) if "data" in item else None,
        marks=int(item["marks"]["N"]) if "marks" in item else 0,
        folded_marks=int(item["folded_marks"]["N"]) if "folded_marks" in item else 0,
    )


def _months(first_day: str, last_day: str) -> list[str]:
    months = []
    year, month = int(first_day[:4]), int(first_day[5:7])
    while f"{year:04d}-{month:02d}" <= last_day[:7]:
        months.append(f"{year:04d}-{month:02d}")
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return months
