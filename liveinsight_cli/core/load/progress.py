"""A load under way, in a line: what the last seconds were like."""

from collections import deque
from dataclasses import dataclass, field

from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.samples import Sample, Samples, percentile

RECENT_SECONDS = 5.0


@dataclass
class Progress:
    """Follows the samples of one plan."""

    plan: LoadPlan
    seen: int = 0
    ok: int = 0
    errors: int = 0
    throttled: int = 0
    recent: deque[Sample] = field(default_factory=deque)

    def line(self, now: float, samples: Samples) -> str:
        """Return the line at `now` seconds since the start."""
        for one in samples.since(self.seen):
            self.seen += 1
            self.ok += one.is_ok
            self.errors += one.is_error
            self.throttled += one.is_throttled
            self.recent.append(one)
        while self.recent and self.recent[0].due < now - RECENT_SECONDS:
            self.recent.popleft()
        span = max(0.5, min(now, RECENT_SECONDS))
        p95 = percentile(sorted(one.latency for one in self.recent if not one.is_throttled), 0.95)
        shown = min(max(now, 0.0), self.plan.all_seconds)
        phase = "warm-up, " if now < self.plan.warm_up_seconds else ""
        parts = [
            f"{phase}{shown:.0f} of {self.plan.all_seconds:.0f} s",
            f"{len(self.recent) / span:,.0f}/s",
            f"p95 {'-' if p95 is None else f'{p95 * 1000:,.0f} ms'}",
            f"{self.errors:,} failed",
        ]
        return ", ".join(parts + ([f"{self.throttled:,} throttled"] if self.throttled else []))
