"""Who may read: the holder of the read token, or everybody when the dashboard is public."""

from __future__ import annotations

import hmac
from hashlib import sha256

from shared.http import HttpError, Request
from shared.settings import Settings


def check_reader(settings: Settings, request: Request) -> None:
    """Raise 401 unless the request carries the read token or none is needed."""
    if settings.public_dashboard:
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    presented = sha256(token.strip().encode("utf-8", "surrogatepass")).hexdigest()
    matches = hmac.compare_digest(presented, settings.read_token_sha256)
    if scheme.lower() != "bearer" or not settings.read_token_sha256 or not matches:
        raise HttpError(
            401,
            "unauthorized",
            "A valid read token is needed: Authorization: Bearer <token>.",
            headers={"WWW-Authenticate": "Bearer"},
        )
