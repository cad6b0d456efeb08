"""What a follower does between two rounds: sleep, or show what Live Tail brings meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from liveinsight_cli.core.logs.events import LogEvent, Trouble
from liveinsight_cli.core.logs.groups import Group
from liveinsight_cli.core.logs.troubles import Troubles

RECONCILE_SECONDS = 10.0
SAMPLED_EVERY_SECONDS = 30.0


class Idle(Protocol):
    """What is done between two rounds."""

    @property
    def shows_events(self) -> bool:
        """Whether events may come between rounds."""
        ...

    def wait(
        self,
        seconds: float,
        groups: Mapping[str, Group],
        sleep: Callable[[float], None],
        troubles: Troubles,
    ) -> Iterator[LogEvent | None]:
        """Wait about so long; yield events that come meanwhile, and None when there may be none for a while."""
        ...


class NotLive:
    """Sleep."""

    shows_events = False

    def wait(
        self,
        seconds: float,
        groups: Mapping[str, Group],
        sleep: Callable[[float], None],
        troubles: Troubles,
    ) -> Iterator[LogEvent | None]:
        """Wait so long."""
        sleep(seconds)
        yield from ()


@dataclass(frozen=True)
class Update:
    """What one second of Live Tail brought. `is_sampled`: there was more than it shows."""

    events: Sequence[LogEvent] = ()
    is_sampled: bool = False


class LiveFeed(Protocol):
    """Sessions of Live Tail."""

    def watch(self, groups: Sequence[str]) -> None:
        """Have these groups watched, beside those that are watched already, and sessions that ended begun again."""
        ...

    def take(self, seconds: float) -> Update | None:
        """Return what comes within that time; raises Trouble when a session broke, once for each."""
        ...

    @property
    def is_whole(self) -> bool:
        """Whether all that was asked for is being watched."""
        ...


@dataclass
class Live:
    """Live Tail between the rounds, which become rarer: they bring what it left out.

    It samples above 500 events a second, begins at the present, and forgets while a connection is made anew.
    """

    feed: LiveFeed
    monotonic: Callable[[], float]
    notice: Callable[[str], None] = lambda _: None
    shows_events = True
    _sampled_at: float | None = None
    _again_at: float = 0.0

    def wait(
        self,
        seconds: float,
        groups: Mapping[str, Group],
        sleep: Callable[[float], None],
        troubles: Troubles,
    ) -> Iterator[LogEvent | None]:
        """Show what comes until it is time to read again: soon when Live Tail samples or is not there."""
        self._watch(groups, troubles)
        ends = self.monotonic() + (RECONCILE_SECONDS if self.feed.is_whole else seconds)
        while (left := ends - self.monotonic()) > 0:
            try:
                update = self.feed.take(left)
            except Trouble as trouble:
                self._again_at = self.monotonic() + troubles.met(trouble)
                return
            if update is not None:
                yield from update.events
                yield None
                if self._note_sampling(update.is_sampled):
                    ends = min(ends, self.monotonic() + seconds)
            if not self.feed.is_whole:
                ends = min(ends, self.monotonic() + seconds)

    def _watch(self, groups: Mapping[str, Group], troubles: Troubles) -> None:
        if self.monotonic() < self._again_at:
            return
        try:
            self.feed.watch([group.name for group in groups.values() if group.presence == "there"])
        except Trouble as trouble:
            self._again_at = self.monotonic() + troubles.met(trouble)
        else:
            troubles.over("live")

    def _note_sampling(self, is_sampled: bool) -> bool:
        now = self.monotonic()
        if is_sampled:
            if self._sampled_at is None:
                self.notice(
                    "Live Tail is sampled: over 500 events a second. The rest comes by reading, later."
                )
            self._sampled_at = now
        elif self._sampled_at is not None and now - self._sampled_at >= SAMPLED_EVERY_SECONDS:
            self._sampled_at = None
            self.notice("Live Tail shows everything again.")
        return is_sampled
