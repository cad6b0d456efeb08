"""A rollup block: everything that is counted about one site in one clock hour, as seen by one shard of the stream.

Session figures belong to the hour in which the session began, event figures to the hour of the event.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from dataclasses import dataclass, field, fields
from typing import Any

from shared.distinct import MINUTE_VISITORS, VISITORS, Distinct

DIMENSIONS = (
    "pages", "entry_pages", "exit_pages", "sources", "referrers", "utm_source", "utm_medium", "utm_campaign",
    "utm_term", "utm_content", "countries", "devices", "browsers", "os", "event_types",
)  # fmt: skip
OTHER = "(other)"
LARGEST_TALLY = 1000
_KEPT_AFTER_CUT = 750


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
class Tally:
    """Counts by name, at most 1000 names: the largest stay, the rest is summed up under `(other)`.

    What is cut depends on the order of the counts alone, never on how they were batched.
    """

    counts: dict[str, int] = field(default_factory=dict)
    is_cut: bool = False

    def add(self, name: str, count: int = 1) -> None:
        """Count a name; with a negative count, take it back."""
        if self.is_cut and count < 0 and name not in self.counts:
            name = OTHER
        total = self.counts.get(name, 0) + count
        if total:
            self.counts[name] = total
        else:
            self.counts.pop(name, None)
        if len(self.counts) > LARGEST_TALLY:
            self._cut()

    def merge(self, other: Tally) -> None:
        """Add another one's counts, without a limit: for reading."""
        self.is_cut = self.is_cut or other.is_cut
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count

    def _cut(self) -> None:
        rest = self.counts.pop(OTHER, 0)
        ranked = sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        self.counts = dict(ranked[:_KEPT_AFTER_CUT])
        self.counts[OTHER] = rest + sum(count for _, count in ranked[_KEPT_AFTER_CUT:])
        self.is_cut = True

    def bounded(self) -> Tally:
        """A copy that is fit to be stored."""
        copy = Tally(dict(self.counts), self.is_cut)
        if len(copy.counts) > LARGEST_TALLY:
            copy._cut()
        return copy


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
class Block:
    """The counters of one block; `newest` is the latest event time folded in, epoch ms."""

    totals: Totals = field(default_factory=Totals)
    tallies: dict[str, Tally] = field(default_factory=dict)
    bots: dict[str, int] = field(default_factory=dict)
    minutes: defaultdict[int, Minute] = field(default_factory=lambda: defaultdict(Minute))
    visitors: Distinct = field(default_factory=lambda: Distinct(VISITORS))
    newest: int = 0

    def count(self, dimension: str, name: str, count: int = 1) -> None:
        """Count a name of a dimension."""
        tally = self.tallies.get(dimension)
        if tally is None:
            tally = self.tallies[dimension] = Tally()
        tally.add(name, count)

    def encoded(self) -> bytes:
        """Compressed JSON; equal blocks give equal bytes."""
        document = {
            "t": self.totals.as_list(),
            "d": {name: tally.counts for name, tally in self.tallies.items() if tally.counts},
            "c": sorted(name for name, tally in self.tallies.items() if tally.is_cut),
            "b": self.bots,
            "m": {str(m): [x.pageviews, x.events, x.visitors.encoded()] for m, x in self.minutes.items()},
            "u": self.visitors.encoded(),
            "n": self.newest,
        }
        return pack(document)

    @classmethod
    def decoded(cls, data: bytes) -> Block:
        """The block back out of its bytes."""
        document = unpack(data)
        cut = frozenset(document["c"])
        return cls(
            totals=Totals(*document["t"]),
            tallies={name: Tally(counts, name in cut) for name, counts in document["d"].items()},
            bots=document["b"],
            minutes=defaultdict(
                Minute,
                {
                    int(minute): Minute(pageviews, events, Distinct.decoded(MINUTE_VISITORS, visitors))
                    for minute, (pageviews, events, visitors) in document["m"].items()
                },
            ),
            visitors=Distinct.decoded(VISITORS, document["u"]),
            newest=document["n"],
        )


def pack(document: Any) -> bytes:
    """JSON with sorted keys, compressed."""
    text = json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return zlib.compress(text.encode(), 6)


def unpack(data: bytes) -> Any:
    """What was packed."""
    return json.loads(zlib.decompress(data))
