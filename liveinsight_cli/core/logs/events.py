"""One event of a log group, and where such events come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LogEvent:
    """A log event as CloudWatch Logs keeps it. `event_id` is unique within its group."""

    group: str
    event_id: str
    timestamp_ms: int
    message: str


class GroupMissing(Exception):
    """The log group is not there: not yet, or no longer."""


class Throttled(Exception):
    """CloudWatch Logs asks for fewer requests."""


class LogSource(Protocol):
    """Reads log groups."""

    def read(self, group: str, start_ms: int, end_ms: int) -> Iterator[LogEvent]:
        """Yield the events in [start, end], oldest first; raises GroupMissing and Throttled."""
        ...
