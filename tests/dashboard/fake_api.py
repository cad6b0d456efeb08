"""An API that answers in the contract's shapes, fails when told to, and remembers what it was asked."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shared.http import cors_headers
from shared.settings import Settings
from tests.dashboard.loopback import serving

TOKEN = "correct-horse-battery-staple"
STAGE = "/abc123/v1"


@dataclass(frozen=True)
class Received:
    """One request as it arrived at the API."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Failure:
    """An answer that the API gives instead of the real one."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    code: str = "failed"
    about: str = ""


Answer = dict[str, Any] | Callable[[Received], dict[str, Any]]


@dataclass
class FakeApi:
    """What the API answers, always or by the question, and what it was asked. `failures` go first, one a request."""

    realtime: Answer
    stats: Answer
    needs_token: bool = True
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    url: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, request: Received) -> tuple[int, dict[str, str], Any]:
        """Status, headers and JSON body for a request."""
        with self._changed:
            self.received.append(request)
            self._changed.notify_all()
            failures = self.failures.get(request.path, [])
            failure = failures.pop(0) if failures and request.method != "OPTIONS" else None
        if request.method == "OPTIONS":
            return 204, {}, None
        if failure:
            error = {"code": failure.code, "message": "As told.", "field": failure.about}
            return failure.status, failure.headers, {"error": error}
        if request.path == "/api/events" and request.method == "POST":
            return (
                202,
                {},
                {"accepted": len(json.loads(request.body)["events"]), "rejected": [], "dropped": 0},
            )
        if self.needs_token and request.headers.get("authorization") != f"Bearer {TOKEN}":
            return 401, {}, {"error": {"code": "unauthorized", "message": "A valid read token is needed."}}
        body = {"/api/realtime": self.realtime, "/api/stats": self.stats}.get(request.path)
        if body is None:
            return 404, {}, {"error": {"code": "not_found", "message": "No such path."}}
        return 200, {}, body(request) if callable(body) else body

    def of(self, method: str, path: str = "/api/events") -> list[Received]:
        """The requests so far of a method and path."""
        return [request for request in self.received if (request.method, request.path) == (method, path)]

    def wait_for(self, enough: Callable[["FakeApi"], bool], timeout_s: float = 15) -> None:
        """Return as soon as `enough` holds; a failure when it does not in time."""
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self), timeout_s), f"received only {self.received}"

    def events(self) -> list[dict[str, Any]]:
        """All events posted, in order of arrival, repeats included."""
        return [event for post in self.of("POST") for event in json.loads(post.body)["events"]]


class _ApiHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, api: FakeApi, *args: Any) -> None:
        self._api = api
        super().__init__(*args)

    def _handle(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = address.path.removeprefix(STAGE)
        status, extra, value = self._api.answer(
            Received(self.command, path, parse_qs(address.query), headers, body)
        )
        content = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        cors = cors_headers(Settings("events", "sessions", "state"), None)
        preflight = {
            "Access-Control-Allow-Headers": "authorization,content-type",
            "Access-Control-Max-Age": "600",
        }
        for name, text in {**cors, **preflight, **extra, "Content-Length": str(len(content))}.items():
            self.send_header(name, text)
        if content:
            self.send_header("Content-Type", "application/json; charset=utf-8")
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_OPTIONS(self) -> None:
        self._handle()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serve_api(api: FakeApi) -> Iterator[FakeApi]:
    """Serve the API below a stage, as API Gateway does."""
    with serving(partial(_ApiHandler, api)) as origin:
        api.url = origin + STAGE
        yield api
