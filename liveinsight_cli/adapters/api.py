"""The deployed HTTP API: reads with the token, sends events; only our own exceptions leave here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from liveinsight_cli.adapters.proxies import pool
from liveinsight_cli.adapters.read_token import token_refused
from liveinsight_cli.errors import CredentialsError, LiveInsightError, PreconditionError, TimedOut

if TYPE_CHECKING:
    import urllib3

    from liveinsight_cli.adapters.deployed import Deployed


READ_SECONDS = 30
IMPATIENT_READ_SECONDS = 10
HINTS = {
    403: "The site or the origin is not on this environment's list (allowed_sites, allowed_origins), or the API "
    "is not the deployed one: liveinsight config show, liveinsight status.",
    429: "The stage's throttle is shared by all callers: wait a moment, or send more slowly.",
}


class ApiError(LiveInsightError):
    """The API refused a request; `code` and `field` are those of its answer, `status` the HTTP status."""

    code = "api"

    def __init__(
        self, message: str, *, status: int, code: str | None, hint: str, field: str | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status
        self.field = field


@dataclass
class Api:
    """Client of one deployed API. `source_ip` binds the caller's address (embedded AWS only).

    With `tries_again` false a failure is told at once: for a caller that shows it, and asks again by itself.
    """

    deployed: "Deployed"
    source_ip: str | None = None
    pool: Any = field(default=None)
    tries_again: bool = True

    def impatient(self) -> "Api":
        """Return the same API, without second tries."""
        return replace(self, tries_again=False)

    def with_token(self, token: str | None) -> "Api":
        """Return the same API, read with another token."""
        return replace(self, deployed=replace(self.deployed, token=token))

    @cached_property
    def _pool(self) -> "urllib3.PoolManager":
        import urllib3

        if self.pool is not None:
            given: urllib3.PoolManager = self.pool
            return given
        retry = urllib3.Retry(
            total=6 if self.tries_again else 0,
            connect=1,
            read=1,
            backoff_factor=0.3,
            status_forcelist=(429, 503),
            allowed_methods=None,
            respect_retry_after_header=True,
            raise_on_status=False,
        )
        bound: dict[str, Any] = {"source_address": (self.source_ip, 0)} if self.source_ip else {}
        read_seconds = READ_SECONDS if self.tries_again else IMPATIENT_READ_SECONDS
        timeout = urllib3.Timeout(connect=5, read=read_seconds)
        return pool(self.deployed.api_gateway_url, timeout=timeout, retries=retry, maxsize=8, **bound)

    def stats(self, **query: object) -> dict[str, Any]:
        """`GET /api/stats`."""
        return self._read("/api/stats", query)

    def realtime(self, **query: object) -> dict[str, Any]:
        """`GET /api/realtime`."""
        return self._read("/api/realtime", query)

    def send(self, body: bytes, user_agent: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """`POST /api/events`; a throttled or refused request is sent again, the same bytes."""
        named = {"Content-Type": "application/json", "User-Agent": user_agent, **(headers or {})}
        return self._answer("POST", "/api/events", body=body, headers=named)

    def close(self) -> None:
        """Give the connections back."""
        self._pool.clear()

    def _read(self, path: str, query: Mapping[str, object]) -> dict[str, Any]:
        fields = {name: str(value) for name, value in query.items() if value is not None}
        return self._answer("GET", path, fields=fields, headers=self.deployed.authorization())

    def _answer(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        import urllib3

        try:
            answer = self._pool.request(method, self.deployed.api_gateway_url + path, **request)
        except urllib3.exceptions.HTTPError as error:
            raise _no_answer(method, path, error) from error
        return _checked(method, path, answer.status, answer.data, has_token=bool(self.deployed.token))


def _no_answer(method: str, path: str, error: Exception) -> LiveInsightError:
    import urllib3

    cause = getattr(error, "reason", None) or error
    if isinstance(cause, urllib3.exceptions.TimeoutError) and not isinstance(
        cause, urllib3.exceptions.NewConnectionError
    ):
        return TimedOut(
            f"{method} {path} did not answer in time.",
            code="api_timeout",
            hint="See what the functions say: liveinsight tail --since 10m --no-follow",
        )
    return PreconditionError(
        f"The API cannot be reached: {_reason(cause)}",
        code="api_unreachable",
        hint="See what is there: liveinsight status. Embedded AWS: liveinsight local up.",
    )


def _reason(cause: Exception) -> str:
    """Return why, without the names of urllib3's classes and objects."""
    import urllib3

    words = str(cause)
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        words = words.partition(": ")[2] or words
    return words


def _checked(method: str, path: str, status: int, data: bytes, *, has_token: bool) -> dict[str, Any]:
    """Return the body of a good answer; raise what a bad one means."""
    try:
        body = json.loads(data)
    except ValueError:
        body = None
    if status in (200, 202) and isinstance(body, dict):
        return body
    if status == 401:
        raise _refused(has_token=has_token)
    said = body.get("error") if isinstance(body, dict) else None
    error = said if isinstance(said, dict) else {}
    words = str(error.get("message") or "")
    if error.get("code") == "dummy":
        raise PreconditionError(
            words, code="dummy", hint="Put the functions in their place: liveinsight deploy."
        )
    raise ApiError(
        f"{method} {path} answers {status}{': ' if words else ''}{words}",
        status=status,
        code=str(error["code"]) if error.get("code") else None,
        hint=HINTS.get(status, "See what the functions say: liveinsight tail --since 10m --no-follow"),
        field=str(error["field"]) if error.get("field") else None,
    )


def _refused(*, has_token: bool) -> CredentialsError:
    if has_token:
        return token_refused()
    return CredentialsError(
        "The API wants a read token, and this machine has none.",
        code="read_token",
        hint="Put the token of whoever deployed into .liveinsight/<env>/read-token (mode 0600), or deploy from here.",
    )
