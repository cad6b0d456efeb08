"""What became of every request, kept as it is: percentiles are exact, and the processes' samples can be added up.

A histogram (HdrHistogram) would keep three digits in a fixed space; a bounded load has space for all of them.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# due, begun late by, sent after, answered after (seconds; the last two since due), outcome, route, accepted events,
# events sent, flags
RECORD = struct.Struct("<dfffhBBBB")
TIMED_OUT, NO_CONNECTION, NO_HTTP, STOPPED = -1, -2, -3, -4
OUTCOMES = {
    TIMED_OUT: "timed out",
    NO_CONNECTION: "connection failed",
    NO_HTTP: "no HTTP answer",
    STOPPED: "unanswered at the end",
}
THROTTLED = 429
NEW_CONNECTION, SENT_AGAIN = 1, 2  # flags


@dataclass(frozen=True, slots=True)
class Sample:
    """One request; times in seconds, `due` since the start, the others since due."""

    due: float
    late: float
    sent: float
    latency: float
    outcome: int
    route: int = 0
    accepted: int = 0
    events: int = 0
    flags: int = 0

    @property
    def is_ok(self) -> bool:
        """Whether it was answered well."""
        return 200 <= self.outcome < 300

    @property
    def is_throttled(self) -> bool:
        """Whether a limit refused it."""
        return self.outcome == THROTTLED

    @property
    def is_error(self) -> bool:
        """Whether it failed; what a limit refuses did not."""
        return not (self.is_ok or self.is_throttled)

    @property
    def service(self) -> float:
        """From the bytes' leaving to the answer: what a tool that waits for answers would measure."""
        return self.latency - self.sent

    def packed(self) -> bytes:
        """Return it as a process hands it on."""
        return RECORD.pack(
            self.due,
            self.late,
            self.sent,
            self.latency,
            self.outcome,
            self.route,
            self.accepted,
            self.events,
            self.flags,
        )


@dataclass
class Samples:
    """All of them, packed."""

    packed: bytearray = field(default_factory=bytearray)

    def add(self, records: bytes) -> None:
        """Take whole records."""
        self.packed += records

    def __len__(self) -> int:
        return len(self.packed) // RECORD.size

    def __iter__(self) -> Iterator[Sample]:
        return self.since(0)

    def since(self, number: int) -> Iterator[Sample]:
        """Yield those from a number on, as they came."""
        view = memoryview(bytes(self.packed[number * RECORD.size :]))
        return (Sample(*values) for values in RECORD.iter_unpack(view))


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile of sorted values: the least of them that `share` of all do not exceed."""
    if not ordered:
        return None
    rank = -int(-len(ordered) * share // 1)  # rounded up
    return ordered[min(max(rank, 1), len(ordered)) - 1]
