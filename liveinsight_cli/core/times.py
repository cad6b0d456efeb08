"""Times as the API and the ledger write them."""

from datetime import UTC, datetime


def rfc3339(seconds: float) -> str:
    """Return epoch seconds as in `2026-11-23T10:00:00Z`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
