"""The deployed HTTP API: reads with the token, sends events; only our own exceptions leave here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from liveinsight_cli.errors import CredentialsError, LiveInsightError, PreconditionError

if TYPE_CHECKING:
    import urllib3

    from liveinsight_cli.adapters.deployed import Deployed


class ApiError(LiveInsightError):
    """The API answered something else than it promises."""

    code = "api"


@dataclass
class Api:
    """Client of one deployed API. `source_ip` binds the caller's address (embedded AWS only)."""

    deployed: "Deployed"
    source_ip: str | None = None
    pool: Any = field(default=None)

    @cached_property
    def _pool(self) -> "urllib3.PoolManager":
        import urllib3

        if self.pool is not None:
            given: urllib3.PoolManager = self.pool
            return given
        retry = urllib3.Retry(
            total=6,
            connect=1,
            read=1,
            backoff_factor=0.3,
            status_forcelist=(429, 503),
            allowed_methods=None,
            respect_retry_after_header=True,
            raise_on_status=False,
        )
        bound: dict[str, Any] = {"source_address": (self.source_ip, 0)} if self.source_ip else {}
        return urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=5, read=30), retries=retry, maxsize=8, **bound
        )

    def stats(self, **query: object) -> dict[str, Any]:
        """`GET /api/stats`."""
        return self._read("/api/stats", query)

    def realtime(self, **query: object) -> dict[str, Any]:
        """`GET /api/realtime`."""
        return self._read("/api/realtime", query)

    def send(self, body: bytes, user_agent: str) -> dict[str, Any]:
        """`POST /api/events`; a throttled or refused request is sent again, the same bytes."""
        headers = {"Content-Type": "application/json", "User-Agent": user_agent}
        return self._answer("POST", "/api/events", body=body, headers=headers)

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
            raise PreconditionError(
                f"The API does not answer: {error}",
                code="api_unreachable",
                hint="See what is there: liveinsight status. Embedded AWS: liveinsight local up.",
            ) from error
        return _checked(method, path, answer.status, answer.data)


def _checked(method: str, path: str, status: int, data: bytes) -> dict[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        body = None
    if status == 401:
        raise CredentialsError(
            "The API refuses the read token of this machine.",
            code="read_token",
            hint="The token in .liveinsight/<env>/read-token is not the deployed one: deploy again.",
        )
    if status not in (200, 202) or not isinstance(body, dict):
        said = body.get("error", {}) if isinstance(body, dict) else {}
        words = said.get("message", "") if isinstance(said, dict) else ""
        raise ApiError(
            f"{method} {path} answers {status}{': ' if words else ''}{words}",
            hint="See what the functions say: liveinsight tail --since 10m --no-follow",
        )
    return body
