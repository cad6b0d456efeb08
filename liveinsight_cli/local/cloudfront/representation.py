"""An answer as CloudFront answers it: compressed or not, whole or unchanged."""

import email.utils
import gzip

from liveinsight_cli.local.http import Answer, Environ

COMPRESSED_BYTES = range(1000, 10_000_001)  # CloudFront compresses objects between these sizes
COMPRESSIBLE = ("text/", "application/javascript", "application/json", "application/xml", "image/svg+xml")


def represented(answer: Answer, compress: bool, environ: Environ) -> Answer:
    """Return an origin's answer to this viewer: squeezed where wanted and allowed, or 304 where it is known."""
    if answer.status != 200 or answer.stream is not None:
        return answer
    headers, body = dict(answer.headers), answer.body
    if compress and _should_compress(answer, environ):
        body = gzip.compress(body, compresslevel=5, mtime=0)
        headers["Content-Encoding"] = "gzip"
        if "ETag" in headers:
            headers["ETag"] = f"W/{headers['ETag']}"
    if compress:
        headers["Vary"] = ", ".join([*filter(None, [answer.header("Vary")]), "Accept-Encoding"])
    if _is_unchanged(answer, environ):
        headers = {
            name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Encoding")
        }
        return Answer(304, b"", tuple(headers.items()))
    return Answer(200, body, tuple(headers.items()))


def _should_compress(answer: Answer, environ: Environ) -> bool:
    accepts = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "").lower()
    return (
        accepts
        and answer.header("Content-Encoding") is None
        and len(answer.body) in COMPRESSED_BYTES
        and (answer.header("Content-Type") or "").startswith(COMPRESSIBLE)
    )


def _is_unchanged(answer: Answer, environ: Environ) -> bool:
    given, etag = environ.get("HTTP_IF_NONE_MATCH"), answer.header("ETag")
    if given is not None:
        known = {tag.strip().removeprefix("W/") for tag in given.split(",")}
        return etag is not None and (etag in known or "*" in known)
    modified = answer.header("Last-Modified")
    if modified is None or not _has_date(environ):
        return False
    since = email.utils.parsedate_to_datetime(environ["HTTP_IF_MODIFIED_SINCE"])
    return email.utils.parsedate_to_datetime(modified) <= since


def _has_date(environ: Environ) -> bool:
    return email.utils.parsedate(environ.get("HTTP_IF_MODIFIED_SINCE", "")) is not None
