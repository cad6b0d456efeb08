"""API Gateway proxy requests and answers: headers without case, CORS on every answer, one shape of error."""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.dynamo import StorageError, take_throttles
from shared.emf import Metric
from shared.log import Log
from shared.settings import Settings

_EXPOSED = {"Access-Control-Expose-Headers": "Retry-After"}


class HttpError(Exception):
    """An answer other than success; never carries what the caller sent."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """`{"error": {"code", "message", "field"?}}`."""
        error = {"code": self.code, "message": self.message}
        return {"error": error if self.field is None else {**error, "field": self.field}}


@dataclass(frozen=True)
class Request:
    """What a handler needs of a proxy event; header names are lower case."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    source_ip: str
    request_id: str
    event: Mapping[str, Any] = field(repr=False)

    @property
    def repeated(self) -> frozenset[str]:
        """Parameters that were given more than once; `query` has the last of each."""
        every = self.event.get("multiValueQueryStringParameters") or {}
        return frozenset(name for name, values in every.items() if len(values) > 1)

    @classmethod
    def of(cls, event: Mapping[str, Any], context: Any) -> Request:
        """Read a proxy event; absent parts are empty."""
        context_part = event.get("requestContext") or {}
        identity = context_part.get("identity") or {}
        return cls(
            headers={str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()},
            query={str(k): str(v) for k, v in (event.get("queryStringParameters") or {}).items()},
            source_ip=str(identity.get("sourceIp") or ""),
            request_id=str(getattr(context, "aws_request_id", "") or context_part.get("requestId") or ""),
            event=event,
        )

    def body(self) -> bytes:
        """The body's bytes, whatever its content type."""
        text = self.event.get("body") or ""
        if not self.event.get("isBase64Encoded"):
            return str(text).encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise HttpError(400, "invalid_body", "The body is not valid base64.") from error


@dataclass(frozen=True)
class Answer:
    """A status and a JSON value; `log` holds fields for the request's log line.

    `shared_seconds` is how long CloudFront may give the same answer to others who ask the same with the same token.
    """

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    log: Mapping[str, Any] = field(default_factory=dict)
    shared_seconds: int = 0


def cors_headers(settings: Settings, origin: str | None) -> dict[str, str]:
    """Headers that let the allowed pages read the answer; browsers would keep Retry-After from them."""
    if "*" in settings.allowed_origins:
        return {"Access-Control-Allow-Origin": "*", **_EXPOSED}
    headers = {"Vary": "Origin"}
    if origin in settings.allowed_origins:
        headers |= {"Access-Control-Allow-Origin": str(origin), **_EXPOSED}
    return headers


def check_origin(settings: Settings, origin: str | None) -> None:
    """Refuse a page that is not on the list; programs send no Origin and are judged by other means."""
    if origin and "*" not in settings.allowed_origins and origin not in settings.allowed_origins:
        raise HttpError(403, "origin_not_allowed", "This origin may not use this API.")


def respond(
    route: str,
    event: Mapping[str, Any],
    context: Any,
    settings: Settings,
    log: Log,
    answer: Callable[[Request], Answer],
) -> dict[str, Any]:
    """Run one request: the answer or its error, with CORS headers, and one log line."""
    started = time.perf_counter()
    request = Request.of(event, context)
    try:
        result = answer(request)
    except HttpError as error:
        result = Answer(error.status, error.body(), error.headers, {"error_code": error.code})
    except StorageError as error:
        unavailable = HttpError(
            503, "storage_unavailable", "The storage did not answer. Try again in a moment."
        )
        log_fields = {"error_code": error.reason, "operation": error.operation}
        result = Answer(503, unavailable.body(), {"Retry-After": "2"}, log_fields)
    duration_ms = round((time.perf_counter() - started) * 1000, 1)
    log.line(
        "ERROR" if result.status >= 500 else "INFO",
        "request",
        request.request_id,
        _measured(result.status),
        route=route,
        status=result.status,
        duration_ms=duration_ms,
        **result.log,
    )
    return proxy_answer(result, cors_headers(settings, request.headers.get("origin")))


def _measured(status: int) -> dict[Metric, int]:
    """What Lambda's own metrics do not tell: failures that were answered, and throttles. None, as a rule."""
    values: dict[Metric, int] = {}
    if status >= 500:
        values["HandledFailures"] = 1
    if throttles := take_throttles():
        values["StorageThrottles"] = throttles
    return values


def proxy_answer(answer: Answer, cors: Mapping[str, str]) -> dict[str, Any]:
    """The answer as API Gateway expects it."""
    return {
        "statusCode": answer.status,
        "headers": {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": _cache_control(answer),
            "X-Content-Type-Options": "nosniff",
            **cors,
            **_vary(answer, cors),
            **answer.headers,
        },
        "body": json.dumps(answer.body, separators=(",", ":"), allow_nan=False),
    }


def _is_shared(answer: Answer) -> bool:
    return answer.status == 200 and answer.shared_seconds > 0


def _vary(answer: Answer, cors: Mapping[str, str]) -> dict[str, str]:
    """Caches of others, which do not know that the token is part of the question, are told."""
    if not _is_shared(answer):
        return {}
    return {"Vary": ", ".join([*filter(None, [cors.get("Vary")]), "Authorization"])}


def _cache_control(answer: Answer) -> str:
    """No max-age=0 beside it: CloudFront would then pass simultaneous requests on one by one."""
    if not _is_shared(answer):
        return "no-store"
    return f"s-maxage={answer.shared_seconds}, must-revalidate"
