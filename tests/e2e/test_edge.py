"""The API by way of CloudFront: the dashboard's own origin, with each visitor's own address."""

import http.client
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
ORIGIN = "https://shop.example"


def ask(
    base: str, method: str, path: str, body: Any = None, source: str = "127.0.0.1", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a request from an address of the loopback's own."""
    address = urlsplit(base)
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port, timeout=30, source_address=(source, 0)
    )
    sent = {"User-Agent": BROWSER, "Origin": ORIGIN, "Content-Type": "text/plain"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, address.path + path, body and json.dumps(body), sent)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def visit(base: str, site: str, source: str, **headers: str) -> None:
    event = {
        "event_id": uuid.uuid4().hex,
        "event_type": "page_view",
        "page_url": f"https://{site}/{uuid.uuid4().hex[:6]}",
    }
    status, answered, _ = ask(base, "POST", "/api/events", event, source, **headers)
    assert (status, answered["access-control-allow-origin"]) == (202, "*")
    time.sleep(0.1)  # stay below the rate limit


def visitors(stack: Stack, site: str, views: int) -> int:
    """Return a site's visitors once its views have been counted; both reads go by way of CloudFront."""
    token = {"Authorization": f"Bearer {stack.token}"}
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        status, headers, body = ask(edge(stack), "GET", f"/api/realtime?site={site}", **token)
        assert (status, headers["cache-control"]) == (200, "no-store")
        live = json.loads(body)
        if live["pageviews_30m"] == views:
            return int(live["visitors_30m"])
        time.sleep(0.3)
    raise AssertionError(f"{site} never had {views} page views")


def edge(stack: Stack) -> str:
    return str(stack.outputs["cloudfront_url"])


def test_two_addresses_are_two_visitors_and_nobody_can_claim_to_be_more(stack: Stack) -> None:
    honest, spoofed = (f"{uuid.uuid4().hex[:8]}.example" for _ in range(2))
    for source in ("127.0.0.1", "127.0.0.2", "127.0.0.2"):
        visit(edge(stack), honest, source)
    secret = (stack.files / "origin-secret").read_text().strip()
    for number in range(3):
        claimed = {
            "X_LiveInsight_Viewer_Address": f"203.0.113.{number}",
            "X_Forwarded_For": f"203.0.113.{number}",
        }
        visit(edge(stack), spoofed, "127.0.0.1", **claimed, X_LiveInsight_Origin_Secret=secret)
        visit(stack.api, spoofed, "127.0.0.1", **claimed, X_LiveInsight_Origin_Secret="guessed-" * 5)
    assert visitors(stack, honest, 3) == 2
    assert visitors(stack, spoofed, 6) == 1


def test_a_visitor_is_the_same_by_way_of_cloudfront_and_without_it(stack: Stack) -> None:
    site = f"{uuid.uuid4().hex[:8]}.example"
    for base in (edge(stack), stack.api):
        visit(base, site, "127.0.0.3")
    assert visitors(stack, site, 2) == 1


def test_the_apis_answers_come_back_unchanged(stack: Stack) -> None:
    asked = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "content-type"}
    status, headers, _ = ask(edge(stack), "OPTIONS", "/api/events", **asked)
    assert (status, headers["access-control-allow-methods"]) == (204, "OPTIONS, POST")
    status, headers, body = ask(edge(stack), "GET", "/api/stats")
    assert (status, json.loads(body)["error"]["code"]) == (401, "unauthorized")
    assert headers["access-control-allow-origin"] == "*"
    assert "content-security-policy" not in headers
    status, _, body = ask(edge(stack), "DELETE", "/api/events")
    assert (status, json.loads(body)["error"]["code"]) == (405, "method_not_allowed")
    assert ask(edge(stack), "GET", "/api/nothing")[0] == 404


def test_the_secret_is_in_no_file_but_its_own_and_cloudfronts(stack: Stack) -> None:
    secret = (stack.files / "origin-secret").read_bytes().strip()
    aws = stack.project / ".liveinsight" / "aws"
    meant = {stack.files / "origin-secret", *aws.glob("documents.db*")}
    files = [path for path in (stack.project / ".liveinsight").rglob("*") if path.is_file()]
    holding = {path for path in files if secret in path.read_bytes()}
    assert stack.files / "origin-secret" in holding
    assert holding <= meant
    names = {path.name for path in files}
    assert {"terraform.tfstate", "terraform.tfvars.json", "deploy.tfplan", "telemetry.db"} <= names
