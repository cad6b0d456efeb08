"""The dummy that stands in for every function: it says what it was reached by, and takes nothing."""

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.lambdas.world import ENVIRONMENT

CONTEXT = SimpleNamespace(
    aws_request_id="request-1", function_name="liveinsight-stats-api-dev", function_version="3"
)
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Iterator[Handler]:
    for name, value in {**ENVIRONMENT, "ALLOWED_ORIGINS": "https://shop.example"}.items():
        monkeypatch.setenv(name, value)
    sys.modules.pop("dummy.handler", None)
    yield importlib.import_module("dummy.handler").handler
    sys.modules.pop("dummy.handler", None)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_is_answered_with_what_it_reached_and_never_as_taken(handler: Handler, method: str) -> None:
    request = {"httpMethod": method, "path": "/api/stats", "headers": {"Origin": "https://shop.example"}}
    answer = handler({**request, "body": "{}"}, CONTEXT)
    assert answer["statusCode"] == 501
    assert answer["headers"]["Access-Control-Allow-Origin"] == "https://shop.example"
    body = json.loads(answer["body"])
    assert body["error"]["code"] == "dummy"
    assert body["dummy"] == {
        "function": "liveinsight-stats-api-dev",
        "environment": ENVIRONMENT["ENVIRONMENT"],
        "route": f"{method} /api/stats",
    }


def test_a_batch_is_left_to_the_function_that_comes_after(handler: Handler) -> None:
    records = [{"dynamodb": {"SequenceNumber": str(number)}} for number in (7, 8)]
    assert handler({"Records": records, "shardId": "s"}, CONTEXT) == {
        "state": {},
        "batchItemFailures": [{"itemIdentifier": "7"}],
    }
    assert handler({"Records": [], "shardId": "s"}, CONTEXT) == {"state": {}, "batchItemFailures": []}


def test_the_smoke_test_and_the_schedules_are_answered(handler: Handler) -> None:
    assert handler({"task": "ping"}, CONTEXT) == {
        "ok": True,
        "function": "liveinsight-stats-api-dev",
        "version": "3",
        "dummy": True,
    }
    assert handler({"task": "sweep"}, CONTEXT) == {"ok": True, "task": "sweep", "dummy": True}


def test_an_environment_that_lacks_a_variable_is_found_out_at_the_start(
    handler: Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STATE_TABLE")
    sys.modules.pop("dummy.handler")
    with pytest.raises(Exception, match="STATE_TABLE"):
        importlib.import_module("dummy.handler")
