"""Following loses nothing and repeats nothing, whatever CloudWatch Logs and the way to it do."""

import random
from collections.abc import Callable, Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveinsight_cli.core.logs.events import LogEvent, Page, TokenRefused, Trouble
from tests.core.logs.late_source import (
    START,
    START_MS,
    Clock,
    LateSource,
    follower,
    in_order,
    refused_token,
    shown,
    throttled,
    unreachable,
)

events_written = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from("st"),
        st.integers(0, 120),  # whole seconds: many have the same time
        st.floats(0, 60),
        st.integers(0, 3),  # ids that are not unique, as they should be
    ),
    max_size=50,
)
failures = st.dictionaries(
    st.integers(2, 150), st.sampled_from([throttled, unreachable, refused_token]), max_size=40
)


def failing(at: Mapping[int, Callable[[], Exception]]) -> Callable[[int], None]:
    def fail(number: int) -> None:
        if number in at:
            raise at[number]()

    return fail


@settings(max_examples=60, deadline=None)
@given(written=events_written, failed=failures, page_events=st.integers(1, 9))
def test_what_is_shown_is_what_was_written(
    written: list[tuple[str, str, int, float, int]],
    failed: dict[int, Callable[[], Exception]],
    page_events: int,
) -> None:
    source = LateSource(fails=failing(failed), page_events=page_events)
    for number, (group, stream, at, late, event_id) in enumerate(written):
        source.write(group, at, late, str(event_id), stream=stream, message=f"line {number}")
    found = shown(follower(source, ("a", "b")), source, seconds=500)
    assert in_order(found) == in_order(source.written)


def test_twenty_groups_with_ten_thousand_late_events_in_bursts_while_requests_are_throttled() -> None:
    chance = random.Random(1)
    clock = Clock()

    def fail(_: int) -> None:
        if chance.random() < 0.15:
            raise throttled()

    source = LateSource(clock, fail, page_events=300)
    groups = tuple(f"group-{number}" for number in range(20))
    for number in range(10_000):
        burst = chance.choice((3.0, 20.0, 20.0, 45.5, 80.0))
        at = burst + chance.randrange(20) / 10
        source.write(
            chance.choice(groups), at, chance.uniform(0, 60), str(number), stream=chance.choice("xyz")
        )
    found = shown(follower(source, groups), source, seconds=330)
    assert in_order(found) == in_order(source.written)


def test_what_is_there_already_comes_merged_in_time_order_whatever_the_size_of_pages() -> None:
    source = LateSource(page_events=3)
    for second in range(40):
        source.write("ab"[second % 7 > 2], second - 100, 0, f"{second:02d}")
    found = [event.event_id for event in follower(source, ("a", "b"), since=-200).read()]
    assert found == [f"{second:02d}" for second in range(40)]


def test_of_what_is_there_only_a_page_of_each_group_is_held() -> None:
    source = LateSource(page_events=100)
    for number in range(3000):
        source.write("ab"[number % 2], number / 100 - 100, 0, str(number))
    reading = follower(source, ("a", "b"), since=-200).read()
    next(reading)
    assert len(source.asked_at) == 2


def test_what_was_begun_is_read_on_where_it_broke_not_again() -> None:
    broken = dict.fromkeys((4, 5, 9), unreachable)
    source = LateSource(fails=failing(broken), page_events=10)
    for number in range(100):
        source.write("a", number - 200, 0, f"{number:03d}")
    found = [event.event_id for event in follower(source, ("a",), since=-300).read()]
    assert found == [f"{number:03d}" for number in range(100)]
    assert len(source.asked_at) == 10 + 3


def test_a_read_that_is_to_end_waits_for_throttling_and_gives_up_in_the_end_with_its_error() -> None:
    def always(_: int) -> None:
        raise throttled()

    source = LateSource(fails=always)
    with pytest.raises(TimeoutError):
        list(follower(source, ("a",)).read())
    assert 100 < source.clock.at - START < 200


@pytest.mark.parametrize("trouble", [unreachable, lambda: Trouble("credentials", "expired", KeyError())])
def test_what_never_worked_is_an_error_at_once(trouble: Callable[[], Trouble]) -> None:
    source = LateSource(fails=failing({1: trouble}))
    with pytest.raises((ConnectionError, KeyError)):
        next(follower(source, ("a",)).follow())
    assert len(source.asked_at) == 1


def test_what_does_not_pass_ends_the_follower_also_later() -> None:
    source = LateSource(fails=failing({4: lambda: PermissionError("no right")}))
    with pytest.raises(PermissionError):
        shown(follower(source, ("a",)), source, seconds=60)


@pytest.mark.parametrize("kind", ["throttled", "unreachable", "credentials", "clock"])
def test_a_trouble_is_said_when_it_begins_and_when_it_is_over_and_loses_nothing(kind: str) -> None:
    clock = Clock()

    def fail(_: int) -> None:
        if 20 < clock.at - START < 320:  # longer than anything is read again for
            raise Trouble(kind, f"{kind} began", KeyError())  # type: ignore[arg-type]

    source = LateSource(clock, fail)
    for second in range(400):
        source.write("a", second, second % 50, str(second))
    said: list[str] = []
    found = shown(follower(source, ("a",), notice=said.append), source, seconds=600)
    assert in_order(found) == in_order(source.written)
    assert said[0] == f"{kind} began"
    assert len(said) == 2


def test_equal_ids_in_two_groups_or_streams_are_different_events() -> None:
    source = LateSource()
    for group in ("a", "b"):
        for stream in ("x", "y"):
            source.write(group, -1, 0, "same", stream=stream)
    assert len(shown(follower(source, ("a", "b"), since=-10), source, seconds=40)) == 4


def test_a_group_that_appears_later_is_read_from_the_beginning_and_said_when_it_comes() -> None:
    source = LateSource(missing={"b"})
    source.write("b", 5, 0, "late group")
    said: list[str] = []
    found = []
    for event in follower(source, ("a", "b"), notice=said.append).follow():
        if source.clock.at > START + 300:
            source.missing.clear()
        if event is not None:
            found.append(event.event_id)
        if source.clock.at > START + 320:
            break
    assert said == ["b is not there; it is read once it appears.", "b is there now."]
    assert found == ["late group"]


def test_a_group_that_is_deleted_and_made_again_is_followed_on() -> None:
    source = LateSource()
    said: list[str] = []
    source.write("a", 5, 0, "before")
    source.write("a", 130, 0, "after")
    found = []
    for event in follower(source, ("a", "b"), notice=said.append).follow():
        source.missing = {"a"} if 60 < source.clock.at - START < 120 else set()
        if event is not None:
            found.append(event.event_id)
        if source.clock.at > START + 160:
            break
    assert found == ["before", "after"]
    assert said == ["a was deleted; it is read again when it is back.", "a is there now."]


def test_a_group_that_nobody_knew_is_found() -> None:
    source = LateSource()
    source.write("new", 30, 0, "from a new function")
    there = ["a"]
    said: list[str] = []
    following = follower(source, ("a",), notice=said.append, discover=lambda: there)
    found = []
    for event in following.follow():
        if source.clock.at > START + 50:
            there.append("new")
        if event is not None:
            found.append(event.event_id)
        if source.clock.at > START + 100:
            break
    assert found == ["from a new function"]
    assert said == ["new is new; it is read too."]


@pytest.mark.parametrize("fast_seconds", [-280.0, 280.0])
def test_a_clock_that_is_wrong_loses_nothing(fast_seconds: float) -> None:
    source = LateSource(Clock(fast_seconds=fast_seconds))
    for second in range(-25, 90):
        source.write("a", second, second % 40, str(second))
    said: list[str] = []
    since = fast_seconds - 30  # what `--since 30s` makes of this clock
    following = follower(source, ("a",), since, since_is_ago=True, notice=said.append)
    found = shown(following, source, seconds=200)
    assert in_order(found) == in_order(source.written)
    assert len(said) == 1
    assert "280 s" in said[0]


def test_a_clock_that_is_set_while_following_loses_and_repeats_nothing() -> None:
    source = LateSource(Clock(fast_seconds=3600))
    for second in range(200):
        source.write("a", second, second % 40, str(second))
    found = []
    for event in follower(source, ("a",)).follow():
        if source.clock.at > START + 60:
            source.clock.fast_seconds = 0
        if source.clock.at > START + 120:
            source.clock.fast_seconds = -3600
        if event is not None:
            found.append(event)
        if source.clock.at > START + 300:
            break
    assert in_order(found) == in_order(source.written)


def test_a_machine_that_slept_for_an_hour_goes_on_where_it_was() -> None:
    source = LateSource()
    for minute in range(90):
        source.write("a", minute * 60, 30, str(minute))
    found = []
    for event in follower(source, ("a",)).follow():
        if 100 < source.clock.at - START < 200:
            source.clock.suspend(3600)
        if event is not None:
            found.append(event)
        if source.clock.at > START + 5600:
            break
    assert in_order(found) == in_order(source.written)


def test_events_from_a_writer_whose_clock_is_ahead_are_shown_at_once_and_once() -> None:
    source = LateSource()
    source.write("a", 7000, -6990, "of the future")  # visible 10 s after the start
    found = shown(follower(source, ("a",)), source, seconds=60)
    assert [event.event_id for event in found] == ["of the future"]


def test_a_time_in_the_future_ends_the_follower_when_nothing_can_appear_any_more() -> None:
    source = LateSource()
    source.write("a", 20, 60, "late")
    source.write("a", 31, 0, "too late")
    following = follower(source, ("a",), until_ms=START_MS + 30_000)
    found = [event for event in following.follow() if event is not None]
    assert [event.event_id for event in found] == ["late"]
    assert 120 <= source.clock.at - START < 160


def test_memory_is_bounded_by_what_a_window_can_meet_again() -> None:
    source = LateSource()
    for number in range(5_000):
        source.write("a", number / 20, 0, str(number))
    following = follower(source, ("a",))
    most = count = 0
    for event in following.follow():
        count += event is not None
        if event is None:
            most = max(most, len(following._known["a"].seen))
        if source.clock.at > START + 260:
            break
    assert count == 5_000
    assert most < 1.5 * 105 * 20 + 1024


def test_a_history_whose_token_is_refused_half_way_is_neither_lost_nor_repeated() -> None:
    source = LateSource(
        fails=failing({7: refused_token, 8: refused_token, 20: refused_token}), page_events=50
    )
    for number in range(2000):
        source.write("ab"[number % 2], number // 3 - 2000, 0, str(number))
    reading = follower(source, ("a", "b"), since=-3000)
    assert in_order(list(reading.read())) == in_order(source.written)


def test_a_long_history_is_read_in_flat_memory() -> None:
    source = LateSource(page_events=500)
    for number in range(6_000):
        source.write("a", number / 50 - 1000, 0, str(number))
    reading = follower(source, ("a",), since=-2000)
    most = count = 0
    for _ in reading.read():
        count += 1
        most = max(most, len(reading._known["a"].seen))
    assert count == 6_000
    assert most <= 2_100


def most_in_a_second(asked_at: list[float]) -> int:
    return max(sum(one <= other < one + 1 for other in asked_at) for one in asked_at)


@pytest.mark.parametrize("groups", [1, 5, 20])
def test_all_groups_share_one_budget_of_requests(groups: int) -> None:
    source = LateSource(takes_seconds=0.001)
    names = tuple(f"g{number}" for number in range(groups))
    for second in range(120):
        source.write(names[second % groups], second, 1, str(second))
    shown(follower(source, names), source, seconds=120)
    assert len(source.asked_at) / 120 <= 5.1
    assert most_in_a_second(source.asked_at) <= 10  # one second's burst, and one second's rate


def test_busy_groups_come_first_when_there_are_more_than_the_budget_has_requests_for() -> None:
    source = LateSource()
    names = tuple(f"g{number}" for number in range(20))
    for tenth in range(1000):
        source.write("g7", tenth / 10, 0, str(tenth))
    shown(follower(source, names), source, seconds=100)
    waits = {}
    for name in ("g7", "g8"):
        asked = [at for at, (group, _, _) in zip(source.asked_at, source.spans, strict=True) if group == name]
        waits[name] = max(after - before for before, after in pairwise(asked[5:]))
    assert waits["g7"] < 3
    assert waits["g8"] < 15


def test_waiting_grows_while_nothing_comes_but_stays_below_what_a_reader_would_notice() -> None:
    source = LateSource()
    shown(follower(source, ("a",)), source, seconds=100)
    assert 100 / 2.1 <= len(source.asked_at) <= 100 / 1.5


def test_throttling_slows_down_and_the_full_speed_comes_back() -> None:
    clock = Clock()

    def fail(_: int) -> None:
        if clock.at - START < 60:
            raise throttled()

    source = LateSource(clock, fail, takes_seconds=0.001)
    names = tuple(f"g{number}" for number in range(10))
    for second in range(300):
        source.write(names[second % 10], second, 0, str(second))
    shown(follower(source, names), source, seconds=300)
    during = [at for at in source.asked_at if START + 30 < at < START + 60]
    after = [at for at in source.asked_at if START + 200 < at < START + 300]
    assert len(during) <= 4
    assert len(after) > 300


def test_what_was_written_just_now_is_shown_within_a_second_and_a_half() -> None:
    source = LateSource(takes_seconds=0.15)
    names = tuple("abcde")
    for number in range(200):
        source.write(names[number % 5], number * 0.7, 0, str(number))
    late: list[float] = []
    for event in follower(source, names).follow():
        if event is not None:
            late.append(source.clock.at - event.timestamp_ms / 1000)
        if source.clock.at > START + 150:
            break
    assert sorted(late)[len(late) // 2] <= 1.5


def test_events_are_compared_by_all_that_they_are() -> None:
    assert LogEvent("g", "1", 2, "m") != LogEvent("g", "1", 2, "n")


def test_a_token_that_is_refused_again_and_again_is_an_error_not_a_loop() -> None:
    source = LateSource(page_events=50)
    for number in range(200):
        source.write("a", number / 100 - 100, 0, str(number))
    page = source.page

    def refusing(group: str, start_ms: int, end_ms: int, token: str | None, limit: int | None) -> Page:
        if token:
            raise TokenRefused
        return page(group, start_ms, end_ms, token, limit)

    source.page = refusing  # type: ignore[method-assign]
    with pytest.raises(TokenRefused):
        list(follower(source, ("a",), since=-200).read())
