"""What CloudWatch says of two versions that share a function's traffic, in one GetMetricData a look.

Lambda reports by version where an alias has weights: dimensions FunctionName, Resource (`function:alias`) and
ExecutedVersion. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.core.canary import Figures, Seen

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
        queries = self._queries(end - begin)
        ids = {f"m{number}": key for number, key in enumerate(queries)}
        asked: dict[str, Any] = {
            "MetricDataQueries": [{"Id": id_, "MetricStat": queries[key]} for id_, key in ids.items()],
            "StartTime": datetime.fromtimestamp(begin, UTC),
            "EndTime": datetime.fromtimestamp(end, UTC),
        }
        found: dict[tuple[str, str, str], float] = {}
        for result in self.aws.call("cloudwatch", "get_metric_data", **asked)["MetricDataResults"]:
            if result["Values"]:
                found[ids[result["Id"]]] = _merged(ids[result["Id"]], result["Values"])
        return Seen(
            new={function: _figures(found, "new", function) for function in self.new},
            old={function: _figures(found, "old", function) for function in self.new},
            throttles=sum(found.get(("all", function, "throttles"), 0) for function in self.new),
            api_requests=found.get(("all", "api", "requests"), 0),
            api_5xx=found.get(("all", "api", "5xx"), 0),
        )

    def _queries(self, period: int) -> dict[tuple[str, str, str], dict[str, Any]]:
        """Return (side, function, figure) -> what is asked for it, each as one value of the whole time."""
        queries = {}
        for function in self.new:
            known = self.deployed.functions[function]
            alias = {"FunctionName": known.function_name, "Resource": f"{known.function_name}:{known.alias}"}
            for side, version in (("new", self.new[function]), ("old", self.old[function])):
                by_version = {**alias, "ExecutedVersion": version}
                for figure, (metric, statistic) in STATISTICS.items():
                    queries[side, function, figure] = _stat(
                        "AWS/Lambda", metric, by_version, statistic, period
                    )
            queries["all", function, "throttles"] = _stat("AWS/Lambda", "Throttles", alias, "Sum", period)
        api = {"ApiName": self.deployed.rest_api_name, "Stage": self.deployed.stage_name}
        queries["all", "api", "requests"] = _stat("AWS/ApiGateway", "Count", api, "SampleCount", period)
        queries["all", "api", "5xx"] = _stat("AWS/ApiGateway", "5XXError", api, "Sum", period)
        return queries


def _figures(found: Mapping[tuple[str, str, str], float], side: str, function: str) -> Figures:
    values = {name: found[side, function, name] for name in STATISTICS if (side, function, name) in found}
    return Figures(**values)


def _merged(key: tuple[str, str, str], values: list[float]) -> float:
    """Return one value of those of a time that CloudWatch gave in parts: counts add up, of times the worst counts."""
    return sum(values) if STATISTICS.get(key[2], ("", "Sum"))[1] == "Sum" else max(values)


def _stat(
    namespace: str, metric: str, dimensions: Mapping[str, str], statistic: str, period: int
) -> dict[str, Any]:
    named = {
        "Namespace": namespace,
        "MetricName": metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
    }
    return {"Metric": named, "Period": period, "Stat": statistic}
