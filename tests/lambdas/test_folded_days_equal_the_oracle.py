"""Figures of days that are over: folded, marked by late arrivals, folded anew, with everything expired that may be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.lambdas.figures import SITES, Look, assert_stats_equal
from tests.lambdas.oracle import Oracle
from tests.lambdas.oracle_traffic import DAY, HOUR
from tests.lambdas.player import Player
from tests.lambdas.stage import Delivery, Stream, deliveries, empty, stage
from tests.lambdas.traces import Turn, turns
from tests.lambdas.world import World
from tests.profiles import examples

# The clocks change in Berlin, in New York, in Berlin, on Lord Howe Island (by half an hour), and nowhere.
STARTS = tuple(
    int(datetime.fromisoformat(f"{moment}Z").timestamp()) * 1000
    for moment in (
        "2025-10-25T21:40",
        "2025-11-01T22:40",
        "2026-03-28T22:40",
        "2026-04-04T10:00",
        "2025-11-22T22:40",
    )
)
ZONES = (
    "UTC", "UTC", "Asia/Seoul", "Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham",
    "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati",
)  # fmt: skip
GAPS_S = (0, 1, 60, 900, 1800, 1801, 3600, 7200, 4 * 3600, 11 * 3600, 26 * 3600, 50 * 3600)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = stage()
    yield made
    made.close()


def custom_range(world: World, first_h: int, hours: int, minutes: int) -> str:
    """A range that ends some hours ago, or beyond the present, in the caller's own time."""
    end = datetime.fromtimestamp(world.now / 1000, UTC).replace(tzinfo=None) - timedelta(hours=first_h)
    start = end - timedelta(hours=hours, minutes=minutes)
    return f"{start.isoformat(timespec='seconds')},{end.isoformat(timespec='seconds')}"


ranges = st.sampled_from(("7d", "7d", "30d", "yesterday", "today")) | st.tuples(
    st.integers(-20, 100), st.integers(21, 120) | st.sampled_from((48, 49)), st.sampled_from((0, 0, 30))
)


@examples(100)
@given(
    start=st.sampled_from(STARTS),
    trace=st.lists(turns(GAPS_S), min_size=1, max_size=10),
    chores=st.lists(st.sampled_from(("", "", "pump", "fold, pump", "pump, fold")), min_size=10, max_size=10),
    delivery=deliveries,
    lag_h=st.sampled_from((0, 0, 3, 11)),
    rest_h=st.sampled_from((0, 1, 25, 49, 80)),
    questions=st.lists(
        st.tuples(
            ranges, st.sampled_from(ZONES), st.sampled_from(SITES), st.sampled_from(("", "", "previous"))
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_figures_of_past_days_equal_a_recount_before_and_after_they_are_folded(
    world: World,
    start: int,
    trace: list[Turn],
    chores: list[str],
    delivery: Delivery,
    lag_h: int,
    rest_h: int,
    questions: list[tuple[str | tuple[int, int, int], str, str, str]],
) -> None:
    empty(world, start)
    oracle = Oracle()
    # Rows expire: a session that its caller numbers may be silent for 26 hours, not for longer.
    player = Player(world, oracle, own_sessions_last_ms=DAY)
    stream = Stream(world, delivery, start)
    for turn, chore in zip(trace, chores, strict=False):
        if world.now + turn.gap_s * 1000 - stream.pumped_at > 12 * HOUR:
            _settle_and_expire(world, player, stream)
        note(f"{turn} {f'({chore})' if chore else ''}")
        player.take(turn)
        for job in filter(None, chore.split(", ")):
            stream.pump() if job == "pump" else world.fold_days()
    player.settle()
    world.now += lag_h * HOUR
    world.fold_days()
    _settle_and_expire(world, player, stream)
    assume(not oracle.has_twins())
    world.now += rest_h * HOUR
    looks = [
        Look(site, asked if isinstance(asked, str) else custom_range(world, *asked), zone, compare, 100)
        for asked, zone, site, compare in questions
    ]
    for look in looks[:1]:
        assert_stats_equal(world, oracle, look)
    world.sweep()
    world.plane.sweep_expired()
    world.fold_days()
    assert world.fold_days() == {"days_folded": 0}
    note("(everything is folded)")
    for look in looks:
        assert_stats_equal(world, oracle, look)


def _settle_and_expire(world: World, player: Player, stream: Stream) -> None:
    """Nobody waits longer than a row remembers, and no record of the stream is left behind for a day."""
    player.settle()
    stream.pump()
    if world.now % DAY > 2 * HOUR:
        world.sweep()
        world.plane.sweep_expired()
