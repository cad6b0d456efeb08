"""What went by while somebody watched."""

from dataclasses import dataclass, field

from liveinsight_cli.core.logs.entries import LEVELS, Entry

DURATIONS_AT_MOST = 100_000


@dataclass
class Summary:
    """Counts entries as they are shown."""

    requests: int = 0
    cold_starts: int = 0
    errors: int = 0
    _durations_ms: list[float] = field(default_factory=list)

    def count(self, entry: Entry) -> None:
        """Take one entry into account."""
        if entry.kind == "request":
            self.requests += 1
            self.cold_starts += bool(entry.fields.get("cold_start"))
            duration = entry.fields.get("duration_ms")
            if duration is not None and len(self._durations_ms) < DURATIONS_AT_MOST:
                self._durations_ms.append(float(duration))
        if entry.kind != "access" and LEVELS.get(entry.level, 0) >= LEVELS["ERROR"]:
            self.errors += 1

    def in_words(self) -> str:
        """Return the summary as one line."""
        words = f"{self.requests} requests, {self.cold_starts} cold starts, {self.errors} errors"
        if self._durations_ms:
            words += f", p50 {self._percentile(50):.0f} ms, p95 {self._percentile(95):.0f} ms"
        return words

    def _percentile(self, percent: int) -> float:
        """Return the nearest-rank percentile."""
        ordered = sorted(self._durations_ms)
        return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
