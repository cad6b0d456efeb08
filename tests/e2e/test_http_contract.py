"""The HTTP contract, as anyone with curl sees it at the deployed API."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3

from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e
ORIGIN = {"Origin": "https://shop.example"}
JSON = {
    "Content-Type": "application/json",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


@pytest.fixture(autouse=True)
def _stay_below_the_rate_limit() -> Iterator[None]:
    yield
    time.sleep(0.1)


def event(**more: Any) -> dict[str, Any]:
    page = "https://shop.example/" + uuid.uuid4().hex[:6]
    return {"event_id": uuid.uuid4().hex, "event_type": "page_view", "page_url": page} | more


def post(stack: Stack, body: Any, **headers: str) -> urllib3.BaseHTTPResponse:
    raw = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return stack.request("POST", "/api/events", raw, JSON | ORIGIN | headers)


def error_code(answer: urllib3.BaseHTTPResponse) -> str:
    error = answer.json()["error"]
    assert set(error) <= {"code", "message", "field"}
    assert isinstance(error["message"], str)
    return str(error["code"])


def assert_cors(answer: urllib3.BaseHTTPResponse) -> None:
    assert answer.headers.get("Access-Control-Allow-Origin") in ("*", ORIGIN["Origin"])


def test_one_event_is_accepted(stack: Stack) -> None:
    answer = post(stack, event())
    assert answer.status == 202
    assert answer.json() == {"accepted": 1, "rejected": [], "dropped": 0}
    assert_cors(answer)


def test_twenty_five_events_are_accepted_and_twenty_six_refused(stack: Stack) -> None:
    assert post(stack, {"events": [event() for _ in range(25)]}).json()["accepted"] == 25
    answer = post(stack, {"events": [event() for _ in range(26)]})
    assert answer.status == 400
    assert error_code(answer)
    assert_cors(answer)


def test_text_plain_means_the_same_as_json(stack: Stack) -> None:
    answer = post(stack, event(), **{"Content-Type": "text/plain;charset=UTF-8"})
    assert (answer.status, answer.json()["accepted"]) == (202, 1)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"events": []}',
        b'{"events": {}}',
        b'{"event_type": NaN}',
    ],
)
def test_a_malformed_body_is_a_400(stack: Stack, body: bytes) -> None:
    answer = post(stack, body)
    assert answer.status == 400
    assert error_code(answer)
    assert_cors(answer)


def test_an_unknown_key_is_rejected_by_name_and_loses_nothing_of_the_rest(stack: Stack) -> None:
    answer = post(stack, {"events": [event(), event(ip="203.0.113.9"), event()]})
    assert answer.status == 202
    body = answer.json()
    assert body["accepted"] == 2
    assert [(one["index"], one["error"]["field"]) for one in body["rejected"]] == [(1, "ip")]
    assert "203.0.113.9" not in answer.data.decode()


def test_all_bad_is_a_400(stack: Stack) -> None:
    assert post(stack, event(page_url="ftp://x")).status == 400


def test_over_64_kib_is_a_413(stack: Stack) -> None:
    answer = post(stack, json.dumps(event(title="x" * 70 * 1024)))
    assert answer.status == 413
    assert error_code(answer)
    assert_cors(answer)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET"])
def test_a_wrong_method_is_refused_with_cors(stack: Stack, method: str) -> None:
    answer = stack.request(method, "/api/events", headers=ORIGIN)
    assert answer.status in (403, 404, 405)
    assert error_code(answer)
    assert_cors(answer)


def test_an_unknown_path_is_refused_with_cors(stack: Stack) -> None:
    answer = stack.request("GET", "/api/nothing", headers=ORIGIN)
    assert answer.status in (403, 404)
    assert error_code(answer)
    assert_cors(answer)


@pytest.mark.parametrize(
    ("path", "method"), [("/api/events", "POST"), ("/api/stats", "GET"), ("/api/realtime", "GET")]
)
def test_a_preflight_is_answered(stack: Stack, path: str, method: str) -> None:
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = stack.request("OPTIONS", path, headers=ORIGIN | asked)
    assert answer.status in (200, 204)
    assert_cors(answer)
    assert method in answer.headers["Access-Control-Allow-Methods"]
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "authorization" in allowed
    assert "content-type" in allowed


@pytest.mark.parametrize("path", ["/api/stats", "/api/realtime"])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}])
def test_a_read_without_the_right_token_is_a_401(stack: Stack, path: str, header: dict[str, str]) -> None:
    answer = stack.request("GET", path, headers=ORIGIN | header)
    assert answer.status == 401
    assert error_code(answer)
    assert_cors(answer)


@pytest.mark.parametrize(
    "query",
    [
        "range=99d",
        "range=x,y",
        "timezone=Mars/Olympus",
        "limit=0",
        "limit=x",
        "compare=future",
        "range=2026-01-02,2026-01-01",
    ],
)
def test_a_wrong_query_is_a_400(stack: Stack, query: str) -> None:
    answer = stack.request(
        "GET", f"/api/stats?{query}", headers=ORIGIN | {"Authorization": f"Bearer {stack.token}"}
    )
    assert answer.status == 400, answer.data
    assert error_code(answer)
    assert_cors(answer)


def test_an_event_is_in_realtime_within_seconds_and_its_retry_changes_nothing(stack: Stack) -> None:
    site = f"{uuid.uuid4().hex[:8]}.example"
    body = json.dumps(
        {"site": site, "events": [event(page_url=f"https://{site}/a"), event(page_url=f"https://{site}/b")]}
    )
    for _ in range(3):
        assert post(stack, body).json()["accepted"] == 2
    # It comes last in the stream: once its session is there, everything before is counted.
    marker = f"{uuid.uuid4().hex[:8]}.example"
    post(stack, json.dumps({"site": marker, "events": [event(page_url=f"https://{marker}/")]}))
    deadline = time.monotonic() + 60
    while stack.read(f"/api/realtime?site={marker}")["active_sessions"] < 1 and time.monotonic() < deadline:
        time.sleep(0.3)
    live = stack.read(f"/api/realtime?site={site}")
    assert (
        live["active_visitors"],
        live["active_sessions"],
        live["visitors_30m"],
        live["pageviews_30m"],
    ) == (1, 1, 1, 2)
    assert len(live["series"]) == 30
    totals = stack.read(f"/api/stats?site={site}&range=24h")["totals"]
    assert (totals["pageviews"], totals["visitors"], totals["sessions"], totals["bounce_rate"]) == (
        2,
        1,
        1,
        0,
    )
