"""The S3 bucket behind a distribution: whether its policy lets the distribution read, and what it then reads."""

import fnmatch
import json
from datetime import UTC
from email.utils import formatdate
from typing import Any

from liveinsight_cli.local.http import Answer


def read(bucket: Any, key: str, distribution_arn: str) -> Answer:
    """Return an object of moto's bucket, or S3's refusal."""
    if not _may(bucket, "s3:GetObject", f"{bucket.name}/{key}", distribution_arn):
        return _s3_error(403, "AccessDenied", "Access Denied")
    stored = _stored(bucket, key)
    if stored is not None:
        return stored
    if _may(bucket, "s3:ListBucket", bucket.name, distribution_arn):  # only those who may list are told
        return _s3_error(404, "NoSuchKey", "The specified key does not exist.")
    return _s3_error(403, "AccessDenied", "Access Denied")


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


def _stored(bucket: Any, name: str) -> Answer | None:
    key = bucket.keys.get(name)
    if key is None or not hasattr(key, "value"):  # a delete marker has no value
        return None
    kept = ("Content-Type", "Cache-Control", "Content-Encoding", "Content-Language", "Content-Disposition")
    metadata = {name.lower(): value for name, value in key.metadata.items()}
    headers = tuple((header, metadata[header.lower()]) for header in kept if header.lower() in metadata)
    modified = key.last_modified.replace(tzinfo=UTC).timestamp()
    own = (("ETag", key.etag), ("Last-Modified", formatdate(modified, usegmt=True)))
    return Answer(200, key.value, headers + own)
