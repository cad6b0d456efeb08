"""What traffic takes: properties of the model, and its constants beside what they were taken from."""

import re
from typing import Any

import hcl2
import pytest
from hcl2 import SerializationOptions
from hypothesis import given
from hypothesis import strategies as st

from liveinsight_cli.core import usage
from liveinsight_cli.core.usage import (
    StackShape,
    Traffic,
    are_dashboards_refused,
    at_the_limit,
    monthly,
    write_units,
)
from tests.conftest import REPOSITORY

views = st.just(0.0) | st.floats(1, 1e9)
traffics = st.builds(
    Traffic,
    views=views,
    events_per_view=st.floats(1, 10),
    events_per_request=st.floats(1, 25),
    views_per_visit=st.floats(1, 50),
    dashboards=st.floats(0, 100),
)
stacks = st.builds(
    StackShape,
    memory_mb=st.integers(128, 10240),
    requests_per_minute=st.integers(60, 600_000),
    is_protected=st.booleans(),
    has_domain=st.booleans(),
    has_waf=st.booleans(),
    has_key=st.booleans(),
)


def source(path: str) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


def local(path: str, name: str) -> Any:
    """A value of a Terraform file's locals."""
    options = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
    blocks = hcl2.loads(source(path), serialization_options=options)["locals"]
    return next(block[name] for block in blocks if name in block)


@given(traffics, stacks, st.floats(1, 10))
def test_more_traffic_takes_no_less_of_anything(traffic: Traffic, stack: StackShape, times: float) -> None:
    more = Traffic(
        **{**vars(traffic), "views": traffic.views * times, "dashboards": traffic.dashboards * times}
    )
    less, greater = monthly(traffic, stack), monthly(more, stack)
    assert all(greater[name] >= less[name] * (1 - 1e-9) for name in less)


@given(traffics, stacks)
def test_nothing_is_negative_and_a_request_has_a_visit(traffic: Traffic, stack: StackShape) -> None:
    assert all(value >= 0 for value in monthly(traffic, stack).values())
    assert traffic.requests >= traffic.visits


@given(traffics)
def test_an_event_takes_its_item_and_its_entry_at_least(traffic: Traffic) -> None:
    assert write_units(traffic).total >= 2 * traffic.events


def test_an_idle_month_takes_tasks_and_fixed_things_only() -> None:
    idle = monthly(Traffic(views=0), StackShape())
    assert idle["write_units"] == 730  # an hour of the visit log is noted as written even if it was empty
    assert idle["lambda_requests"] == 730 * 13  # a sweep every five minutes, a fold of days every hour
    assert {name for name in ("api_requests", "cdn_requests", "waf_acls", "kms_keys") if idle[name]} == set()


def test_the_write_units_of_a_visit_by_hand() -> None:
    """A million visits of three views, one a request, so many that batches are full of them."""
    traffic = Traffic(views=3_000_000)
    found = write_units(traffic, hours=730, shards=1)
    assert found.events == found.event_type_index == 3_000_000
    assert found.sessions == 4_000_000  # three requests and the end of each visit
    assert found.activity_index == pytest.approx(
        4_000_000 + 1_000_000 * 60 / 300
    )  # 60 seconds from first to last
    batches = 730 * 720 * (1 - 2.718281828459045 ** -(3_000_000 / (730 * 720)))
    # 1,370 visits and 4,110 events an hour: 2,373, between 2,078 (5.40) and 3,464 (6.43)
    assert found.state == pytest.approx(4_000_000 + batches * 5.667, rel=0.001)


def test_the_limit_is_reached_by_every_route() -> None:
    stack = StackShape(requests_per_minute=1000)
    limit = at_the_limit(Traffic(views=1.0, events_per_request=2), stack)
    units = monthly(limit, stack)
    assert limit.requests == pytest.approx(700 * 43_800)
    assert limit.events == pytest.approx(2 * 700 * 43_800)
    assert units["api_requests"] == pytest.approx(880 * 43_800)  # preflights and wrong methods have the rest


def test_dashboards_beyond_the_throttles_cost_only_what_cloudfront_takes() -> None:
    stack = StackShape(requests_per_minute=1000)
    many = monthly(Traffic(views=0, dashboards=1000, is_each_dashboard_different=True), stack)
    assert many["api_requests"] == pytest.approx(180 * 43_800)
    assert many["cdn_requests"] == pytest.approx(1000 * (30 + 6) * 43_800)


def test_dashboards_that_show_the_same_share_their_answers() -> None:
    one, two, twenty = (
        monthly(Traffic(views=1_000_000, dashboards=tabs), StackShape()) for tabs in (1, 2, 20)
    )
    visits = 1_000_000 / 3
    assert one["api_requests"] == pytest.approx(1_000_000 + (30 + 6) * 43_800)
    assert two["api_requests"] == twenty["api_requests"] == pytest.approx(1_000_000 + (30 + 12) * 43_800)
    assert twenty["cdn_requests"] - visits == pytest.approx(20 * (one["cdn_requests"] - visits))
    assert twenty["read_units"] == two["read_units"]


def test_a_low_limit_refuses_even_dashboards_that_show_the_same() -> None:
    refused = [
        are_dashboards_refused(Traffic(0, dashboards=20), StackShape(requests_per_minute=limit))
        for limit in (249, 250)
    ]
    assert refused == [True, False]


def test_the_shares_of_the_routes_are_terraforms() -> None:
    routes = local("terraform/api_gateway.tf", "routes")
    assert {route["path"]: float(route["share"]) for route in routes.values()} == usage.ROUTE_SHARES


def test_intervals_are_those_of_terraform_and_of_the_dashboard() -> None:
    streams, app = source("terraform/streams.tf"), source("web/src/dashboard/main.tsx")
    assert f"maximum_batching_window_in_seconds = {usage.BATCH_SECONDS:.0f}" in streams
    assert re.search(rf"batch_size\s+= {usage.BATCH_EVENTS}\n", streams)
    assert f"tumbling_window_in_seconds         = {usage.WINDOW_SECONDS:.0f}" in streams
    assert local("terraform/streams.tf", "schedules") == {
        "sweep": "rate(5 minutes)",
        "fold_days": "rate(1 hour)",
    }
    assert (usage.SWEEPS_AN_HOUR, usage.FOLDS_AN_HOUR) == (12, 1)
    polls = dict(re.findall(r"const (REALTIME|STATS)_EVERY_MS = ([\d_]+);", app))
    assert {name: int(value) / 1000 for name, value in polls.items()} == {
        "REALTIME": usage.REALTIME_POLL_SECONDS,
        "STATS": usage.STATS_POLL_SECONDS,
    }


FIREWALL = REPOSITORY / "terraform/modules/firewall/main.tf"


@pytest.mark.skipif(not FIREWALL.exists(), reason="the stack has no firewall yet")
def test_the_rules_of_the_firewalls_are_terraforms() -> None:
    stack = "".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "terraform").glob("*.tf"))
    assert len(re.findall(r'source\s+= "./modules/firewall"', stack)) == usage.WAF_ACLS
    rules = re.findall(r"^  rule \{", FIREWALL.read_text(encoding="utf-8"), re.MULTILINE)
    assert usage.WAF_ACLS * len(rules) == usage.WAF_RULES


def test_with_a_domain_the_api_is_reached_through_cloudfront() -> None:
    traffic = Traffic(views=3_000_000)
    plain, domain = (monthly(traffic, StackShape(has_domain=has_domain)) for has_domain in (False, True))
    assert domain["cdn_requests"] - plain["cdn_requests"] == plain["api_requests"]
    assert domain["transfer_gb"] == 0
    assert domain["cdn_gb"] - plain["cdn_gb"] == pytest.approx(plain["transfer_gb"])


def test_how_long_answers_are_shared_is_what_the_functions_say() -> None:
    from stats_api import settled  # the functions are on the path of tests

    for function, seconds in (
        ("realtime", usage.REALTIME_SHARED_SECONDS),
        ("stats", usage.STATS_SHARED_SECONDS),
    ):
        assert f"_SHARED_SECONDS = {seconds:.0f} " in source(f"lambdas/{function}_api/handler.py")
    assert settled.KEPT_SECONDS == usage.SETTLED_SECONDS
    policy = source("terraform/edge.tf").partition('"aws_cloudfront_cache_policy" "reads"')[2]
    longest = re.search(r"max_ttl     = (\d+)", policy)
    assert longest is not None
    assert int(longest[1]) >= max(usage.REALTIME_SHARED_SECONDS, usage.STATS_SHARED_SECONDS)


def test_what_a_request_may_hold_and_the_step_of_activity_are_the_functions() -> None:
    from event_collector import parse  # the functions are on the path of tests
    from shared import metrics

    assert parse.LARGEST_BATCH == usage.MOST_EVENTS_A_REQUEST
    assert metrics.ACTIVITY_STEP_MS / 1000 == usage.ACTIVITY_STEP_SECONDS
