"""The platform's figures from CloudWatch, in one GetMetricData a look."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from liveinsight_cli.core.stats_platform import Metric, Names, Platform, assembled, merged, wanted

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.adapters.deployed import Deployed

MINUTE = 60


@dataclass(frozen=True)
class Metrics:
    """CloudWatch's metrics of one deployed environment."""

    aws: "Aws"
    names: Names

    @classmethod
    def of(cls, aws: "Aws", deployed: "Deployed") -> "Metrics":
        """Return the metrics of what is deployed."""
        functions = {name: function.function_name for name, function in deployed.functions.items()}
        return cls(
            aws, Names(functions, asdict(deployed.tables), deployed.rest_api_name, deployed.stage_name)
        )

    def platform(self, now: float, window_seconds: int) -> Platform:
        """Return the figures of the window that ends with the running minute."""
        end = (int(now) // MINUTE + 1) * MINUTE
        begin = end - window_seconds
        metrics = wanted(self.names)
        ids = {f"m{number}": key for number, key in enumerate(metrics)}
        values: dict[str, list[float]] = {key: [] for key in metrics}
        request: dict[str, Any] = {
            "MetricDataQueries": [_query(id_, metrics[key], window_seconds) for id_, key in ids.items()],
            "StartTime": datetime.fromtimestamp(begin, UTC),
            "EndTime": datetime.fromtimestamp(end, UTC),
        }
        for result in self.aws.call("cloudwatch", "get_metric_data", **request)["MetricDataResults"]:
            values[ids[result["Id"]]] += result["Values"]
        figures = {key: merged(metrics[key], found) for key, found in values.items()}
        return assembled(self.names, figures, begin, end)


def _query(id_: str, metric: Metric, period: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": named, "Period": period, "Stat": metric.stat}}
