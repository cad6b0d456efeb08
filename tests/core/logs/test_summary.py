"""The last words of `tail`, and the percentiles in them."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.core.logs.histogram import Histogram
from liveinsight_cli.core.logs.summary import Summary
from tests.core.logs.lines import line, read, report, routed, shown


def test_requests_errors_cold_starts_rate_and_percentiles_are_told() -> None:
    summary = Summary()
    for milliseconds in range(1, 101):
        facts: dict[str, Any] = {"initDurationMs": 300} if milliseconds == 1 else {}
        for entry in shown(read(report(durationMs=milliseconds, **facts), at=milliseconds * 100)):
            summary.count(entry)
    summary.count(read({"level": "ERROR", "message": "x"}, at=500))
    assert summary.in_words() == ["100 requests, 1 error, 1 cold start, p50 50 ms, p95 95 ms, 10/s in 10 s"]


def test_each_source_is_told_of_when_there_are_several_and_the_api_is_not_counted_twice() -> None:
    summary = Summary()
    for entry in shown(read(routed(), source="stats-api"), read(report(), source="stats-api")):
        summary.count(entry)
    summary.count(read({"status": "503", "responseLatency": "20"}, access=True, source="api"))
    assert summary.in_words() == [
        "1 request, 0 errors, p50 12 ms, p95 12 ms",
        "  api        1 request, 1 error, p50 20 ms, p95 20 ms",
        "  stats-api  1 request, 0 errors, p50 12 ms, p95 12 ms",
    ]


def test_the_access_log_alone_is_counted() -> None:
    summary = Summary()
    summary.count(read({"status": "503", "responseLatency": "20"}, access=True, source="api"))
    assert summary.in_words()[0].startswith("1 request, 1 error, ")


def test_an_error_that_several_lines_of_a_request_tell_is_one() -> None:
    summary = Summary()
    for entry in (read(line(level="ERROR")), read(line(level="ERROR"))):
        summary.count(entry)
    for entry in shown(read(report(status="error"))):
        summary.count(entry)
    assert summary.in_words()[0].startswith("1 request, 1 error, ")


def test_without_requests_no_rate_is_told() -> None:
    summary = Summary()
    assert summary.in_words() == ["0 requests, 0 errors"]
    for at in (1000, 9000):
        summary.count(read("words", at=at))
    assert summary.in_words() == ["0 requests, 0 errors"]


@given(st.lists(st.floats(0.001, 1e7), min_size=1, max_size=50), st.floats(0, 100))
def test_percentiles_are_nearest_rank_within_half_a_percent(values: list[float], percent: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    exact = sorted(values)[max(0, -int(-len(values) * percent // 100) - 1)]
    assert histogram.percentile(percent) == pytest.approx(exact, rel=0.004)


def test_a_day_of_durations_takes_no_more_room_than_a_minute_and_parts_make_a_whole() -> None:
    chance = random.Random(1)
    halves = Histogram(), Histogram()
    for count in range(20_000):
        halves[count % 2].add(chance.lognormvariate(3, 1))
    whole = Histogram.of(halves)
    assert whole.count == 20_000
    assert len(whole._buckets) < 2_000
    assert whole.percentile(50) == pytest.approx(20.1, rel=0.05)
