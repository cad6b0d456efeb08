"""Time ranges as the API takes them."""

from liveinsight_cli.core.times import rfc3339


def explicit(from_ms: int, to_ms: int) -> str:
    """Return `<ISO>,<ISO>` for a range given in epoch ms."""
    return f"{rfc3339(from_ms / 1000)},{rfc3339(to_ms / 1000)}"
