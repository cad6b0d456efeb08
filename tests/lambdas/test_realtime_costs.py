"""What a look at the present reads grows with the sessions that are alive, and with nothing else."""

from __future__ import annotations

from pathlib import Path

from tests.lambdas.metered import realtime_read_units


def test_five_hundred_sessions_cost_at_most_25_realtime_read_units(tmp_path: Path) -> None:
    assert realtime_read_units(tmp_path / "data", 500, 1) <= 25


def test_sessions_with_fifty_times_the_events_cost_the_same(tmp_path: Path) -> None:
    few, many = realtime_read_units(tmp_path / "few", 80, 1), realtime_read_units(tmp_path / "many", 80, 50)
    assert many <= few + 1
