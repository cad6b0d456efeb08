"""Following loses nothing and repeats nothing, however late and unordered events become visible."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from liveinsight_cli.core.logs.events import GroupMissing, LogEvent, Throttled
from liveinsight_cli.core.logs.follow import Follower

START = 1_800_000_000.0


@dataclass
class Clock:
    at: float = START

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class LateSource:
    """Events with the moment at which they become visible."""

    clock: Clock
    events: list[tuple[float, LogEvent]] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    throttle_reads: set[int] = field(default_factory=set)
    reads: int = 0

    def add(self, group: str, at: float, visible_at: float, event_id: str) -> None:
        self.events.append((visible_at, LogEvent(group, event_id, int(at * 1000), event_id)))

    def read(self, group: str, start_ms: int, end_ms: int) -> Iterator[LogEvent]:
        self.reads += 1
        if self.reads in self.throttle_reads:
            raise Throttled
        if group in self.missing:
            raise GroupMissing(group)
        found = [
            event
            for visible_at, event in self.events
            if event.group == group
            and visible_at <= self.clock.at
            and start_ms <= event.timestamp_ms <= end_ms
        ]
        yield from sorted(found, key=lambda event: event.timestamp_ms)


def follow(source: LateSource, groups: tuple[str, ...], seconds: float, since: float = START) -> list[str]:
    follower = Follower(source, groups, int(since * 1000), source.clock.now, source.clock.sleep)
    shown = []
    for event in follower.follow():
        if event is not None:
            shown.append(event.event_id)
        if source.clock.at > START + seconds:
            break
    return shown


lateness = st.floats(0, 60)
written = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 120), lateness), max_size=60)


@settings(max_examples=150, deadline=None)
@given(written=written, throttled=st.sets(st.integers(1, 60), max_size=8))
def test_what_is_printed_is_what_was_written_also_when_it_appears_a_minute_late(
    written: list[tuple[str, float, float]], throttled: set[int]
) -> None:
    source = LateSource(Clock(), throttle_reads=throttled)
    for number, (group, at, late) in enumerate(written):
        source.add(group, START + at, START + at + late, f"e{number}")
    shown = follow(source, ("a", "b"), seconds=260)
    assert sorted(shown) == sorted(f"e{number}" for number in range(len(written)))


def test_what_is_there_already_comes_merged_in_time_order() -> None:
    source = LateSource(Clock())
    for second in range(20):
        source.add("ab"[second % 2], START - 30 + second, 0, f"{second:02d}")
    follower = Follower(source, ("a", "b"), int((START - 60) * 1000), source.clock.now, source.clock.sleep)
    assert [event.event_id for event in follower.read()] == [f"{second:02d}" for second in range(20)]


def test_equal_timestamps_and_equal_ids_in_two_groups_are_different_events() -> None:
    source = LateSource(Clock())
    for group in ("a", "b"):
        for event_id in ("x", "y"):
            source.add(group, START - 1, 0, event_id)
    assert sorted(follow(source, ("a", "b"), seconds=40, since=START - 10)) == ["x", "x", "y", "y"]


def test_a_group_that_appears_later_is_read_from_the_beginning_and_said_to_be_missing_once() -> None:
    clock = Clock()
    source = LateSource(clock, missing={"b"})
    source.add("b", START + 5, 0, "late group")
    notices: list[str] = []
    follower = Follower(source, ("a", "b"), int(START * 1000), clock.now, clock.sleep, notice=notices.append)
    shown = []
    for event in follower.follow():
        if clock.at > START + 300:
            source.missing.clear()
        if event is not None:
            shown.append(event.event_id)
        if clock.at > START + 320:
            break
    assert len(notices) == 1
    assert shown == ["late group"]


def test_memory_is_bounded_by_what_a_poll_can_meet_again() -> None:
    source = LateSource(Clock())
    for number in range(30_000):
        at = START + number / 100
        source.add("a", at, at, str(number))
    follower = Follower(source, ("a",), int(START * 1000), source.clock.now, source.clock.sleep)
    shown = 0
    for event in follower.follow():
        shown += event is not None
        if source.clock.at > START + 320:
            break
    assert shown == 30_000
    assert len(follower._seen) < 22_000


def test_waiting_grows_while_nothing_comes_but_stays_below_what_a_reader_would_notice() -> None:
    source = LateSource(Clock())
    follow(source, ("a",), seconds=100)
    assert 100 / 2.1 <= source.reads <= 100 / 1.5
