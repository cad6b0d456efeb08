"""A visitor may send sixty requests a minute; whoever sends more is told to wait, and nobody else notices."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from event_collector.allowance import WINDOW_MS, Allowance, Exhausted, take_one
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import CHROME, EVENTS, World

MIDNIGHT = 1_763_942_400_000


def statuses(world: World, count: int, first: int = 0, ip: str = "203.0.113.1") -> list[int]:
    return [world.send(event(first + number), ip=ip).status for number in range(count)]


def test_the_sixty_first_request_of_a_minute_is_refused_and_says_when_to_come_back(world: World) -> None:
    assert statuses(world, 60) == [202] * 60
    world.now += 20_000
    refused = world.send(event(100))
    assert (refused.status, refused.headers["Retry-After"]) == (429, "40")
    assert refused.body["error"]["code"] == "rate_limited"
    assert len(world.items(EVENTS)) == 60


def test_after_the_time_it_names_the_same_request_is_taken_and_counted_once(world: World) -> None:
    statuses(world, 60)
    refused = world.send(event(100))
    world.now += int(refused.headers["Retry-After"]) * 1000
    assert [world.send(event(100)).status for _ in range(2)] == [202, 202]
    assert len(world.items(EVENTS)) == 61


def test_others_are_left_alone(world: World) -> None:
    statuses(world, 70)
    assert world.send(event(200), ip="203.0.113.2").status == 202
    assert world.send(event(201), user_agent=CHROME + " other").status == 202
    assert world.send(event(202, page_url="https://other.example/")).status == 202
    assert world.send(event(203, session_id="own-session-1")).status == 202


def test_one_request_sent_again_and_again_is_refused_too(world: World) -> None:
    assert [world.send(event(1)).status for _ in range(70)] == [202] * 60 + [429] * 10
    assert len(world.items(EVENTS)) == 1


def test_a_request_of_yesterday_sent_again_and_again_is_refused_too(world: World) -> None:
    world.now = MIDNIGHT - 1000
    world.send(event(1))
    world.now = MIDNIGHT + 4 * 3_600_000
    assert [world.send(event(1)).status for _ in range(70)].count(429) == 10
    assert len(world.items(EVENTS)) == 1


def test_midnight_gives_nobody_a_second_allowance(world: World) -> None:
    world.now = MIDNIGHT - 1000
    statuses(world, 40)
    world.now = MIDNIGHT + 1000
    assert statuses(world, 40, first=100).count(202) == 20


@pytest.mark.parametrize("sessions", [1, 70])
def test_who_numbers_sessions_has_one_allowance_for_all_of_them(world: World, sessions: int) -> None:
    sent = [
        world.send(event(number, session_id=f"own-session-{number % sessions}")).status
        for number in range(70)
    ]
    assert sent == [202] * 60 + [429] * 10


def test_nobody_can_use_up_what_others_have_in_a_session_they_share(world: World) -> None:
    for number in range(70):
        world.send(event(number, session_id="own-session-1"))
    assert world.send(event(100, session_id="own-session-1"), ip="203.0.113.9").status == 202


def test_a_request_with_many_numbered_sessions_is_one_request(world: World) -> None:
    for request in range(3):
        batch = [event(100 * request + n, session_id=f"own-session-{n}") for n in range(25)]
        assert world.send({"events": batch}).status == 202


def test_a_request_within_the_limit_costs_two_calls_to_the_last(world: World) -> None:
    statuses(world, 1)
    world.client.calls.clear()
    statuses(world, 59, first=1)
    assert world.client.calls == ["UpdateItem", "BatchWriteItem"] * 59


@pytest.mark.parametrize(("limit", "taken"), [("3", 3), ("0", 100)])
def test_the_limit_can_be_set_and_zero_is_none(world: World, tmp_path: Path, limit: str, taken: int) -> None:
    other = World(tmp_path / "other", VISITOR_REQUESTS_PER_MINUTE=limit)
    other.now = world.now
    assert statuses(other, 100).count(202) == taken
    assert [other.send(event(99)).status for _ in range(4)].count(202) == (0 if limit == "3" else 4)
    other.close()


def test_a_row_from_before_there_was_a_limit_gets_its_allowance(world: World, tmp_path: Path) -> None:
    old = World(tmp_path / "old", VISITOR_REQUESTS_PER_MINUTE="0")
    old.now = world.now
    statuses(old, 3)
    for name in ("left", "since"):
        for row in old.items("liveinsight-state-test"):
            old.plane.handle(
                "UpdateItem",
                {
                    "TableName": "liveinsight-state-test",
                    "Key": {"pk": row["pk"], "sk": row["sk"]},
                    "UpdateExpression": "REMOVE #name",
                    "ExpressionAttributeNames": {"#name": name},
                },
            )
    new = World(tmp_path / "new", VISITOR_REQUESTS_PER_MINUTE="5")
    new.client.plane, new.now = old.plane, old.now
    assert statuses(new, 7, first=50) == [202] * 5 + [429] * 2
    new.close()
    old.close()


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=300), st.integers(1, 20))
def test_nobody_within_the_limit_is_refused_and_nobody_gets_more_than_twice_of_it(
    gaps: list[int], limit: int
) -> None:
    allowance: Allowance | None = None
    at = MIDNIGHT
    sent: list[int] = []
    taken: list[int] = []
    for gap in gaps:
        at += gap
        sent.append(at)
        try:
            allowance = take_one(allowance, at, limit)
            taken.append(at)
        except Exhausted as exhausted:
            recent = [one for one in taken if at - one < WINDOW_MS]
            assert len(recent) >= limit
            later = at + exhausted.retry_after_seconds * 1000
            assert take_one(allowance, later, limit)
    for first in taken:
        assert len([one for one in taken if first <= one < first + WINDOW_MS]) <= 2 * limit
