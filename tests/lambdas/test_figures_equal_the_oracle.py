"""Random traffic through collector, stream, aggregator and reads: every figure equals a brute-force recount."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from tests.lambdas.figures import (
    Glance,
    Look,
    assert_realtime_equal,
    assert_stats_equal,
    filters,
    glances,
    looks,
)
from tests.lambdas.oracle import Oracle
from tests.lambdas.oracle_traffic import DAY, HOUR
from tests.lambdas.player import Player
from tests.lambdas.stage import Delivery, Stream, deliveries, empty, stage
from tests.lambdas.traces import Turn, turns
from tests.lambdas.world import World
from tests.profiles import examples

# 22:40 UTC: traces cross clock hours and, often, midnight. 23:58: they hardly do anything else.
STARTS = (1_763_851_200_000, 1_763_855_880_000, 1_763_894_400_000)
RANGES = ("24h", "24h", "today", "yesterday", "7d")
RECENT = ("24h", "30m")
ZONES = ("UTC", "UTC", "Asia/Seoul", "Asia/Kolkata", "America/St_Johns")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = stage()
    yield made
    made.close()


@examples(150)
@given(
    start=st.sampled_from(STARTS),
    trace=st.lists(turns(), min_size=1, max_size=14),
    pumps=st.frozensets(st.integers(0, 14), max_size=2),
    delivery=deliveries,
    look=looks(RANGES, ZONES),
    glance=glances,
    minutes=looks(("30m",), ZONES),
    narrow=looks(RECENT, ZONES, filters),
)
def test_every_figure_equals_a_recount_whatever_goes_wrong(
    world: World,
    start: int,
    trace: list[Turn],
    pumps: frozenset[int],
    delivery: Delivery,
    look: Look,
    glance: Glance,
    minutes: Look,
    narrow: Look,
) -> None:
    empty(world, start)
    oracle = Oracle()
    player, stream = Player(world, oracle), Stream(world, delivery, start)
    for number, turn in enumerate(trace):
        note(f"{number}. {turn}")
        player.take(turn)
        if number in pumps or world.now - stream.pumped_at > 12 * HOUR:
            note("(the stream is delivered)")
            stream.pump()
    player.settle()
    assume(not oracle.has_twins())
    world.now += glance.after_s * 1000
    stream.pump()
    assert_stats_equal(world, oracle, look)
    assert_realtime_equal(world, oracle, glance)
    assert_stats_equal(world, oracle, minutes)
    if all(visit.first.at >= world.now - DAY for visit in oracle.visits):  # or they may be gone
        assert_stats_equal(world, oracle, narrow)
