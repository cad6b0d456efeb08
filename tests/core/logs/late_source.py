"""A log source in virtual time: events appear late, requests fail in every way that AWS knows."""

from collections.abc import Callable
from dataclasses import dataclass, field

from liveinsight_cli.core.logs.events import GroupMissing, LogEvent, Page, TokenRefused, Trouble
from liveinsight_cli.core.logs.follow import Follower

START = 1_800_000_000.0
START_MS = int(START * 1000)


@dataclass
class Clock:
    """AWS's time, this machine's, and the one that only goes forward."""

    at: float = START
    fast_seconds: float = 0.0  # this machine's clock against AWS's
    slept: float = 0.0

    def now(self) -> float:
        return self.at + self.fast_seconds

    def monotonic(self) -> float:
        return self.at - START - self.slept

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def suspend(self, seconds: float) -> None:
        """Close the lid: the clock that only goes forward stands still, as Linux's does."""
        self.at += seconds
        self.slept += seconds


@dataclass
class LateSource:
    """`fails(number)` is asked before the answer to each request and may raise; a request takes its time."""

    clock: Clock = field(default_factory=Clock)
    fails: Callable[[int], None] = lambda _: None
    page_events: int = 10_000
    missing: set[str] = field(default_factory=set)
    takes_seconds: float = 0.05
    skew_ms: int = 0
    asked_at: list[float] = field(default_factory=list)
    spans: list[tuple[str, int, int]] = field(default_factory=list)
    written: list[LogEvent] = field(default_factory=list)
    _visible: dict[str, list[tuple[float, LogEvent]]] = field(default_factory=dict)

    def write(
        self, group: str, at: float, late: float, event_id: str, *, stream: str = "s", message: str = ""
    ) -> None:
        """`at` and `late` are seconds from the start on; the time stamp has milliseconds."""
        event = LogEvent(group, event_id, START_MS + int(at * 1000), message or event_id, stream)
        self.written.append(event)
        self._visible.setdefault(group, []).append((START + at + late, event))

    def page(self, group: str, start_ms: int, end_ms: int, token: str | None, limit: int | None) -> Page:
        self.clock.at += self.takes_seconds
        self.asked_at.append(self.clock.at)
        self.fails(len(self.asked_at))
        self.skew_ms = -int(self.clock.fast_seconds * 1000)
        if group in self.missing:
            raise GroupMissing(group)
        self.spans.append((group, start_ms, end_ms))
        found = sorted(
            (
                event
                for visible_at, event in self._visible.get(group, [])
                if visible_at <= self.clock.at and start_ms <= event.timestamp_ms <= end_ms
            ),
            key=lambda event: (event.timestamp_ms, event.stream, event.event_id),
        )
        first, count = int(token or 0), min(limit or self.page_events, self.page_events)
        is_last = first + count >= len(found)
        return Page(found[first : first + count], None if is_last else str(first + count))


def throttled() -> Trouble:
    return Trouble(
        "throttled", "CloudWatch Logs is throttling: reading less often.", TimeoutError("throttled")
    )


def unreachable() -> Trouble:
    return Trouble("unreachable", "AWS cannot be reached. Trying again.", ConnectionError("unreachable"))


def refused_token() -> TokenRefused:
    return TokenRefused()


def follower(source: LateSource, groups: tuple[str, ...], since: float = 0, **more: object) -> Follower:
    clock = source.clock
    return Follower(
        source,
        groups,
        START_MS + int(since * 1000),
        clock.now,
        clock.sleep,
        monotonic=clock.monotonic,
        **more,  # type: ignore[arg-type]
    )


def shown(following: Follower, source: LateSource, seconds: float) -> list[LogEvent]:
    """What a follower shows within so many seconds of AWS's time."""
    found = []
    for event in following.follow():
        if event is not None:
            found.append(event)
        if source.clock.at > START + seconds:
            break
    return found


def in_order(events: list[LogEvent]) -> list[tuple[str, str, str, int, str]]:
    """Events as values that can be compared as a set with repetitions."""
    return sorted((one.group, one.stream, one.event_id, one.timestamp_ms, one.message) for one in events)
