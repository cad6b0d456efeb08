"""The steps of a query: those that look at one row at a time, and those that need them all."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from liveinsight_cli.local.telemetry.insights.expressions import Compute, Expression
from liveinsight_cli.local.telemetry.insights.functions import STATISTICS, percentile
from liveinsight_cli.local.telemetry.insights.values import Row, Value, moment, number, order, text

UNNAMED = ("@timestamp", "@message")  # the columns of a query that names none


@dataclass
class Columns:
    """The columns of the result so far; None until a command names some. `is_aggregated`: no row is an event."""

    names: list[str] | None = None
    is_aggregated: bool = False

    def add(self, names: Sequence[str]) -> None:
        """Show these, too."""
        self.names = list(dict.fromkeys([*(self.names or []), *names]))

    def shown(self) -> Sequence[str]:
        """The columns that the result has."""
        return UNNAMED if self.names is None else self.names


class Step(Protocol):
    """Takes rows and gives rows."""

    def describe(self, columns: Columns) -> None:
        """Tell what this does to the columns."""

    def run(self, rows: list[Row]) -> list[Row]:
        """The rows that the next step gets."""


@dataclass(frozen=True)
class Filter:
    """Keeps rows of which a condition holds."""

    holds: Compute

    def describe(self, columns: Columns) -> None:
        """The columns stay."""

    def run(self, rows: list[Row]) -> list[Row]:
        """Those that it holds of."""
        return [row for row in rows if self.holds(row)]


@dataclass(frozen=True)
class Fields:
    """Computes fields and shows them."""

    fields: tuple[tuple[str, Expression], ...]

    def describe(self, columns: Columns) -> None:
        """More columns."""
        columns.add([name for name, _ in self.fields])

    def run(self, rows: list[Row]) -> list[Row]:
        """The same rows with more fields."""
        for row in rows:
            for name, value in self.fields:
                if name != value.name or not name.startswith("@"):
                    row.made[name] = _readable(value, row)
        return rows


def _readable(value: Expression, row: Row) -> Value:
    """What is computed, a time as Insights writes times."""
    found = value.compute(row)
    return moment(found) if value.is_time and isinstance(found, int) else found


@dataclass(frozen=True)
class Display:
    """Shows these columns and no others."""

    names: tuple[str, ...]

    def describe(self, columns: Columns) -> None:
        """Other columns."""
        columns.names = list(self.names)

    def run(self, rows: list[Row]) -> list[Row]:
        """The same rows."""
        return rows


@dataclass(frozen=True)
class Parse:
    """Takes fields out of a text; a row whose text is another has none of them."""

    source: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]

    def describe(self, columns: Columns) -> None:
        """The columns stay: what is parsed is shown when `fields` or `display` says so."""

    def run(self, rows: list[Row]) -> list[Row]:
        """The same rows with more fields."""
        for row in rows:
            found = self.pattern.search(text(row.get(self.source)))
            if found is not None:
                row.made.update(dict(zip(self.names, found.groups(), strict=False)))
        return rows


@dataclass(frozen=True)
class Sort:
    """Orders rows; what has no value comes last."""

    keys: tuple[tuple[Expression, bool], ...]

    def describe(self, columns: Columns) -> None:
        """The columns stay."""

    def run(self, rows: list[Row]) -> list[Row]:
        """By the first key, then by the others: sorted from the last one on, as sorting is stable."""
        for key, is_descending in reversed(self.keys):
            rows = sorted(rows, key=_by(key, is_descending), reverse=is_descending)
        return rows


def _by(key: Expression, is_descending: bool) -> Callable[[Row], tuple[bool, tuple[int, float, str]]]:
    def found(row: Row) -> tuple[bool, tuple[int, float, str]]:
        # A column that a step before made is meant by its name, whatever its name could be read as.
        value = row.made[key.name] if key.name in row.made else key.compute(row)
        return (value is None) is not is_descending, order(value)

    return found


@dataclass(frozen=True)
class Limit:
    """Keeps the first rows."""

    rows: int

    def describe(self, columns: Columns) -> None:
        """The columns stay."""

    def run(self, rows: list[Row]) -> list[Row]:
        """The first ones."""
        return rows[: self.rows]


@dataclass(frozen=True)
class Dedup:
    """Keeps the first row of those that are alike in some fields."""

    names: tuple[str, ...]

    def describe(self, columns: Columns) -> None:
        """The columns stay."""

    def run(self, rows: list[Row]) -> list[Row]:
        """One of each kind."""
        first: dict[tuple[str, ...], Row] = {}
        for row in rows:
            first.setdefault(tuple(text(row.get(name)) for name in self.names), row)
        return list(first.values())


@dataclass(frozen=True)
class Statistic:
    """One figure of a group; `share` is a percentile's."""

    column: str
    name: str
    value: Compute
    share: float | None = None

    def of(self, rows: Sequence[Row]) -> Value:
        """The figure over the rows that have the value."""
        found = [value for value in map(self.value, rows) if value is not None]
        if self.share is None:
            return STATISTICS[self.name](found)
        numbers = [one for one in map(number, found) if one is not None]
        return percentile(numbers, self.share) if numbers else None


@dataclass(frozen=True)
class Stats:
    """Makes one row of each group of rows."""

    statistics: tuple[Statistic, ...]
    groups: tuple[tuple[str, Expression], ...]

    def describe(self, columns: Columns) -> None:
        """The groups' columns, then the figures."""
        columns.names = [name for name, _ in self.groups] + [one.column for one in self.statistics]
        columns.is_aggregated = True

    def run(self, rows: list[Row]) -> list[Row]:
        """A row a group; without groups one row, also of nothing."""
        found: dict[tuple[str, ...], tuple[dict[str, Value], list[Row]]] = {}
        for row in rows:
            values = {name: _readable(one, row) for name, one in self.groups}
            found.setdefault(tuple(map(text, values.values())), (values, []))[1].append(row)
        if not self.groups and not found:
            found[()] = ({}, [])
        return [
            Row(values | {one.column: one.of(members) for one in self.statistics})
            for values, members in found.values()
        ]
