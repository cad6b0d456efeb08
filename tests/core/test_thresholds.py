"""Conditions of --fail-if: what they mean, and that nothing passes silently."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.core.stats_figures import figures
from liveinsight_cli.core.thresholds import METRICS, OF_A_FUNCTION, InvalidThreshold, parse
from tests.core.stats_answers import look, platform


@pytest.mark.parametrize(
    ("text", "metric", "op", "value"),
    [
        ("error_rate>1%", "error_rate", ">", 1.0),
        (" p95 >= 0.1s ", "p95", ">=", 100.0),
        ("p95>100ms", "p95", ">", 100.0),
        ("event_age>1500ms", "event_age", ">", 1.5),
        ("event-collector.p99>2s", "event-collector.p99", ">", 2000.0),
        ("pageviews<1", "pageviews", "<", 1.0),
        ("bounce_rate<=12.5", "bounce_rate", "<=", 12.5),
    ],
)
def test_a_condition_is_read_into_the_metrics_own_unit(text: str, metric: str, op: str, value: float) -> None:
    found = parse(text)
    assert (found.metric, found.op) == (metric, op)
    assert found.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    ["", "p95", "p95=1", "p95>", "p95>-1", "p95>1%", "errors>1ms", "error_rate>1s", "p95>1m", ".p95>1ms"],
)
def test_what_is_no_condition_is_refused_with_a_way_to_write_one(text: str) -> None:
    with pytest.raises(InvalidThreshold) as caught:
        parse(text)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["latency>1", "stats-api.bounce_rate>1%"])
def test_an_unknown_metric_is_answered_with_the_list(text: str) -> None:
    with pytest.raises(InvalidThreshold) as caught:
        parse(text)
    assert all(name in caught.value.hint for name in (*METRICS, *OF_A_FUNCTION))


@pytest.mark.parametrize(
    ("op", "below", "at", "above"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
    ],
)
def test_a_condition_that_holds_is_a_failure(op: str, below: bool, at: bool, above: bool) -> None:
    threshold = parse(f"errors{op}5")
    assert [threshold.check({"errors": value}).failed for value in (4, 5, 6)] == [below, at, above]


@given(st.sampled_from([">", ">=", "<", "<="]))
def test_no_data_never_passes(op: str) -> None:
    check = parse(f"p95{op}100ms").check({"p95": None})
    assert check.failed
    assert "no data" in check.in_words()


def test_every_metric_that_is_documented_has_a_figure() -> None:
    known = figures(look())
    assert set(METRICS) <= set(known)
    assert {f"aggregator.{part}" for part in OF_A_FUNCTION} <= set(known)


def test_figures_are_those_of_the_look() -> None:
    known = figures(look())
    assert known["errors"] == 1
    assert known["error_rate"] == pytest.approx(100 / 99965)
    assert known["api_4xx_rate"] == pytest.approx(1.0)
    assert known["p95"] == 80.1
    assert known["event_age"] == 4.0
    assert known["bounce_rate"] == pytest.approx(32.8)
    assert known["stats-api.errors"] is None


def test_without_invocations_there_is_no_error_rate() -> None:
    idle = platform(functions=platform().functions[2:])
    assert figures(look(platform=idle))["error_rate"] is None
    zero = dataclasses.replace(platform().functions[0], invocations=0, errors=0)
    assert figures(look(platform=platform(functions=(zero,))))["error_rate"] is None


def test_without_a_platform_its_conditions_have_no_data() -> None:
    assert parse("errors>0").check(figures(look(platform=None))).failed
