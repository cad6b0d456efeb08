"""Percentiles of any number of durations in bounded memory, as HdrHistogram does it: buckets of a relative width."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

PARTS = 128  # of each power of two: a value is at most 1/256, 0.4 %, from the middle of its bucket


@dataclass
class Histogram:
    """Counts values from 0 on; what is below a thousandth counts as 0."""

    count: int = 0
    _buckets: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, others: Iterable["Histogram"]) -> "Histogram":
        """Return the histogram of all values of the others."""
        whole = cls()
        for other in others:
            whole.count += other.count
            for bucket, count in other._buckets.items():
                whole._buckets[bucket] = whole._buckets.get(bucket, 0) + count
        return whole

    def add(self, value: float) -> None:
        """Count a value."""
        bucket = _bucket(value)
        self.count += 1
        self._buckets[bucket] = self._buckets.get(bucket, 0) + 1

    def percentile(self, percent: float) -> float:
        """Return the nearest-rank percentile, to within 0.4 %; there has to be a value."""
        rank = max(1, math.ceil(self.count * percent / 100))
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                return _middle(bucket)
        raise ValueError("no value was counted")


def _bucket(value: float) -> int:
    if value < 0.001:
        return -1
    fraction, exponent = math.frexp(value * 1024)  # fraction in [0.5, 1); 1024: no exponent below zero
    return exponent * PARTS + int((fraction - 0.5) * 2 * PARTS)


def _middle(bucket: int) -> float:
    if bucket < 0:
        return 0.0
    exponent, part = divmod(bucket, PARTS)
    return math.ldexp(0.5 + (part + 0.5) / (2 * PARTS), exponent) / 1024
