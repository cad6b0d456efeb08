"""Functions of one row's values, and those of many rows' (the statistics)."""

import math
import statistics
from collections.abc import Callable, Sequence

from liveinsight_cli.local.telemetry.insights.values import Value, number, order, text

UNIT_MS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
}
_TIMES = ("@timestamp", "@ingestionTime")
MANY = 99


def is_time(name: str) -> bool:
    """Whether a field holds epoch milliseconds."""
    return name in _TIMES


def bin_start(value: Value, period: int) -> Value:
    """The beginning of the period that a time is in."""
    at = number(value)
    return None if at is None else int(at // period * period)


def _coalesce(values: Sequence[Value]) -> Value:
    return next((value for value in values if value is not None), None)


def _numeric(compute: Callable[[float], float]) -> Callable[[Sequence[Value]], Value]:
    def function(values: Sequence[Value]) -> Value:
        value = number(values[0])
        return None if value is None else compute(value)

    return function


def _textual(compute: Callable[[str], Value]) -> Callable[[Sequence[Value]], Value]:
    return lambda values: None if values[0] is None else compute(text(values[0]))


def _substr(values: Sequence[Value]) -> Value:
    first, length = int(number(values[1]) or 0), number(values[2]) if len(values) > 2 else None
    whole = text(values[0])
    return (
        None if values[0] is None else whole[first:] if length is None else whole[first : first + int(length)]
    )


# Name -> what it computes, the fewest and the most arguments.
FUNCTIONS: dict[str, tuple[Callable[[Sequence[Value]], Value], int, int]] = {
    "coalesce": (_coalesce, 1, MANY),
    "ispresent": (lambda values: values[0] is not None, 1, 1),
    "isempty": (lambda values: values[0] is None or text(values[0]) == "", 1, 1),
    "isblank": (lambda values: values[0] is None or text(values[0]).strip() == "", 1, 1),
    "concat": (lambda values: "".join(map(text, values)), 1, MANY),
    "strlen": (_textual(len), 1, 1),
    "tolower": (_textual(str.lower), 1, 1),
    "toupper": (_textual(str.upper), 1, 1),
    "trim": (_textual(str.strip), 1, 1),
    "substr": (_substr, 2, 3),
    "strcontains": (lambda values: int(text(values[1]) in text(values[0])), 2, 2),
    "replace": (lambda values: text(values[0]).replace(text(values[1]), text(values[2])), 3, 3),
    "abs": (_numeric(abs), 1, 1),
    "ceil": (_numeric(math.ceil), 1, 1),
    "floor": (_numeric(math.floor), 1, 1),
}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` % of all are; between two, in proportion."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _of_numbers(compute: Callable[[Sequence[float]], float]) -> Callable[[Sequence[Value]], Value]:
    def function(values: Sequence[Value]) -> Value:
        numbers = [found for found in map(number, values) if found is not None]
        return compute(numbers) if numbers else None

    return function


# Statistics over the values that are there.
STATISTICS: dict[str, Callable[[Sequence[Value]], Value]] = {
    "count": len,
    "count_distinct": lambda values: len({text(value) for value in values}),
    "sum": _of_numbers(math.fsum),
    "avg": _of_numbers(statistics.fmean),
    "stddev": _of_numbers(statistics.pstdev),
    "min": lambda values: min(values, key=order, default=None),
    "max": lambda values: max(values, key=order, default=None),
}
