"""The platform's figures: what is asked of CloudWatch, in one call, and what its answer means."""

import dataclasses
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.metrics import Metrics, queue_of
from liveinsight_cli.core.stats_metrics import Names, Window, assembled
from tests.conftest import REPOSITORY

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
        values = self.known.get((metric["MetricName"], stat, metric["Dimensions"][0]["Value"]), [])
        period = query["MetricStat"]["Period"]
        newest = self.calls[-1]["EndTime"]
        times = [newest - timedelta(seconds=period * (number + 1)) for number in range(len(values))]
        return {"Id": query["Id"], "Timestamps": times, "Values": values}


def test_everything_is_asked_in_one_call() -> None:
    aws = CloudWatch()
    Metrics(aws, NAMES).platform(NOW, 3600)
    assert len(aws.calls) == 1
    (call,) = aws.calls
    assert (call["EndTime"] - call["StartTime"]).total_seconds() == 3600
    assert 0 < call["EndTime"].timestamp() - NOW <= 60
    periods = {
        (query["MetricStat"]["Metric"]["MetricName"], query["MetricStat"]["Period"])
        for query in call["MetricDataQueries"]
    }
    assert {name for name, period in periods if period == 60} == {"Invocations", "Count"}
    assert {period for name, period in periods if name not in ("Invocations", "Count")} == {3600}


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


def test_figures_are_as_fresh_as_the_newest_minute_that_was_told() -> None:
    aws = CloudWatch()
    assert Metrics(aws, NAMES).platform(NOW, 3600).fresh_to is None
    aws.known = {("Count", "Sum", "x-api-dev"): [5.0, 7.0], ("Invocations", "Sum", "x-stats-api-dev"): [3.0]}
    platform = Metrics(aws, NAMES).platform(NOW, 3600)
    assert platform.fresh_to == platform.asked_at == NOW * 1000  # the minute is still running
    assert platform.requests == (*[None] * 58, 7, 5)
    assert platform.api.requests == 12


def test_a_second_page_is_read_and_a_third_is_not() -> None:
    @dataclass
    class Paged(CloudWatch):
        def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
            return {**super().call(service, operation, **parameters), "NextToken": "more"}

    aws = Paged()
    Metrics(aws, NAMES).platform(NOW, 3600)
    assert [call.get("NextToken") for call in aws.calls] == [None, "more"]


def test_a_used_table_of_which_no_throttle_is_told_had_none_and_an_unused_one_is_unknown() -> None:
    aws = CloudWatch()
    (unused,) = Metrics(aws, NAMES).platform(NOW, 3600).tables
    aws.known = {("ConsumedWriteCapacityUnits", "Sum", "x-events-dev"): [12.0]}
    (used,) = Metrics(aws, NAMES).platform(NOW, 3600).tables
    aws.known[("WriteThrottleEvents", "Sum", "x-events-dev")] = [4.0]
    (throttled,) = Metrics(aws, NAMES).platform(NOW, 3600).tables
    assert (unused.throttles, used.throttles, throttled.throttles) == (None, 0, 4)


def test_of_a_minute_that_is_over_figures_are_as_fresh_as_its_end() -> None:
    window = Window.until(NOW, 3600)
    points = {"api Count": {window.end - 180: 5.0}}
    assert assembled(NAMES, points, window).fresh_to == (window.end - 120) * 1000


def test_silence_about_a_queue_of_failures_means_that_it_is_empty_and_without_a_queue_nothing() -> None:
    aws = CloudWatch()
    assert Metrics(aws, NAMES).platform(NOW, 3600).dead_letters is None
    names = dataclasses.replace(NAMES, failures="x-failures-dev")
    assert Metrics(aws, names).platform(NOW, 3600).dead_letters == 0
    aws.known = {("ApproximateNumberOfMessagesVisible", "Maximum", "x-failures-dev"): [7.0]}
    assert Metrics(aws, names).platform(NOW, 3600).dead_letters == 7


def test_the_queue_of_failures_has_the_name_that_terraform_gives_it() -> None:
    assert queue_of("liveinsight-aggregator-dev", "dev") == "liveinsight-aggregator-failures-dev"
    assert queue_of("", "dev") == ""
    main = (REPOSITORY / "terraform/main.tf").read_text(encoding="utf-8")
    assert 'dead_queue = "${var.project}-aggregator-failures-${var.environment}"' in main
