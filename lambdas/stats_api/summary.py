"""Adds blocks and days up to the figures of a range: pure, whatever they were read from.

Visitors are distinct within a UTC day (the salt changes at midnight) and summed over days and sites.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.block import Lists, Minute, Totals
from shared.day import HOURS, Day
from shared.distinct import VISITORS, Distinct
from shared.keys import HOUR_MS, start_of_day
from shared.stored_tallies import StoredTallies, Sums
from shared.tallies import DIMENSIONS, OTHER, Tally


@dataclass(slots=True)
class Step:
    """One point of the series."""

    totals: Totals = field(default_factory=Totals)
    visitors: int = 0


class Summary:
    """Figures of a range with the given starts of its steps and its end, epoch ms; without lists it is cheaper."""

    def __init__(self, steps: list[int], end: int, *, has_lists: bool = True) -> None:
        self._has_lists = has_lists
        self.starts = steps
        self.end = end
        self.steps = [Step() for _ in steps]
        self.totals = Totals()
        self.visitors = 0
        self._sums = Sums()
        self.bots: dict[str, int] = {}
        self.newest = 0
        self.is_sketched = False
        self.has_estimated_minutes = False

    def add_blocks(self, blocks: Iterable[tuple[int, Lists, Distinct]]) -> None:
        """Add blocks of one site and one UTC day, each with its start; all of the range's for that day at once."""
        visitors = Distinct(VISITORS)
        by_step: dict[int, list[tuple[Lists, Distinct]]] = {}
        for start, block, distinct in blocks:
            index = self._step_at(start)
            self._add_totals(index, block.totals)
            visitors.merge(distinct)
            by_step.setdefault(index, []).append((block, distinct))
            self._add_lists(block.tallies, block.bots, block.newest)
        self.visitors += visitors.count()
        self.is_sketched = self.is_sketched or not visitors.is_exact
        for index, together in by_step.items():
            self.steps[index].visitors += _visitors_of(together)

    def add_day(self, day: str, folded: Day) -> None:
        """Add a whole folded day of one site."""
        midnight = start_of_day(day)
        first_hour = 0
        for hour in range(HOURS):
            index = self._step_at(midnight + hour * HOUR_MS)
            self._add_totals(index, folded.hours[hour])
            is_last = hour == HOURS - 1 or self._step_at(midnight + (hour + 1) * HOUR_MS) != index
            if is_last:
                self.steps[index].visitors += folded.visitors(first_hour, hour + 1)
                first_hour = hour + 1
        self.visitors += folded.until[HOURS]
        self.is_sketched = self.is_sketched or not folded.is_exact
        self._add_lists(folded.tallies, folded.bots, folded.newest)

    def take_minutes(self, minutes: Mapping[int, Minute]) -> None:
        """Let views, events and the steps' visitors be those of these minutes, each with its start."""
        self.totals.pageviews = sum(minute.pageviews for minute in minutes.values())
        self.totals.events = sum(minute.events for minute in minutes.values())
        for start, minute in minutes.items():
            step = self.steps[self._step_at(start)]
            step.totals.pageviews, step.totals.events = minute.pageviews, minute.events
            step.visitors = minute.visitors.count()
            self.has_estimated_minutes = self.has_estimated_minutes or not minute.visitors.is_exact

    def _step_at(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1

    def _add_totals(self, index: int, totals: Totals) -> None:
        self.totals.add(totals)
        self.steps[index].totals.add(totals)

    def _add_lists(self, tallies: StoredTallies, bots: dict[str, int], newest: int) -> None:
        if self._has_lists:
            self._sums.add(tallies)
        for reason, count in bots.items():
            self.bots[reason] = self.bots.get(reason, 0) + count
        self.newest = max(self.newest, newest)

    @property
    def is_cut(self) -> bool:
        """Whether some list has lost names to `(other)`."""
        return self._sums.is_cut

    def totals_shown(self) -> dict[str, Any]:
        """The totals as the answer has them; rates are null where there was nothing to divide by."""
        totals = self.totals
        return {
            "pageviews": totals.pageviews,
            "visitors": self.visitors,
            "sessions": totals.sessions,
            "events": totals.events,
            "bounce_rate": _bounce_rate(totals),
            "avg_duration_s": _ratio(totals.duration_ms / 1000, totals.sessions, 3),
            "views_per_session": _ratio(totals.pageviews, totals.sessions),
            "engaged_s": totals.engaged_ms / 1000,
        }

    def series_shown(self, now: int) -> list[dict[str, Any]]:
        """The series, oldest first; `partial` marks a step that is still running."""
        ends = [*self.starts, self.end][1:]
        return [
            {
                "t": start,
                "pageviews": step.totals.pageviews,
                "visitors": step.visitors,
                "sessions": step.totals.sessions,
                "events": step.totals.events,
                "bounce_rate": _bounce_rate(step.totals),
                "partial": end > now,
            }
            for start, end, step in zip(self.starts, ends, self.steps, strict=True)
        ]

    def top_shown(self, limit: int) -> dict[str, list[dict[str, Any]]]:
        """The top lists; what a list has lost to its bound comes last, as `(other)`."""
        tallies = self._sums.tallies()
        return {name: _ranked(tallies.get(name, Tally()), limit) for name in DIMENSIONS}


def _visitors_of(blocks: list[tuple[Lists, Distinct]]) -> int:
    """Distinct visitors of some blocks; one block alone has counted them already."""
    [first, *others] = blocks
    if not others:
        return first[0].visitors
    union = Distinct(VISITORS)
    for _, distinct in blocks:
        union.merge(distinct)
    return union.count()


def change(now: dict[str, Any], before: dict[str, Any]) -> dict[str, float | None]:
    """Relative change of each total: 0.25 is a quarter more; null where there was nothing before."""
    return {
        name: None if not before[name] or value is None else round((value - before[name]) / before[name], 4)
        for name, value in now.items()
    }


def _ranked(tally: Tally, limit: int) -> list[dict[str, Any]]:
    counts = tally.counts
    # Sorting numbers is much cheaper than sorting pairs: first find out from which count on a name can be shown.
    largest = sorted(counts.values(), reverse=True)[: limit + 1]
    least = max(1, largest[-1] if largest else 1)
    named = [(name, count) for name, count in counts.items() if count >= least and name != OTHER]
    named.sort(key=lambda pair: (-pair[1], pair[0]))
    rest = counts.get(OTHER, 0)
    return [
        {"name": name, "count": count}
        for name, count in [*named[:limit], *([(OTHER, rest)] if rest > 0 else [])]
    ]


def _bounce_rate(totals: Totals) -> float | None:
    """Between 0 and 1, even where a session's first request was lost and its end alone is counted as "no bounce"."""
    return _ratio(min(max(totals.bounces, 0), totals.sessions), totals.sessions)


def _ratio(part: float, whole: int, digits: int = 4) -> float | None:
    return round(part / whole, digits) if whole else None
