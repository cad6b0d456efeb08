"""The answer of `load --purge`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Purged:
    """How many items of the load's site were deleted."""

    site: str
    deleted_items: int
