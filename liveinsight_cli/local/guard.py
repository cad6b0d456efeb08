"""Who may speak to the AWS port: programs that sign their calls, never a web page in the user's browser.

The signature's value is not checked (the credentials are dummies); its form is. A page cannot produce it: the
`Authorization` header needs a CORS preflight, which is refused, and what a browser sends without one carries
`Origin` or `Sec-Fetch-Site`. The `Host` check stops names that an attacker points at the loopback.
"""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from liveinsight_cli.local.http import Environ

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/\s,]+)/\d{8}/(?P<region>[^/\s,]+)/(?P<service>[^/\s,]+)/aws4_request,"
    r"\s*SignedHeaders=[^\s,]+,\s*Signature=[0-9a-f]{64}\s*$"
)
# Version 4A, for services that are in no region: the region set is a header, the signature an ECDSA one.
REGIONLESS = re.compile(
    r"AWS4-ECDSA-P256-SHA256 Credential=(?P<key>[^/\s,]+)/\d{8}/(?P<service>[^/\s,]+)/aws4_request,"
    r"\s*SignedHeaders=[^\s,]+,\s*Signature=[0-9a-f]{128,144}\s*$"
)
CREDENTIAL = re.compile(r"(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|([a-z0-9.-]+\.)?localhost|\[::1\])(:\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Scope:
    """What a signature says it is for."""

    access_key: str
    region: str
    service: str


class Refused(Exception):
    """The request is not one that a signing program sends; the text says which rule it broke."""


def scope(environ: Environ) -> Scope:
    """Return the scope of a request that is signed in form; raises Refused."""
    _refuse_browsers(environ)
    header = environ.get("HTTP_AUTHORIZATION")
    if header is not None:
        match = AUTHORIZATION.match(header) or REGIONLESS.match(header)
        if match is None:
            raise Refused("The Authorization header is not a Signature Version 4 one.")
        region = match.groupdict().get("region", "*")
        return Scope(match["key"], region, match["service"].lower())
    return _presigned(environ)


def _refuse_browsers(environ: Environ) -> None:
    if not LOOPBACK_HOST.fullmatch(environ.get("HTTP_HOST", "")):
        raise Refused("The Host header does not name the loopback.")
    if "HTTP_ORIGIN" in environ:
        raise Refused("Requests from web pages (with an Origin header) are not answered.")
    if environ.get("HTTP_SEC_FETCH_SITE", "none") != "none":
        raise Refused("Requests from web pages (with a Sec-Fetch-Site header) are not answered.")


def _presigned(environ: Environ) -> Scope:
    query = parse_qs(environ.get("QUERY_STRING", ""))
    if query.get("X-Amz-Algorithm") != ["AWS4-HMAC-SHA256"] or "X-Amz-Signature" not in query:
        raise Refused("The request is not signed: use an AWS SDK or the AWS CLI with any credentials.")
    match = CREDENTIAL.fullmatch(query.get("X-Amz-Credential", [""])[0])
    if match is None or match["service"].lower() != "s3":
        raise Refused("Only S3 requests may be signed in the query string.")
    return Scope(match["key"], match["region"], "s3")
