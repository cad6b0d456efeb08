"""Following log groups without loss and without duplicates.

CloudWatch Logs shows an event some time after its timestamp, and not in order, so each round reads again what the one
before has read: a few seconds every time, and a minute and a half now and then. What was shown already is known by its
id. A group moves on only when its window was read to the end; a read that breaks goes on where it was.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from operator import attrgetter

from liveinsight_cli.core.logs.budget import Budget
from liveinsight_cli.core.logs.events import (
    GroupMissing,
    LogEvent,
    LogSource,
    TokenRefused,
    Trouble,
)
from liveinsight_cli.core.logs.groups import LATENESS_MS, Group, Moment
from liveinsight_cli.core.logs.live import Idle, NotLive
from liveinsight_cli.core.logs.seen import Seen
from liveinsight_cli.core.logs.troubles import Troubles
from liveinsight_cli.core.logs.windows import Window, merged

REQUESTS_PER_SECOND = 5.0  # the least that AWS has documented for FilterLogEvents, by account and region
FIRST_PAGE_EVENTS = 100  # a short first page halves the time to the first line
QUICKEST_SECONDS = 0.5
SLOWEST_SECONDS = 2.0
DISCOVER_EVERY_SECONDS = 20.0
PATIENCE_SECONDS = 120.0  # of a read that is to end
REFUSALS_BORNE = 3  # of page tokens in a row: they expire, but not at once
SKEW_WORTH_SAYING_MS = 30_000
MARGIN_MS = 10_000


@dataclass
class Follower:
    """Reads a set of groups from `since_ms` on, up to `until_ms` or for ever.

    `since_is_ago`: since was said as a duration, so it is meant by the clock of the log, not by this machine's.
    `discover` names groups that are there now, `notice` is told what a reader should know.
    """

    source: LogSource
    groups: Sequence[str]
    since_ms: int
    now: Callable[[], float]
    sleep: Callable[[float], None]
    until_ms: int | None = None
    notice: Callable[[str], None] = lambda _: None
    monotonic: Callable[[], float] | None = None
    requests_per_second: float = REQUESTS_PER_SECOND
    since_is_ago: bool = False
    discover: Callable[[], Iterable[str]] | None = None
    idle: Idle = field(default_factory=NotLive)
    _ticks: Callable[[], float] = field(init=False)
    _known: dict[str, Group] = field(init=False)
    _budget: Budget = field(init=False)
    _troubles: Troubles = field(init=False)
    _patience_seconds: float | None = PATIENCE_SECONDS
    _has_worked: bool = False
    _skew_was_said: bool = False
    _discovered_at: float = 0.0

    def __post_init__(self) -> None:
        monotonic = self._ticks = self.monotonic or self.now
        self._known = {name: self._group(name) for name in self.groups}
        self._budget = Budget(self.requests_per_second, monotonic)
        self._troubles = Troubles(self.notice, monotonic)
        self._discovered_at = self._ticks()

    def read(self) -> Iterator[LogEvent]:
        """Yield what is there now, merged in time order; read lazily, so that memory stays bounded.

        Waits out what passes; raises the error of a trouble that lasts.
        """
        return self._round(self._known.values())

    def follow(self) -> Iterator[LogEvent | None]:
        """Yield events for ever; None says that a round is over, so that what was held back can be shown."""
        self._patience_seconds = None
        yield from self._round(self._known.values())
        yield None
        wait = QUICKEST_SECONDS
        while not self._is_over():
            yield from self._wait(wait)
            self._find_groups()
            found = False
            for event in self._round(self._next()):
                found = True
                yield event
            wait = QUICKEST_SECONDS if found else min(wait * 1.3, SLOWEST_SECONDS)
            yield None

    def _is_over(self) -> bool:
        return all(group.is_settled(self.until_ms) for group in self._known.values())

    def _next(self) -> list[Group]:
        """The groups whose turn it is: as many as the budget has requests for in a second."""
        ticks = self._ticks()
        by_urgency = sorted(self._known.values(), key=lambda group: group.urgency(ticks), reverse=True)
        return [group for group in by_urgency[: ceil(self._budget.rate)] if group.urgency(ticks) >= 0]

    def _round(self, groups: Iterable[Group]) -> Iterator[LogEvent]:
        begun, known = self._moment(), self._known
        windows = [group.window(begun, self._since(), self.until_ms) for group in groups]
        for batch in merged(windows, self._read_page):
            now = self._moment()
            old = _never_met_again(batch, windows, now)
            yield from batch[:old]
            for event in batch[old:]:
                group = known[event.group]
                if group.seen.is_new(event):
                    group.event_ticks = now.ticks
                    yield event
        now = self._moment()
        for window in windows:
            if known[window.group].presence == "there":
                known[window.group].was_read(window, now)

    def _read_page(self, window: Window) -> None:
        """Read on in a window, however long that takes. Raises what does not pass by waiting."""
        group = self._known[window.group]
        while True:
            self._pause(self._budget.take())
            token = window.token
            limit = FIRST_PAGE_EVENTS if group.presence == "unknown" and token is None else None
            try:
                page = self.source.page(window.group, window.start_ms, window.end_ms, token, limit)
            except GroupMissing:
                self._answered()
                self._is_missing(group)
                window.end()
                return
            except TokenRefused as refused:
                window.refusals += token is not None
                if window.refusals > REFUSALS_BORNE:
                    raise (refused.__cause__ or refused) from None
                for event in window.begin_again():
                    group.seen.is_new(event)
            except Trouble as trouble:
                self._endure(trouble)
            else:
                self._answered()
                self._is_there(group)
                if (
                    window.is_first
                    and token is None
                    and not window.recent
                    and window.start_ms > self._since()
                ):
                    window.start_ms = self._since()  # our clock is fast: that was too short
                    continue
                window.add(page)
                return

    def _answered(self) -> None:
        self._has_worked = True
        self._budget.answered()
        self._troubles.passed()
        self._look_at_clock()

    def _endure(self, trouble: Trouble) -> None:
        wait = self._troubles.met(trouble)
        stuck = self._troubles.stuck_seconds(trouble.kind)
        if trouble.kind == "throttled":
            self._budget.throttled()
            wait = 0.0  # the budget makes us wait
        elif not self._has_worked:
            raise trouble.error from trouble
        if self._patience_seconds is not None and stuck > self._patience_seconds:
            raise trouble.error from trouble
        self._pause(wait)

    def _pause(self, seconds: float) -> None:
        if seconds > 0:
            self.sleep(seconds)

    def _wait(self, seconds: float) -> Iterator[LogEvent | None]:
        """Wait for the next round; with Live Tail, show meanwhile what it brings."""
        for event in self.idle.wait(seconds, self._known, self.sleep, self._troubles):
            if event is None or self._wants_live(event):
                yield event

    def _wants_live(self, event: LogEvent) -> bool:
        if self.until_ms is not None and event.timestamp_ms > self.until_ms:
            return False
        return self._known[event.group].seen.is_new_live(event)

    def _is_missing(self, group: Group) -> None:
        if group.presence == "there":
            self.notice(f"{group.name} was deleted; it is read again when it is back.")
        elif group.presence == "unknown":
            self.notice(f"{group.name} is not there; it is read once it appears.")
        group.presence = "missing"

    def _is_there(self, group: Group) -> None:
        if group.presence == "missing":
            self.notice(f"{group.name} is there now.")
        group.presence = "there"

    def _find_groups(self) -> None:
        if self.discover is None or self._ticks() - self._discovered_at < DISCOVER_EVERY_SECONDS:
            return
        self._discovered_at = self._ticks()
        try:
            found = list(self.discover())
        except Trouble:
            return  # reading meets it too, and says so
        for name in found:
            if name not in self._known:
                self._known[name] = self._group(name)
                self.notice(f"{name} is new; it is read too.")

    def _moment(self) -> Moment:
        return Moment(int(self.now() * 1000), self.source.skew_ms, self._ticks())

    def _group(self, name: str) -> Group:
        return Group(name, seen=Seen(matches_content=self.idle.shows_events))

    def _since(self) -> int:
        return self.since_ms + (min(self.source.skew_ms, 0) if self.since_is_ago else 0)

    def _look_at_clock(self) -> None:
        skew_ms = self.source.skew_ms
        if abs(skew_ms) >= SKEW_WORTH_SAYING_MS and not self._skew_was_said:
            self._skew_was_said = True
            word = "slow" if skew_ms > 0 else "fast"
            seconds = round(abs(skew_ms) / 1000)
            self.notice(f"This machine's clock is {seconds} s {word}; the times of the log are AWS's.")


def _never_met_again(batch: Sequence[LogEvent], windows: Sequence[Window], now: Moment) -> int:
    """Count the events of a batch that no later window can hold: those of a long history, read for the first time."""
    if any(not window.is_first or batch[0].timestamp_ms <= window.again_until_ms for window in windows):
        return 0
    before_ms = min(window.begun_local_ms for window in windows) + now.skew_ms - LATENESS_MS - MARGIN_MS
    return bisect_left(batch, before_ms, key=attrgetter("timestamp_ms"))
