"""Time ranges as the API takes them."""

from datetime import UTC, datetime


def explicit(from_ms: int, to_ms: int) -> str:
    """Return `<ISO>,<ISO>` for a range given in epoch ms."""
    return f"{_iso(from_ms)},{_iso(to_ms)}"


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
