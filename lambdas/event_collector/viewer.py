"""Where a request came from: what API Gateway saw, or what our own CloudFront distribution says and proves.

A request by way of the distribution reaches API Gateway from one of CloudFront's machines, so that the address and the
country that API Gateway knows are that machine's. The distribution's function sends the visitor's own along, with a
secret that only it and this function's settings know; without the secret nothing of it is believed.
"""

from __future__ import annotations

import hmac
import re
import socket
from dataclasses import dataclass
from hashlib import sha256

from shared.http import Request
from shared.settings import Settings

SECRET_HEADER = "x-liveinsight-origin-secret"  # noqa: S105 - a header's name
ADDRESS_HEADER = "x-liveinsight-viewer-address"
COUNTRY_HEADER = "x-liveinsight-viewer-country"
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True)
class Viewer:
    """A visitor's address and, where it is known, country."""

    address: str
    country: str | None


def viewer_of(settings: Settings, request: Request) -> Viewer:
    """The viewer of a request."""
    direct = Viewer(request.source_ip, request.headers.get("cloudfront-viewer-country"))
    address = request.headers.get(ADDRESS_HEADER, "")
    if not _is_from_distribution(settings, request) or not _is_address(address):
        return direct
    country = request.headers.get(COUNTRY_HEADER, "")
    return Viewer(address, country if _COUNTRY.fullmatch(country) else None)


def _is_from_distribution(settings: Settings, request: Request) -> bool:
    secret = request.headers.get(SECRET_HEADER)
    if not secret or not settings.origin_secret_sha256:
        return False
    presented = sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
    return hmac.compare_digest(presented, settings.origin_secret_sha256)


def _is_address(text: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):  # ValueError: a character that no address has
            continue
        return True
    return False
