"""An object as CloudFront answers it: compressed or not, whole or unchanged."""

import email.utils
import gzip

from liveinsight_cli.local.cloudfront.origin import Stored
from liveinsight_cli.local.http import Answer, Environ

COMPRESSED_BYTES = range(1000, 10_000_001)  # CloudFront compresses objects between these sizes
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "application/xml", "image/svg+xml")


def represented(stored: Stored, compress: bool, environ: Environ) -> Answer:
    """Return the answer to a request: the object, squeezed where wanted and allowed, or 304 where it is known."""
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
