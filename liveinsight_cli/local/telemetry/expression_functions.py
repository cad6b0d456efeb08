"""The functions of metric math. A series is its points by epoch seconds."""

import enum
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, Union

Series: TypeAlias = dict[int, float]


class Keyword(enum.Enum):
    """Words that FILL understands."""

    REPEAT = enum.auto()
    LINEAR = enum.auto()


Value: TypeAlias = Union[Series, list[Series], float, str, Keyword]  # noqa: UP007 (evaluated at import)


@dataclass(frozen=True)
class Grid:
    """The periods of an answer: their starts, and how long each is."""

    times: tuple[int, ...]
    period: int


def _fill(grid: Grid, given: Value, filler: Value) -> Value:
    if isinstance(given, list):
        return [_filled(grid, series, filler) for series in given]
    if not isinstance(given, dict):
        raise TypeError
    return _filled(grid, given, filler)


def _filled(grid: Grid, series: Series, filler: Value) -> Series:
    times = sorted({*grid.times, *series})
    if filler is Keyword.REPEAT:
        return _repeated(series, times)
    if filler is Keyword.LINEAR:
        return _interpolated(series, times)
    if isinstance(filler, dict):
        return {at: value for at in times if (value := series.get(at, filler.get(at))) is not None}
    if not isinstance(filler, float):
        raise TypeError
    return {at: series.get(at, filler) for at in times}


def _repeated(series: Series, times: list[int]) -> Series:
    filled: Series = {}
    last: float | None = None
    for at in times:
        last = series.get(at, last)
        if last is not None:
            filled[at] = last
    return filled


def _interpolated(series: Series, times: list[int]) -> Series:
    known = sorted(series)
    filled = dict(series)
    for before, after in itertools.pairwise(known):
        slope = (series[after] - series[before]) / (after - before)
        filled |= {at: series[before] + slope * (at - before) for at in times if before < at < after}
    return dict(sorted(filled.items()))


def _if(_grid: Grid, condition: Value, chosen: Value, otherwise: Value | None = None) -> Value:
    if isinstance(condition, list | str | Keyword):
        raise TypeError
    if not isinstance(condition, dict):
        result = chosen if condition else otherwise
        return {} if result is None else result
    points = {at: _point(chosen if flag else otherwise, at) for at, flag in condition.items()}
    return {at: value for at, value in points.items() if value is not None}


def _point(value: Value | None, at: int) -> float | None:
    if isinstance(value, dict):
        return value.get(at)
    if isinstance(value, float | int) or value is None:
        return value
    raise TypeError


def _aggregate(combine: Callable[[list[float]], float]) -> Callable[..., Value]:
    """Of one series the points are combined to a number, of several series the points at each time to a series."""

    def call(_grid: Grid, *given: Value) -> Value:
        flat = [part for value in given for part in (value if isinstance(value, list) else [value])]
        series = [part for part in flat if isinstance(part, dict)]
        if len(given) == 1 and isinstance(given[0], dict):
            return combine(list(given[0].values())) if given[0] else {}
        times = sorted({at for part in series for at in part})
        numbers = [part for part in flat if isinstance(part, float)]
        if not series:
            return combine(numbers)
        return {at: combine([part[at] for part in series if at in part] + numbers) for at in times}

    return call


def _each(compute: Callable[[float], float]) -> Callable[..., Value]:
    def call(_grid: Grid, given: Value) -> Value:
        if isinstance(given, list):
            return [{at: compute(value) for at, value in series.items()} for series in given]
        if isinstance(given, dict):
            return {at: compute(value) for at, value in given.items()}
        if isinstance(given, float):
            return compute(given)
        raise TypeError

    return call


def _along(compute: Callable[[list[tuple[int, float]]], Series]) -> Callable[..., Value]:
    def call(_grid: Grid, given: Value) -> Value:
        if isinstance(given, list):
            return [compute(sorted(series.items())) for series in given]
        if not isinstance(given, dict):
            raise TypeError
        return compute(sorted(given.items()))

    return call


def _differences(points: list[tuple[int, float]]) -> Series:
    return {at: value - before for (_, before), (at, value) in itertools.pairwise(points)}


def _rates(points: list[tuple[int, float]]) -> Series:
    pairs = itertools.pairwise(points)
    return {at: (value - before) / (at - earlier) for (earlier, before), (at, value) in pairs}


def _running(points: list[tuple[int, float]]) -> Series:
    total, sums = 0.0, {}
    for at, value in points:
        total += value
        sums[at] = total
    return sums


def _count(_grid: Grid, given: Value) -> Value:
    return float(len(given)) if isinstance(given, list) else 1.0


def _constant(grid: Grid, value: Value) -> Value:
    if not isinstance(value, float):
        raise TypeError
    return dict.fromkeys(grid.times, value)


def _deviation(values: list[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "ABS": _each(abs),
    "AVG": _aggregate(lambda values: sum(values) / len(values)),
    "CEIL": _each(lambda value: float(math.ceil(value))),
    "DIFF": _along(_differences),
    "FILL": _fill,
    "FLOOR": _each(lambda value: float(math.floor(value))),
    "IF": _if,
    "MAX": _aggregate(max),
    "METRIC_COUNT": _count,
    "MIN": _aggregate(min),
    "PERIOD": lambda grid, _given: float(grid.period),
    "RATE": _along(_rates),
    "RUNNING_SUM": _along(_running),
    "STDDEV": _aggregate(_deviation),
    "SUM": _aggregate(sum),
    "TIME_SERIES": _constant,
}
