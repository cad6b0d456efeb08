"""Spans of time of several groups, read page by page, and merged while they are read."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from liveinsight_cli.core.logs.events import LogEvent, Page

_TIME = attrgetter("timestamp_ms")


@dataclass
class Window:
    """A span of a group, and how far it was read. A broken read goes on where it was: at the token.

    `begun_local_ms` is when the reading began by this machine's clock, `begun_ticks` in seconds that only go forward.
    """

    group: str
    start_ms: int
    end_ms: int
    begun_local_ms: int
    begun_ticks: float
    is_deep: bool
    is_first: bool
    token: str | None = None
    refusals: int = 0  # of tokens, since a page was read with one
    is_read: bool = False
    waiting: list[LogEvent] = field(default_factory=list)
    recent: list[LogEvent] = field(default_factory=list)  # of the last page, and older ones of the same times
    again_until_ms: int = -1  # what is read up to there may have been read before

    def add(self, page: Page) -> None:
        """Take the next page; its order is CloudWatch's best effort."""
        if self.token is not None:
            self.refusals = 0
        self.waiting += page.events
        self.waiting.sort(key=_TIME)
        if page.events:
            from_ms = min(map(_TIME, page.events))
            self.recent = [event for event in self.recent if event.timestamp_ms >= from_ms] + list(
                page.events
            )
        self.token, self.is_read = page.token, page.token is None

    def begin_again(self) -> Sequence[LogEvent]:
        """Read without a token, from the beginning of the last page on; return what was read of that already."""
        self.token = None
        self.start_ms = max(self.start_ms, min(map(_TIME, self.recent), default=self.start_ms))
        self.again_until_ms = max(map(_TIME, self.recent), default=-1)
        return self.recent

    def end(self) -> None:
        """Nothing more can be read: the group is gone."""
        self.is_read = True

    def take(self, until_ms: int | None) -> list[LogEvent]:
        """Take out the events up to a time, or all."""
        count = len(self.waiting) if until_ms is None else bisect_right(self.waiting, until_ms, key=_TIME)
        taken, self.waiting = self.waiting[:count], self.waiting[count:]
        return taken


def merged(windows: Sequence[Window], read_page: Callable[[Window], None]) -> Iterator[list[LogEvent]]:
    """Yield the events of all windows in time order, in batches; no window is read further than the others need.

    What is complete is what lies before the last event of every page: batches of that are sorted at once, which
    costs a tenth of merging one by one.
    """
    while True:
        for window in windows:
            while not (window.waiting or window.is_read):
                read_page(window)
        complete_ms = min(
            (window.waiting[-1].timestamp_ms for window in windows if not window.is_read), default=None
        )
        batch = [event for window in windows for event in window.take(complete_ms)]
        if not batch:
            return
        batch.sort(key=_TIME)
        yield batch
