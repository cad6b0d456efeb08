"""HTTP to DynamoDB over one kept connection a thread: certificates verified, short timeouts, one more try.

The functions make two or three small calls a request; botocore's way through a call is three quarters of what they
would cost (docs/decisions/0010). boto3 is the tested reference: the same requests, the same answers.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from shared.signing import Credentials, Signer

CONNECT_SECONDS = 1.0
READ_SECONDS = 2.0
ATTEMPTS = 2
_PAUSE_SECONDS = 0.05
# Says in CloudTrail and in the embedded AWS's journal that a function is calling, as the SDK would.
_AGENT = f"liveinsight exec-env/{os.environ.get('AWS_EXECUTION_ENV', 'none')}"
_TARGET = "DynamoDB_20120810."
_THROTTLED = frozenset(
    {"ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"}
)
_PASSING = _THROTTLED | {"TransactionInProgressException"}


class Refusal(Exception):
    """DynamoDB answered with an error; `code` is its exception's name, `answer` what came with it."""

    def __init__(self, status: int, code: str, answer: Mapping[str, Any]) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.answer = answer

    @property
    def is_passing(self) -> bool:
        """Whether the same call may work a moment later."""
        return self.status >= 500 or self.code in _PASSING


class NoAnswer(Exception):
    """No connection, no answer in time, or one that was damaged. The call may have been carried out."""


class _OnePacket(HTTPConnection):
    """Sends a request's head together with its body: half the system calls."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._parts: list[bytes] = []

    def send(self, data: Any) -> None:
        """Keep what http.client sends in parts."""
        self._parts.append(data)

    def flush(self) -> None:
        """Send what was kept."""
        whole = b"".join(self._parts)
        self._parts.clear()
        super().send(whole)


class _OneEncryptedPacket(_OnePacket, HTTPSConnection):
    """The same with TLS."""


class Connection:
    """Makes calls. Safe for several threads: each has a connection of its own."""

    def __init__(
        self,
        endpoint_url: str,
        region: str,
        credentials: Callable[[], Credentials],
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(endpoint_url)
        self._address = (parts.hostname or "", parts.port)
        self._is_encrypted = parts.scheme == "https"
        self._signer = Signer(parts.netloc, region, credentials)
        self._clock = clock
        self._sleep = sleep
        self._throttles = 0
        self._kept = threading.local()
        self._all: set[_OnePacket] = set()

    def open(self) -> None:
        """Connect now, so that the first call finds it done; a failure is left to that call."""
        try:
            self._opened()
        except (OSError, HTTPException):
            self._discard()

    def close(self) -> None:
        """Close the connections of all threads; calls made afterwards open others."""
        while self._all:
            self._all.pop().close()

    def take_throttles(self) -> int:
        """How often DynamoDB had no capacity for a call since this was last asked, also where another try had it."""
        throttles, self._throttles = self._throttles, 0
        return throttles

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call (`UpdateItem`, ...) in DynamoDB's own JSON; raises Refusal or NoAnswer."""
        body = json.dumps(request, separators=(",", ":")).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._try(operation, body)
                # What a batch leaves over is a throttle, too, though no refusal.
                self._throttles += bool(answer.get("UnprocessedItems"))
                return answer
            except Refusal as refusal:
                self._throttles += refusal.code in _THROTTLED
                if attempt == ATTEMPTS or not refusal.is_passing:
                    raise
            except NoAnswer:
                if attempt == ATTEMPTS:
                    raise
            self._sleep(_PAUSE_SECONDS * random.random())  # noqa: S311 - jitter
        raise AssertionError("the last attempt returns or raises")

    def _try(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = self._signer.headers(_TARGET + operation, body, self._clock())
        headers["User-Agent"] = _AGENT
        while True:
            kept = self._open_one()
            try:
                http = kept or self._opened()
                http.request("POST", "/", body, headers)
                http.flush()
                response = http.getresponse()
                content = response.read()
                break
            except (OSError, HTTPException) as error:
                self._discard()
                # A kept connection may have been closed at the other end meanwhile: that is no failed attempt.
                if kept is None or isinstance(error, TimeoutError):
                    raise NoAnswer(type(error).__name__) from error
        return _read(response, content)

    def _open_one(self) -> _OnePacket | None:
        http: _OnePacket | None = getattr(self._kept, "http", None)
        return http if http is not None and http.sock is not None else None

    def _opened(self) -> _OnePacket:
        self._discard()
        http = self._kept.http = self._new()
        self._all.add(http)
        http.connect()
        http.sock.settimeout(READ_SECONDS)
        return http

    def _discard(self) -> None:
        http: _OnePacket | None = getattr(self._kept, "http", None)
        self._kept.http = None
        if http is not None:
            self._all.discard(http)
            http.close()

    def _new(self) -> _OnePacket:
        host, port = self._address
        if not self._is_encrypted:
            return _OnePacket(host, port, timeout=CONNECT_SECONDS)
        return _OneEncryptedPacket(host, port, timeout=CONNECT_SECONDS, context=_tls())


def from_environment(environment: Mapping[str, str]) -> Connection:
    """The connection that Lambda's own variables describe, or those by which the SDKs find another endpoint."""
    region = environment.get("AWS_REGION") or environment["AWS_DEFAULT_REGION"]
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    endpoint_url = (
        environment.get("AWS_ENDPOINT_URL_DYNAMODB")
        or environment.get("AWS_ENDPOINT_URL")
        or f"https://dynamodb.{region}.{suffix}"
    )
    credentials = Credentials(
        environment["AWS_ACCESS_KEY_ID"],
        environment["AWS_SECRET_ACCESS_KEY"],
        environment.get("AWS_SESSION_TOKEN", ""),
    )
    return Connection(endpoint_url, region, lambda: credentials)


def _read(response: HTTPResponse, content: bytes) -> dict[str, Any]:
    checksum = response.getheader("x-amz-crc32")
    if checksum is not None and checksum != str(zlib.crc32(content)):
        raise NoAnswer("ChecksumMismatch")
    answer = _json_object(content)
    if response.status != 200:
        refusal = answer or {}
        code = str(refusal.get("__type", "")).rpartition("#")[2] or f"Http{response.status}"
        raise Refusal(response.status, code, refusal)
    if answer is None:
        raise NoAnswer("UnreadableAnswer")
    return answer


def _json_object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content or b"{}")
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _tls() -> Any:
    import ssl

    context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
