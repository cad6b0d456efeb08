"""Blocks of hours and days that are over, kept for a minute: an open dashboard reads the running hour only.

They change when something arrives late, by a client's own time or from a stream that was behind: figures of hours that
are over are late by a minute at most, those of the running hour never.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from shared import keys
from shared.block import Lists
from shared.distinct import Distinct
from shared.dynamo import DynamoDB
from shared.keys import HOUR_MS
from shared.rollups import DayEntry, Rollups
from shared.stored_tallies import StoredTallies
from shared.visit_log import SETTLING_MS

KEPT_SECONDS = 60.0
LARGEST_BYTES = 48 << 20
_COUNT_BYTES = 36  # of a number in a list

Blocks = list[tuple[int, Lists, Distinct]]


class SettledRollups(Rollups):
    """The rollups, of which those that hardly change any more are read once a minute."""

    def __init__(
        self,
        dynamodb: DynamoDB,
        state_table: str,
        clock: Callable[[], float] = time.time,
        largest_bytes: int = LARGEST_BYTES,
    ) -> None:
        super().__init__(dynamodb, state_table)
        self._clock, self._largest = clock, largest_bytes
        self._kept: OrderedDict[tuple[Any, ...], tuple[float, int, Any]] = OrderedDict()
        self._bytes = 0

    def hour_blocks(
        self, site: str, day: str, first_hour: int = 0, end_hour: int = 24, *, consistent: bool = False
    ) -> Blocks:
        """The same as without a cache, with hours that are over from it."""
        over = (int(self._clock() * 1000) - SETTLING_MS - keys.start_of_day(day)) // HOUR_MS
        settled = max(first_hour, min(over, end_hour))
        if consistent or settled == first_hour:
            return super().hour_blocks(site, day, first_hour, end_hour, consistent=consistent)
        read = super().hour_blocks
        blocks: Blocks = self._get(
            ("hours", site, day, first_hour, settled),
            lambda: read(site, day, first_hour, settled),
            lambda found: sum(_size(lists.tallies) + _visitors_size(seen) for _, lists, seen in found),
        )
        return blocks + (read(site, day, settled, end_hour) if settled < end_hour else [])

    def days(self, site: str, first_day: str, last_day: str) -> dict[str, DayEntry]:
        """The same as without a cache, at most a minute ago."""
        read = super().days
        found: dict[str, DayEntry] = self._get(
            ("days", site, first_day, last_day),
            lambda: read(site, first_day, last_day),
            lambda entries: sum(_size(entry.day.tallies) for entry in entries.values() if entry.day),
        )
        return found

    def _get(self, key: tuple[Any, ...], read: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """Nothing is not kept: a site's first figures of the past are there at once."""
        now = self._clock()
        kept = self._kept.get(key)
        if kept is not None and now < kept[0]:
            self._kept.move_to_end(key)
            return kept[2]
        if kept is not None:
            self._drop(key)
        found = read()
        took = size(found)
        if found and took <= self._largest:
            self._kept[key] = (now + KEPT_SECONDS, took, found)
            self._bytes += took
            while self._bytes > self._largest:
                self._drop(next(iter(self._kept)))
        return found

    def _drop(self, key: tuple[Any, ...]) -> None:
        self._bytes -= self._kept.pop(key)[1]


def _size(tallies: StoredTallies) -> int:
    return sum(
        len(group.names) + _COUNT_BYTES * sum(len(column) for column in group.counts)
        for group in tallies.groups
    )


def _visitors_size(visitors: Distinct) -> int:
    return 2 * _COUNT_BYTES * len(visitors.hashes) + len(visitors.registers or b"")
