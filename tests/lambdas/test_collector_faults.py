"""Retries, races and storage trouble: nothing is written twice, nothing is confirmed that was not written."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.connection import NoAnswer, Refusal
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import EVENTS, STATE, World

MIDNIGHT = 1_763_942_400_000


def fails(code: str, *methods: str, times: int = 10**9) -> Any:
    """A hook that makes the first `times` calls of some methods fail."""
    left = [times]

    def before_call(method: str, request: dict[str, Any]) -> None:
        if method in methods and left[0] > 0:
            left[0] -= 1
            raise Refusal(400, code, {})

    return before_call


def test_a_request_sent_again_writes_byte_identical_items_and_the_stream_stays_silent(world: World) -> None:
    body = {"events": [event(1), event(2, event_type="click")]}
    world.send(body)
    items = world.items(EVENTS)
    world.new_records()
    world.now += 7000
    assert world.send(body).status == 202
    assert world.items(EVENTS) == items
    assert world.new_records() == []


@pytest.mark.parametrize("others_in_between", [1, 2, 3])
def test_a_retry_is_recognised_behind_up_to_three_other_requests(
    world: World, others_in_between: int
) -> None:
    world.send(event(1))
    for number in range(others_in_between):
        world.now += 1000
        world.send(event(10 + number))
    items = world.items(EVENTS)
    world.send(event(1))
    assert world.items(EVENTS) == items


def test_a_retry_after_the_session_has_ended_does_not_begin_another_one(world: World) -> None:
    world.send(event(1))
    items = world.items(EVENTS)
    world.now += 4 * 3_600_000
    world.send(event(1))
    assert world.items(EVENTS) == items


def test_a_session_goes_on_over_midnight_and_takes_its_numbers_along(world: World) -> None:
    world.now = MIDNIGHT - 60_000
    world.send(event(1))
    world.now = MIDNIGHT + 60_000
    world.send(event(2))
    first, second = sorted(world.items(EVENTS), key=lambda item: int(item["timestamp"]["N"]))
    assert first["session_id"] == second["session_id"]
    assert second["before"]["M"]["n"] == {"N": "1"}
    assert first["visitor"] != second["visitor"]


@pytest.mark.parametrize("retried_after_s", [90, 3600])
def test_a_retry_over_midnight_changes_nothing(world: World, retried_after_s: int) -> None:
    world.now = MIDNIGHT - 30_000
    world.send(event(1))
    items = world.items(EVENTS)
    world.now += retried_after_s * 1000
    world.send(event(1))
    assert world.items(EVENTS) == items


def test_a_collector_whose_clock_is_still_before_midnight_joins_the_row_that_has_moved(world: World) -> None:
    world.now = MIDNIGHT - 5000
    world.send(event(1))
    world.now = MIDNIGHT + 10
    world.send(event(2))
    world.now = MIDNIGHT - 10
    world.send(event(3), collector=world.new_collector())
    items = world.items(EVENTS)
    assert len({item["session_id"]["S"] for item in items}) == 1
    assert sorted(item["before"]["M"]["n"]["N"] for item in items) == ["0", "1", "2"]


@pytest.mark.parametrize(("gap_s", "sessions"), [(1800, 1), (1801, 2)])
def test_a_gap_of_1800_seconds_continues_and_1801_begins_a_new_session(
    world: World, gap_s: int, sessions: int
) -> None:
    world.send(event(1))
    world.now += gap_s * 1000
    world.send(event(2))
    assert len({item["session_id"]["S"] for item in world.items(EVENTS)}) == sessions


def test_a_session_lasts_at_most_a_day(world: World) -> None:
    for number in range(50):
        world.send(event(number))
        world.now += 30 * 60_000
    starts = {item["before"]["M"]["a"]["N"] for item in world.items(EVENTS)}
    assert len(starts) == 2


def test_another_collector_that_is_faster_changes_the_numbers_not_the_outcome(world: World) -> None:
    raced = []

    def other_comes_first(method: str, request: dict[str, Any]) -> None:
        if method == "PutItem" and request["TableName"] == STATE and "now" in request["Item"] and not raced:
            raced.append(True)
            world.send(event(2), collector=world.new_collector())

    world.client.before_call = other_comes_first
    world.send(event(1))
    items = world.items(EVENTS)
    assert len({item["session_id"]["S"] for item in items}) == 1
    assert sorted(item["before"]["M"]["n"]["N"] for item in items) == ["0", "1"]


def test_many_tabs_and_collectors_at_once_share_one_session_without_a_gap_or_a_double(world: World) -> None:
    collectors = [world.new_collector() for _ in range(6)]

    def tab(number: int) -> int:
        return world.send(event(number), collector=collectors[number % 6]).status

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(tab, range(36)))
    assert set(statuses) == {202}
    items = world.items(EVENTS)
    assert len({item["session_id"]["S"] for item in items}) == 1
    assert sorted(int(item["before"]["M"]["n"]["N"]) for item in items) == list(range(36))


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_a_short_throttle_is_waited_out(world: World, code: str) -> None:
    world.client.before_call = fails(code, "BatchWriteItem", times=2)
    assert world.send(event(1)).status == 202
    assert len(world.items(EVENTS)) == 1


@pytest.mark.parametrize("method", ["BatchWriteItem", "UpdateItem", "PutItem", "GetItem"])
@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ResourceNotFoundException", "AccessDeniedException"]
)
def test_lasting_trouble_is_a_503_and_the_retry_makes_it_whole(world: World, method: str, code: str) -> None:
    world.client.before_call = fails(code, method)
    refused = world.send(event(1))
    assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
    world.client.before_call = lambda method, request: None
    world.now += 2000
    assert world.send(event(1)).status == 202
    [item] = world.items(EVENTS)
    assert item["before"]["M"]["n"] == {"N": "0"}


def test_a_timeout_is_a_503(world: World) -> None:
    def before_call(method: str, request: dict[str, Any]) -> None:
        raise NoAnswer("TimeoutError")

    world.client.before_call = before_call
    assert world.send(event(1)).status == 503


def test_unprocessed_items_are_written_in_the_next_round(world: World) -> None:
    handle = world.plane.handle
    rounds: list[int] = []

    def handle_one_item_at_a_time(operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation != "BatchWriteItem":
            return handle(operation, request)
        [(table, writes)] = request["RequestItems"].items()
        rounds.append(len(writes))
        handle(operation, {"RequestItems": {table: writes[:1]}})
        return {"UnprocessedItems": {table: writes[1:]} if writes[1:] else {}}

    world.plane.handle = handle_one_item_at_a_time  # type: ignore[method-assign]
    assert world.send({"events": [event(1), event(2), event(3)]}).status == 202
    assert rounds == [3, 2, 1]
    assert len(world.items(EVENTS)) == 3


def test_the_first_requests_of_a_day_agree_on_one_salt(world: World) -> None:
    made = []

    def others_make_it_first(method: str, request: dict[str, Any]) -> None:
        if method == "PutItem" and "salt" in request["Item"] and not made:
            made.append(True)
            world.send(event(2), collector=world.new_collector())

    world.client.before_call = others_make_it_first
    world.send(event(1))
    assert len({item["visitor"]["S"] for item in world.items(EVENTS)}) == 1
