"""Serves each CloudFront distribution on a loopback port of its own: S3 objects with the headers that were deployed."""

import email.utils
import fnmatch
import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote

from liveinsight_cli.local.cloudfront.headers import policy_headers
from liveinsight_cli.local.documents import Documents
from liveinsight_cli.local.http import Answer, Environ, Listener
from liveinsight_cli.local.moto_host import ACCOUNT_ID, Moto
from liveinsight_cli.local.ports import Ports

COMPRESSED_BYTES = range(1000, 10_000_001)  # CloudFront compresses objects between these sizes
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "application/xml", "image/svg+xml")
PLAIN = (("Content-Type", "text/plain"),)


@dataclass(frozen=True)
class Stored:
    """An object of S3 as an origin answers it."""

    body: bytes
    etag: str
    modified: float
    headers: tuple[tuple[str, str], ...]


class DistributionEdge:
    """Opens and closes the ports of the distributions and answers on them."""

    def __init__(self, documents: Documents, moto: Moto, ports: Ports) -> None:
        self._documents, self._moto, self._ports = documents, moto, ports
        self._listeners: dict[str, Listener] = {}

    def open(self, distribution_id: str) -> int:
        """Serve a distribution and return its port."""
        app = partial(self._serve, distribution_id)
        listener = self._ports.listen(f"distribution/{distribution_id}", app).start()
        self._listeners[distribution_id] = listener
        return listener.port

    def remove(self, distribution_id: str) -> None:
        """Stop serving a distribution and free its port."""
        listener = self._listeners.pop(distribution_id, None)
        if listener is not None:
            listener.close()
        self._ports.forget(f"distribution/{distribution_id}")

    def reopen(self) -> None:
        """Serve every distribution there is, after a start; a port that was taken meanwhile becomes another."""
        for document in self._documents.all("Distribution"):
            port = self.open(document.id)
            if port != document.body["Port"]:
                self._documents.put("Distribution", document.id, {**document.body, "Port": port})

    def close(self) -> None:
        """Stop serving; ports stay remembered."""
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()

    def urls(self) -> dict[str, str]:
        """Return the URL of each distribution by its id."""
        return {distribution_id: listener.url for distribution_id, listener in self._listeners.items()}

    def _serve(
        self, distribution_id: str, environ: Environ, start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        document = self._documents.get("Distribution", distribution_id)
        config = document.body["DistributionConfig"] if document is not None else {}
        return self._answer(distribution_id, config, environ).send(start_response)

    def _answer(self, distribution_id: str, config: dict[str, Any], environ: Environ) -> Answer:
        if not config.get("Enabled"):
            return Answer(403, b"The distribution is disabled.\n", PLAIN)
        path = _path(environ)
        behaviour = _behaviour(config, path)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return Answer(
                403, b"This distribution is not configured to allow the HTTP request method.\n", PLAIN
            )
        if path == "/" and config.get("DefaultRootObject"):
            path = "/" + config["DefaultRootObject"].lstrip("/")
        answer = self._from_origin(distribution_id, config, behaviour, path, environ)
        if answer.status >= 400:
            answer = self._custom_error(distribution_id, config, behaviour, answer, environ)
        policy = self._documents.get("ResponseHeadersPolicy", behaviour.get("ResponseHeadersPolicyId") or "")
        applied = policy_headers(
            policy.body["ResponseHeadersPolicyConfig"] if policy else {}, answer, environ
        )
        return Answer(applied.status, applied.body, (*applied.headers, ("Via", "1.1 liveinsight-local")))

    def _from_origin(
        self,
        distribution_id: str,
        config: dict[str, Any],
        behaviour: dict[str, Any],
        path: str,
        environ: Environ,
    ) -> Answer:
        origin = next(o for o in config["Origins"]["Items"] if o["Id"] == behaviour["TargetOriginId"])
        bucket_name = origin["DomainName"].split(".s3", 1)[0]
        bucket = self._moto.backend("s3").buckets.get(bucket_name)
        if bucket is None:
            return Answer(502, f"The origin {origin['DomainName']} cannot be reached.\n".encode(), PLAIN)
        key = ((origin.get("OriginPath") or "") + path).lstrip("/")
        arn = f"arn:aws:cloudfront::{ACCOUNT_ID}:distribution/{distribution_id}"
        if not _may(bucket, "s3:GetObject", f"{bucket_name}/{key}", arn):
            return _s3_error(403, "AccessDenied", "Access Denied")
        stored = _stored(bucket, key)
        if stored is None:  # S3 tells only those who may list that a key is not there
            if _may(bucket, "s3:ListBucket", bucket_name, arn):
                return _s3_error(404, "NoSuchKey", "The specified key does not exist.")
            return _s3_error(403, "AccessDenied", "Access Denied")
        return _representation(stored, bool(behaviour.get("Compress")), environ)

    def _custom_error(
        self,
        distribution_id: str,
        config: dict[str, Any],
        behaviour: dict[str, Any],
        answer: Answer,
        environ: Environ,
    ) -> Answer:
        rules = (config.get("CustomErrorResponses") or {}).get("Items") or []
        rule = next(
            (r for r in rules if int(r["ErrorCode"]) == answer.status and r.get("ResponsePagePath")), None
        )
        if rule is None:
            return answer
        page_path = rule["ResponsePagePath"]
        page = self._from_origin(
            distribution_id, config, _behaviour(config, page_path), page_path, _without_conditions(environ)
        )
        if page.status >= 400:
            return answer
        return Answer(int(rule.get("ResponseCode") or answer.status), page.body, page.headers)


def _path(environ: Environ) -> str:
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return unquote(path) if "%" in path else path


def _behaviour(config: dict[str, Any], path: str) -> dict[str, Any]:
    for behaviour in (config.get("CacheBehaviors") or {}).get("Items") or []:
        if fnmatch.fnmatchcase(path.lstrip("/"), behaviour["PathPattern"].lstrip("/")):
            return dict(behaviour)
    return dict(config["DefaultCacheBehavior"])


def _s3_error(status: int, code: str, message: str) -> Answer:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, body.encode(), (("Content-Type", "application/xml"),))


def _may(bucket: Any, action: str, resource: str, distribution_arn: str) -> bool:
    """Tell whether the bucket's policy lets this distribution do that."""
    statements = json.loads(bucket.policy)["Statement"] if bucket.policy else []
    return any(
        statement.get("Effect") == "Allow"
        and _names_cloudfront(statement.get("Principal"))
        and _matches(action, statement.get("Action"))
        and _matches(f"arn:aws:s3:::{resource}", statement.get("Resource"))
        and _matches(distribution_arn, _source_arns(statement.get("Condition") or {}) or "*")
        for statement in _list(statements)
    )


def _names_cloudfront(principal: Any) -> bool:
    return isinstance(principal, dict) and "cloudfront.amazonaws.com" in _list(principal.get("Service"))


def _matches(text: str, patterns: Any) -> bool:
    return any(fnmatch.fnmatchcase(text, pattern) for pattern in _list(patterns))


def _source_arns(condition: dict[str, Any]) -> list[str]:
    return [
        source
        for operator in condition.values()
        for key, value in operator.items()
        if key.lower() == "aws:sourcearn"
        for source in _list(value)
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _stored(bucket: Any, name: str) -> Stored | None:
    key = bucket.keys.get(name)
    if key is None or not hasattr(key, "value"):  # a delete marker has no value
        return None
    kept = ("Content-Type", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Disposition")
    metadata = {name.lower(): value for name, value in key.metadata.items()}
    headers = tuple((header, metadata[header.lower()]) for header in kept if header.lower() in metadata)
    modified = key.last_modified.replace(tzinfo=None)
    return Stored(key.value, key.etag, (modified - modified.__class__(1970, 1, 1)).total_seconds(), headers)


def _representation(stored: Stored, compress: bool, environ: Environ) -> Answer:
    headers = dict(stored.headers)
    etag, body = stored.etag, stored.body
    squeezed = compress and _should_compress(headers, body, environ)
    if squeezed:
        etag, body = f"W/{etag}", gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if compress:
        headers["Vary"] = "Accept-Encoding"
    headers["ETag"] = etag
    headers["Last-Modified"] = email.utils.formatdate(stored.modified, usegmt=True)
    if _is_unchanged(stored, environ):
        headers = {
            name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Encoding")
        }
        return Answer(304, b"", tuple(headers.items()))
    return Answer(200, body, tuple(headers.items()))


def _should_compress(headers: dict[str, str], body: bytes, environ: Environ) -> bool:
    accepts = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "").lower()
    type_ = headers.get("Content-Type", "")
    return (
        accepts
        and "Content-Encoding" not in headers
        and len(body) in COMPRESSED_BYTES
        and type_.startswith(COMPRESSIBLE)
    )


def _is_unchanged(stored: Stored, environ: Environ) -> bool:
    given = environ.get("HTTP_IF_NONE_MATCH")
    if given is not None:
        known = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return stored.etag in known or "*" in known
    since = (
        email.utils.parsedate_to_datetime(environ["HTTP_IF_MODIFIED_SINCE"]) if _has_date(environ) else None
    )
    return since is not None and int(stored.modified) <= since.timestamp()


def _has_date(environ: Environ) -> bool:
    return email.utils.parsedate(environ.get("HTTP_IF_MODIFIED_SINCE", "")) is not None


def _without_conditions(environ: Environ) -> Environ:
    return {
        name: value
        for name, value in environ.items()
        if name not in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
    }
