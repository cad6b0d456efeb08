"""Two invocations on one shard at once, and shards that split: what is derived ends up the same."""

from __future__ import annotations

from typing import Any
from zlib import crc32

import pytest

from tests.lambdas.faults import derived, new_container, traffic, wipe
from tests.lambdas.schedules import Contents, Schedules, restore
from tests.lambdas.world import World

PARENT = "shardId-00000001-parent"
Records = list[dict[str, Any]]


@pytest.fixture
def records(world: World) -> Records:
    """The trace's records; the tables are empty again."""
    found = traffic(world)
    wipe(world)
    return found


@pytest.mark.parametrize(
    ("first", "second"),
    [(slice(1, 4), slice(1, 4)), (slice(0, 3), slice(0, 4)), (slice(9, 12), slice(9, 12))],
    ids=["over an hour with a bot", "one batch longer", "two sites over midnight"],
)
def test_every_schedule_of_two_invocations_on_a_shard_ends_the_same_and_a_crash_of_both_is_made_good(
    world: World, records: Records, first: slice, second: slice
) -> None:
    world.deliver(PARENT, records[: second.stop])
    whole = derived(world)
    wipe(world)
    if first.start:
        world.deliver(PARENT, records[: first.start])
    seen: set[Contents] = set()
    schedules = 0
    for state, all_have_ended, ways in Schedules(world, PARENT, [records[first], records[second]]).states():
        if all_have_ended:
            restore(world, state.contents)
            assert derived(world) == whole, state.answers
            schedules += ways
        if state.contents not in seen:  # both might have ended here: what follows is one more delivery
            seen.add(state.contents)
            restore(world, state.contents)
            new_container(world)
            world.deliver(PARENT, records[second])
            assert derived(world) == whole, state.answers
    assert schedules > 900  # 735,048 of the longest
    assert len(seen) > 5


def children_of(records: Records) -> dict[str, Records]:
    """The records as two child shards deliver them: split by the hash of the key, with higher sequence numbers."""
    shards: dict[str, Records] = {"shardId-00000002-left": [], "shardId-00000003-right": []}
    for record in records:
        session_id = record["dynamodb"]["Keys"]["session_id"]["S"]
        change = {**record["dynamodb"], "SequenceNumber": "7" + record["dynamodb"]["SequenceNumber"]}
        child = sorted(shards)[crc32(session_id.encode()) % 2]
        shards[child].append({**record, "dynamodb": change})
    return shards


@pytest.mark.parametrize("drained_after", [3, 6, 9])
def test_a_shard_that_splits_counts_everything_once_though_suffixes_of_it_come_again(
    world: World, records: Records, drained_after: int
) -> None:
    parent, children = records[:drained_after], children_of(records[drained_after:])
    world.deliver(PARENT, records)
    totals = world.stats(limit="100")
    live = world.realtime()
    deliveries = [(PARENT, parent), *children.items()]
    wipe(world)
    for delivery in deliveries:
        world.deliver(*delivery)
    whole = derived(world)
    assert world.stats(limit="100") == totals
    assert world.realtime() == live
    for again in range(len(parent)):
        for place in range(1, len(deliveries) + 1):
            wipe(world)
            for shard, batch in [*deliveries[:place], (PARENT, parent[again:]), *deliveries[place:]]:
                for one in range(0, len(batch), 2):
                    world.deliver(shard, batch[one : one + 2])
            assert derived(world) == whole, (again, place)


def test_children_may_begin_in_either_order_and_deliver_all_of_theirs_again(
    world: World, records: Records
) -> None:
    children = children_of(records[5:])
    for order in (sorted(children), sorted(children, reverse=True)):
        wipe(world)
        world.deliver(PARENT, records[:5])
        for shard in order:
            world.deliver(shard, children[shard])
        whole = derived(world)
        for shard in reversed(order):
            world.deliver(shard, children[shard])
            world.deliver(PARENT, records[:5])
        assert derived(world) == whole
