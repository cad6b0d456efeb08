"""Tallies as rollups store them, and their sums: adding up a month means adding half a million counts.

Lists of the same things share one column of names. Hours and days of a site mostly have the very same names in it, and
then their counts are added column by column without looking at a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import add

from shared.packing import SEPARATOR, Group
from shared.tallies import DIMENSIONS, Tally

_PAGE_LISTS = ("pages", "entry_pages", "exit_pages")
# What is stored is known by its place in here: new dimensions go to the end.
SHARING = (_PAGE_LISTS, *((name,) for name in DIMENSIONS if name not in _PAGE_LISTS))
COLUMNS = [len(dimensions) for dimensions in SHARING]


@dataclass(frozen=True, slots=True)
class StoredTallies:
    """One group of columns for each of SHARING, and the dimensions that have lost names to `(other)`."""

    groups: list[Group]
    cut: frozenset[str]

    @classmethod
    def of(cls, tallies: Mapping[str, Tally]) -> StoredTallies:
        """Bring tallies into columns, names in alphabetical order; those with a count of 0 are left out."""
        groups = []
        for dimensions in SHARING:
            counts = [_by_line(tallies[name].counts) if name in tallies else {} for name in dimensions]
            names = sorted({name for column in counts for name, count in column.items() if count})
            columns = tuple([column.get(name, 0) for name in names] for column in counts)
            groups.append(Group(SEPARATOR.join(names), columns))
        return cls(groups, frozenset(name for name, tally in tallies.items() if tally.is_cut))

    def counts(self, dimension: str) -> dict[str, int]:
        """The counts of one dimension that shares its names with no other."""
        names, (column,) = self.groups[SHARING.index((dimension,))]
        return dict(zip(names.split(SEPARATOR), column, strict=True)) if column else {}

    def tallies(self) -> dict[str, Tally]:
        """The tallies back out of their columns."""
        sums = Sums()
        sums.add(self)
        return sums.tallies()


@dataclass(slots=True)
class Sums:
    """Adds up stored tallies."""

    _columns: dict[tuple[int, str], list[list[int]]] = field(default_factory=dict)
    _cut: set[str] = field(default_factory=set)

    def add(self, stored: StoredTallies) -> None:
        """Add one more."""
        self._cut |= stored.cut
        for number, group in enumerate(stored.groups):
            known = self._columns.get((number, group.names))
            if known is None:
                self._columns[number, group.names] = [list(column) for column in group.counts]
            else:
                known[:] = [list(map(add, *pair)) for pair in zip(known, group.counts, strict=True)]

    @property
    def is_cut(self) -> bool:
        """Whether some dimension has lost names to `(other)`."""
        return bool(self._cut)

    def tallies(self) -> dict[str, Tally]:
        """The sums by dimension, without a limit."""
        found: dict[str, Tally] = {}
        for (number, text), columns in self._columns.items():
            names = text.split(SEPARATOR) if columns[0] else []
            for dimension, column in zip(SHARING[number], columns, strict=True):
                _add_column(found.setdefault(dimension, Tally()), names, column)
        for dimension in self._cut:
            found.setdefault(dimension, Tally()).is_cut = True
        return found


def _add_column(tally: Tally, names: list[str], column: list[int]) -> None:
    if not tally.counts:
        tally.counts = {name: count for name, count in zip(names, column, strict=True) if count}
        return
    counts = tally.counts
    for name, count in zip(names, column, strict=True):
        if count:
            counts[name] = counts.get(name, 0) + count


def _by_line(counts: dict[str, int]) -> dict[str, int]:
    """The same counts under names that hold no separator; hardly ever does one."""
    if not any(SEPARATOR in name for name in counts):
        return counts
    lines: dict[str, int] = {}
    for name, count in counts.items():
        line = name.replace(SEPARATOR, " ")
        lines[line] = lines.get(line, 0) + count
    return lines
