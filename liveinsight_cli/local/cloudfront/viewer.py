"""A viewer's request as CloudFront's functions see and change it."""

import uuid
from dataclasses import dataclass, replace
from typing import Any

from liveinsight_cli.local.http import Answer, Environ, body_of

HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "content-length", "expect"),
    }
)
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ViewerRequest:
    """Header names are lower case; query strings and cookies are pairs, undecoded."""

    method: str
    uri: str
    query: Pairs
    headers: dict[str, str]
    cookies: Pairs
    body: bytes
    address: str

    @classmethod
    def of(cls, environ: Environ, uri: str) -> "ViewerRequest":
        """Read a request."""
        headers = {
            key[5:].replace("_", "-").lower(): value
            for key, value in environ.items()
            if key.startswith("HTTP_") and key[5:].replace("_", "-").lower() not in HOP_BY_HOP
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = environ["CONTENT_TYPE"]
        cookies = _pairs(headers.pop("cookie", ""), ";")
        query = _pairs(environ.get("QUERY_STRING", ""), "&")
        address = environ.get("REMOTE_ADDR", "")
        return cls(environ["REQUEST_METHOD"], uri, query, headers, cookies, body_of(environ), address)

    def event(self, distribution_id: str, domain_name: str) -> dict[str, Any]:
        """Return the event of a viewer-request function.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
        """
        return {
            "version": "1.0",
            "context": {
                "distributionDomainName": domain_name,
                "distributionId": distribution_id,
                "eventType": "viewer-request",
                "requestId": uuid.uuid4().hex,
            },
            "viewer": {"ip": self.address},
            "request": {
                "method": self.method,
                "uri": self.uri,
                "querystring": _values(self.query),
                "headers": {name: {"value": value} for name, value in self.headers.items()},
                "cookies": _values(self.cookies),
            },
        }

    def changed(self, request: dict[str, Any]) -> "ViewerRequest":
        """Return the request that a function made of this one; the method and the body are not its to change."""
        headers = {name.lower(): ", ".join(_listed(value)) for name, value in request["headers"].items()}
        return replace(
            self,
            uri=request["uri"],
            query=_unvalued(request.get("querystring") or {}),
            headers=headers,
            cookies=_unvalued(request.get("cookies") or {}),
        )


def response_of(result: dict[str, Any]) -> Answer | None:
    """Return the answer that a function gives in place of the origin, or None where it returned a request."""
    if "statusCode" not in result:
        return None
    body = result.get("body") or ""
    text = body if isinstance(body, str) else str(body.get("data") or "")
    headers = [
        (name, value) for name, held in (result.get("headers") or {}).items() for value in _listed(held)
    ]
    return Answer(int(result["statusCode"]), text.encode(), tuple(headers))


def joined(pairs: Pairs, separator: str) -> str:
    """Return pairs as they stand in a query string or a Cookie header."""
    return separator.join(f"{name}={value}" if value else name for name, value in pairs)


def _pairs(text: str, separator: str) -> Pairs:
    parts = (part.strip().partition("=") for part in text.split(separator) if part.strip())
    return tuple((name, value) for name, _, value in parts)


def _values(pairs: Pairs) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: {"value": values[-1], **_multiple(values)} for name, values in found.items()}


def _multiple(values: list[str]) -> dict[str, Any]:
    return {"multiValue": [{"value": value} for value in values]} if len(values) > 1 else {}


def _unvalued(values: dict[str, Any]) -> Pairs:
    return tuple((name, value) for name, held in values.items() for value in _listed(held))


def _listed(held: dict[str, Any]) -> list[str]:
    return [one["value"] for one in held.get("multiValue") or [held]]
