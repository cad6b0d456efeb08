"""One event of a log group, where such events come from, and what can be the matter on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Kind = Literal["throttled", "unreachable", "credentials", "clock", "live"]


@dataclass(slots=True)
class LogEvent:
    """A log event as CloudWatch Logs keeps it. `event_id` is unique within its stream; Live Tail gives none.

    Not frozen: that makes each one three times as dear, and there are many.
    """

    group: str
    event_id: str
    timestamp_ms: int
    message: str
    stream: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a window's events, and where the next part begins; `token` is None after the last."""

    events: Sequence[LogEvent]
    token: str | None = None


class GroupMissing(Exception):
    """The log group is not there: not yet, or no longer."""


class TokenRefused(Exception):
    """CloudWatch Logs does not go on from this token: it is a day old, or the group was made anew."""


class Trouble(Exception):
    """What passes when one waits. `text` is for the reader, `error` what to raise when nobody waits any longer."""

    def __init__(self, kind: Kind, text: str, error: Exception | None = None) -> None:
        super().__init__(text)
        self.kind: Kind = kind
        self.text = text
        self.error = error or self


class LogSource(Protocol):
    """Reads log groups."""

    @property
    def skew_ms(self) -> int:
        """How far the source's clock is ahead of this machine's, as its last answer told; 0 when they agree."""
        ...

    def page(self, group: str, start_ms: int, end_ms: int, token: str | None, limit: int | None) -> Page:
        """Return events in [start, end], oldest first, from `token` on; raises GroupMissing, TokenRefused, Trouble."""
        ...
