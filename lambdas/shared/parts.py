"""A visit's share of an hour: what the fold makes of its events, kept apart so that filters can choose among visits.

The visit log stores such parts, and raw events become the same ones when a filter reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from shared import metrics
from shared.block import Block, Totals
from shared.event import StoredEvent
from shared.facts import facts_of
from shared.fold import fold_figures, fold_session
from shared.keys import day_of

# A visitor's hash, without the bits that no count of visitors looks at.
_UNUSED_BITS = 24
_KEY_BYTES = 8

KeyOfDay = Callable[[str], bytes]


@dataclass(slots=True)
class Part:
    """One visit's events between `at` and the next hour (or minute), added up.

    `start` is when the visit began; `facts` are those of its first event, if that is among these; after the
    `rank`-th event of the visit, the last of these, `page` was the one it would be left from. Times are epoch ms.
    """

    site: str
    key: int
    at: int
    start: int
    newest: int
    totals: Totals
    visitors: tuple[int, ...]
    pages: dict[str, int]
    types: dict[str, int]
    exits: dict[str, int]
    facts: dict[str, str] | None
    rank: int
    page: str

    def add_events(self, block: Block) -> None:
        """Add what the events are by themselves to the block of their time."""
        mine, totals = self.totals, block.totals
        totals.events += mine.events
        totals.pageviews += mine.pageviews
        totals.engaged_ms += mine.engaged_ms
        block.newest = max(block.newest, self.newest)
        for name, count in self.types.items():
            block.count("event_types", name, count)
        for name, count in self.pages.items():
            block.count("pages", name, count)
        for visitor in self.visitors:
            block.visitors.add(visitor << _UNUSED_BITS)

    def add_session(self, block: Block) -> None:
        """Add what they changed about their session to the block in which it began."""
        mine, totals = self.totals, block.totals
        totals.sessions += mine.sessions
        totals.bounces += mine.bounces
        totals.duration_ms += mine.duration_ms
        for name, count in self.exits.items():
            block.count("exit_pages", name, count)
        for dimension, name in (self.facts or {}).items():
            block.count(dimension, name)


@dataclass(slots=True)
class Keys:
    """By what the parts of a visit are known as one visit's: hashes under a key of the day on which it began."""

    of_day: KeyOfDay
    _known: dict[str, int] = field(default_factory=dict)
    _days: dict[str, bytes] = field(default_factory=dict)

    def of(self, event: StoredEvent) -> int:
        """The key of the visit that an event is of."""
        session_id = event.session_id
        known = self._known.get(session_id)
        if known is None:
            day = day_of(event.before.start)
            if day not in self._days:
                self._days[day] = self.of_day(day)
            digest = blake2b(session_id.encode(), key=self._days[day], digest_size=_KEY_BYTES).digest()
            known = self._known[session_id] = int.from_bytes(digest, "big")
        return known


def parts_of(events: Iterable[StoredEvent], width: int, keys: Callable[[StoredEvent], int]) -> list[Part]:
    """Bring events to parts of so many ms; bots have none."""
    groups: dict[tuple[str, str, int], list[StoredEvent]] = {}
    for event in events:
        if not event.bot:
            at = event.at
            groups.setdefault((event.site, event.session_id, at - at % width), []).append(event)
    return [_part(at, keys(group[0]), group) for (_, _, at), group in groups.items()]


class _Sums:
    """As much of a block as a part needs; half the time of reading raw events would go into making whole ones."""

    __slots__ = ("newest", "tallies", "totals")

    def __init__(self) -> None:
        self.totals = Totals()
        self.newest = 0
        self.tallies: dict[str, dict[str, int]] = {}

    def count(self, dimension: str, name: str, count: int = 1) -> None:
        tally = self.tallies.setdefault(dimension, {})
        tally[name] = tally.get(name, 0) + count


def _part(at: int, key: int, events: list[StoredEvent]) -> Part:
    events.sort(key=lambda event: (event.before.events, event.timestamp))
    sums = _Sums()
    facts = None
    for event in events:
        fold_figures(sums, event)
        fold_session(sums, event)
        if event.is_entry:
            facts = facts_of(event)
    last = events[-1]
    path = metrics.path_of(last.page_url)
    after = metrics.after(last.before, last.at, last.event_type, last.interactive, path)
    exits = sums.tallies.get("exit_pages", {})
    return Part(
        site=last.site,
        key=key,
        at=at,
        start=last.before.start,
        newest=sums.newest,
        totals=sums.totals,
        visitors=tuple(sorted({int(event.visitor, 16) >> _UNUSED_BITS for event in events})),
        pages=sums.tallies.get("pages", {}),
        types=sums.tallies.get("event_types", {}),
        exits={name: count for name, count in exits.items() if count},
        facts=facts,
        rank=last.before.events,
        page=after.page,
    )
