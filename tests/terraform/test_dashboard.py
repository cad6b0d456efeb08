"""The dashboard and the saved queries as they are deployed: that CloudWatch would take the one, and the others find
fields that the logs really have."""

import io
import itertools
import json
import re
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from types import SimpleNamespace
from typing import Any

import pytest
import urllib3

from shared.dynamo import StorageBusy
from shared.http import Request, respond
from shared.log import Log
from shared.settings import Settings
from tests.terraform.deployed import Deployed

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
FUNCTIONS = ("aggregator", "event-collector", "realtime-api", "stats-api")
ACCESS_LOG = "/aws/apigateway/liveinsight-api-local"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


# The dashboard, held against "Dashboard Body Structure and Syntax":
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
METRIC_PROPERTIES = {
    "annotations", "legend", "metrics", "period", "region", "setPeriodToTimeRange", "sparkline", "stacked", "stat",
    "title", "view", "yAxis",
}  # fmt: skip
METRIC_OPTIONS = {"color", "expression", "id", "label", "period", "stat", "visible", "yAxis"}
STATISTIC = re.compile(r"SampleCount|Average|Sum|Minimum|Maximum|p\d{1,2}(\.\d+)?")


@pytest.fixture(scope="module")
def body(deployed: Deployed) -> dict[str, Any]:
    name = deployed.outputs()["monitoring_dashboard"]
    found = deployed.client("cloudwatch").get_dashboard(DashboardName=name)
    return dict(json.loads(found["DashboardBody"]))


def test_the_dashboard_has_the_structure_that_cloudwatch_reads(
    body: dict[str, Any], deployed: Deployed
) -> None:
    assert body.keys() == {"start", "periodOverride", "widgets"}
    assert re.fullmatch(r"-PT\d+H", body["start"])
    alarms, *metrics = body["widgets"]
    assert alarms["type"] == "alarm"
    assert alarms["properties"].keys() == {"title", "alarms"}
    arns = {alarm["AlarmArn"] for alarm in deployed.client("cloudwatch").describe_alarms()["MetricAlarms"]}
    assert set(alarms["properties"]["alarms"]) == arns
    assert 1 <= len(arns) <= 100
    for widget in metrics:
        assert widget.keys() == {"type", "x", "y", "width", "height", "properties"}
        assert widget["type"] == "metric"
        properties = widget["properties"]
        assert properties.keys() <= METRIC_PROPERTIES
        assert properties["region"] == "ap-northeast-2"
        assert properties["view"] in ("timeSeries", "singleValue")
        assert properties["period"] % 60 == 0
        assert "stat" not in properties or STATISTIC.fullmatch(properties["stat"])
        for line in properties.get("annotations", {}).get("horizontal", []):
            assert isinstance(line["value"], int | float)
        ids = [metric[-1]["id"] for metric in properties["metrics"] if "id" in metric[-1]]
        assert len(ids) == len(set(ids))
        for metric in properties["metrics"]:
            check_metric(metric, ids)


def check_metric(metric: list[Any], ids: list[str]) -> None:
    *names, options = metric
    assert options.keys() <= METRIC_OPTIONS
    assert re.fullmatch(r"[a-z]\w*", options.get("id", "a"))
    assert STATISTIC.fullmatch(options.get("stat", "Sum"))
    assert options.get("yAxis", "left") in ("left", "right")
    if names:  # namespace, name, and dimensions as name and value
        assert len(names) % 2 == 0
        assert len(names) >= 4
        assert all(isinstance(name, str) and name for name in names)
    else:
        used = set(re.findall(r"[a-z]\w*", options["expression"]))
        assert used <= set(ids)


def test_the_dashboard_is_one_screen_without_gaps_or_overlaps(body: dict[str, Any]) -> None:
    fields = [
        (x, y)
        for widget in body["widgets"]
        for x in range(widget["x"], widget["x"] + widget["width"])
        for y in range(widget["y"], widget["y"] + widget["height"])
    ]
    assert len(fields) == len(set(fields))
    assert set(fields) == set(itertools.product(range(24), range(15)))


def test_what_the_dashboard_shows_of_the_functions_is_what_they_measure(body: dict[str, Any]) -> None:
    from typing import get_args

    from shared.emf import NAMESPACE, Metric

    shown = {
        metric[1]
        for widget in body["widgets"]
        for metric in widget["properties"].get("metrics", [])
        if metric[0] == NAMESPACE
    }
    assert shown == set(get_args(Metric))


# The saved queries.

_STRING = re.compile(r'"[^"]*"')
_ALIAS = re.compile(r"\bas\s+(\w+)")
_FIELD = re.compile(r"@?[A-Za-z_][\w.]*")
_WORDS = {
    "filter",
    "fields",
    "sort",
    "limit",
    "stats",
    "by",
    "as",
    "and",
    "or",
    "not",
    "in",
    "desc",
    "asc",
    "like",
}
_FUNCTIONS = re.compile(r"\b(coalesce|count|sum|max|min|avg|pct|bin|ispresent)\(")
_OF_EVERY_EVENT = {"@timestamp", "@message", "@log", "@logStream"}


def fields_of(query: str) -> set[str]:
    """The names of fields that a query uses, without those it makes."""
    text = "\n".join(line for line in query.splitlines() if not line.lstrip().startswith("#"))
    text = _FUNCTIONS.sub("(", _STRING.sub("", text))
    text = re.sub(r"\(\d+[smhd]\)", "()", text)
    made = set(_ALIAS.findall(text))
    return {name for name in _FIELD.findall(text) if name not in _WORDS | made | _OF_EVERY_EVENT}


def flattened(value: Any, name: str = "") -> Iterator[str]:
    """Names of fields as Insights makes them of JSON."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flattened(inner, f"{name}.{key}" if name else key)
    else:
        yield name


@pytest.fixture(scope="module")
def lines(deployed: Deployed) -> dict[str, list[dict[str, Any]]]:
    """Log group to its lines, after one request of each kind."""
    url = deployed.outputs()["api_gateway_url"]
    event = {"event_id": "event-0001", "event_type": "page_view", "page_url": "https://shop.example/"}
    http = urllib3.PoolManager(retries=False, timeout=30)
    answers = [
        http.request("POST", f"{url}/api/events", json=event, headers={"User-Agent": AGENT}),
        http.request("POST", f"{url}/api/events", body=b"{"),
        http.request("GET", f"{url}/api/nothing"),
    ]
    assert [answer.status for answer in answers] == [202, 400, 404]
    failed = deployed.client("lambda").invoke(
        FunctionName="liveinsight-aggregator-local:live", Payload=b'{"task": "none"}'
    )
    assert failed["FunctionError"]
    groups = {
        ACCESS_LOG: 3,
        "/aws/lambda/liveinsight-event-collector-local": 5,
        "/aws/lambda/liveinsight-aggregator-local": 4,
    }
    found = {group: wait_for(deployed, group, least) for group, least in groups.items()}
    found["/aws/lambda/liveinsight-event-collector-local"].append(line_of_a_storage_failure())
    return found


def wait_for(deployed: Deployed, group: str, least: int) -> list[dict[str, Any]]:
    logs = deployed.client("logs")
    deadline = time.monotonic() + 30
    while True:
        events = logs.filter_log_events(logGroupName=group)["events"]
        if len(events) >= least:
            return [json.loads(event["message"]) for event in events]
        assert time.monotonic() < deadline, f"{group} has {len(events)} lines"
        time.sleep(0.2)


def line_of_a_storage_failure() -> dict[str, Any]:
    """What the functions write when DynamoDB does not answer: here without one that is out of order."""
    settings = Settings(events_table="e", sessions_table="s", state_table="t", function_name="f")

    def fails(_request: Request) -> Any:
        raise StorageBusy("PutItem", "ThrottlingException")

    with redirect_stdout(io.StringIO()) as out:
        context = SimpleNamespace(aws_request_id="request-1")
        assert (
            respond("POST /api/events", {}, context, settings, Log("INFO", "f"), fails)["statusCode"] == 503
        )
    return dict(json.loads(out.getvalue()))


# `record.errorType`: Lambda's record of a timeout has it, and a test that waits for one would take as long
# (https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html). `log_level`: what older runtimes call
# the level of an exception nobody caught (https://github.com/aws/aws-lambda-python-runtime-interface-client/issues/202).
NOT_SEEN_HERE = {"record.errorType", "log_level"}


def test_the_saved_queries_ask_for_fields_that_the_logs_have(
    deployed: Deployed, lines: dict[str, list[dict[str, Any]]]
) -> None:
    queries = deployed.client("logs").describe_query_definitions()["queryDefinitions"]
    assert {query["name"].rpartition("/")[0] for query in queries} == {"liveinsight/local"}
    for query in queries:
        seen = {
            name
            for group in query["logGroupNames"]
            for line in lines.get(group, [])
            for name in flattened(line)
        }
        asked = fields_of(query["queryString"])
        assert len(asked) >= 2, query["name"]
        assert asked - NOT_SEEN_HERE <= seen, (query["name"], asked - seen)


def test_a_request_can_be_followed_from_the_access_log_into_the_function(
    lines: dict[str, list[dict[str, Any]]],
) -> None:
    [taken] = [line for line in lines[ACCESS_LOG] if line["status"] == "202"]
    own = lines["/aws/lambda/liveinsight-event-collector-local"]
    followed = [
        line
        for line in own
        if taken["functionRequestId"] in (line.get("requestId"), line.get("record", {}).get("requestId"))
    ]
    assert {line.get("message") or line["type"] for line in followed} >= {"request", "platform.report"}


def test_a_function_that_starts_and_a_batch_that_is_folded_leave_metrics(
    deployed: Deployed, lines: dict[str, list[dict[str, Any]]]
) -> None:
    cloudwatch = deployed.client("cloudwatch")
    deadline = time.monotonic() + 60
    while True:
        found = {
            (metric["MetricName"], metric["Dimensions"][0]["Value"].split("-", 1)[1])
            for metric in cloudwatch.list_metrics(Namespace="LiveInsight")["Metrics"]
            if [dimension["Name"] for dimension in metric["Dimensions"]] == ["FunctionName"]
        }
        wanted = {
            ("ColdStarts", "event-collector-local"),
            ("ColdStarts", "aggregator-local"),
            ("Freshness", "aggregator-local"),
            ("PageViews", "aggregator-local"),
        }
        if wanted <= found:
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
