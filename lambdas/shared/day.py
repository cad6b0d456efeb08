"""A folded UTC day of one site: hourly sums, visitor counts, top lists. A pure function of the day's hour blocks.

Visitors of different days are never the same visitor (the salt changes at midnight), so a day keeps counts, no sets:
of the whole day, of each of its hours, and of each of its beginnings and ends, which is what days of other time
zones are made of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.block import Lists, Totals
from shared.distinct import VISITORS, Distinct
from shared.packing import pack, unpack
from shared.stored_tallies import COLUMNS, StoredTallies, Sums
from shared.tallies import bounded

HOURS = 24


@dataclass(slots=True)
class Day:
    """`within[h]` counts the visitors of hour h, `until[h]` those of hours 0..h-1, `since[h]` those of hours h..23."""

    hours: list[Totals] = field(default_factory=lambda: [Totals() for _ in range(HOURS)])
    within: list[int] = field(default_factory=lambda: [0] * HOURS)
    until: list[int] = field(default_factory=lambda: [0] * (HOURS + 1))
    since: list[int] = field(default_factory=lambda: [0] * (HOURS + 1))
    tallies: StoredTallies = field(default_factory=lambda: StoredTallies.of({}))
    bots: dict[str, int] = field(default_factory=dict)
    is_exact: bool = True
    newest: int = 0

    def visitors(self, first_hour: int, end_hour: int) -> int:
        """Distinct visitors of one hour, or of a stretch that begins or ends with the day."""
        if end_hour == first_hour + 1:
            return self.within[first_hour]
        if first_hour == 0:
            return self.until[end_hour]
        if end_hour == HOURS:
            return self.since[first_hour]
        raise ValueError("a day does not know the visitors of hours in its middle")

    def encoded(self) -> bytes:
        """Compressed bytes; equal days give equal bytes."""
        return pack(
            {
                "h": [totals.as_list() for totals in self.hours],
                "w": self.within,
                "u": self.until,
                "s": self.since,
                "c": sorted(self.tallies.cut),
                "b": self.bots,
                "e": self.is_exact,
                "n": self.newest,
            },
            self.tallies.groups,
        )

    @classmethod
    def decoded(cls, data: bytes) -> Day:
        """The day back out of its bytes."""
        header, groups = unpack(data, COLUMNS)
        return cls(
            hours=[Totals(*figures) for figures in header["h"]],
            within=header["w"],
            until=header["u"],
            since=header["s"],
            tallies=StoredTallies(groups, frozenset(header["c"])),
            bots=header["b"],
            is_exact=header["e"],
            newest=header["n"],
        )


def fold_day(blocks: Iterable[tuple[int, Lists, Distinct]]) -> Day:
    """Fold the hour blocks of a day, each given as its hour 0..23, its lists and its visitors."""
    day = Day()
    tallies = Sums()
    visitors = [Distinct(VISITORS) for _ in range(HOURS)]
    for hour, block, distinct in blocks:
        day.hours[hour].add(block.totals)
        visitors[hour].merge(distinct)
        day.is_exact = day.is_exact and distinct.is_exact
        day.newest = max(day.newest, block.newest)
        tallies.add(block.tallies)
        for reason, count in block.bots.items():
            day.bots[reason] = day.bots.get(reason, 0) + count
    day.tallies = StoredTallies.of(bounded(tallies.tallies()))
    day.within = [hour.count() for hour in visitors]
    day.until = _running_counts(visitors)
    day.since = _running_counts(visitors[::-1])[::-1]
    return day


def _running_counts(visitors: list[Distinct]) -> list[int]:
    union = Distinct(VISITORS)
    counts = [0]
    for hour in visitors:
        union.merge(hour)
        counts.append(union.count())
    return counts
