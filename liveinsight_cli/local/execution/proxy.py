"""Lambda proxy integrations: the event that API Gateway sends (payload version 1.0) and how it reads the answer."""

import base64
import binascii
import json
from fnmatch import fnmatch
from typing import Any

from liveinsight_cli.local.execution.gateway_errors import GatewayError
from liveinsight_cli.local.execution.gateway_request import GatewayRequest
from liveinsight_cli.local.http import Answer

_NO_IDENTITY = (
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "principalOrgId", "accessKey",
    "cognitoAuthenticationType", "cognitoAuthenticationProvider", "userArn", "user",
)  # fmt: skip
_CONTEXT = (
    "resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId", "protocol",
    "stage", "domainPrefix", "requestTimeEpoch", "requestId", "domainName", "deploymentId", "apiId",
)  # fmt: skip
# What a REST API does to a function's headers: these come out as x-amzn-Remapped-..., 401s' challenge among them.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
_REMAPPED = frozenset(
    {
        "authorization", "connection", "content-md5", "date", "expect", "host", "max-forwards", "proxy-authenticate",
        "server", "trailer", "user-agent", "www-authenticate",
    }
)  # fmt: skip
_DROPPED = frozenset({"content-length", "te", "transfer-encoding", "upgrade"})


def proxy_event(request: GatewayRequest) -> dict[str, Any]:
    """The event for a request whose resource is known."""
    headers = _forwarded(request)
    is_binary = _is_binary(headers.get("Content-Type", ""), request.api.binary_media_types)
    identity: dict[str, Any] = dict.fromkeys(_NO_IDENTITY)
    identity |= {"sourceIp": request.source_ip, "userAgent": request.headers.get("User-Agent")}
    return {
        "resource": request.context["resourcePath"],
        "path": request.path,
        "httpMethod": request.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: values[-1] for name, values in request.query.items()} or None,
        "multiValueQueryStringParameters": request.query or None,
        "pathParameters": request.path_parameters or None,
        "stageVariables": dict(request.stage.variables) or None,
        "requestContext": {**{name: request.context[name] for name in _CONTEXT}, "identity": identity},
        "body": _body(request.body, is_binary),
        "isBase64Encoded": is_binary and bool(request.body),
    }


def proxy_answer(payload: bytes, request: GatewayRequest) -> Answer:
    """The HTTP answer that a function returned. Raises GatewayError when it is not one."""
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise malformed("it is not an object")
    headers = _answer_headers(answer)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Answer(_status(answer), _answer_body(answer, request), tuple(headers))


def malformed(reason: str) -> GatewayError:
    """What the caller gets for an answer that is not in the proxy format."""
    reason = f"Malformed Lambda proxy response: {reason}"
    return GatewayError("API_CONFIGURATION_ERROR", 502, "Internal server error", reason)


def _forwarded(request: GatewayRequest) -> dict[str, str]:
    """What API Gateway adds; an address that the caller claims stays, in front of the real one."""
    headers = dict(request.headers)
    claimed = headers.get("X-Forwarded-For")
    headers["X-Forwarded-For"] = f"{claimed}, {request.source_ip}" if claimed else request.source_ip
    headers["X-Forwarded-Port"] = request.headers.get("Host", "").rpartition(":")[2] or "80"
    headers["X-Forwarded-Proto"] = "http"
    headers["X-Amzn-Trace-Id"] = request.trace_id
    return headers


def _is_binary(content_type: str, binary_media_types: tuple[str, ...]) -> bool:
    media_type = content_type.split(";")[0].strip().lower()
    return any(fnmatch(media_type or "application/json", pattern.lower()) for pattern in binary_media_types)


def _body(body: bytes, is_binary: bool) -> str | None:
    if not body:
        return None
    return base64.b64encode(body).decode() if is_binary else body.decode("utf-8", "replace")


def _status(answer: dict[str, Any]) -> int:
    status = answer.get("statusCode")
    if isinstance(status, str) and status.isdigit():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 100 <= status <= 599:
        raise malformed("statusCode is not an HTTP status")
    return status


def _answer_headers(answer: dict[str, Any]) -> list[tuple[str, str]]:
    single, multiple = answer.get("headers") or {}, answer.get("multiValueHeaders") or {}
    if not isinstance(single, dict) or not isinstance(multiple, dict):
        raise malformed("headers is not an object")
    found: list[tuple[str, str]] = []
    for name, values in multiple.items():
        if not isinstance(values, list):
            raise malformed(f"multiValueHeaders.{name} is not a list")
        found += [(name, _text(value)) for value in values]
    named = {name.lower() for name in multiple}
    found += [(name, _text(value)) for name, value in single.items() if name.lower() not in named]
    return [(_remapped(name), value) for name, value in found if name.lower() not in _DROPPED]


def _remapped(name: str) -> str:
    return f"x-amzn-Remapped-{name}" if name.lower() in _REMAPPED else name


def _text(value: object) -> str:
    if isinstance(value, dict | list):
        raise malformed("a header's value is not a text")
    return value if isinstance(value, str) else json.dumps(value)


def _answer_body(answer: dict[str, Any], request: GatewayRequest) -> bytes:
    body = answer.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise malformed("body is not a text")
    accepted = request.headers.get("Accept", "").split(",")[0]
    if answer.get("isBase64Encoded") is True and _is_binary(accepted, request.api.binary_media_types):
        try:
            return base64.b64decode(body, validate=True)
        except binascii.Error as error:
            raise malformed("body is not base64") from error
    return body.encode()
