"""Collectors that get into each other's way on one visitor: every interleaving of their calls gives the same figures.

The order in which the visitor's row accepted the requests is the order that the oracle is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from event_collector.ingest import Collector
from tests.lambdas.figures import Glance, Look, assert_realtime_equal, assert_stats_equal
from tests.lambdas.lanes import Lane, run
from tests.lambdas.oracle import Oracle
from tests.lambdas.player import Letter, is_key_of, no_sleep
from tests.lambdas.stage import Delivery, Stream, deliveries, empty, stage
from tests.lambdas.traces import PEOPLE, Act, Fault, Turn, acts, document_of, faults
from tests.lambdas.wire import Wire
from tests.lambdas.world import World
from tests.profiles import examples

MIDNIGHT = 1_763_856_000_000
STARTS = (MIDNIGHT - 1_000, MIDNIGHT - 1_000, MIDNIGHT, MIDNIGHT + 36_000_000)


@dataclass(frozen=True)
class Tab:
    """A request among others at the same time; the receiving container's clock may be off by some milliseconds."""

    acts: tuple[Act, ...]
    clock_ms: int
    fault: Fault | None
    is_retry: bool  # of the request beside it: the sender did not wait for the answer


@dataclass(frozen=True)
class Rush:
    """Requests of one visitor that arrive together, and the order in which their calls are made."""

    gap_s: int
    tabs: tuple[Tab, ...]
    schedule: tuple[int, ...]


tabs = st.builds(
    Tab,
    acts=st.lists(acts, min_size=1, max_size=2).map(tuple),
    clock_ms=st.sampled_from((0, 0, 0, 5, -5, 1_000, -1_500)),
    fault=st.none() | st.none() | st.none() | faults,
    is_retry=st.sampled_from((False, False, False, True)),
)
rushes = st.builds(
    Rush,
    gap_s=st.sampled_from((0, 1, 2, 60, 1799, 1800, 1801, 1900)),
    tabs=st.lists(tabs, min_size=2, max_size=4).map(tuple),
    schedule=st.lists(st.integers(0, 3), max_size=20).map(tuple),
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = stage()
    yield made
    made.close()


@examples(100)
@given(
    start=st.sampled_from(STARTS),
    trace=st.lists(rushes, min_size=1, max_size=3),
    delivery=deliveries,
    after_s=st.sampled_from((0, 299, 1801)),
)
def test_every_interleaving_of_collectors_gives_the_figures_of_the_order_in_which_the_row_took_them(
    world: World, start: int, trace: list[Rush], delivery: Delivery, after_s: int
) -> None:
    empty(world, start)
    oracle, number = Oracle(), 0
    for rush in trace:
        world.now += rush.gap_s * 1000
        number = _play(world, oracle, rush, number)
    world.now += after_s * 1000 + 2_000
    Stream(world, delivery, start).pump()
    for site in ("", "shop.example"):
        assert_stats_equal(world, oracle, Look(site, "24h", limit=100))
        assert_realtime_equal(world, oracle, Glance(after_s, site))


def test_a_visitor_who_is_first_seen_after_midnight_is_not_begun_again_by_a_clock_that_is_behind(
    world: World,
) -> None:
    empty(world, MIDNIGHT)
    body = {
        "events": [{"event_id": "event-0001", "event_type": "page_view", "page_url": "https://shop.example/"}]
    }
    assert world.send(body).status == 202
    world.now = MIDNIGHT - 5
    assert world.send(body, collector=world.new_collector()).status == 202
    assert world.send({**body, "lang": "ko"}, collector=world.new_collector()).status == 202
    world.now = MIDNIGHT
    world.pump()
    totals = world.stats()["totals"]
    assert (totals["sessions"], totals["events"]) == (1, 2)


def test_a_row_that_is_taken_over_midnight_is_not_written_again_by_a_collector_that_read_it_before(
    world: World,
) -> None:
    empty(world, MIDNIGHT - 60_000)
    oracle, ann = Oracle(), PEOPLE["Ann"]

    def lane(number: int, received_at: int, delay_ms: int = 0) -> Lane:
        turn = Turn("Ann", 0, (Act(delay_ms=delay_ms),))
        letter = Letter.of(ann, document_of(turn, number, received_at, number), "")
        return _lane(world, oracle, letter, received_at, None, [])

    run([lane(0, MIDNIGHT - 60_000)], ())
    # Late, so not a plain continuation: its second call writes the whole row. By then the other one is done.
    behind, beyond = lane(1, MIDNIGHT - 5, delay_ms=90_000), lane(2, MIDNIGHT + 5)
    calls_of_the_new_day = [1] * 20
    run([behind, beyond], [0, 0, *calls_of_the_new_day])
    world.now = MIDNIGHT + 5
    run([lane(3, MIDNIGHT - 4)], ())
    run([lane(4, MIDNIGHT + 6)], ())
    Stream(world, Delivery()).pump()
    assert len(oracle.visits) == 1
    assert_stats_equal(world, oracle, Look())


def _play(world: World, oracle: Oracle, rush: Rush, number: int) -> int:
    """Send the rush's requests at once, then again whatever was answered 503; returns the next request's number."""
    letters: list[Letter] = []
    failed: list[Letter] = []
    lanes: list[Lane] = []
    for tab in rush.tabs:
        if tab.is_retry and letters:
            letter = letters[-1]
        else:
            turn = Turn("Ann", rush.gap_s, tab.acts, clock_ms=0)
            letter = Letter.of(PEOPLE["Ann"], document_of(turn, number, world.now, number), "")
            number += 1
        letters.append(letter)
        lanes.append(_lane(world, oracle, letter, world.now + tab.clock_ms, tab.fault, failed))
        note(
            f"+{rush.gap_s} s, clock {tab.clock_ms} ms off, {tab.fault}: {'again' if tab.is_retry else turn}"
        )
    order = run(lanes, rush.schedule)
    note(f"calls were made by the requests {order}")
    for letter in failed:
        again: list[Letter] = []
        run([_lane(world, oracle, letter, world.now, None, again)], ())
        assert not again
    return number


def _lane(
    world: World, oracle: Oracle, letter: Letter, received_at: int, fault: Fault | None, failed: list[Letter]
) -> Lane:
    def on_accepted(pk: str) -> None:
        [row] = [row for row in oracle.rows(letter.sender, letter.document) if is_key_of(pk, row)]
        assert row not in letter.accepted, f"{row} accepted one request twice"
        letter.accepted[row] = received_at
        oracle.tell(received_at, letter.sender, letter.document, [row])

    def job() -> None:
        wire = Wire(world, lane.wait)
        wire.expect(letter.request_id, fault, on_accepted)
        collector = Collector(wire, world.settings, clock=world.seconds, sleep=no_sleep)
        result = collector.collect(
            letter.body,
            source_ip=letter.sender.ip,
            user_agent=letter.sender.user_agent,
            country=letter.sender.country,
            received_at_ms=received_at,
        )
        if result.status != 202:
            assert (result.status, bool(fault)) == (503, True), result
            failed.append(letter)

    lane = Lane(job)
    return lane
