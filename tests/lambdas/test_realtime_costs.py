"""What a look at the present reads grows with the sessions that are alive, and with nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.lambdas.metered import MeteredWorld
from tests.lambdas.test_collect_contract import event

NOW = 1_763_895_000_000


def read_units(path: Path, sessions: int, events_a_session: int) -> float:
    """Read units of one answer while sessions begun within the last 25 minutes are alive."""
    world = MeteredWorld(path)
    for number in range(sessions):
        world.now = NOW + number * 1_500_000 // sessions
        page = f"https://shop.example/section-{number % 12}/page-{number % 300}"
        for first in range(0, events_a_session, 25):
            size = min(25, events_a_session - first)
            batch = [event(number * 1000 + first + i, page_url=page, title="A title") for i in range(size)]
            assert world.send({"events": batch}, ip=f"10.0.{number >> 8}.{number & 255}").status == 202
        world.pump()
    world.read.clear()
    answer = world.realtime(site="shop.example")
    assert answer["active_sessions"] == sessions
    assert len(answer["recent"]) == 20
    units = sum(world.read.values())
    world.close()
    return units


def test_five_hundred_sessions_cost_at_most_25_read_units(tmp_path: Path) -> None:
    assert read_units(tmp_path / "data", 500, 1) <= 25


def test_sessions_with_fifty_times_the_events_cost_the_same(tmp_path: Path) -> None:
    few, many = read_units(tmp_path / "few", 80, 1), read_units(tmp_path / "many", 80, 50)
    assert many <= few + 1
