"""The CloudWatch metrics that the platform's figures come from, and what their values mean."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from liveinsight_cli.core.stats_platform import ApiFigures, FunctionFigures, Platform, TableFigures

MINUTE = 60
HOUR = 3600
DAY = 24 * HOUR
STEPS = {HOUR: 60, DAY: 300}
FUNCTION_PARTS = ("Invocations", "Errors", "Throttles", "p50", "p95", "p99", "ConcurrentExecutions")
API_PARTS = ("Count", "4XXError", "5XXError", "p50", "p95", "p99")

Merge = Literal["sum", "max"]


@dataclass(frozen=True)
class Metric:
    """One figure to ask for. Several periods are merged by `merge`: counts add up, the worst percentile stands.

    In `steps` is asked for what a chart is made of; all else over the whole window at once, because percentiles of
    minutes do not add up to that of an hour.
    """

    namespace: str
    name: str
    stat: str
    dimensions: Mapping[str, str] = field(default_factory=dict)
    in_steps: bool = False

    @property
    def merge(self) -> Merge:
        """How several periods become one figure."""
        return "sum" if self.stat == "Sum" else "max"


@dataclass(frozen=True)
class Names:
    """What the platform's parts are called in AWS; functions and tables by their short names.

    `failures` is the queue of what the aggregator could not fold, empty where there is none.
    """

    functions: Mapping[str, str]
    tables: Mapping[str, str]
    api: str
    stage: str
    failures: str = ""
    aggregator: str = "aggregator"


@dataclass(frozen=True)
class Window:
    """A span of time in epoch seconds, and when it was asked about."""

    begin: int
    end: int
    asked_at: float

    @classmethod
    def until(cls, now: float, seconds: int) -> "Window":
        """Return the window that ends with the running minute."""
        end = (int(now) // MINUTE + 1) * MINUTE
        return cls(end - seconds, end, now)

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.end - self.begin

    @property
    def step_seconds(self) -> int:
        """Length of a chart's step."""
        return STEPS.get(self.seconds, self.seconds)


def wanted(names: Names) -> dict[str, Metric]:
    """Return every figure's metric by a key of its own; far below the 500 that one GetMetricData takes."""
    found: dict[str, Metric] = {}
    for short, name in names.functions.items():
        found |= {f"function {short} {part}": metric for part, metric in _of_a_function(name).items()}
    api = {"ApiName": names.api, "Stage": names.stage}
    found["api Count"] = Metric("AWS/ApiGateway", "Count", "Sum", api, in_steps=True)
    for metric in ("4XXError", "5XXError"):
        found[f"api {metric}"] = Metric("AWS/ApiGateway", metric, "Sum", api)
    for stat in ("p50", "p95", "p99"):
        found[f"api {stat}"] = Metric("AWS/ApiGateway", "Latency", stat, api)
    for short, name in names.tables.items():
        for kind in ("Read", "Write"):
            for key, metric in (
                (kind, f"Consumed{kind}CapacityUnits"),
                (f"{kind} throttles", f"{kind}ThrottleEvents"),
            ):
                found[f"table {short} {key}"] = Metric("AWS/DynamoDB", metric, "Sum", {"TableName": name})
    reader = {"FunctionName": names.functions.get(names.aggregator, names.aggregator)}
    found["iterator age"] = Metric("AWS/Lambda", "IteratorAge", "Maximum", reader)
    if names.failures:
        queue = {"QueueName": names.failures}
        found["dead letters"] = Metric("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", queue)
    return found


def _of_a_function(name: str) -> dict[str, Metric]:
    function = {"FunctionName": name}
    return {
        "Invocations": Metric("AWS/Lambda", "Invocations", "Sum", function, in_steps=True),
        **{metric: Metric("AWS/Lambda", metric, "Sum", function) for metric in ("Errors", "Throttles")},
        **{stat: Metric("AWS/Lambda", "Duration", stat, function) for stat in ("p50", "p95", "p99")},
        "ConcurrentExecutions": Metric("AWS/Lambda", "ConcurrentExecutions", "Maximum", function),
    }


def merged(metric: Metric, values: Collection[float]) -> float | None:
    """Return one figure for the values of a metric's periods, None when there are none."""
    if not values:
        return None
    return sum(values) if metric.merge == "sum" else max(values)


def assembled(names: Names, points: Mapping[str, Mapping[int, float]], window: Window) -> Platform:
    """Return the platform from the values of each metric's periods, by the second in which they begin."""
    metrics = wanted(names)
    figures = {key: merged(metric, points.get(key, {}).values()) for key, metric in metrics.items()}
    step = window.step_seconds
    newest = max(
        (at for key, metric in metrics.items() if metric.in_steps for at in points.get(key, ())), default=None
    )
    requests = points.get("api Count", {})
    return Platform(
        window_seconds=window.seconds,
        begin=window.begin * 1000,
        end=window.end * 1000,
        asked_at=int(window.asked_at * 1000),
        fresh_to=None if newest is None else int(min(newest + step, window.asked_at) * 1000),
        functions=tuple(
            FunctionFigures(short, *(figures[f"function {short} {part}"] for part in FUNCTION_PARTS))
            for short in names.functions
        ),
        api=ApiFigures(*(figures[f"api {part}"] for part in API_PARTS)),
        tables=tuple(_table(short, figures) for short in names.tables),
        iterator_age_ms=figures["iterator age"],
        dead_letters=_dead_letters(names, figures),
        step_seconds=step,
        requests=tuple(requests.get(at) for at in range(window.begin, window.end, step)),
    )


def _dead_letters(names: Names, figures: Mapping[str, float | None]) -> float | None:
    """Return the messages in the queue of failures. SQS tells of a queue that holds any: silence means none."""
    if not names.failures:
        return None
    return figures["dead letters"] or 0


def _table(short: str, figures: Mapping[str, float | None]) -> TableFigures:
    """Return a table's figures. DynamoDB tells of throttles only while there are some: used and silent means none."""
    reads, writes = (figures[f"table {short} {kind}"] for kind in ("Read", "Write"))
    told = [figures[f"table {short} {kind} throttles"] for kind in ("Read", "Write")]
    known = [value for value in told if value is not None]
    is_used = reads is not None or writes is not None
    return TableFigures(short, reads, writes, sum(known) if known or is_used else None)
