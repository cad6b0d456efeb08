"""Thousands of visitors: within two per cent, said to be estimated, with the standard error that they really have."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import pytest

from shared.distinct import VISITORS, Distinct
from tests.lambdas.oracle_traffic import DAY, HOUR
from tests.lambdas.stage import empty, stage
from tests.lambdas.world import World

NOON = 1_763_899_200_000
TOLERANCE = 0.02


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = stage()
    yield made
    made.close()


def visitor_hash(number: int, seed: int = 0) -> str:
    return blake2b(f"{seed}/{number}".encode(), digest_size=8).hexdigest()


def record_of_the_stream(world: World) -> str:
    """One page view as the stream tells it."""
    world.send({"event_id": "event-0001", "event_type": "page_view", "page_url": "https://shop.example/"})
    return json.dumps(world.new_records()[0])


def deliver_visitors(world: World, count: int, hours: int, shards: int, returning: int = 0) -> None:
    """One event each, spread over hours and shards, and some visitors come back in the next hour."""
    template = record_of_the_stream(world)
    midnight = world.now // DAY * DAY
    comings = [(n, n % hours) for n in range(count)] + [(n, (n + 1) % hours) for n in range(returning)]
    records: list[list[dict[str, Any]]] = [[] for _ in range(shards)]
    first = int(json.loads(template)["dynamodb"]["SequenceNumber"])
    for sequence, (number, hour) in enumerate(comings, first):
        record = json.loads(template)
        at = midnight + hour * HOUR + number % HOUR
        record["dynamodb"]["SequenceNumber"] = str(sequence)
        image = record["dynamodb"]["NewImage"]
        image |= {
            "visitor": {"S": visitor_hash(number)},
            "session_id": {"S": f"session-{number}-{hour}"},
            "timestamp": {"N": str(at * 10**9)},
        }
        image["before"]["M"] |= {"a": {"N": str(at)}, "l": {"N": str(at)}}
        records[number // hours % shards].append(record)
    world.now += 3 * DAY  # by then a session is in no table any more: only blocks are written
    for shard, of_shard in enumerate(records):
        for begin in range(0, len(of_shard), 5_000):
            world.deliver(f"shardId-{shard}", of_shard[begin : begin + 5_000])


@pytest.mark.parametrize(
    ("count", "hours", "shards"),
    [(2_000, 1, 1), (5_000, 1, 3), (20_000, 4, 3), (60_000, 12, 1)],
)
def test_many_visitors_are_within_two_per_cent_and_said_to_be_estimated(
    world: World, count: int, hours: int, shards: int
) -> None:
    empty(world, NOON)
    deliver_visitors(world, count, hours, shards, returning=count // 4)
    for _ in range(2):
        answer = world.stats(site="shop.example", range="2025-11-23,2025-11-24")
        assert answer["totals"]["events"] == count + count // 4
        assert answer["totals"]["visitors"] == pytest.approx(count, rel=TOLERANCE)
        assert answer["meta"]["exact"] is False
        assert "estimated" in "".join(answer["meta"]["warnings"])
        world.fold_days()


def test_as_many_visitors_in_small_blocks_are_counted_exactly(world: World) -> None:
    empty(world, NOON)
    deliver_visitors(world, 2_000, 24, 3, returning=500)
    for _ in range(2):
        answer = world.stats(site="shop.example", range="2025-11-23,2025-11-24")
        assert answer["totals"]["visitors"] == 2_000
        assert answer["meta"]["exact"] is True
        assert "estimated" not in "".join(answer["meta"]["warnings"])
        world.fold_days()


def test_the_standard_error_that_is_stated_is_the_one_that_estimates_have(world: World) -> None:
    empty(world, NOON)
    deliver_visitors(world, 3_000, 1, 1)
    [warning] = [
        text for text in world.stats(range="2025-11-23,2025-11-24")["meta"]["warnings"] if "estimated" in text
    ]
    found = re.search(r"standard error of ([\d.]+) ?%", warning)
    assert found, warning
    stated = float(found[1]) / 100
    squares = []
    for seed in range(40):
        visitors = Distinct(VISITORS)
        for number in range(20_000):
            visitors.add(int(visitor_hash(number, seed), 16))
        squares.append((visitors.count() / 20_000 - 1) ** 2)
    measured = math.sqrt(sum(squares) / len(squares))
    assert measured < 1.3 * stated, (measured, stated)
    assert measured > stated / 3, (measured, stated)
