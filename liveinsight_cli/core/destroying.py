"""What a destroy takes away, for the question before it and the answer after it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TableLoss:
    """A table; `items` is DynamoDB's own count, up to six hours old on AWS, and None when it cannot be told."""

    name: str
    items: int | None


@dataclass(frozen=True)
class BucketLoss:
    """A bucket and how many objects are in it; None when it cannot be told."""

    name: str
    objects: int | None


@dataclass(frozen=True)
class Losses:
    """The data of an environment."""

    tables: tuple[TableLoss, ...]
    buckets: tuple[BucketLoss, ...]
    log_groups: tuple[str, ...]


@dataclass(frozen=True)
class DestroyResult:
    """The answer of `destroy`. `resources` is how many were removed."""

    environment: str
    resources: int
    lost: Losses
    duration_s: float
