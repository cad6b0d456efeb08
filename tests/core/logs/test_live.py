"""With Live Tail each event is shown once, whoever brings it first, and nothing that it leaves out is lost."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pytest

from liveinsight_cli.core.logs.events import LogEvent, Trouble
from liveinsight_cli.core.logs.live import Live, Update
from tests.core.logs.late_source import START, LateSource, follower, in_order, shown


@dataclass
class Feed:
    """Pushes each second what became visible in it, without ids, and leaves out what it is told to."""

    source: LateSource
    keeps: float = 1.0
    broken: tuple[float, float] = (0.0, 0.0)  # seconds
    is_whole: bool = False
    begun: list[float] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(3))
    _groups: set[str] = field(default_factory=set)
    _up_to: float = 0.0

    def watch(self, groups: Sequence[str]) -> None:
        if self._is_broken():
            raise Trouble("live", "Live Tail broke off.")
        if not self.is_whole:
            self.begun.append(self.source.clock.at)
            self._up_to = self.source.clock.at
        self._groups, self.is_whole = set(groups), True

    def take(self, seconds: float) -> Update | None:
        self.source.clock.at += min(seconds, 1.0)
        if self.is_whole and self._is_broken():
            self.is_whole = False
            raise Trouble("live", "Live Tail broke off.")
        if not self.is_whole:
            return None
        came = [
            LogEvent(event.group, "", event.timestamp_ms, event.message, event.stream)
            for group in self._groups
            for visible_at, event in self.source._visible.get(group, [])
            if self._up_to < visible_at <= self.source.clock.at
        ]
        self._up_to = self.source.clock.at
        kept = [event for event in came if self.chance.random() < self.keeps]
        return Update(kept, is_sampled=len(kept) < len(came))

    def _is_broken(self) -> bool:
        return self.broken[0] < self.source.clock.at - START < self.broken[1]


def written_to(source: LateSource) -> None:
    """Bursts, late events, and lines that are equal in everything but their ids."""
    chance = random.Random(5)
    for number in range(1500):
        at = chance.randrange(3, 120)
        text = chance.choice(("a line", f"line {number}", "another"))
        source.write(chance.choice("abc"), at, chance.uniform(0, 60), str(number), message=text)


def as_printed(events: list[LogEvent]) -> list[tuple[str, int, str]]:
    """Live Tail knows no ids."""
    return sorted((event.group, event.timestamp_ms, event.message) for event in events)


@pytest.mark.parametrize(
    ("keeps", "broken"), [(1.0, (0.0, 0.0)), (0.3, (0.0, 0.0)), (0.0, (0.0, 0.0)), (0.9, (40.0, 75.0))]
)
def test_what_is_shown_is_what_was_written(keeps: float, broken: tuple[float, float]) -> None:
    source = LateSource()
    written_to(source)
    feed = Feed(source, keeps, broken)
    following = follower(source, tuple("abc"), idle=Live(feed, source.clock.monotonic))
    assert as_printed(shown(following, source, 400)) == as_printed(source.written)
    assert len(feed.begun) == (2 if broken[1] else 1)


def test_live_tail_shows_sooner_and_reading_becomes_rare() -> None:
    source = LateSource()
    for second in range(100):
        source.write("a", second + 0.5, 0, str(second))
    late: list[float] = []
    for event in follower(source, ("a",), idle=Live(Feed(source), source.clock.monotonic)).follow():
        if event is not None:
            late.append(source.clock.at - event.timestamp_ms / 1000)
        if source.clock.at > START + 110:
            break
    assert max(late) <= 1.6
    assert len(source.asked_at) <= 14


def test_sampling_and_breaks_are_said_once_when_they_begin_and_once_when_they_are_over() -> None:
    source = LateSource()
    for tenth in range(500):
        source.write("a", tenth / 10, 0, str(tenth))
    said: list[str] = []
    feed = Feed(source, keeps=0.5, broken=(60.0, 70.0))
    live = Live(feed, source.clock.monotonic, said.append)
    shown(follower(source, ("a",), idle=live, notice=said.append), source, 150)
    assert [text.split(":")[0] for text, _ in groupby(said)] == [
        "Live Tail is sampled",
        "Live Tail broke off.",
        "Live Tail is back.",
        "Live Tail shows everything again.",
    ]


def test_events_of_a_group_that_appears_while_following_live_are_shown_once() -> None:
    source = LateSource(missing={"b"})
    for second in range(100):
        source.write("b", second, 0, str(second))
    following = follower(source, ("a", "b"), idle=Live(Feed(source), source.clock.monotonic))
    found = []
    for event in following.follow():
        if source.clock.at > START + 50:
            source.missing.clear()
        if event is not None:
            found.append(event)
        if source.clock.at > START + 200:
            break
    assert as_printed(found) == as_printed(source.written)
    assert in_order(source.written)
