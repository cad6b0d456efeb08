"""The platform's figures: what is asked of CloudWatch, in one call, and what its answer means."""

from dataclasses import dataclass, field
from typing import Any

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.metrics import Metrics
from liveinsight_cli.core.stats_platform import Names

NAMES = Names(
    functions={"aggregator": "x-aggregator-dev", "stats-api": "x-stats-api-dev"},
    tables={"events": "x-events-dev"},
    api="x-api-dev",
    stage="v1",
)
NOW = 1_795_470_035.0


@dataclass
class CloudWatch(Aws):
    """Answers GetMetricData from a map of (metric, statistic, dimension value) to values."""

    region: str = "ap-northeast-2"
    known: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert (service, operation) == ("cloudwatch", "get_metric_data")
        self.calls.append(parameters)
        return {"MetricDataResults": [self._result(query) for query in parameters["MetricDataQueries"]]}

    def _result(self, query: dict[str, Any]) -> dict[str, Any]:
        metric, stat = query["MetricStat"]["Metric"], query["MetricStat"]["Stat"]
        key = metric["MetricName"], stat, metric["Dimensions"][0]["Value"]
        return {"Id": query["Id"], "Values": self.known.get(key, [])}


def test_everything_is_asked_in_one_call() -> None:
    aws = CloudWatch()
    Metrics(aws, NAMES).platform(NOW, 3600)
    assert len(aws.calls) == 1
    (call,) = aws.calls
    assert (call["EndTime"] - call["StartTime"]).total_seconds() == 3600
    assert 0 < call["EndTime"].timestamp() - NOW <= 60
    assert {query["MetricStat"]["Period"] for query in call["MetricDataQueries"]} == {3600}


def test_no_data_is_none_and_zero_is_zero() -> None:
    aws = CloudWatch(
        known={
            ("Invocations", "Sum", "x-aggregator-dev"): [7.0],
            ("Errors", "Sum", "x-aggregator-dev"): [0.0],
        }
    )
    aggregator, stats_api = Metrics(aws, NAMES).platform(NOW, 3600).functions
    assert (aggregator.invocations, aggregator.errors, aggregator.throttles) == (7, 0, None)
    assert (stats_api.invocations, stats_api.errors, stats_api.p95_ms) == (None, None, None)


def test_counts_of_several_periods_add_up_and_the_worst_percentile_stands() -> None:
    aws = CloudWatch(
        known={
            ("Invocations", "Sum", "x-stats-api-dev"): [3.0, 4.0],
            ("Duration", "p95", "x-stats-api-dev"): [80.0, 20.0],
            ("IteratorAge", "Maximum", "x-aggregator-dev"): [5.0, 900.0],
        }
    )
    platform = Metrics(aws, NAMES).platform(NOW, 86400)
    assert platform.functions[1].invocations == 7
    assert platform.functions[1].p95_ms == 80
    assert platform.iterator_age_ms == 900


def test_the_api_and_the_tables_are_found_by_their_deployed_names() -> None:
    aws = CloudWatch(
        known={
            ("Count", "Sum", "x-api-dev"): [51.0],
            ("5XXError", "Sum", "x-api-dev"): [2.0],
            ("Latency", "p95", "x-api-dev"): [80.5],
            ("ConsumedWriteCapacityUnits", "Sum", "x-events-dev"): [12.0],
        }
    )
    platform = Metrics(aws, NAMES).platform(NOW, 3600)
    assert (platform.api.requests, platform.api.errors_5xx, platform.api.p95_ms) == (51, 2, 80.5)
    assert (platform.tables[0].name, platform.tables[0].read_units, platform.tables[0].write_units) == (
        "events",
        None,
        12,
    )
