"""Counts by name, bounded: what the top lists are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

DIMENSIONS = (
    "pages", "entry_pages", "exit_pages", "sources", "referrers", "utm_source", "utm_medium", "utm_campaign",
    "utm_term", "utm_content", "countries", "devices", "browsers", "os", "event_types",
)  # fmt: skip
OTHER = "(other)"
LARGEST_TALLY = 1000
_KEPT_AFTER_CUT = 750
# Of all names of a block together. An item may have 400 KB, and what a stranger makes up does not compress.
LARGEST_NAMES_BYTES = 320_000
_BYTES_BESIDE_A_NAME = 9  # a line end, and the count


@dataclass(slots=True)
class Tally:
    """Counts by name, at most 1000 names: the largest stay, the rest is summed up under `(other)`.

    What is cut depends on the order of the counts alone, never on how they were batched.
    """

    counts: dict[str, int] = field(default_factory=dict)
    is_cut: bool = False

    def add(self, name: str, count: int = 1) -> int:
        """Count a name; with a negative count, take it back. Returns by how many bytes the names grew."""
        counts = self.counts
        known = counts.get(name)
        if known is None and self.is_cut and count < 0:
            name = OTHER
            known = counts.get(name)
        if known is None:
            counts[name] = count
            return _bytes_of(name) - (self.cut(_KEPT_AFTER_CUT) if len(counts) > LARGEST_TALLY else 0)
        if known + count:
            counts[name] = known + count
            return 0
        del counts[name]
        return -_bytes_of(name)

    def names_bytes(self) -> int:
        """How much room the names take."""
        return sum(map(_bytes_of, self.counts))

    def cut(self, kept: int) -> int:
        """Keep the largest `kept`, sum up the rest; returns how many bytes that saved."""
        before = self.names_bytes()
        rest = self.counts.pop(OTHER, 0)
        ranked = sorted(self.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        self.counts = dict(ranked[:kept])
        self.counts[OTHER] = rest + sum(count for _, count in ranked[kept:])
        self.is_cut = True
        return before - self.names_bytes()


def _bytes_of(name: str) -> int:
    return len(name.encode()) + _BYTES_BESIDE_A_NAME


def fit(tallies: dict[str, Tally], names_bytes: int) -> int:
    """Halve the longest lists until all names fit into an item; returns the bytes they have then."""
    while names_bytes > LARGEST_NAMES_BYTES:
        _, _, longest = max((tally.names_bytes(), name, tally) for name, tally in tallies.items())
        names_bytes -= longest.cut(len(longest.counts) // 2)
    return names_bytes


def bounded(tallies: dict[str, Tally]) -> dict[str, Tally]:
    """Copies that are fit to be stored together."""
    copies = {name: Tally(dict(tally.counts), tally.is_cut) for name, tally in tallies.items()}
    for copy in copies.values():
        if len(copy.counts) > LARGEST_TALLY:
            copy.cut(_KEPT_AFTER_CUT)
    fit(copies, sum(copy.names_bytes() for copy in copies.values()))
    return copies
