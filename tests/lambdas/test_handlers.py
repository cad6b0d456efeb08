"""The four handlers as Lambda calls them, over a real connection."""

from __future__ import annotations

import base64
import importlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest

from liveinsight_cli.local.dynamodb import DynamoDBError
from liveinsight_cli.local.execution.emf import embedded_samples
from tests.lambdas.served import ServedTables
from tests.lambdas.world import CHROME, ENVIRONMENT, EVENTS, SESSIONS, STATE, World

TOKEN = "read-token-of-the-test"
FUNCTIONS = ["event_collector", "aggregator", "realtime_api", "stats_api"]
CONTEXT = SimpleNamespace(aws_request_id="request-1", function_version="7")
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The tables behind a port, and no way to a real account."""
    served = ServedTables(world.plane)
    world.now = time.time_ns() // 1_000_000
    for name, value in served.environment().items():
        monkeypatch.setenv(name, value)
    yield world
    served.close()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Handler]]:
    """Import a handler anew, as a cold start does, with an environment."""

    def load_function(function: str, **environment: str) -> Handler:
        token = {"READ_TOKEN_SHA256": sha256(TOKEN.encode()).hexdigest(), "PUBLIC_DASHBOARD": "false"}
        for name, value in {**ENVIRONMENT, **token, **environment}.items():
            monkeypatch.setenv(name, value)
        forget_connection()
        sys.modules.pop(f"{function}.handler", None)
        handler: Handler = importlib.import_module(f"{function}.handler").handler
        return handler

    yield load_function
    forget_connection()
    for function in FUNCTIONS:
        sys.modules.pop(f"{function}.handler", None)


def forget_connection() -> None:
    """Close the container's connection, as the end of a container does."""
    from shared.dynamo import default_connection

    if default_connection.cache_info().currsize:
        default_connection().close()
    default_connection.cache_clear()


def post(body: str, **headers: str) -> dict[str, Any]:
    return {
        "httpMethod": "POST",
        "headers": {"User-Agent": CHROME, "Content-Type": "text/plain", **headers},
        "body": body,
        "isBase64Encoded": False,
        "requestContext": {"identity": {"sourceIp": "198.51.100.9"}},
    }


def get(token: str | None = TOKEN, query: dict[str, str] | None = None, **headers: str) -> dict[str, Any]:
    authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
    return {"httpMethod": "GET", "headers": {**authorization, **headers}, "queryStringParameters": query}


EVENT = json.dumps({"event_id": "event-0001", "event_type": "page_view", "page_url": "https://shop.example/"})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_ping_proves_that_the_function_starts(
    world: World, load: Callable[..., Handler], function: str
) -> None:
    answer = load(function)({"task": "ping"}, CONTEXT)
    assert answer == {"ok": True, "function": function.replace("_", "-"), "version": "7"}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_missing_variable_is_named_at_start(
    load: Callable[..., Handler], monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    with pytest.raises(Exception, match="environment variables are missing: STATE_TABLE"):
        load(function, STATE_TABLE="")


def test_an_event_goes_in_and_comes_out_of_both_reads(world: World, load: Callable[..., Handler]) -> None:
    assert load("event_collector")(post(EVENT), CONTEXT)["statusCode"] == 202
    [item] = world.items(EVENTS)
    record = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1" + "0" * 39, "NewImage": item}}
    batch = {"Records": [record], "shardId": "shardId-1", "window": {}, "state": {}}
    assert load("aggregator")(batch, CONTEXT) == {"state": {}, "batchItemFailures": []}
    stats = load("stats_api")(get(), CONTEXT)
    assert json.loads(stats["body"])["totals"]["pageviews"] == 1
    realtime = load("realtime_api")(get(), CONTEXT)
    assert json.loads(realtime["body"])["active_visitors"] == 1
    assert json.loads(realtime["body"])["recent"][0]["page_url"] == "https://shop.example/"


def test_the_scheduled_tasks_run_and_the_last_call_of_a_window_is_answered(
    world: World, load: Callable[..., Handler]
) -> None:
    handler = load("aggregator")
    assert handler({"task": "sweep"}, CONTEXT)["ok"] is True
    assert handler({"task": "fold_days"}, CONTEXT)["ok"] is True
    final = {"Records": [], "isFinalInvokeForWindow": True, "shardId": "shardId-1"}
    assert handler(final, CONTEXT) == {"state": {}, "batchItemFailures": []}


def test_a_batch_without_its_shard_is_refused_because_numbers_of_shards_do_not_compare(
    world: World, load: Callable[..., Handler]
) -> None:
    with pytest.raises(Exception, match="tumbling window"):
        load("aggregator")({"Records": [{"eventName": "INSERT"}]}, CONTEXT)


def test_a_batch_that_cannot_be_stored_is_asked_for_again(world: World, load: Callable[..., Handler]) -> None:
    load("event_collector")(post(EVENT), CONTEXT)
    [item] = world.items(EVENTS)
    world.drop(STATE)
    record = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "000777", "NewImage": item}}
    answer = load("aggregator")({"Records": [record], "shardId": "shardId-1"}, CONTEXT)
    assert answer["batchItemFailures"] == [{"itemIdentifier": "000777"}]


def test_base64_bodies_are_read_and_broken_ones_refused(world: World, load: Callable[..., Handler]) -> None:
    handler = load("event_collector")
    encoded = {**post(base64.b64encode(EVENT.encode()).decode()), "isBase64Encoded": True}
    assert handler(encoded, CONTEXT)["statusCode"] == 202
    assert handler({**post("%%%"), "isBase64Encoded": True}, CONTEXT)["statusCode"] == 400
    assert handler({**post(""), "body": None, "headers": None}, CONTEXT)["statusCode"] == 400


@pytest.mark.parametrize("function", ["realtime_api", "stats_api"])
@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \ud800"]
)
def test_reads_without_the_token_are_refused(
    world: World, load: Callable[..., Handler], function: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    answer = load(function)(get(None, **headers), CONTEXT)
    assert answer["statusCode"] == 401
    assert answer["headers"]["WWW-Authenticate"] == "Bearer"
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("function", ["realtime_api", "stats_api"])
def test_a_public_dashboard_needs_no_token_and_no_token_set_means_nobody(
    world: World, load: Callable[..., Handler], function: str
) -> None:
    assert load(function, PUBLIC_DASHBOARD="true")(get(None), CONTEXT)["statusCode"] == 200
    assert load(function, READ_TOKEN_SHA256="")(get(""), CONTEXT)["statusCode"] == 401


@pytest.mark.parametrize(
    ("function", "query", "field"),
    [
        ("stats_api", {"range": "tomorrow"}, "range"),
        ("stats_api", {"range": "2025-01-02,2025-01-01"}, "range"),
        ("stats_api", {"range": "1000-01-01,2025-01-01"}, "range"),
        ("stats_api", {"range": "9999-12-31T23:59:59-12:00,9999-12-31"}, "range"),
        ("stats_api", {"timezone": "Mars/Olympus"}, "timezone"),
        ("stats_api", {"timezone": "../../etc/passwd"}, "timezone"),
        ("stats_api", {"timezone": "localtime"}, "timezone"),
        ("stats_api", {"timezone": "right/UTC"}, "timezone"),
        ("stats_api", {"compare": "yes"}, "compare"),
        ("stats_api", {"limit": "0"}, "limit"),
        ("realtime_api", {"limit": "101"}, "limit"),
        ("realtime_api", {"limit": "²"}, "limit"),
        ("realtime_api", {"site": "not a host"}, "site"),
        ("realtime_api", {"event_type": "x" * 65}, "event_type"),
    ],
)
def test_a_wrong_parameter_is_named(
    world: World, load: Callable[..., Handler], function: str, query: dict[str, str], field: str
) -> None:
    answer = load(function)(get(query=query), CONTEXT)
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["error"]["field"] == field


def test_allowed_origins_are_echoed_and_others_refused(world: World, load: Callable[..., Handler]) -> None:
    handler = load("event_collector", ALLOWED_ORIGINS="https://shop.example,https://b.example")
    taken = handler(post(EVENT, Origin="https://b.example"), CONTEXT)
    assert taken["headers"]["Access-Control-Allow-Origin"] == "https://b.example"
    assert taken["headers"]["Access-Control-Expose-Headers"] == "Retry-After"
    assert taken["headers"]["Vary"] == "Origin"
    refused = handler(post(EVENT, Origin="https://evil.example"), CONTEXT)
    assert refused["statusCode"] == 403
    assert "Access-Control-Allow-Origin" not in refused["headers"]


@pytest.mark.parametrize("function", ["stats_api", "realtime_api"])
def test_caches_are_told_that_figures_are_of_a_token(
    world: World, load: Callable[..., Handler], function: str
) -> None:
    shared = load(function, ALLOWED_ORIGINS="https://b.example")(get(Origin="https://b.example"), CONTEXT)
    assert shared["headers"]["Cache-Control"].startswith("s-maxage=")
    assert shared["headers"]["Vary"] == "Origin, Authorization"
    refused = load(function)(get(query={"site": "<>"}), CONTEXT)
    assert (refused["headers"]["Cache-Control"], refused["headers"]["Vary"]) == ("no-store", "Origin")


@pytest.mark.parametrize(
    ("function", "request_of"), [("event_collector", post), ("stats_api", get), ("realtime_api", get)]
)
def test_a_missing_table_is_a_503(
    world: World, load: Callable[..., Handler], function: str, request_of: Callable[..., dict[str, Any]]
) -> None:
    for table in (EVENTS, SESSIONS, STATE):
        world.drop(table)
    answer = load(function)(request_of(EVENT) if request_of is post else get(query={"range": "24h"}), CONTEXT)
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "2"
    assert answer["headers"]["Access-Control-Expose-Headers"] == "Retry-After"


def test_a_request_leaves_one_line_without_anything_personal(
    world: World, load: Callable[..., Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    load("event_collector")(post(EVENT), CONTEXT)
    load("stats_api")(get(), CONTEXT)
    text = capsys.readouterr().out
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(line["route"], line["status"]) for line in lines] == [
        ("POST /api/events", 202),
        ("GET /api/stats", 200),
    ]
    assert all({"timestamp", "level", "message", "requestId", "duration_ms"} <= line.keys() for line in lines)
    for secret in ("198.51.100.9", "Mozilla", TOKEN):
        assert secret not in text


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("in_lambda", [True, False])
def test_the_client_is_made_while_a_container_starts_and_only_there(
    world: World, load: Callable[..., Handler], function: str, in_lambda: bool
) -> None:
    load(function, **({"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001"} if in_lambda else {}))
    from shared.dynamo import default_connection

    assert default_connection.cache_info().currsize == int(in_lambda)


def samples(text: str) -> dict[str, list[float]]:
    """Metric to its values in the lines, read as CloudWatch reads them; each must be the named function's."""
    found: dict[str, list[float]] = {}
    for line in text.splitlines():
        for sample in embedded_samples(line):
            assert (sample.namespace, sample.dimensions) == ("LiveInsight", {"FunctionName": "f"})
            assert sample.unit == ("Milliseconds" if sample.name == "Freshness" else "Count")
            assert abs(sample.at - time.time()) < 60
            found.setdefault(sample.name, []).append(sample.value)
    return found


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_container_that_starts_counts_itself_once(
    world: World, load: Callable[..., Handler], capsys: pytest.CaptureFixture[str], function: str
) -> None:
    handler = load(function, AWS_LAMBDA_FUNCTION_NAME="f")
    handler({"task": "ping"}, CONTEXT)
    assert samples(capsys.readouterr().out) == {"ColdStarts": [1]}
    load(function, AWS_LAMBDA_FUNCTION_NAME="")
    assert capsys.readouterr().out == ""


def test_a_request_that_is_answered_well_costs_no_metric(
    world: World, load: Callable[..., Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = load("event_collector", AWS_LAMBDA_FUNCTION_NAME="f")
    capsys.readouterr()
    for body in (EVENT, "{"):
        handler(post(body), CONTEXT)
    assert "_aws" not in capsys.readouterr().out


@pytest.mark.parametrize("function", ["event_collector", "realtime_api", "stats_api"])
def test_an_answer_of_503_is_a_handled_failure_whatever_the_level_of_the_log(
    world: World, load: Callable[..., Handler], capsys: pytest.CaptureFixture[str], function: str
) -> None:
    for table in (EVENTS, SESSIONS, STATE):
        world.drop(table)
    handler = load(function, AWS_LAMBDA_FUNCTION_NAME="f", LOG_LEVEL="CRITICAL")
    capsys.readouterr()
    assert handler(post(EVENT) if function == "event_collector" else get(), CONTEXT)["statusCode"] == 503
    assert samples(capsys.readouterr().out) == {"HandledFailures": [1]}


def test_a_throttle_is_measured_though_the_event_was_taken(
    world: World, load: Callable[..., Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = load("event_collector", AWS_LAMBDA_FUNCTION_NAME="f")
    handler(post(EVENT), CONTEXT)
    capsys.readouterr()
    plain, left = world.plane.handle, [2]

    def handle(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "BatchWriteItem" and left[0]:
            left[0] -= 1
            raise DynamoDBError("ThrottlingException", "no capacity")
        return plain(operation, request)

    world.plane.handle = handle  # type: ignore[method-assign]
    second = EVENT.replace("event-0001", "event-0002")
    assert handler(post(second), CONTEXT)["statusCode"] == 202
    assert samples(capsys.readouterr().out) == {"StorageThrottles": [2]}
    assert handler(post(second), CONTEXT)["statusCode"] == 202
    assert samples(capsys.readouterr().out) == {}


def test_a_batch_says_once_what_was_folded_and_how_old_it_was(
    world: World, load: Callable[..., Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    collector = load("event_collector", AWS_LAMBDA_FUNCTION_NAME="f")
    smoke = {"page_url": "https://smoke.liveinsight.invalid/", "event_type": "page_view"}
    for number, fields in enumerate(({}, {"event_type": "click"}, smoke)):
        event = {**json.loads(EVENT), "event_id": f"event-{number:04}", **fields}
        collector(post(json.dumps(event)), CONTEXT)
    collector(post(EVENT, **{"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"}), CONTEXT)
    records = world.new_records()
    assert len(records) == 4
    for record in records:
        record["dynamodb"]["ApproximateCreationDateTime"] = float(int(time.time()) - 40)
    records[2]["dynamodb"]["ApproximateCreationDateTime"] -= 30
    broken = json.loads(json.dumps(records[0]))
    broken["dynamodb"]["NewImage"].pop("site")
    handler = load("aggregator", AWS_LAMBDA_FUNCTION_NAME="f")
    capsys.readouterr()

    batch = {"Records": [*records, broken], "shardId": "shardId-1"}
    handler(batch, CONTEXT)
    measured = samples(capsys.readouterr().out)
    [age] = measured.pop("Freshness")
    assert 70_000 <= age < 80_000, "that of the oldest"
    counted = {"Events": [2], "PageViews": [1], "Sessions": [1], "BotEvents": [1]}
    assert measured == {**counted, "HandledFailures": [1]}

    handler(batch, CONTEXT)
    again = samples(capsys.readouterr().out)
    assert {name: again[name] for name in counted} == {name: [0] for name in counted}


def test_a_batch_that_cannot_be_stored_is_a_failure_and_grows_old(
    world: World, load: Callable[..., Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    load("event_collector")(post(EVENT), CONTEXT)
    [record] = world.new_records()
    world.drop(STATE)
    handler = load("aggregator", AWS_LAMBDA_FUNCTION_NAME="f")
    capsys.readouterr()
    record["dynamodb"]["ApproximateCreationDateTime"] = int(time.time()) - 600
    handler({"Records": [record], "shardId": "shardId-1"}, CONTEXT)
    measured = samples(capsys.readouterr().out)
    assert measured["Freshness"][0] >= 600_000
    assert measured["HandledFailures"] == [1]
    assert measured["Events"] == [0]
