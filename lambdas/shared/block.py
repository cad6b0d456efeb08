"""A rollup block: everything that is counted about one site in one clock hour, as seen by one shard of the stream.

Session figures belong to the hour in which the session began, event figures to the hour of the event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields

from shared.distinct import MINUTE_VISITORS, VISITORS, Distinct
from shared.keys import HOUR_MS, MINUTE_MS
from shared.metrics import REALTIME_MINUTES
from shared.packing import pack, pack_parts, unpack, unpack_parts
from shared.stored_tallies import COLUMNS, StoredTallies
from shared.tallies import LARGEST_NAMES_BYTES, Tally, fit

PARTS = ("data", "visitors", "minutes")


@dataclass(slots=True)
class Totals:
    """Plain sums. Bounces and durations are kept as differences, so they may shrink and grow as sessions go on."""

    pageviews: int = 0
    events: int = 0
    sessions: int = 0
    bounces: int = 0
    duration_ms: int = 0
    engaged_ms: int = 0

    def add(self, other: Totals) -> None:
        """Add another one's figures."""
        self.pageviews += other.pageviews
        self.events += other.events
        self.sessions += other.sessions
        self.bounces += other.bounces
        self.duration_ms += other.duration_ms
        self.engaged_ms += other.engaged_ms

    def as_list(self) -> list[int]:
        """The figures in the order of the fields."""
        return [getattr(self, part.name) for part in fields(self)]


@dataclass(slots=True)
class Minute:
    """One minute of a block."""

    pageviews: int = 0
    events: int = 0
    visitors: Distinct = field(default_factory=lambda: Distinct(MINUTE_VISITORS))

    def merge(self, other: Minute) -> None:
        """Add another shard's share of the same minute."""
        self.pageviews += other.pageviews
        self.events += other.events
        self.visitors.merge(other.visitors)


@dataclass(slots=True)
class Minutes:
    """The minutes of a block that some reader may still ask for: the last thirty up to its newest event.

    Older ones may be left out whenever a block is stored, because `newest` only grows: what is left out in one order
    of storing is left out in every other.
    """

    by_number: defaultdict[int, Minute]
    newest: int

    def encoded(self) -> bytes:
        """Compressed bytes; equal minutes give equal bytes."""
        oldest = self.newest % HOUR_MS // MINUTE_MS - REALTIME_MINUTES
        kept = [(number, minute) for number, minute in sorted(self.by_number.items()) if number > oldest]
        figures = [[number, minute.pageviews, minute.events] for number, minute in kept]
        return pack_parts([self.newest, figures], [minute.visitors.encoded() for _, minute in kept])

    @classmethod
    def decoded(cls, data: bytes) -> Minutes:
        """The minutes back out of their bytes."""
        (newest, figures), visitors = unpack_parts(data)
        minutes = defaultdict(Minute)
        for (number, pageviews, events), part in zip(figures, visitors, strict=True):
            minutes[number] = Minute(pageviews, events, Distinct.decoded(MINUTE_VISITORS, part))
        return cls(minutes, newest)


def merged(blocks: Iterable[tuple[int, Minutes]], start: int, minutes: int) -> dict[int, Minute]:
    """So many minutes from `start` on, gaps filled, out of blocks that come with their hours' starts."""
    found = {start + index * MINUTE_MS: Minute() for index in range(minutes)}
    for hour, block in blocks:
        for number, minute in block.by_number.items():
            at = hour + number * MINUTE_MS
            if at in found:
                found[at].merge(minute)
    return found


@dataclass(slots=True)
class Lists:
    """A block but for its visitors and minutes; `visitors` is how many it counted, `newest` in epoch ms."""

    totals: Totals
    tallies: StoredTallies
    bots: dict[str, int]
    visitors: int
    newest: int

    @classmethod
    def decoded(cls, data: bytes) -> Lists:
        """The lists back out of their bytes."""
        header, groups = unpack(data, COLUMNS)
        return cls(
            totals=Totals(*header["t"]),
            tallies=StoredTallies(groups, frozenset(header["c"])),
            bots=header["b"],
            visitors=header["v"],
            newest=header["n"],
        )


@dataclass(slots=True)
class Block:
    """The counters of one block; `newest` is the latest event time folded in, epoch ms.

    It is stored in three parts, because each reader needs another one: lists, visitors and minutes.
    """

    totals: Totals = field(default_factory=Totals)
    tallies: dict[str, Tally] = field(default_factory=dict)
    bots: dict[str, int] = field(default_factory=dict)
    minutes: defaultdict[int, Minute] = field(default_factory=lambda: defaultdict(Minute))
    visitors: Distinct = field(default_factory=lambda: Distinct(VISITORS))
    newest: int = 0
    # -1: not known yet, because only who counts has to know.
    _names_bytes: int = field(default=-1, init=False, repr=False, compare=False)

    def count(self, dimension: str, name: str, count: int = 1) -> None:
        """Count a name of a dimension."""
        if self._names_bytes < 0:
            self._names_bytes = sum(tally.names_bytes() for tally in self.tallies.values())
        tally = self.tallies.get(dimension)
        if tally is None:
            tally = self.tallies[dimension] = Tally()
        self._names_bytes += tally.add(name, count)
        if self._names_bytes > LARGEST_NAMES_BYTES:
            self._names_bytes = fit(self.tallies, self._names_bytes)

    def encoded(self) -> dict[str, bytes]:
        """The parts by name; equal blocks give equal bytes."""
        tallies = StoredTallies.of(self.tallies)
        header = {
            "t": self.totals.as_list(),
            "c": sorted(tallies.cut),
            "b": self.bots,
            "v": self.visitors.count(),
            "n": self.newest,
        }
        return {
            "data": pack(header, tallies.groups),
            "visitors": self.visitors.encoded(),
            "minutes": Minutes(self.minutes, self.newest).encoded(),
        }

    @classmethod
    def decoded(cls, parts: Mapping[str, bytes]) -> Block:
        """The block back out of its parts."""
        lists = Lists.decoded(parts["data"])
        return cls(
            totals=lists.totals,
            tallies=lists.tallies.tallies(),
            bots=lists.bots,
            minutes=Minutes.decoded(parts["minutes"]).by_number,
            visitors=Distinct.decoded(VISITORS, parts["visitors"]),
            newest=lists.newest,
        )
