"""A request that is sent again, soon or late, behind few others or many: nothing is counted twice."""

from __future__ import annotations

import random

import pytest

from event_collector.numbering import MOST_NOTED
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import EVENTS, STATE, World

HOUR = 3_600_000
MIDNIGHT = 1_763_942_400_000


@pytest.mark.parametrize(("hours", "status"), [(1, 202), (22.9, 202), (23.1, 400), (25, 400)])
def test_it_changes_nothing_at_any_time(world: World, hours: float, status: int) -> None:
    world.send(event(1))
    world.pump()
    world.now += int(hours * HOUR)
    world.plane.sweep_expired()
    again = world.send(event(1))
    world.pump()
    assert again.status == status
    assert world.stats(range="7d")["totals"]["pageviews"] == 1


def test_the_refusal_says_why(world: World) -> None:
    world.send(event(1))
    world.now += 25 * HOUR
    assert world.send(event(1)).body["error"]["code"] == "sent_too_late"
    assert len(world.items(EVENTS)) == 1


@pytest.mark.parametrize("others", [3, 4, 5, MOST_NOTED - 1, MOST_NOTED, MOST_NOTED + 1, 2 * MOST_NOTED - 2])
def test_behind_many_others_it_is_refused_but_never_counted_again(world: World, others: int) -> None:
    for number in range(others + 1):
        world.send(event(number))
        world.now += 2000
    items = world.items(EVENTS)
    assert len(items) == others + 1
    assert world.send(event(0)).status == (202 if others < 4 else 400)
    assert world.items(EVENTS) == items


def test_all_bodies_of_a_day_in_any_order_change_nothing(world: World) -> None:
    rng = random.Random(3)
    world.now = MIDNIGHT - 3 * HOUR
    sent = []
    for number in range(60):
        sent.append(event(number, session_id="own-session") if number % 7 == 0 else event(number))
        world.send(sent[-1])
        world.now += rng.choice([1000, 60_000, 2_000_000])
    items = world.items(EVENTS)
    for _ in range(2):
        rng.shuffle(sent)
        for body in sent:
            assert world.send(body).status in (202, 400)
            world.now += 1000
    assert world.items(EVENTS) == items


def test_a_row_from_before_there_were_notes_gets_them(world: World) -> None:
    world.send(event(1))
    for row in [item for item in world.items(STATE) if "noted" in item]:
        key = {"pk": row["pk"], "sk": row["sk"]}
        request = {"TableName": STATE, "Key": key, "UpdateExpression": "REMOVE noted"}
        world.plane.handle("UpdateItem", request)
    assert world.send(event(1)).status == 202
    assert [world.send(event(number)).status for number in range(2, 9)] == [202] * 7
    assert world.send(event(2)).status == 400
    assert len(world.items(EVENTS)) == 8


def test_a_row_of_a_busy_visitor_stays_small(world: World) -> None:
    for number in range(400):
        assert world.send(event(number)).status == 202
        world.now += 1500
    [row] = [item for item in world.items(STATE) if "noted" in item]
    assert len(row["noted"]["SS"]) <= MOST_NOTED
    assert len(row["noted_before"]["SS"]) == MOST_NOTED
    assert len(world.items(EVENTS)) == 400
