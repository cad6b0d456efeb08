"""Whatever the stream, the storage or the process do at whatever call: what is derived ends up the same."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, get_args

import pytest

from aggregator.batch import BatchResult
from shared.connection import Refusal
from shared.dynamo import StorageBusy
from tests.lambdas.faults import (
    MIDNIGHT,
    Crash,
    Fault,
    derived,
    fault_at,
    new_container,
    settled,
    traffic,
    wipe,
)
from tests.lambdas.world import STATE, World

SHARD = "shardId-0"
POISON = {"eventName": "INSERT", "dynamodb": {"NewImage": {"session_id": {"S": "x"}}}}
HOUR, DAY = 3_600_000, 86_400_000
Records = list[dict[str, Any]]


@pytest.fixture
def records(world: World) -> Records:
    """The trace with a record in its middle that cannot be read; the tables are empty again."""
    found = traffic(world)
    wipe(world)
    after = int(found[5]["dynamodb"]["SequenceNumber"])
    poison = {**POISON, "dynamodb": {**POISON["dynamodb"], "SequenceNumber": f"{after}"}}
    return [*found[:6], poison, *found[6:]]


def left_after(records: Records, result: BatchResult) -> Records:
    """What Lambda delivers again: everything from the record that was asked for."""
    if result.retry_from is None:
        return []
    return [r for r in records if int(r["dynamodb"]["SequenceNumber"]) >= result.retry_from]


def deliver_all(world: World, records: Records, batches: int = 1) -> None:
    size = -(-len(records) // batches) or 1
    for first in range(0, len(records), size):
        assert left_after(records, world.deliver(SHARD, records[first : first + size])) == []


def attempt(world: World, records: Records, call: int, fault: Fault) -> tuple[bool, Records]:
    """Deliver with a fault: whether its call was reached, and what comes again, to a new container after a crash."""
    with fault_at(world, call, fault) as asked:
        try:
            left = left_after(records, world.deliver(SHARD, records))
        except Crash:
            new_container(world)
            left = records
    return len(asked) > call, left


@pytest.mark.parametrize("fault", get_args(Fault))
def test_any_fault_at_any_call_is_made_good_by_the_next_delivery(
    world: World, records: Records, fault: Fault
) -> None:
    now = world.now
    deliver_all(world, records)
    whole, call, reached = derived(world), 0, True
    assert len(whole) > 10
    final = settled(world, now + 11 * HOUR)
    while reached:
        wipe(world)
        world.now = now
        reached, left = attempt(world, records, call, fault)
        deliver_all(world, left, 1 + call % 2)  # in halves every other time
        assert derived(world) == whole, f"{fault} at call {call}"
        call += 1
    assert call > 15
    deliver_all(world, records, 4)
    assert settled(world, now + 11 * HOUR) == final


@pytest.mark.parametrize("fault", ["crash after", "answer lost"])
@pytest.mark.parametrize(
    ("count", "first_at", "again_at"),
    [
        (9, MIDNIGHT - 1000, MIDNIGHT + 30_000),
        (9, MIDNIGHT - 30_000, MIDNIGHT + HOUR),
        (13, MIDNIGHT + 9 * 60_000, MIDNIGHT + HOUR + 1000),
        (13, MIDNIGHT + 9 * 60_000, MIDNIGHT + DAY + 1000),
    ],
)
def test_a_retry_after_the_hour_or_the_day_has_rolled_over_ends_up_the_same(
    world: World, records: Records, fault: Fault, count: int, first_at: int, again_at: int
) -> None:
    some, end = records[:count], MIDNIGHT + DAY + 12 * HOUR
    world.now = first_at
    world.deliver(SHARD, some)
    whole, call, reached = settled(world, end), 0, True
    while reached:
        wipe(world)
        world.now = first_at
        reached, left = attempt(world, some, call, fault)
        world.now = again_at
        world.sweep()
        world.fold_days()  # what was there before the retry may have been folded already
        deliver_all(world, left)
        assert settled(world, end) == whole, f"{fault} at call {call}"
        call += 1
    assert call > 10


def test_storage_that_stays_out_of_order_is_made_good_from_the_first_record_concerned(
    world: World, records: Records
) -> None:
    now = world.now
    deliver_all(world, records)
    whole = derived(world)
    for call in range(20):
        wipe(world)
        world.now = now
        made: list[str] = []

        def before_call(
            operation: str, request: dict[str, Any], made: list[str] = made, last: int = call
        ) -> None:
            made.append(operation)
            if len(made) > last:
                raise Refusal(400, "ThrottlingException", {})

        world.client.before_call = before_call
        left = left_after(records, world.deliver(SHARD, records))
        world.client.before_call = lambda operation, request: None
        deliver_all(world, left, 2)
        assert derived(world) == whole, f"from call {call} on"


def test_every_suffix_may_come_again_behind_every_prefix_with_other_borders(
    world: World, records: Records
) -> None:
    world.deliver(SHARD, records)
    whole = derived(world)
    for first in range(len(records)):
        world.deliver(SHARD, records[first:])
        assert derived(world) == whole
    for end in range(1, len(records)):
        for again in range(end % 3, end + 1, 3):
            wipe(world)
            for first in range(0, end, 3):
                world.deliver(SHARD, records[first : min(first + 3, end)])
            world.deliver(SHARD, records[again:])
            assert derived(world) == whole, (end, again)


@pytest.mark.parametrize("fault", ["crash after", "answer lost", "made twice"])
def test_a_scheduled_task_that_ends_at_any_call_is_made_whole_by_its_next_run(
    world: World, records: Records, fault: Fault
) -> None:
    def tasks() -> None:
        world.now = MIDNIGHT + DAY + 2 * HOUR
        world.sweep()
        world.fold_days()

    now = world.now
    world.deliver(SHARD, records)
    whole, call, reached = settled(world, MIDNIGHT + DAY + 3 * HOUR), 0, True
    while reached:
        wipe(world)
        world.now = now
        world.deliver(SHARD, records)
        with fault_at(world, call, fault) as asked, suppress(Crash, StorageBusy):
            tasks()
        reached = len(asked) > call
        assert settled(world, MIDNIGHT + DAY + 3 * HOUR) == whole, f"{fault} at call {call}"
        call += 1
    assert call > 10


def test_a_mark_is_counted_for_every_delivery_that_could_have_come_after_a_fold(
    world: World, records: Records
) -> None:
    world.now = MIDNIGHT + DAY
    world.deliver(SHARD, records)
    world.deliver(SHARD, records)
    marks = [item["marks"] for item in world.items(STATE) if "marks" in item]
    assert marks == [{"N": "2"}] * 4


def test_a_site_is_known_since_its_earliest_day_whatever_day_comes_first(
    world: World, records: Records
) -> None:
    for part in (records[-3:], records[:5], records):
        world.deliver(SHARD, part)
    sites = [item for item in world.items(STATE) if item["pk"] == {"S": "sites"}]
    assert [item["first_day"] for item in sites] == [{"S": "2025-11-23"}] * 2
