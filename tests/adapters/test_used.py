"""What was used: what is asked of AWS, and what its answers mean."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.deployed import Tables
from liveinsight_cli.adapters.used import Usage

NOW = 1_795_470_035.0
DEPLOYED: Any = SimpleNamespace(
    functions={
        "event-collector": SimpleNamespace(function_name="x-collector"),
        "aggregator": SimpleNamespace(function_name="x-aggregator"),
    },
    tables=Tables("x-events", "x-sessions", "x-state"),
    rest_api_name="x-api",
    stage_name="v1",
    log_groups=("/aws/lambda/x-collector", "/aws/apigateway/x-api"),
    distribution_id="E1",
    alarm_names=("plain", "rate"),
)
ALARMS = [
    {"AlarmName": "plain", "MetricName": "Errors"},
    {"AlarmName": "rate", "Metrics": [{"Expression": "100 * e / n"}, {"MetricStat": {}}, {"MetricStat": {}}]},
]
REPORTED = [
    {"MetricName": name, "Dimensions": [{"Name": "FunctionName", "Value": function}]}
    for name, function in (("Events", "x-aggregator"), ("ColdStarts", "x-collector"), ("Events", "another"))
]


@dataclass
class FakeAws(Aws):
    """Answers with metrics by (region, name, last dimension's value), two periods each."""

    region: str = "ap-northeast-2"
    known: dict[tuple[str, str, str], list[float]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def in_region(self, region: str) -> Aws:
        return FakeAws(region, known=self.known, asked=self.asked)

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        assert (service, operation) == ("dynamodb", "describe_table")
        index = [{"IndexSizeBytes": 10}] if parameters["TableName"] == "x-events" else []
        return {"Table": {"TableSizeBytes": 100, "GlobalSecondaryIndexes": index}}

    def pages(self, service: str, operation: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        self.asked.append((self.region, parameters))
        if operation == "get_metric_data":
            for query in parameters["MetricDataQueries"]:
                metric = query["MetricStat"]["Metric"]
                found = self.known.get(
                    (self.region, metric["MetricName"], metric["Dimensions"][-1]["Value"]), []
                )
                for value in found:  # periods may come on several pages
                    yield {"MetricDataResults": [{"Id": query["Id"], "Values": [value]}]}
        elif operation == "describe_alarms":
            yield {"MetricAlarms": ALARMS}
        elif operation == "list_metrics":
            yield {"Metrics": REPORTED}
        else:
            prefix = parameters["logGroupNamePrefix"]
            groups = ("/aws/lambda/x-collector", "/aws/lambda/another", "/aws/apigateway/x-api")
            yield {
                "logGroups": [
                    {"logGroupName": one, "storedBytes": 7} for one in groups if one.startswith(prefix)
                ]
            }


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws(
        known={
            ("ap-northeast-2", "Count", "v1"): [2.0, 3.0],
            ("ap-northeast-2", "ConsumedWriteCapacityUnits", "x-events"): [4.0],
            ("ap-northeast-2", "ConsumedWriteCapacityUnits", "EventTypeIndex"): [5.0],
            ("us-east-1", "BytesDownloaded", "Global"): [6.0],
        }
    )


def test_periods_add_up_over_all_pages_and_no_data_is_none(aws: FakeAws) -> None:
    used = Usage(aws, DEPLOYED).last(86400, NOW)
    assert used.figures["api_requests"] == 5
    assert used.figures["write events"] == 4
    assert used.figures["write events EventTypeIndex"] == 5
    assert used.figures["write sessions"] is None


def test_cloudfront_is_asked_in_the_region_where_it_reports(aws: FakeAws) -> None:
    assert Usage(aws, DEPLOYED).last(86400, NOW).figures["cdn_bytes"] == 6
    assert [region for region, asked in aws.asked if "MetricDataQueries" in asked] == [
        "ap-northeast-2",
        "us-east-1",
    ]


def test_the_range_ends_with_the_running_minute(aws: FakeAws) -> None:
    Usage(aws, DEPLOYED).last(7 * 86400, NOW)
    asked = next(parameters for _, parameters in aws.asked if "MetricDataQueries" in parameters)
    assert (asked["EndTime"] - asked["StartTime"]).total_seconds() == 7 * 86400
    assert 0 < asked["EndTime"].timestamp() - NOW <= 60
    points = 7 * 24 * len(asked["MetricDataQueries"])
    assert points < 100_800  # what one call answers


def test_only_what_belongs_to_the_environment_is_counted(aws: FakeAws) -> None:
    used = Usage(aws, DEPLOYED).last(86400, NOW)
    assert used.table_bytes == 3 * 100 + 10
    assert used.stored_log_bytes == 14
    assert used.alarm_metrics == 1 + 2  # an alarm on an expression is charged by the metrics it looks at
    assert used.custom_metrics == 2
