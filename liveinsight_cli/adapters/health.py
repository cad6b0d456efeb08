"""The health check of a deploy: one event goes in at the public URL and must come out of the realtime API."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from liveinsight_cli.adapters.proxies import pool
from liveinsight_cli.adapters.read_token import token_refused
from liveinsight_cli.context import Clock
from liveinsight_cli.core.health import SMOKE_SITE, USER_AGENT, SmokeEvent
from liveinsight_cli.errors import HealthCheckFailed, LiveInsightError, TimedOut

BETWEEN_SECONDS = 0.3
HINT = "See what the functions say: liveinsight tail --since 10m. Then run the deploy again."
# A new API needs a moment until every front end of API Gateway knows it: 403 and 5xx until then.
PASSING = frozenset({403, 404, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, its body read as JSON (empty when it is none), the names of its headers in lower case."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


class Http(Protocol):
    """Sends one request; raises OSError when nobody answers."""

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Answer: ...


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
    """Send one request without repeating it."""
    import urllib3

    try:
        with pool(url, timeout=urllib3.Timeout(connect=5, read=30), retries=False) as connections:
            answer = connections.request(method, url, headers=dict(headers), body=body)
    except urllib3.exceptions.HTTPError as error:
        raise OSError(str(error)) from error
    try:
        parsed = json.loads(answer.data)
    except ValueError:
        parsed = {}
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, parsed if isinstance(parsed, dict) else {}, headers)


def until(
    clock: Clock, deadline: float, seconds: float, attempt: Callable[[], str | None], what: str
) -> None:
    """Repeat `attempt` until it has nothing to object; raises TimedOut at the deadline, `seconds` after it began."""
    while True:
        try:
            objection = attempt()
        except OSError as error:
            objection = f"no answer: {error}"
        if objection is None:
            return
        if clock.monotonic() >= deadline:
            raise TimedOut(f"{what} after {seconds:.0f} s: {objection}.", code="health_check", hint=HINT)
        clock.sleep(BETWEEN_SECONDS)


@dataclass(frozen=True)
class HealthCheck:
    """Checks the API at `api_url`; `authorization` are the headers of a read."""

    api_url: str
    authorization: Mapping[str, str]
    clock: Clock
    seconds: float
    http: Http = send
    new_id: Callable[[], str] = field(default=lambda: uuid.uuid4().hex)

    def run(self, *, read_back: bool = True) -> None:
        """Raise HealthCheckFailed when the API answers wrongly, TimedOut when it does not answer or show the event.

        `read_back` is off where the machine may not read.
        """
        deadline = self.clock.monotonic() + self.seconds
        event = SmokeEvent(self.new_id())
        self._until(deadline, lambda: self._sent(event), "The event was not taken")
        if read_back:
            self._until(deadline, lambda: self._shown(event), "The event was taken, but is not shown")

    def _until(self, deadline: float, attempt: Callable[[], str | None], what: str) -> None:
        until(self.clock, deadline, self.seconds, attempt, what)

    def _sent(self, event: SmokeEvent) -> str | None:
        headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
        answer = self.http("POST", f"{self.api_url}/api/events", headers, event.body())
        if answer.status == 202 and event.is_accepted(answer.body):
            return None
        return _objection("POST /api/events", answer)

    def _shown(self, event: SmokeEvent) -> str | None:
        url = f"{self.api_url}/api/realtime?site={SMOKE_SITE}&limit=20"
        answer = self.http("GET", url, {**self.authorization, "User-Agent": USER_AGENT})
        if answer.status == 401:
            raise token_refused()
        if answer.status == 200:
            return None if event.is_in(answer.body) else "GET /api/realtime does not list it"
        return _objection("GET /api/realtime", answer)


def _objection(route: str, answer: Answer) -> str:
    """Return what is wrong with an answer that may pass; raise for one that will not."""
    error = answer.body.get("error")
    message = error.get("message", "") if isinstance(error, dict) else ""
    said = f"{route} answers {answer.status}" + (f" ({message})" if message else "")
    if answer.status in PASSING:
        return said
    failure: LiveInsightError = HealthCheckFailed(f"{said}.", hint=HINT)
    raise failure
