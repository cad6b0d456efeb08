"""A request that is sent again long after: it is told apart as long as its events are there, and refused afterwards."""

from __future__ import annotations

import pytest

from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import EVENTS, World

HOUR = 3_600_000


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
