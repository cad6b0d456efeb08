"""What CloudWatch says of two versions that share a function's traffic, in one GetMetricData a look.

Lambda reports by version where an alias has weights: dimensions FunctionName, Resource (`function:alias`) and
ExecutedVersion. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.adapters.metric_data import values_of
from liveinsight_cli.core.canary import Figures, Seen
from liveinsight_cli.core.stats_metrics import Metric

MINUTE = 60
STATISTICS: Mapping[str, tuple[str, str]] = {
    "invocations": ("Invocations", "Sum"),
    "errors": ("Errors", "Sum"),
    "p50": ("Duration", "p50"),
    "p95": ("Duration", "p95"),
    "p99": ("Duration", "p99"),
    "duration": ("Duration", "Average"),
}


@dataclass(frozen=True)
class CanaryMetrics:
    """The figures since `began` (epoch seconds); `new` and `old` are function -> version."""

    aws: Aws
    deployed: Deployed
    new: Mapping[str, str]
    old: Mapping[str, str]
    began: float

    def look(self, now: float) -> Seen:
        """Return the figures of the minutes from the one in which the canary began; they are its only ones."""
        begin = int(self.began) // MINUTE * MINUTE
        end = (int(now) // MINUTE + 1) * MINUTE
        values = values_of(self.aws, self._metrics(), begin, end, end - begin)
        found = {key: _merged(key, known) for key, known in values.items() if known}
        return Seen(
            new={function: _figures(found, "new", function) for function in self.new},
            old={function: _figures(found, "old", function) for function in self.new},
            throttles=sum(found.get(("all", function, "throttles"), 0) for function in self.new),
            api_requests=found.get(("all", "api", "requests"), 0),
            api_5xx=found.get(("all", "api", "5xx"), 0),
        )

    def _metrics(self) -> dict[tuple[str, str, str], Metric]:
        """Return (side, function, figure) -> its metric, each asked for as one value of the whole time."""
        metrics = {}
        for function in self.new:
            known = self.deployed.functions[function]
            alias = {"FunctionName": known.function_name, "Resource": f"{known.function_name}:{known.alias}"}
            for side, version in (("new", self.new[function]), ("old", self.old[function])):
                by_version = {**alias, "ExecutedVersion": version}
                for figure, (metric, statistic) in STATISTICS.items():
                    metrics[side, function, figure] = Metric("AWS/Lambda", metric, statistic, by_version)
            metrics["all", function, "throttles"] = Metric("AWS/Lambda", "Throttles", "Sum", alias)
        api = {"ApiName": self.deployed.rest_api_name, "Stage": self.deployed.stage_name}
        metrics["all", "api", "requests"] = Metric("AWS/ApiGateway", "Count", "SampleCount", api)
        metrics["all", "api", "5xx"] = Metric("AWS/ApiGateway", "5XXError", "Sum", api)
        return metrics


def _figures(found: Mapping[tuple[str, str, str], float], side: str, function: str) -> Figures:
    values = {name: found[side, function, name] for name in STATISTICS if (side, function, name) in found}
    return Figures(**values)


def _merged(key: tuple[str, str, str], values: list[float]) -> float:
    """Return one value of those of a time that CloudWatch gave in parts: counts add up, of times the worst counts."""
    return sum(values) if STATISTICS.get(key[2], ("", "Sum"))[1] == "Sum" else max(values)
