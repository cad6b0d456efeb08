"""An open dashboard reads the running hour; what is over comes from the container, for a minute, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.dynamo import DynamoDB
from stats_api import report as stats_report
from stats_api.settled import KEPT_SECONDS, SettledRollups
from stats_api.store import StatsStore
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import STATE, World

HOUR = 3_600_000
NOW = 1_763_895_000_000  # 2025-11-23 10:50 UTC
SITE = "shop.example"


class Container:
    """A container of the stats API that has answered before."""

    def __init__(self, world: World, **limits: int) -> None:
        self.world = world
        dynamodb = DynamoDB(world.client)
        self.rollups = SettledRollups(dynamodb, STATE, world.seconds, **limits)
        self.store = StatsStore(dynamodb, world.settings, self.rollups)

    def stats(self, **parameters: str) -> dict[str, Any]:
        query = stats_report.Query.of(parameters, self.world.settings, self.world.now)
        return stats_report.report(self.store, query, self.world.settings, self.world.now)

    def hours_read(self, **parameters: str) -> list[tuple[str, str]]:
        """First and last keys of the Queries of hour blocks that an answer needs."""
        found: list[tuple[str, str]] = []

        def note(operation: str, request: dict[str, Any]) -> None:
            values = request.get("ExpressionAttributeValues", {})
            if operation == "Query" and ":day" in values:
                found.append((values[":first"]["S"], values[":last"]["S"]))

        self.world.client.before_call = note
        self.stats(**parameters)
        self.world.client.before_call = lambda operation, request: None
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Three days of one view an hour, the first two folded."""
    world = World(tmp_path / "state.db")
    for at in range(NOW - 58 * HOUR, NOW + 1, HOUR):
        view(world, at)
    world.fold_days()
    yield world
    world.close()


def view(world: World, at: int, ip: str = "203.0.113.1") -> None:
    world.now = at
    world.send(event(page_url=f"https://{SITE}/{at}"), ip=ip)
    world.pump()


def test_answers_are_those_of_a_fresh_container(world: World) -> None:
    container = Container(world)
    for name in ("24h", "today", "yesterday", "7d"):
        for _ in range(2):
            assert container.stats(site=SITE, range=name) == world.stats(site=SITE, range=name)
    view(world, NOW + 1000, ip="203.0.113.2")
    for name in ("24h", "today", "7d"):
        assert container.stats(site=SITE, range=name) == world.stats(site=SITE, range=name), (
            "the running hour"
        )


def test_only_hours_that_may_still_change_are_read_again(world: World) -> None:
    container = Container(world)
    assert container.hours_read(site=SITE, range="today") == [("00", "09~"), ("10", "10~")]
    world.now += int(KEPT_SECONDS * 1000) - 1
    assert container.hours_read(site=SITE, range="today") == [("10", "10~")]
    world.now += 1
    assert container.hours_read(site=SITE, range="today") == [("00", "09~"), ("10", "10~")]
    world.now = NOW + 15 * 60_000  # five past eleven: hour ten may still get events
    assert container.hours_read(site=SITE, range="today") == [("00", "09~"), ("10", "11~")]
    assert container.hours_read(site=SITE, range="today") == [("10", "11~")]


def test_what_arrives_late_is_seen_after_a_minute(world: World) -> None:
    container = Container(world)
    before = container.stats(site=SITE, range="24h")["totals"]["pageviews"]
    late = (NOW - 5 * HOUR, "203.0.113.3")
    view(world, *late)
    world.now = NOW + int(KEPT_SECONDS * 1000)
    assert container.stats(site=SITE, range="24h")["totals"]["pageviews"] == before + 1


def test_the_first_figures_of_hours_that_are_over_are_seen_at_once(world: World) -> None:
    container = Container(world)
    assert container.stats(site="new.example", range="24h")["totals"]["pageviews"] == 0
    world.now = NOW - 5 * HOUR
    world.send(event(page_url="https://new.example/"))
    world.pump()
    world.now = NOW
    assert container.stats(site="new.example", range="24h")["totals"]["pageviews"] == 1


def test_memory_is_bounded(world: World) -> None:
    container = Container(world, largest_bytes=10_000)
    for hour in range(1, 11):
        container.stats(site=SITE, range=f"2025-11-23T00:00Z,2025-11-23T{hour:02d}:00Z")
    kept = container.rollups._kept
    assert 1 < len(kept) < 10
    assert sum(size for _, size, _ in kept.values()) == container.rollups._bytes <= 10_000
    assert container.hours_read(site=SITE, range="2025-11-23T00:00Z,2025-11-23T10:00Z") == []
