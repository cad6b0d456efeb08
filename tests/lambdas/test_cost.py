"""The model behind `liveinsight cost` against what the functions really write, read and log."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from liveinsight_cli.adapters.price_file import load_prices
from liveinsight_cli.core import usage
from liveinsight_cli.core.cost import bill
from liveinsight_cli.core.usage import StackShape, Traffic, batches, monthly, write_units
from tests.lambdas.metered import Counted, Visits, counted

BATCHED = Visits(count=150, events=6, per_request=3, requests_a_minute=1000)
BY_EVENT = ("API Gateway", "Lambda", "DynamoDB", "CloudWatch")
AN_HOUR = Visits(count=240, events=3, per_request=1, requests_a_minute=12)
AN_HOUR_BATCHED = Visits(count=120, events=6, per_request=3, requests_a_minute=4)


@pytest.fixture(scope="module")
def batched(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    return counted(tmp_path_factory.mktemp("batched") / "data", BATCHED)


def test_an_event_at_three_a_request_takes_at_most_four_write_units(batched: Counted) -> None:
    assert sum(batched.written.values()) / batched.events <= 4.0, batched.written


def test_every_table_and_index_is_counted(batched: Counted) -> None:
    assert set(batched.written) == {"events", "sessions", "state", "EventTypeIndex", "ActivityIndex"}
    assert batched.written["events"] == batched.written["EventTypeIndex"] == batched.events


@pytest.mark.parametrize("visits", [AN_HOUR, AN_HOUR_BATCHED], ids=["one a request", "three a request"])
def test_the_model_writes_what_an_hour_of_visits_writes(tmp_path: Path, visits: Visits) -> None:
    found = counted(tmp_path / "data", visits)
    model = write_units(visits.traffic, visits.hours, shards=1)
    assert (model.events, model.event_type_index) == (
        found.written["events"],
        found.written["EventTypeIndex"],
    )
    assert model.sessions == found.written["sessions"]
    assert model.activity_index == pytest.approx(found.written["ActivityIndex"], rel=0.05)
    assert batches(visits.traffic, visits.hours, shards=1) == pytest.approx(found.batches, rel=0.1)
    assert model.state == pytest.approx(found.written["state"], rel=0.1)
    assert model.total == pytest.approx(sum(found.written.values()), rel=0.04)
    assert found.read_units / visits.count == pytest.approx(usage.VISIT_READ_UNITS, rel=0.05)


def test_an_event_is_as_large_as_the_model_says(batched: Counted) -> None:
    assert (
        batched.event_bytes / batched.events <= 1024
    )  # one write unit: wire form is larger than what is counted


def test_an_invocation_logs_as_much_as_the_model_says() -> None:
    """The line of lambdas/shared/log.py for a request that was taken, after platform.start and platform.report."""
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
    ours = len(json.dumps(line, separators=(",", ":"))) + 1
    assert 180 + 330 + ours + 3 * 26 == pytest.approx(usage.INVOCATION_LOG_BYTES, rel=0.05)


def test_a_million_events_at_three_a_request_cost_at_most_four_dollars() -> None:
    traffic = Traffic(1_000_000, events_per_request=3, views_per_visit=6)
    assert _dollars(traffic) <= 4.00


def test_a_million_unbatched_events_cost_at_most_eight_and_a_half_dollars() -> None:
    assert _dollars(Traffic(1_000_000, views_per_visit=6)) <= 8.50


def _dollars(traffic: Traffic) -> float:
    """What a million events add in us-east-1 at the rate limit, where many events share a block's write."""
    stack, table = StackShape(), load_prices("us-east-1")
    limit = replace(usage.at_the_limit(traffic, stack), dashboards=0.0)
    idle = monthly(replace(limit, views=0.0), stack)
    lines = bill(monthly(limit, stack), table, limit.events, idle).lines
    return sum(line.per_million_events or 0.0 for line in lines if line.service in BY_EVENT)
