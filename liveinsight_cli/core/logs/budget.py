"""How many requests may be made: one budget for all groups, since CloudWatch Logs counts by account and region."""

from collections.abc import Callable
from dataclasses import dataclass, field

SLOWEST_PER_SECOND = 1 / 15
RECOVERY = 40  # answers it takes from a standstill back to the full rate


@dataclass
class Budget:
    """A token bucket of one second. Throttling halves its rate, every answer adds a little again."""

    most_per_second: float
    monotonic: Callable[[], float]
    rate: float = field(init=False)
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self.rate = self._tokens = self.most_per_second
        self._at = self.monotonic()

    def take(self) -> float:
        """Take the right to one request; return the seconds to wait before it is made."""
        now = self.monotonic()
        self._tokens = min(self._tokens + (now - self._at) * self.rate, max(self.rate, 1.0)) - 1
        self._at = now
        return max(-self._tokens / self.rate, 0.0)

    def throttled(self) -> None:
        """Slow down: the next request has to wait for a whole token."""
        self.rate = max(self.rate / 2, SLOWEST_PER_SECOND)
        self._tokens, self._at = 0.0, self.monotonic()

    def answered(self) -> None:
        """Recover a little."""
        self.rate = min(self.rate + self.most_per_second / RECOVERY, self.most_per_second)
