"""What a million events cost, recounted from the requests that the functions make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.core.cost import Usage, dollars_per_million_events
from liveinsight_cli.core.prices import PRICES
from tests.lambdas.metered import MeteredWorld, visits
from tests.lambdas.world import EVENTS

START = 1_763_895_000_000
EVENTS_A_VISIT = 6
# What is not an operation and has to be assumed. Durations: benchmarks/collector.py and benchmarks/aggregator.py at
# 256 MB, and two calls of 5 ms. Log lines: platform.start and platform.report in Lambda's JSON format, the access line
# of terraform/api_gateway.tf, and 26 bytes that CloudWatch counts with every event.
COLLECTOR_SECONDS = 0.030
AGGREGATOR_SECONDS = 0.250
GB = 256 / 1024
PLATFORM_LINES_BYTES = 180 + 330
ACCESS_LINE_BYTES = 280
COUNTED_WITH_A_LINE = 26


def own_line_bytes() -> int:
    """The line of lambdas/shared/log.py for a request that was taken."""
    line = {
        "timestamp": "2026-11-25T22:41:51.123Z",
        "level": "INFO",
        "message": "request",
        "requestId": "0" * 36,
        "route": "POST /api/events",
        "status": 202,
        "duration_ms": 12.3,
        "accepted": 3,
        "rejected": 0,
        "dropped": 0,
    }
    return len(json.dumps(line, separators=(",", ":"))) + 1


def usage_of(path: Path, per_request: int, count: int) -> tuple[Usage, dict[str, float]]:
    """Run visits at the rate limit; what they took, and write units an event by table and index."""
    world = MeteredWorld(path)
    world.now = START
    requests = visits(count, EVENTS_A_VISIT, per_request, 1000, START)
    world.run(requests)
    items = world.items(EVENTS)
    events = len(items)
    assert events == count * EVENTS_A_VISIT
    log_bytes = PLATFORM_LINES_BYTES + ACCESS_LINE_BYTES + own_line_bytes() + 4 * COUNTED_WITH_A_LINE
    usage = Usage(
        events=events,
        api_requests=len(requests),
        invocations=len(requests) + world.batches,
        gb_seconds=GB * (len(requests) * COLLECTOR_SECONDS + world.batches * AGGREGATOR_SECONDS),
        write_units=sum(world.written.values()),
        read_units=sum(world.read.values()),
        event_bytes=sum(len(json.dumps(item)) for item in items),
        log_bytes=len(requests) * log_bytes + world.batches * (log_bytes - ACCESS_LINE_BYTES),
    )
    written = {name: units / events for name, units in world.written.items() if units}
    world.close()
    return usage, written


@pytest.fixture(scope="module")
def batched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Usage, dict[str, float]]:
    return usage_of(tmp_path_factory.mktemp("batched") / "data", per_request=3, count=300)


@pytest.fixture(scope="module")
def unbatched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Usage, dict[str, float]]:
    return usage_of(tmp_path_factory.mktemp("unbatched") / "data", per_request=1, count=300)


def test_an_event_at_three_a_request_takes_at_most_four_write_units(batched: Any) -> None:
    usage, written = batched
    assert usage.write_units / usage.events <= 4.0, written


def test_every_table_and_index_is_counted(batched: Any) -> None:
    _, written = batched
    assert set(written) == {
        "liveinsight-events-test",
        "liveinsight-sessions-test",
        "liveinsight-state-test",
        "EventTypeIndex",
        "ActivityIndex",
    }
    assert written["liveinsight-events-test"] == written["EventTypeIndex"] == 1.0


def test_a_million_events_at_three_a_request_cost_at_most_four_dollars(batched: Any) -> None:
    dollars = dollars_per_million_events(batched[0], PRICES["us-east-1"])
    assert sum(dollars.values()) <= 4.00, dollars


def test_a_million_unbatched_events_cost_at_most_seven_and_a_half_dollars_and_their_logs(
    unbatched: Any,
) -> None:
    dollars = dict(dollars_per_million_events(unbatched[0], PRICES["us-east-1"]))
    logs = dollars.pop("CloudWatch Logs")
    assert sum(dollars.values()) <= 7.50, dollars
    assert logs <= 0.60


def test_dollars_are_operations_times_prices() -> None:
    usage = Usage(1000, 500, 600, 10.0, 4000.0, 80.0, 1024**2, 2 * 1024**2)
    dollars = dollars_per_million_events(usage, PRICES["us-east-1"])
    assert dollars == pytest.approx(
        {
            "API Gateway": 0.5 * 3.50,
            "Lambda": 0.6 * 0.20 + 10_000 * 0.0000133334,
            "DynamoDB": 4 * 0.625 + 0.08 * 0.125 + 1000 / 1024 * 2 / 30 * 0.25,
            "CloudWatch Logs": 2000 / 1024 * 0.50,
        }
    )
