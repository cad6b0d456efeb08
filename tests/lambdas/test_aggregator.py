"""Whatever the stream does, the blocks come out the same."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from hashlib import shake_256
from typing import Any

import pytest

from aggregator.batch import Folder
from aggregator.upkeep import fold_days, sweep
from shared.block import Block
from shared.connection import Refusal
from shared.event import UTM_PARAMETERS
from shared.tallies import DIMENSIONS, OTHER, Tally
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import SESSIONS, STATE, World

SHARD = "shardId-0"
HOUR = 3_600_000


def visit(world: World, views: int = 3, first: int = 0) -> list[dict[str, Any]]:
    """A visit over an hour's border; answers its stream records."""
    for number in range(first, first + views):
        world.send(event(number, page_url=f"https://shop.example/{number}"))
        world.now += 600_000
    return world.new_records()


def derived(world: World) -> list[dict[str, Any]]:
    """Everything that the aggregator has written but for the count of late arrivals."""
    blocks = [item for item in world.items(STATE) if "last_sequence" in item]
    return blocks + world.items(SESSIONS)


def test_blocks_do_not_depend_on_batch_borders_or_repetition(world: World, tmp_path: Any) -> None:
    records = visit(world, 8)
    world.deliver(SHARD, records)
    whole = derived(world)
    other = World(tmp_path / "other")
    other.now = world.now
    for first in range(len(records)):
        other.deliver(SHARD, records[: first + 1])
        other.deliver(SHARD, records[max(0, first - 2) : first + 1])
    assert derived(other) == whole
    other.close()


def test_what_is_measured_counts_every_event_once_over_hours_repetitions_and_containers(world: World) -> None:
    records = visit(world, 8)  # over an hour's border: most events change two blocks
    results = []
    for last in range(1, len(records) + 1):
        if last % 3 == 0:
            world.folder = Folder(world.store)
        results.append(world.deliver(SHARD, records[max(0, last - 3) : last]))
    counted = [(one.folded.events, one.folded.pageviews, one.folded.sessions) for one in results]
    assert tuple(map(sum, zip(*counted, strict=True))) == (8, 8, 1)


def test_a_crash_at_any_call_is_made_good_by_the_next_delivery(world: World, tmp_path: Any) -> None:
    records = visit(world, 6)
    world.client.calls.clear()
    world.deliver(SHARD, records)
    calls, whole = len(world.client.calls), derived(world)
    assert calls > 5
    for crash_at in range(calls):
        other = World(tmp_path / f"crash-{crash_at}")
        other.now = world.now
        made = 0

        def crash(method: str, request: dict[str, Any], at: int = crash_at) -> None:
            nonlocal made
            made += 1
            if made == at + 1:
                raise KeyboardInterrupt

        other.client.before_call = crash
        with pytest.raises(KeyboardInterrupt):
            other.deliver(SHARD, records)
        other.client.before_call = lambda method, request: None
        other.folder = Folder(other.store)
        other.deliver(SHARD, records)
        assert derived(other) == whole, f"crash at call {crash_at}"
        other.close()


def test_two_invocations_at_once_on_a_shard_fold_every_record_once(world: World) -> None:
    records = visit(world, 2)
    raced: list[bool] = []

    def other_comes_first(method: str, request: dict[str, Any]) -> None:
        if method == "PutItem" and "last_sequence" in request.get("Item", {}) and not raced:
            raced.append(True)
            Folder(world.store).fold_batch(SHARD, records, world.now)

    world.client.before_call = other_comes_first
    world.deliver(SHARD, records)
    assert world.stats()["totals"]["events"] == 2


def test_storage_trouble_asks_for_the_batch_again_from_the_first_record_concerned(world: World) -> None:
    records = visit(world, 2)

    def no_blocks(method: str, request: dict[str, Any]) -> None:
        if method == "PutItem" and "last_sequence" in request.get("Item", {}):
            raise Refusal(400, "ThrottlingException", {})

    world.client.before_call = no_blocks
    result = world.deliver(SHARD, records)
    assert result.retry_from == int(records[0]["dynamodb"]["SequenceNumber"])
    world.client.before_call = lambda method, request: None
    assert world.deliver(SHARD, records).retry_from is None
    assert world.stats()["totals"]["events"] == 2


@pytest.mark.parametrize(
    "poison",
    [
        {},
        {"session_id": {"S": "x"}},
        {"session_id": {"N": "1"}, "timestamp": {"S": "x"}},
        {"session_id": {"S": "x"}, "timestamp": {"N": "1"}, "before": {"M": {}}},
    ],
)
def test_a_poison_record_is_named_and_does_not_hold_up_the_others(
    world: World, poison: dict[str, Any]
) -> None:
    records = visit(world, 2)
    bad = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "100000000000000000001", "NewImage": poison}}
    result = world.deliver(SHARD, [records[0], bad, records[1]])
    assert [found.sequence for found in result.poison] == ["100000000000000000001"]
    assert result.retry_from is None
    assert world.stats()["totals"]["events"] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("visitor", {"S": "no hash"}),
        ("visitor", {"S": ""}),
        ("visitor", {"S": "9" * 400}),
        ("timestamp", {"N": "-1"}),
        ("timestamp", {"N": "9" * 38}),
        ("site", {"S": ""}),
        ("site", {"S": "9" * 4000}),
    ],
)
def test_an_event_that_reads_well_but_cannot_be_folded_does_not_hold_up_the_others(
    world: World, name: str, value: dict[str, str]
) -> None:
    first, spoilt, last = visit(world, 3)
    spoilt["dynamodb"]["NewImage"][name] = value
    result = world.deliver(SHARD, [first, spoilt, last])
    assert [found.sequence for found in result.poison] == [spoilt["dynamodb"]["SequenceNumber"]]
    assert result.retry_from is None
    assert world.stats()["totals"]["events"] == 2


@pytest.mark.parametrize("start", ["-1", "9" * 38])
def test_an_event_whose_session_began_outside_time_does_not_hold_up_the_others(
    world: World, start: str
) -> None:
    first, spoilt, last = visit(world, 3)
    spoilt["dynamodb"]["NewImage"]["before"]["M"]["a"] = {"N": start}
    result = world.deliver(SHARD, [first, spoilt, last])
    assert len(result.poison) == 1
    assert result.retry_from is None


def test_expiries_and_changes_in_the_stream_count_nothing(world: World) -> None:
    records = visit(world, 2)
    removed = [{**record, "eventName": "REMOVE"} for record in records]
    changed = [{**record, "eventName": "MODIFY"} for record in records]
    world.deliver(SHARD, removed + changed)
    assert derived(world) == []


def test_sessions_end_in_the_same_state_in_whatever_order_the_news_comes(world: World, tmp_path: Any) -> None:
    records = visit(world, 4)
    world.deliver(SHARD, records)
    expected = world.items(SESSIONS)
    other = World(tmp_path / "other")
    other.now = world.now
    for record in reversed(records):
        other.deliver("shardId-" + record["dynamodb"]["SequenceNumber"], [record])
    assert other.items(SESSIONS) == expected
    other.close()


def test_a_session_is_active_until_it_has_been_silent_for_1800_seconds(world: World) -> None:
    world.send(event(1))
    world.pump()
    assert world.items(SESSIONS)[0]["is_active"] == {"S": "true"}
    world.now += 1_800_000
    assert world.sweep()["sessions_ended"] == 0
    world.now += 1000
    assert world.sweep()["sessions_ended"] == 1
    assert "is_active" not in world.items(SESSIONS)[0]
    assert world.sweep()["sessions_ended"] == 0


def test_traffic_of_the_past_makes_no_active_session(world: World) -> None:
    records = visit(world, 1)
    world.now += 86_400_000
    world.deliver(SHARD, records)
    assert "is_active" not in world.items(SESSIONS)[0]


def test_salts_are_deleted_after_48_hours(world: World) -> None:
    world.send(event(1))
    salts = [item for item in world.items(STATE) if item["pk"] == {"S": "salts"}]
    world.now += 48 * HOUR + 1000
    assert world.sweep()["salts_deleted"] == len(salts)
    assert not [item for item in world.items(STATE) if item["pk"] == {"S": "salts"}]


def test_a_folded_day_never_hides_events_that_come_late(world: World) -> None:
    world.send(event(1))
    world.pump()
    day_of_event = world.now
    world.now += 2 * 86_400_000
    assert world.fold_days()["days_folded"] >= 1
    assert world.stats(range="7d")["totals"]["events"] == 1
    present = world.now
    world.now = day_of_event + 1000
    world.send(event(2))
    late = world.new_records()
    world.now = present
    world.deliver(SHARD, late)
    assert world.stats(range="7d")["totals"]["events"] == 2
    assert world.fold_days()["days_folded"] == 1
    world.client.calls.clear()
    assert world.stats(range="7d", site="shop.example")["totals"]["events"] == 2
    assert len(world.client.calls) <= 4


def test_a_late_arrival_while_a_day_is_folded_makes_the_fold_void(world: World) -> None:
    world.send(event(1))
    world.pump()
    at = world.now
    world.send(event(2))
    late = world.new_records()
    world.now += 2 * 86_400_000
    arrived: list[bool] = []

    def late_arrival(method: str, request: dict[str, Any]) -> None:
        if method == "UpdateItem" and "#data" in request.get("ExpressionAttributeNames", {}) and not arrived:
            arrived.append(True)
            world.deliver(SHARD, late)

    world.client.before_call = late_arrival
    world.fold_days()
    world.client.before_call = lambda method, request: None
    assert at < world.now
    assert world.stats(range="7d")["totals"]["events"] == 2
    world.fold_days()
    assert world.stats(range="7d")["totals"]["events"] == 2


def test_a_tally_keeps_the_largest_and_sums_the_rest() -> None:
    tally = Tally()
    for number in range(3000):
        tally.add(f"/{number}")
        tally.add("/often")
    assert tally.is_cut
    assert len(tally.counts) <= 1000
    assert tally.counts["/often"] == 3000
    assert sum(tally.counts.values()) == 6000
    assert tally.counts[OTHER] > 0


def test_many_pages_are_bounded_and_the_answer_says_so(world: World) -> None:
    for first in range(0, 1100, 25):
        pages = [event(n, page_url=f"https://shop.example/{n}") for n in range(first, first + 25)]
        world.send({"events": pages})
    world.pump()
    answer = world.stats(limit="3")
    assert answer["totals"]["pageviews"] == 1100
    assert answer["top"]["pages"][-1]["name"] == OTHER
    assert answer["meta"]["exact"] is False
    assert any("(other)" in warning for warning in answer["meta"]["warnings"])


def made_up(number: int, length: int) -> str:
    """Text that does not compress, the same for the same number."""
    return b64encode(shake_256(str(number).encode()).digest(length)).decode().replace("/", "-")[:length]


def test_made_up_names_never_grow_a_block_beyond_an_item(world: World) -> None:
    campaign = "&".join(f"{name}={{}}" for name in UTM_PARAMETERS)
    for number in range(450):
        query = campaign.format(*(made_up(10 * number + part, 100) for part in range(len(UTM_PARAMETERS))))
        sent = event(
            number,
            page_url=f"https://shop.example/{made_up(-number, 190)}?{query}",
            referrer=f"https://r{number}.example/{made_up(number, 180)}",
        )
        assert world.send(sent, ip=f"2001:db8::{number:x}").status == 202
    records = world.new_records()
    for first in range(0, len(records), 100):
        assert world.deliver(SHARD, records[first : first + 100]).errors == []
    answer = world.stats(limit="1")
    assert answer["totals"]["pageviews"] == 450
    assert sum(row["count"] for row in world.stats(limit="100")["top"]["utm_term"]) <= 450
    assert answer["meta"]["exact"] is False
    world.now += 86_400_000
    assert world.fold_days()["days_folded"] == 1
    assert world.stats(range="7d")["totals"]["pageviews"] == 450


def test_what_is_cut_for_its_length_does_not_depend_on_batches() -> None:
    whole, stored = Block(), Block()
    for number in range(600):
        for block in (whole, stored):
            block.count(DIMENSIONS[number % 7], made_up(number, 1000))
        stored = Block.decoded(stored.encoded()) if number % 97 == 0 else stored
    assert stored.encoded() == whole.encoded()
    assert sum(map(len, whole.encoded().values())) < 400_000
    assert sum(sum(tally.counts.values()) for tally in whole.tallies.values()) == 600


def test_traffic_of_long_ago_marks_each_day_once_and_leaves_no_sessions(world: World) -> None:
    records = visit(world, 6)
    world.now += 5 * 86_400_000
    world.client.calls.clear()
    world.deliver(SHARD, records)
    assert world.client.calls.count("UpdateItem") == 1
    assert world.items(SESSIONS) == []
    assert world.stats(range="7d")["totals"]["pageviews"] == 6


def test_old_hour_blocks_do_not_outlive_their_forty_days(world: World) -> None:
    world.deliver(SHARD, visit(world, 1))
    [block] = [item for item in world.items(STATE) if "last_sequence" in item]
    begins = (world.now - 600_000) // HOUR * HOUR // 1000
    assert int(block["ttl"]["N"]) == begins + 40 * 86_400


def test_tasks_stop_when_their_time_is_over_and_later_runs_do_the_rest(world: World) -> None:
    for number in range(5):
        page = f"https://s{number}.example/"
        world.send(event(number, page_url=page), ip=f"203.0.113.{number}")
    world.pump()
    world.now += 4 * 86_400_000
    folded = 0
    for _ in range(24):
        done = fold_days(world.store, world.now, partial(next, iter([True, True]), False))
        assert done["days_folded"] <= 1
        folded += done["days_folded"]
        world.now += HOUR
    assert folded >= 15
    assert world.fold_days()["days_folded"] <= 5 * 5 - folded
    assert sweep(world.store, world.now, lambda: False)["sessions_ended"] == 0


def test_old_salts_go_even_if_there_is_no_time_for_sessions(world: World) -> None:
    world.send(event(1))
    world.pump()
    world.now += 3 * 86_400_000
    done = sweep(world.store, world.now, lambda: False)
    assert done["sessions_ended"] == 0
    assert done["salts_deleted"] >= 1
    assert world.sweep() == {"sessions_ended": 1, "salts_deleted": 0}


def test_whether_folds_stand_is_found_out_without_reading_them(world: World) -> None:
    world.send(event(1))
    world.pump()
    world.now += 2 * 86_400_000
    world.fold_days()
    asked: list[str] = []
    world.client.before_call = lambda method, request: asked.append(
        str(request.get("ProjectionExpression", method))
    )
    assert world.fold_days() == {"days_folded": 0}
    assert asked.count("GetItem") == 0
    assert "sk, marks, folded_marks" in asked
