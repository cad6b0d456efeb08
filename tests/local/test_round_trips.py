"""What any boto3 program sees at the printed endpoint, over HTTP."""

import gzip
import http.client
import json
import time
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from .conftest import Running, create_function, zipped

ECHO = "def handler(event, context):\n    return {'event': event, 'version': context.function_version}\n"

COPY = """
import boto3

table = boto3.client("dynamodb")


def handler(event, context):
    for record in event["Records"]:
        item = {**record["dynamodb"]["NewImage"], "version": {"S": context.function_version}}
        table.put_item(TableName="copies", Item=item)
"""


@pytest.fixture(scope="module")
def table(running: Running) -> Any:
    dynamodb = running.client("dynamodb")
    dynamodb.create_table(
        TableName="visits",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return dynamodb


def test_items_are_written_read_counted_and_go_with_their_table(running: Running, table: Any) -> None:
    for number in range(3):
        table.put_item(TableName="visits", Item={"pk": {"S": str(number)}, "n": {"N": "1"}})
    found = table.get_item(TableName="visits", Key={"pk": {"S": "1"}})
    assert found["Item"]["n"] == {"N": "1"}
    assert table.describe_table(TableName="visits")["Table"]["ItemCount"] == 3
    table.delete_table(TableName="visits")
    assert error_of(lambda: table.describe_table(TableName="visits")) == "ResourceNotFoundException"
    assert "visits" not in running.aws.status().details["tables"]


def test_an_error_of_the_data_plane_arrives_as_its_exception(running: Running) -> None:
    dynamodb = running.client("dynamodb")
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.get_item(TableName="nothing", Key={"pk": {"S": "1"}})


def test_data_answers_carry_the_checksum_and_the_type_that_sdks_check(running: Running) -> None:
    status, headers, body = raw(running, "DynamoDB_20120810.GetItem", b'{"TableName": "nothing", "Key": {}}')
    assert status == 400
    assert headers["Content-Type"] == "application/x-amz-json-1.0"
    assert int(headers["x-amz-crc32"]) == zlib.crc32(body)
    assert headers["x-amzn-RequestId"]
    assert raw(running, "DynamoDB_20120810.GetItem", b"not json")[0] == 400


def test_objects_keep_their_bytes_and_headers(running: Running) -> None:
    s3 = running.client("s3")
    s3.create_bucket(
        Bucket="objects", CreateBucketConfiguration={"LocationConstraint": running.server.region}
    )
    content = gzip.compress(b"visits" * 100_000)
    s3.put_object(
        Bucket="objects", Key="a/b c.gz", Body=content, Metadata={"made_by": "x"}, ContentType="text/plain"
    )
    stored = s3.get_object(Bucket="objects", Key="a/b c.gz")
    assert (stored["Body"].read(), stored["ContentType"]) == (content, "text/plain")
    assert stored["Metadata"] == {"made_by": "x"}, "underscores survive"


def test_a_presigned_url_needs_no_header(running: Running) -> None:
    s3 = running.client("s3")
    s3.create_bucket(Bucket="shared", CreateBucketConfiguration={"LocationConstraint": running.server.region})
    s3.put_object(Bucket="shared", Key="page", Body=b"shown")
    url = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "shared", "Key": "page"}))
    connection = http.client.HTTPConnection(url.hostname or "", url.port)
    connection.request("GET", f"{url.path}?{url.query}")
    assert connection.getresponse().read() == b"shown"
    connection.close()


def test_invoke_runs_the_version_that_the_alias_names(running: Running) -> None:
    client = running.client("lambda")
    create_function(running.server, "echo", ECHO, Environment={"Variables": {"MODE": "first"}})
    client.create_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName="echo", ZipFile=zipped("def handler(e, c):\n    return 'new'\n"))
    assert invoke(client, "live") == {"event": {"a": 1}, "version": "1"}
    assert invoke(client, "$LATEST") == "new"
    published = client.publish_version(FunctionName="echo")["Version"]
    client.update_alias(FunctionName="echo", Name="live", FunctionVersion=published)
    assert invoke(client, "live") == "new"
    client.update_alias(FunctionName="echo", Name="live", FunctionVersion="1")
    assert invoke(client, "live")["version"] == "1"


def test_a_changed_configuration_reaches_the_next_invocation(running: Running) -> None:
    client = running.client("lambda")
    source = "import os\n\n\ndef handler(event, context):\n    return os.environ['MODE']\n"
    create_function(running.server, "mode", source, Environment={"Variables": {"MODE": "first"}})
    assert json.load(client.invoke(FunctionName="mode")["Payload"]) == "first"
    client.update_function_configuration(FunctionName="mode", Environment={"Variables": {"MODE": "second"}})
    assert json.load(client.invoke(FunctionName="mode")["Payload"]) == "second"


def test_log_groups_and_their_events_are_seen(running: Running) -> None:
    logs = running.client("logs")
    logs.create_log_group(logGroupName="/mine")
    logs.create_log_stream(logGroupName="/mine", logStreamName="s")
    events = [{"timestamp": 1_795_000_000_000, "message": "one visit"}]
    logs.put_log_events(logGroupName="/mine", logStreamName="s", logEvents=events)
    assert [g["logGroupName"] for g in logs.describe_log_groups(logGroupNamePrefix="/m")["logGroups"]] == [
        "/mine"
    ]
    for pattern, found in (("visit", ["one visit"]), ("?other ?visit", ["one visit"]), ("-visit", [])):
        answer = logs.filter_log_events(logGroupName="/mine", filterPattern=pattern)
        assert [event["message"] for event in answer["events"]] == found


def test_an_invocation_is_seen_in_logs_and_metrics(running: Running) -> None:
    create_function(running.server, "seen", "def handler(event, context):\n    print('hello')\n")
    running.client("lambda").invoke(FunctionName="seen")
    events = running.client("logs").filter_log_events(logGroupName="/aws/lambda/seen", filterPattern="hello")
    assert [event["message"] for event in events["events"]] == ["hello\n"]
    now = datetime.now(UTC)
    counted = running.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="Invocations",
        Dimensions=[{"Name": "FunctionName", "Value": "seen"}],
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=5),
        Period=600,
        Statistics=["Sum"],
    )
    assert sum(point["Sum"] for point in counted["Datapoints"]) == 1


def test_a_written_item_reaches_the_function_that_its_stream_is_mapped_to(running: Running) -> None:
    dynamodb, functions = running.client("dynamodb"), running.client("lambda")
    stream = dynamodb.create_table(
        TableName="source",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]["LatestStreamArn"]
    create_function(running.server, "copy", COPY, Timeout=20)
    functions.create_alias(FunctionName="copy", Name="live", FunctionVersion="1")
    functions.create_event_source_mapping(
        FunctionName="copy:live", EventSourceArn=stream, StartingPosition="TRIM_HORIZON"
    )
    dynamodb.create_table(
        TableName="copies",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="source", Item={"pk": {"S": "a visit"}})
    arrived = until(lambda: dynamodb.get_item(TableName="copies", Key={"pk": {"S": "a visit"}}).get("Item"))
    assert arrived["version"] == {"S": "1"}


def test_what_tables_are_asked_is_measured(running: Running) -> None:
    dynamodb = running.client("dynamodb")
    dynamodb.create_table(
        TableName="measured",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName="measured", Item={"pk": {"S": "1"}, "text": {"S": "x" * 1500}})
    metrics = running.client("cloudwatch").list_metrics(
        Namespace="AWS/DynamoDB", Dimensions=[{"Name": "TableName", "Value": "measured"}]
    )["Metrics"]
    assert {metric["MetricName"] for metric in metrics} >= {"ConsumedWriteCapacityUnits"}


def test_the_journal_tells_reads_from_writes(running: Running) -> None:
    sns = running.client("sns")
    before = max((entry["number"] for entry in running.aws.journal()), default=0)
    sns.create_topic(Name="alarms")
    sns.list_topics()
    running.client("s3").list_buckets()
    seen = [
        (e["service"], e["operation"], e["write"], e["caller"]) for e in running.aws.journal(after=before)
    ]
    assert seen == [
        ("sns", "CreateTopic", True, "boto3"),
        ("sns", "ListTopics", False, "boto3"),
        ("s3", "GET /", False, "boto3"),
    ]


def test_an_operation_that_moto_does_not_have_says_so_once(running: Running) -> None:
    call = running.client("sns").put_data_protection_policy
    with pytest.raises(ClientError) as caught:
        call(ResourceArn="arn:aws:sns:ap-northeast-2:123456789012:t", DataProtectionPolicy="{}")
    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "does not have PutDataProtectionPolicy" in response["Error"]["Message"]


def test_a_fault_inside_is_a_500_with_a_traceback_in_the_log_and_the_server_lives(running: Running) -> None:
    status, _, body = raw(running, "DynamoDB_20120810.CreateTable", b"[1, 2]")
    assert status == 500
    assert "see its server.log" in json.loads(body)["message"]
    assert any("Traceback" in line for line in running.aws.log_tail(200))
    assert running.aws.running() == running.server


def until(ask: Any) -> Any:
    """Ask until there is an answer, for at most half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError("nothing arrived")


def invoke(client: Any, qualifier: str) -> Any:
    answer = client.invoke(FunctionName="echo", Qualifier=qualifier, Payload=b'{"a": 1}')
    return json.load(answer["Payload"])


def error_of(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def raw(running: Running, target: str, body: bytes) -> tuple[int, Any, bytes]:
    signed = (
        "AWS4-HMAC-SHA256 Credential=test/20261123/ap-northeast-2/dynamodb/aws4_request, SignedHeaders=host, "
        "Signature=" + "0" * 64
    )
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(running.server.endpoint_url).port)
    connection.request("POST", "/", body, {"Authorization": signed, "X-Amz-Target": target})
    answer = connection.getresponse()
    try:
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()
