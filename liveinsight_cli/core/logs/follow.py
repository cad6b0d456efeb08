"""Following log groups without loss and without duplicates.

CloudWatch Logs shows an event some time after its timestamp, and not in order, so each poll reads again what the one
before has read: a few seconds every time, and a minute and a half now and then. What was yielded already is known by
its id, and ids are remembered for as long as a poll can still meet them.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from liveinsight_cli.core.logs.events import GroupMissing, LogEvent, LogSource, Throttled

SHALLOW_OVERLAP_MS = 10_000
DEEP_OVERLAP_MS = 90_000
DEEP_EVERY_MS = 15_000
QUICKEST_SECONDS = 0.7
SLOWEST_SECONDS = 2.0
SLOWEST_THROTTLED_SECONDS = 15.0


@dataclass
class Follower:
    """Reads a set of groups from `since_ms` on, up to `until_ms` or for ever.

    `notice` is told, once each, of what a reader should know: a group that is missing, being throttled.
    """

    source: LogSource
    groups: Sequence[str]
    since_ms: int
    now: Callable[[], float]
    sleep: Callable[[float], None]
    until_ms: int | None = None
    notice: Callable[[str], None] = lambda _: None
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)
    _read_up_to_ms: dict[str, int] = field(default_factory=dict)

    def read(self) -> Iterator[LogEvent]:
        """Yield what is there now, merged in time order; read lazily, so that memory stays bounded."""
        try:
            yield from self._poll(DEEP_OVERLAP_MS)
        except Throttled:
            self._say("CloudWatch Logs is throttling: not everything was read.")

    def follow(self) -> Iterator[LogEvent | None]:
        """Yield events for ever; None says that a poll is over, so that what was held back can be shown."""
        wait, deep_at = QUICKEST_SECONDS, 0.0
        while self.until_ms is None or self._now_ms() <= self.until_ms + DEEP_OVERLAP_MS:
            started = self._now_ms()
            is_deep = started >= deep_at
            try:
                found = False
                for event in self._poll(DEEP_OVERLAP_MS if is_deep else SHALLOW_OVERLAP_MS):
                    found = True
                    yield event
                wait = QUICKEST_SECONDS if found else min(wait * 1.3, SLOWEST_SECONDS)
                deep_at = started + DEEP_EVERY_MS if is_deep else deep_at
            except Throttled:
                wait = min(wait * 2, SLOWEST_THROTTLED_SECONDS)
                self._say("CloudWatch Logs is throttling: reading less often.")
            yield None
            self.sleep(wait)

    def _poll(self, overlap_ms: int) -> Iterator[LogEvent]:
        started = self._now_ms()
        end = started + SHALLOW_OVERLAP_MS  # a writer's clock may be ahead of ours
        if self.until_ms is not None:
            end = min(end, self.until_ms)
        readers = [self._read(group, self._start(group, overlap_ms), end, started) for group in self.groups]
        for event in heapq.merge(*readers, key=lambda event: event.timestamp_ms):
            key = (event.group, event.event_id)
            if key not in self._seen:
                self._seen[key] = event.timestamp_ms
                yield event
        self._forget(started - 2 * DEEP_OVERLAP_MS)

    def _start(self, group: str, overlap_ms: int) -> int:
        """Where to begin: some time before the last complete poll, never before what was asked for."""
        return max(self.since_ms, self._read_up_to_ms.get(group, self.since_ms + overlap_ms) - overlap_ms)

    def _read(self, group: str, start_ms: int, end_ms: int, started_ms: int) -> Iterator[LogEvent]:
        try:
            yield from self.source.read(group, start_ms, end_ms)
            self._read_up_to_ms[group] = started_ms  # only a group that was read to its end moves on
        except GroupMissing:
            self._say(f"{group} is not there; it is read once it appears.")

    def _forget(self, before_ms: int) -> None:
        if len(self._seen) > 2000:
            self._seen = {key: at for key, at in self._seen.items() if at >= before_ms}

    def _say(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            self.notice(text)

    def _now_ms(self) -> int:
        return int(self.now() * 1000)
