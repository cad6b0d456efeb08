"""Metric data queries: which series an answer is made of, whether from the store or by metric math."""

from collections.abc import Sequence
from dataclasses import dataclass

from liveinsight_cli.local.telemetry.expression_functions import Grid, Series, Value
from liveinsight_cli.local.telemetry.expressions import InvalidExpression, Scope, evaluate, references
from liveinsight_cli.local.telemetry.metrics import Metric, MetricStore
from liveinsight_cli.local.telemetry.statistics import statistic

DEFAULT_PERIOD = 60


@dataclass(frozen=True)
class Stat:
    """A statistic of a metric over periods of seconds."""

    metric: Metric
    statistic: str
    period: int = DEFAULT_PERIOD
    unit: str | None = None


@dataclass(frozen=True)
class Query:
    """Either a statistic or an expression over other queries' ids."""

    id: str
    stat: Stat | None = None
    expression: str | None = None
    label: str | None = None
    period: int | None = None
    is_returned: bool = True


@dataclass(frozen=True)
class Result:
    """One returned series; an expression may make several."""

    id: str
    label: str
    series: Series


def run_queries(store: MetricStore, queries: Sequence[Query], start: int, end: int) -> list[Result]:
    """The returned series, in the order of the queries.

    Raises InvalidExpression and UnknownStatistic.
    """
    values = values_of(store, queries, start, end)
    results: list[Result] = []
    for query in queries:
        if query.is_returned:
            results += _results(query, values[query.id])
    return results


def values_of(store: MetricStore, queries: Sequence[Query], start: int, end: int) -> dict[str, Value]:
    """The value of every query by its id."""
    values: dict[str, Value] = {}
    waiting = list(queries)
    while waiting:
        ready = [query for query in waiting if _needed(query) <= values.keys()]
        if not ready:
            raise InvalidExpression(
                f"Error in expression {waiting[0].expression!r}: it refers to an id that does not exist"
            )
        for query in ready:
            values[query.id] = _value(store, query, queries, values, start, end)
        waiting = [query for query in waiting if query.id not in values]
    return values


def stat_series(store: MetricStore, stat: Stat, start: int, end: int) -> Series:
    """A statistic by the start of each period that has samples; periods are counted from `start`."""
    compute = statistic(stat.statistic)
    buckets = store.buckets(stat.metric, start, end, stat.period, stat.unit)
    points = {at: compute(bucket) for at, bucket in buckets.items()}
    return {at: value for at, value in points.items() if value is not None}


def grid_of(start: int, end: int, period: int) -> Grid:
    """The periods from start to end."""
    return Grid(tuple(range(start, end, period)), period)


def _needed(query: Query) -> set[str]:
    return references(query.expression) if query.expression else set()


def _value(
    store: MetricStore, query: Query, queries: Sequence[Query], values: dict[str, Value], start: int, end: int
) -> Value:
    if query.stat is not None:
        return stat_series(store, query.stat, start, end)
    if query.expression is None:
        raise InvalidExpression(f"The query {query.id} has neither a statistic nor an expression")
    period = query.period or _period(query, queries)
    metrics = {other.id: values[other.id] for other in queries if other.id in values}
    return evaluate(query.expression, Scope(metrics, grid_of(start, end, period)))


def _period(query: Query, queries: Sequence[Query]) -> int:
    """Of the statistics an expression is made of, however deep."""
    needed = _needed(query)
    periods = [
        other.stat.period if other.stat is not None else _period(other, queries)
        for other in queries
        if other.id in needed or (not needed and other.stat is not None)
    ]
    return max(periods, default=DEFAULT_PERIOD)


def _results(query: Query, value: Value) -> list[Result]:
    if isinstance(value, list):
        return [Result(query.id, f"{query.label or query.id} {n}", series) for n, series in enumerate(value)]
    if not isinstance(value, dict):
        raise InvalidExpression(f"The expression {query.expression!r} is a single number, not a series")
    name = f"{query.stat.metric.name}" if query.stat else query.id
    return [Result(query.id, query.label or name, value)]
