"""The platform's figures, and the CloudWatch queries that they come from. No data is None, never zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

HOUR = 3600
DAY = 24 * HOUR
LONG_RANGES = frozenset({"7d", "30d"})
FUNCTION_PARTS = ("Invocations", "Errors", "Throttles", "p50", "p95", "p99")
API_PARTS = ("Count", "4XXError", "5XXError", "p50", "p95")

Merge = Literal["sum", "max"]


@dataclass(frozen=True)
class FunctionFigures:
    """One Lambda function over the window; durations in milliseconds."""

    name: str
    invocations: float | None
    errors: float | None
    throttles: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True)
class ApiFigures:
    """API Gateway over the window; latency as callers see it, in milliseconds."""

    requests: float | None
    errors_4xx: float | None
    errors_5xx: float | None
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True)
class TableFigures:
    """Capacity that a table consumed over the window, without its indexes."""

    name: str
    read_units: float | None
    write_units: float | None


@dataclass(frozen=True)
class Platform:
    """All of it. `iterator_age_ms` is how far the stream's reader was behind, at worst."""

    window_seconds: int
    begin: int
    end: int
    functions: tuple[FunctionFigures, ...]
    api: ApiFigures
    tables: tuple[TableFigures, ...]
    iterator_age_ms: float | None


@dataclass(frozen=True)
class Metric:
    """One figure to ask for. Several periods are merged by `merge`: counts add up, the worst percentile stands."""

    namespace: str
    name: str
    stat: str
    dimensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def merge(self) -> Merge:
        """How several periods become one figure."""
        return "sum" if self.stat == "Sum" else "max"


@dataclass(frozen=True)
class Names:
    """What the platform's parts are called in AWS; functions and tables by their short names."""

    functions: Mapping[str, str]
    tables: Mapping[str, str]
    api: str
    stage: str
    aggregator: str = "aggregator"


def window_of(range_name: str) -> int:
    """Return how many seconds the platform looks back beside a range: an hour, or a day beside weeks."""
    return DAY if range_name in LONG_RANGES else HOUR


def wanted(names: Names) -> dict[str, Metric]:
    """Return every figure's metric by a key of its own; far below the 500 that one GetMetricData takes."""
    found: dict[str, Metric] = {}
    for short, name in names.functions.items():
        function = {"FunctionName": name}
        for metric in ("Invocations", "Errors", "Throttles"):
            found[f"function {short} {metric}"] = Metric("AWS/Lambda", metric, "Sum", function)
        for stat in ("p50", "p95", "p99"):
            found[f"function {short} {stat}"] = Metric("AWS/Lambda", "Duration", stat, function)
    api = {"ApiName": names.api, "Stage": names.stage}
    for metric in ("Count", "4XXError", "5XXError"):
        found[f"api {metric}"] = Metric("AWS/ApiGateway", metric, "Sum", api)
    for stat in ("p50", "p95"):
        found[f"api {stat}"] = Metric("AWS/ApiGateway", "Latency", stat, api)
    for short, name in names.tables.items():
        for kind in ("Read", "Write"):
            metric = f"Consumed{kind}CapacityUnits"
            found[f"table {short} {kind}"] = Metric("AWS/DynamoDB", metric, "Sum", {"TableName": name})
    reader = {"FunctionName": names.functions.get(names.aggregator, names.aggregator)}
    found["iterator age"] = Metric("AWS/Lambda", "IteratorAge", "Maximum", reader)
    return found


def merged(metric: Metric, values: Sequence[float]) -> float | None:
    """Return one figure for the values of a metric's periods, None when there are none."""
    if not values:
        return None
    return sum(values) if metric.merge == "sum" else max(values)


def assembled(names: Names, figures: Mapping[str, float | None], begin: int, end: int) -> Platform:
    """Return the platform from its figures; `begin` and `end` in epoch seconds."""
    return Platform(
        window_seconds=end - begin,
        begin=begin * 1000,
        end=end * 1000,
        functions=tuple(
            FunctionFigures(
                short,
                *(figures.get(f"function {short} {part}") for part in FUNCTION_PARTS),
            )
            for short in names.functions
        ),
        api=ApiFigures(*(figures.get(f"api {part}") for part in API_PARTS)),
        tables=tuple(
            TableFigures(short, figures.get(f"table {short} Read"), figures.get(f"table {short} Write"))
            for short in names.tables
        ),
        iterator_age_ms=figures.get("iterator age"),
    )
