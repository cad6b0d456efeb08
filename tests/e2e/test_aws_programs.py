"""Any AWS program pointed at the printed endpoint sees the same stack, and what breaks is seen by the operator."""

import io
import json
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import psutil
import pytest

from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e
REALTIME = "liveinsight-realtime-api-local"
BROKEN = b"""
def handler(event, context):
    raise LookupError("the shelf is empty")
"""


def client(stack: Stack, service: str) -> Any:
    server = json.loads((stack.project / ".liveinsight/aws/server.json").read_text())
    return boto3.client(
        service,
        endpoint_url=server["endpoint_url"],
        region_name=server["region"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def test_boto3_sees_tables_functions_log_groups_and_alarms(stack: Stack) -> None:
    outputs = stack.outputs
    assert set(outputs["tables"].values()) <= set(client(stack, "dynamodb").list_tables()["TableNames"])
    functions = client(stack, "lambda").list_functions()["Functions"]
    assert {f["function_name"] for f in outputs["functions"].values()} <= {
        f["FunctionName"] for f in functions
    }
    groups = client(stack, "logs").describe_log_groups()["logGroups"]
    assert set(outputs["log_groups"]) <= {group["logGroupName"] for group in groups}
    assert {
        group["retentionInDays"] for group in groups if group["logGroupName"] in outputs["log_groups"]
    } == {7}
    alarms = client(stack, "cloudwatch").describe_alarms()["MetricAlarms"]
    assert set(outputs["alarm_names"]) <= {alarm["AlarmName"] for alarm in alarms}


def test_a_boto3_invocation_runs_the_deployed_code(stack: Stack) -> None:
    answer = client(stack, "lambda").invoke(
        FunctionName=REALTIME, Qualifier="live", Payload=b'{"task": "ping"}'
    )
    assert json.loads(answer["Payload"].read())["ok"] is True
    alias = client(stack, "lambda").get_alias(FunctionName=REALTIME, Name="live")
    assert answer["ExecutedVersion"] == alias["FunctionVersion"]


def test_items_have_the_keys_that_the_tables_were_given(stack: Stack) -> None:
    table = client(stack, "dynamodb").describe_table(TableName="liveinsight-sessions-local")["Table"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "ActivityIndex"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["is_active", "last_activity"]
    assert {"AttributeName": "is_active", "AttributeType": "S"} in table["AttributeDefinitions"]


@contextmanager
def broken(stack: Stack) -> Iterator[None]:
    """Put a function that raises into the place of a deployed one, unpublished, and take it away again."""
    functions = client(stack, "lambda")
    zips = json.loads((stack.files / "build" / "manifest.json").read_text())
    assert zips
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("realtime_api/__init__.py", b"")
        file.writestr("realtime_api/handler.py", BROKEN)
    functions.update_function_code(FunctionName=REALTIME, ZipFile=archive.getvalue())
    try:
        yield
    finally:
        (original,) = (stack.files / "build").glob("realtime-api*.zip")
        functions.update_function_code(FunctionName=REALTIME, ZipFile=original.read_bytes())


def test_an_unhandled_exception_is_in_tail_with_its_traceback_and_in_stats_as_an_error(stack: Stack) -> None:
    with broken(stack):
        answer = client(stack, "lambda").invoke(FunctionName=REALTIME, Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    request_id = answer["ResponseMetadata"]["RequestId"]
    deadline = time.monotonic() + 60
    found: list[dict[str, Any]] = []
    while not found and time.monotonic() < deadline:
        done = stack.run("tail", "realtime-api", "--no-follow", "--since", "2m", "--level", "error", "--json")
        assert done.returncode == 0, done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        found = [line for line in lines if "the shelf is empty" in line["message"]]
    (line,) = found
    assert line["request_id"] == request_id
    assert line["message"] == "LookupError: the shelf is empty"
    assert any("raise LookupError" in row for row in line["detail"])
    platform = stack.answer("stats")["platform"]
    (row,) = [one for one in platform["functions"] if one["name"] == "realtime-api"]
    assert row["errors"] >= 1


def test_nothing_listens_outside_the_loopback(stack: Stack) -> None:
    server = json.loads((stack.project / ".liveinsight/aws/server.json").read_text())
    family = [psutil.Process(server["pid"]), *psutil.Process(server["pid"]).children(recursive=True)]
    listening = [
        connection.laddr.ip
        for process in family
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_cost_prices_what_was_used_and_counts_the_alarms_that_there_are(stack: Stack) -> None:
    body = {"events": [{"event_type": "page_view", "page_url": "https://shop.example/cost"}]}
    for _ in range(3):
        stack.request("POST", "/api/events", json.dumps(body))
    deadline = time.monotonic() + 30
    while True:  # metrics are written every few seconds
        found = stack.answer("cost", "--actual")
        used = {line["name"]: line for line in found["actual"]["bill"]["lines"]}
        if (used["api_requests"]["units"] and used["write_units"]["units"]) or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    for name in ("api_requests", "lambda_requests", "lambda_gb_seconds", "write_units", "read_units"):
        assert used[name]["dollars"] > 0, name
    assert (
        used["cdn_requests"]["units"] is None
    )  # the embedded CloudFront reports nothing: no figure, not zero
    modelled = {line["name"]: line for line in found["bill"]["lines"]}
    assert modelled["write_units"]["units"] > 0
    # The alarm on the queue of failures is left out here.
    assert used["alarm_metrics"]["units"] == modelled["alarm_metrics"]["units"] - 1
