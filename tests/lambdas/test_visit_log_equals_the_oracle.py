"""Random traffic of several days: what filters choose out of the visit log and raw events equals a recount."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.lambdas.figures import Look, assert_stats_equal, filters, looks
from tests.lambdas.oracle import Oracle
from tests.lambdas.oracle_traffic import DAY
from tests.lambdas.player import Player
from tests.lambdas.stage import Delivery, Stream, deliveries, empty, stage
from tests.lambdas.traces import GAPS_S, Turn, turns
from tests.lambdas.world import World
from tests.profiles import examples

START = 1_763_851_200_000  # 22:40 UTC
GAPS = (*GAPS_S, 1500, 1700, 1700, 4 * 3600, 20 * 3600)
RANGES = ("24h", "today", "yesterday", "yesterday", "7d", "7d", "30d", "30m")
ZONES = ("UTC", "UTC", "Asia/Seoul", "America/St_Johns")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = stage()
    yield made
    made.close()


@examples(75)
@given(
    trace=st.lists(turns(GAPS), min_size=1, max_size=14),
    delivery=deliveries,
    after_s=st.sampled_from((0, 600, 1800, 5400, 6 * 3600, 22 * 3600)),
    narrow=st.lists(looks(RANGES, ZONES, filters), min_size=1, max_size=3),
)
def test_filters_choose_the_visits_of_several_days(
    world: World, trace: list[Turn], delivery: Delivery, after_s: int, narrow: list[Look]
) -> None:
    empty(world, START)
    oracle = Oracle()
    player, stream = Player(world, oracle, own_sessions_last_ms=DAY // 2), Stream(world, delivery, START)
    world.log_visits()
    for number, turn in enumerate(trace):
        note(f"{number}. {turn}")
        player.take(turn)
        stream.pump()
        world.log_visits()
    player.settle()
    assume(not oracle.has_twins())
    assume(all(visit.last - visit.first.at < DAY for visit in oracle.visits))
    stream.pump()
    for after in range(0, after_s + 1, 1800):
        world.now += 1800_000 if after else 0
        world.log_visits()
    for look in narrow:
        assert_stats_equal(world, oracle, look, is_logged=True)
