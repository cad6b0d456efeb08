"""A log group as a follower knows it: how far it was read, whether it is there, what of it was shown."""

from dataclasses import dataclass, field
from typing import Literal

from liveinsight_cli.core.logs.seen import Seen
from liveinsight_cli.core.logs.windows import Window

SHALLOW_OVERLAP_MS = 10_000
LATENESS_MS = 90_000  # how long after its timestamp an event may appear
DEEP_EVERY_SECONDS = 15.0
AHEAD_MS = 2 * 3_600_000 + 60_000  # PutLogEvents takes what is stamped up to two hours ahead
MISSING_EVERY_SECONDS = 5.0
BUSY_SECONDS = 60.0
BUSY_COUNTS = 4.0


@dataclass(frozen=True)
class Moment:
    """Now: by this machine's clock, by how much AWS's is ahead of it, and in seconds that only go forward."""

    local_ms: int
    skew_ms: int
    ticks: float

    @property
    def aws_ms(self) -> int:
        """Now by AWS's clock."""
        return self.local_ms + self.skew_ms


@dataclass
class Group:
    """What is known of one group.

    `read_ms` and `deep_ms` are when, by AWS's clock, the last window was begun that was read to its end, and the last
    deep one of those: whatever appears later has a timestamp of at most LATENESS_MS before it.
    """

    name: str
    presence: Literal["unknown", "there", "missing"] = "unknown"
    read_ms: int | None = None
    deep_ms: int | None = None
    tried_ms: int = 0
    tried_ticks: float = 0.0
    deep_ticks: float = 0.0
    event_ticks: float | None = None
    seen: Seen = field(default_factory=Seen)

    def window(self, now: Moment, since_ms: int, until_ms: int | None) -> Window:
        """Return what to read now: from a little before the last complete read on, or, now and then, a lot before."""
        is_deep = self.deep_ms is None or now.ticks - self.deep_ticks >= DEEP_EVERY_SECONDS
        start_ms = since_ms
        if self.deep_ms is not None and self.read_ms is not None:
            back_to = self.deep_ms - LATENESS_MS if is_deep else self.read_ms - SHALLOW_OVERLAP_MS
            start_ms = max(since_ms, back_to)
        end_ms = now.aws_ms + AHEAD_MS if until_ms is None else until_ms
        self.tried_ms, self.tried_ticks = now.aws_ms, now.ticks
        return Window(
            self.name, start_ms, max(start_ms, end_ms), now.local_ms, now.ticks, is_deep, self.deep_ms is None
        )

    def was_read(self, window: Window, now: Moment) -> None:
        """Move on: a window was read to its end. Never back, also when somebody set the clock meanwhile."""
        begun_ms = min(window.begun_local_ms, now.local_ms) + now.skew_ms
        self.read_ms = max(begun_ms, self.read_ms or begun_ms)
        if window.is_deep:
            self.deep_ms, self.deep_ticks = max(begun_ms, self.deep_ms or begun_ms), window.begun_ticks
        if self.deep_ms is not None:
            self.seen.forget(self.deep_ms - LATENESS_MS)

    def is_settled(self, until_ms: int | None) -> bool:
        """Tell whether nothing of before `until_ms` can appear any more."""
        if until_ms is None:
            return False
        read_ms = self.tried_ms if self.presence == "missing" else self.deep_ms
        return read_ms is not None and read_ms >= until_ms + LATENESS_MS

    def urgency(self, ticks: float) -> float:
        """How long it has waited for its turn; a busy one counts more, a missing one is not asked for all the time."""
        waited = ticks - self.tried_ticks
        if self.presence == "missing" and waited < MISSING_EVERY_SECONDS:
            return -1.0
        is_busy = self.event_ticks is not None and ticks - self.event_ticks < BUSY_SECONDS
        return waited * (BUSY_COUNTS if is_busy else 1.0)
