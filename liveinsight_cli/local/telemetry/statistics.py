"""The statistics CloudWatch can tell of the samples of one period."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")


class UnknownStatistic(Exception):
    """A statistic that CloudWatch does not have, or this store cannot tell."""


@dataclass(frozen=True)
class Sample:
    """`count` values between low and high that add up to total; a single value is low, high and total at once."""

    low: float
    high: float
    total: float
    count: float


@dataclass(frozen=True)
class Bucket:
    """The samples of one period, at least one."""

    samples: tuple[Sample, ...]

    @property
    def count(self) -> float:
        """How many values."""
        return sum(sample.count for sample in self.samples)

    @property
    def total(self) -> float:
        """Their sum."""
        return sum(sample.total for sample in self.samples)

    def percentile(self, percent: float) -> float | None:
        """The value below which that many per cent lie, interpolated linearly between neighbours.

        None when only summaries of several different values are known (CloudWatch tells nothing either).
        """
        if any(sample.low != sample.high for sample in self.samples):
            return None
        ordered = sorted((sample.low, sample.count) for sample in self.samples)
        rank = percent / 100 * (self.count - 1)
        below, above = int(rank), min(int(rank) + 1, int(self.count) - 1)
        low, high = _value_at(ordered, below), _value_at(ordered, above)
        return low + (high - low) * (rank - below)


def _value_at(ordered: list[tuple[float, float]], index: int) -> float:
    for value, count in ordered:
        if index < count:
            return value
        index -= int(count)
    return ordered[-1][0]


_SIMPLE: dict[str, Callable[[Bucket], float]] = {
    "SampleCount": lambda bucket: bucket.count,
    "Sum": lambda bucket: bucket.total,
    "Average": lambda bucket: bucket.total / bucket.count,
    "Minimum": lambda bucket: min(sample.low for sample in bucket.samples),
    "Maximum": lambda bucket: max(sample.high for sample in bucket.samples),
}


def statistic(name: str) -> Callable[[Bucket], float | None]:
    """The function that tells a statistic: one of CloudWatch's five, or `p0` to `p100`.

    Raises UnknownStatistic.
    """
    if name in _SIMPLE:
        return _SIMPLE[name]
    match = _PERCENTILE.fullmatch(name)
    if match is None:
        raise UnknownStatistic(name)
    percent = float(match[1])
    return lambda bucket: bucket.percentile(percent)
