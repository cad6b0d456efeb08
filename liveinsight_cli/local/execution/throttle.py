"""Token buckets: API Gateway's rate and burst limits."""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass


@dataclass
class _Bucket:
    rate: float
    burst: float
    tokens: float
    filled: float


class Throttle:
    """One bucket for each key; a bucket starts full, and anew when its limits change."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[Hashable, _Bucket] = {}

    def admits(self, key: Hashable, rate: float | None, burst: float | None) -> bool:
        """Take a token (`rate` a second, at most `burst` saved up); False when there is none."""
        if rate is None or burst is None:
            return True
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None or (bucket.rate, bucket.burst) != (rate, burst):
                bucket = self._buckets[key] = _Bucket(rate, burst, burst, now)
            bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled) * rate)
            bucket.filled = now
            if bucket.tokens < 1:
                return False
            bucket.tokens -= 1
            return True
