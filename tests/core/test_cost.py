"""What a month costs, by hand and by its properties."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.adapters.price_file import load_prices
from liveinsight_cli.core.cost import bill, estimate, summary, with_actual
from liveinsight_cli.core.cost_actual import (
    Used,
    UsedNames,
    global_metrics,
    modelled_traffic,
    monthly_units,
    regional_metrics,
)
from liveinsight_cli.core.prices import PriceTable
from liveinsight_cli.core.usage import StackShape, Traffic, monthly
from tests.core.test_usage import stacks, traffics

US, SEOUL = load_prices("us-east-1"), load_prices("ap-northeast-2")
DAY = 24 * 3600


def dollars(
    units: dict[str, float | None], events: float = 0.0, *, free_tier: bool = False
) -> dict[str, float | None]:
    lines = bill(units, US, events, {}).lines
    return {line.name: line.dollars_free_tier if free_tier else line.dollars for line in lines}


def test_a_bill_by_hand() -> None:
    units: dict[str, float | None] = {
        "api_requests": 400_000_000,
        "lambda_requests": 3_000_000,
        "lambda_gb_seconds": 500_000,
        "write_units": 10_000_000,
        "table_gb": 30,
        "log_gb": 8,
        "alarm_metrics": 24,
        "waf_acls": 0.0,
        "cdn_gb": None,
    }
    assert dollars(units) == pytest.approx(
        {
            "api_requests": 333 * 3.50 + 67 * 2.80,  # 333 million, then the next tier
            "lambda_requests": 3 * 0.20,
            "lambda_gb_seconds": 500_000 * 0.0000133334,
            "write_units": 10 * 0.625,
            "table_gb": 30 * 0.25,
            "log_gb": 8 * 0.50,
            "alarm_metrics": 24 * 0.10,
            "cdn_gb": None,
        }
    )
    free = dollars(units, free_tier=True)
    assert free["lambda_requests"] == pytest.approx(2 * 0.20)
    assert free["lambda_gb_seconds"] == pytest.approx(100_000 * 0.0000133334)
    assert free["table_gb"] == pytest.approx(5 * 0.25)
    assert free["log_gb"] == pytest.approx(3 * 0.50)
    assert free["alarm_metrics"] == pytest.approx(14 * 0.10)
    assert free["write_units"] == pytest.approx(10 * 0.625)  # on demand has no free units


def test_switches_cost_what_they_are_listed_at() -> None:
    plain = summary(Traffic(0), StackShape(), SEOUL).idle
    with_waf = summary(Traffic(0), StackShape(has_waf=True), SEOUL).idle
    with_key = summary(Traffic(0), StackShape(has_key=True), SEOUL).idle
    assert with_waf - plain == pytest.approx(2 * 5 + 6 * 1)
    assert with_key - plain == pytest.approx(1)


@given(traffics, stacks, st.sampled_from([US, SEOUL]), st.booleans())
def test_sums_are_those_of_the_lines(
    traffic: Traffic, stack: StackShape, table: PriceTable, free: bool
) -> None:
    found = estimate("dev", traffic, stack, table, free_tier=free)
    assert found.bill.dollars == pytest.approx(sum(line.dollars or 0 for line in found.bill.lines))
    assert found.bill.dollars_free_tier == pytest.approx(
        sum(line.dollars_free_tier or 0 for line in found.bill.lines)
    )
    assert found.bill.dollars_free_tier <= found.bill.dollars
    if found.bill.per_million_events is not None:
        assert found.bill.per_million_events == pytest.approx(
            sum(line.per_million_events or 0 for line in found.bill.lines)
        )
        # What events add, and what there is without them, is all there is.
        alone = estimate(
            "dev", Traffic(0, dashboards=traffic.dashboards), stack, table, free_tier=free
        ).bill.dollars
        added = found.bill.per_million_events * found.events / 1_000_000
        assert found.bill.dollars == pytest.approx(alone + added)


@given(traffics, stacks, st.floats(1, 10))
def test_more_traffic_never_costs_less(traffic: Traffic, stack: StackShape, times: float) -> None:
    more = Traffic(**{**vars(traffic), "views": traffic.views * times})
    less, greater = (estimate("dev", one, stack, US, free_tier=True).bill for one in (traffic, more))
    assert greater.dollars >= less.dollars - 1e-6
    assert greater.dollars_free_tier >= less.dollars_free_tier - 1e-6


def test_the_ceiling_is_above_whatever_the_limit_lets_through() -> None:
    stack = StackShape(requests_per_minute=1000)
    busy = Traffic(views=700 * 43_800 * 0.99, dashboards=4)
    found = estimate("dev", busy, stack, US, free_tier=False)
    assert found.bill.dollars < found.ceiling.dollars < found.ceiling.dollars_largest_requests
    assert found.notes == ()


def test_the_ceiling_grows_with_the_limit() -> None:
    low, high = (
        summary(Traffic(0), StackShape(requests_per_minute=limit), US).ceiling.dollars
        for limit in (100, 1000)
    )
    assert low < high < 10 * low


def test_traffic_above_the_limit_is_said() -> None:
    found = estimate(
        "dev", Traffic(views=1e9, dashboards=50), StackShape(requests_per_minute=200), US, free_tier=False
    )
    assert "requests_per_minute = 200" in found.notes[0]
    assert "50 dashboards" in found.notes[1]


NAMES = UsedNames(
    functions={"event-collector": "x-collector", "aggregator": "x-aggregator"},
    tables={"events": "x-events", "sessions": "x-sessions", "state": "x-state"},
    api="x-api",
    stage="v1",
    log_groups=("/aws/lambda/x-collector", "/aws/apigateway/x-api"),
    distribution="E1",
)


def used(**figures: float) -> Used:
    every: dict[str, float | None] = dict.fromkeys([*regional_metrics(NAMES), *global_metrics(NAMES)])
    return Used(
        DAY, every | {key.replace("_of_", " "): value for key, value in figures.items()}, 1024**3, None, 12, 0
    )


def test_each_index_is_asked_for_beside_its_table() -> None:
    metrics = regional_metrics(NAMES)
    index = metrics["write events EventTypeIndex"].dimensions
    assert index == {"TableName": "x-events", "GlobalSecondaryIndexName": "EventTypeIndex"}
    assert {key for key in metrics if key.startswith("write ")} == {
        *("write events", "write events EventTypeIndex", "write sessions"),
        *("write sessions ActivityIndex", "write state"),
    }
    assert {metric.merge for metric in (metrics | global_metrics(NAMES)).values()} == {"sum"}


def test_a_day_stands_for_a_month_and_no_data_is_none() -> None:
    found = monthly_units(
        used(
            **{"write_of_events": 1000, "write_of_events EventTypeIndex": 500, "duration_of_aggregator": 4000}
        ),
        StackShape(memory_mb=512),
        monthly(Traffic(0), StackShape()),
    )
    times = 730 / 24
    assert found["write_units"] == pytest.approx(1500 * times)
    assert found["lambda_gb_seconds"] == pytest.approx(4 * 0.5 * times)
    assert found["table_gb"] == 1
    assert found["alarm_metrics"] == 12
    assert found["dashboards"] == 1
    assert [found[name] for name in ("read_units", "log_gb", "cdn_gb", "api_requests")] == [None] * 4


def test_the_model_is_given_the_events_and_requests_that_were_counted() -> None:
    found = modelled_traffic(
        used(write_of_events=3000, **{"invocations_of_event-collector": 1000}), Traffic(1, 1.5)
    )
    assert found is not None
    assert found.events == pytest.approx(3000 * 730 / 24)
    assert found.requests == pytest.approx(1000 * 730 / 24)
    assert modelled_traffic(used(), Traffic(1)) is None
    by_table = modelled_traffic(
        used(write_of_events=3000, **{"invocations_of_event-collector": 1}), Traffic(1)
    )
    assert by_table is not None
    whole_visits = modelled_traffic(
        used(write_of_events=3000, **{"invocations_of_event-collector": 500}), Traffic(1)
    )
    assert whole_visits is not None
    assert whole_visits.requests == pytest.approx(500 * 730 / 24)
    assert by_table.events_per_request == 25  # a demo written past the API: no request holds more


def test_what_was_used_is_priced_beside_the_model_and_what_is_not_known_is_named() -> None:
    stack = StackShape()
    found = estimate("dev", Traffic(100_000), stack, US, free_tier=False)
    beside = with_actual(found, used(api_requests=10_000), stack, US)
    assert beside.actual is not None
    lines = {line.name: line for line in beside.actual.bill.lines}
    assert lines["api_requests"].dollars == pytest.approx(10_000 * 730 / 24 * 3.50 / 1e6)
    assert lines["log_gb"].dollars is None
    assert math.isclose(beside.actual.bill.dollars, sum(line.dollars or 0 for line in lines.values()))
    assert "CloudWatch logs taken in" in beside.notes[-1]
    assert beside.ceiling == found.ceiling
    assert beside.events == 0  # no event was counted: the model has nothing to explain
