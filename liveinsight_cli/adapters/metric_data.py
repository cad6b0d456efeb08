"""GetMetricData: how every figure from CloudWatch is asked for."""

from collections.abc import Callable, Hashable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from liveinsight_cli.core.stats_metrics import Metric

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws

Key = TypeVar("Key", bound=Hashable)


def request_of(
    metrics: Mapping[Key, Metric], begin: int, end: int, period_of: Callable[[Metric], int]
) -> tuple[dict[str, Key], dict[str, Any]]:
    """Return id -> key, and the parameters that ask for the metrics from `begin` to `end`, in epoch seconds.

    `period_of` is how many seconds one value of a metric stands for.
    """
    ids = {f"m{number}": key for number, key in enumerate(metrics)}
    return ids, {
        "MetricDataQueries": [_query(id_, metrics[key], period_of(metrics[key])) for id_, key in ids.items()],
        "StartTime": datetime.fromtimestamp(begin, UTC),
        "EndTime": datetime.fromtimestamp(end, UTC),
    }


def values_of(
    aws: "Aws", metrics: Mapping[Key, Metric], begin: int, end: int, period_seconds: int
) -> dict[Key, list[float]]:
    """Return the values of each metric's periods, in no order; none where CloudWatch has no data."""
    ids, request = request_of(metrics, begin, end, lambda _: period_seconds)
    found: dict[Key, list[float]] = {key: [] for key in metrics}
    for page in aws.pages("cloudwatch", "get_metric_data", **request):
        for result in page["MetricDataResults"]:
            found[ids[result["Id"]]] += result["Values"]
    return found


def _query(id_: str, metric: Metric, period_seconds: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    named = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": named, "Period": period_seconds, "Stat": metric.stat}}
