"""The search for the limit finds it, whatever it is, and ends."""

import random
from dataclasses import replace

import pytest

from liveinsight_cli.core.load.figures import Latency, LoadFigures, figures_of
from liveinsight_cli.core.load.plan import MOST_SECONDS, LoadPlan
from liveinsight_cli.core.load.samples import Sample
from liveinsight_cli.core.load.search import CLOSE_ENOUGH, MOST_STEPS, Search, Tried, outcome_of, step_of
from liveinsight_cli.core.load.verdict import Limits, judge, statement

LIMITS = Limits(0.1, 0.01)


def tried_on(search: Search, limit: float) -> list[Tried]:
    """Search a stack that holds up to a rate."""
    tried: list[Tried] = []
    while (rate := search.next_rate(tried)) is not None:
        tried.append(Tried(rate, "holds" if rate <= limit else "breaks"))
    return tried


def requests_of(rates: list[float]) -> int:
    """How many requests steps of a second have."""
    return sum(step_of(LoadPlan(1, 1, 0), rps).requests for rps in rates)


def test_any_limit_is_found_closely_and_with_few_requests() -> None:
    chance = random.Random(1)
    for _ in range(300):
        search = Search(chance.uniform(1, 50), chance.uniform(50, 2000))
        limit = chance.uniform(0.6, 2500)
        tried = tried_on(search, limit)
        held, broken = search.bounds(tried)
        assert len(tried) <= MOST_STEPS
        assert requests_of([one.rps for one in tried]) <= requests_of(search.at_worst())
        assert all(one.rps <= search.most for one in tried)
        if limit >= search.most:
            assert (held, broken) == (search.most, None)
        elif held is not None:
            assert broken is not None
            assert held <= limit < broken <= held * CLOSE_ENOUGH
        else:
            assert min(one.rps for one in tried) < 1.0 or limit < min(one.rps for one in tried)


def test_a_stack_that_answers_nothing_ends_the_search() -> None:
    search = Search(10, 500)
    tried = tried_on(search, 0.0)
    assert [one.rps for one in tried] == [10, 5, 2.5, 1.25, 0.625]
    assert search.bounds(tried) == (None, 0.625)


def test_a_step_at_a_low_rate_takes_as_long_as_percentiles_need() -> None:
    plan = LoadPlan(10, 15, 3)
    assert [step_of(plan, rps).seconds for rps in (10, 1, 0.01)] == [15, 40, MOST_SECONDS - 3]


def test_a_rate_that_held_above_one_that_broke_is_not_believed() -> None:
    assert Search(10, 80).bounds([Tried(10, "holds"), Tried(20, "breaks"), Tried(40, "holds")]) == (10, 20)


def figures(**changes: object) -> LoadFigures:
    found = figures_of([Sample(n / 10, 0.0, 0.0, 0.05, 202) for n in range(200)], 0, 20)
    if "latency" in changes:
        changes = {"service": changes["latency"], **changes}
    return replace(found, **changes)  # type: ignore[arg-type]


def latency(p95: float) -> Latency:
    return Latency(200, p95, p95, p95, p95, p95, p95, p95)


WAITED = {"latency": latency(900.0), "begun": latency(900.0), "service": latency(90.0)}

TIMED_OUT = {
    "errors": 90,
    "error_rate": 0.45,
    "outcomes": {"202": 110, "timed out": 90},
    "new_connections": 60,
}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "holds"),
        ({"latency": latency(100.0), "begun": latency(100.0)}, "holds"),
        ({"latency": latency(100.1), "begun": latency(100.1)}, "breaks"),
        ({"error_rate": 0.011}, "breaks"),
        ({"error_rate": None}, "breaks"),
        ({"answered_rps": 8.9}, "breaks"),
        ({"throttled_rate": 0.02}, "throttled"),
        ({"late": latency(101.0)}, "invalid"),
        ({"latency": latency(120.0), "begun": latency(90.0), "late": latency(30.0)}, "invalid"),
        ({"latency": latency(900.0), "begun": latency(870.0), "late": latency(30.0)}, "breaks"),
        ({"latency": latency(90.0), "begun": latency(60.0), "late": latency(30.0)}, "holds"),
        (WAITED, "invalid"),
        (WAITED | {"service": latency(101.0)}, "breaks"),
        (WAITED | {"new_connections": 10}, "breaks"),
        (WAITED | TIMED_OUT, "invalid"),
        (WAITED | {"errors": 3, "error_rate": 0.015, "outcomes": {"202": 197, "503": 3}}, "breaks"),
        (WAITED | {"ok": 0, "errors": 200, "outcomes": {"timed out": 200}}, "breaks"),
    ],
)
def test_a_step_holds_only_within_both_limits_and_when_it_may_be_believed(
    changes: dict[str, object], outcome: str
) -> None:
    found = figures(**changes)
    assert outcome_of(found, judge(found, LIMITS), LIMITS)[0] == outcome


def test_too_few_answers_say_nothing() -> None:
    found = figures_of([Sample(1.0, 0.0, 0.0, 0.01, 202)] * 19, 0, 20)
    assert statement(found, judge(found, LIMITS), LIMITS).startswith(
        "Nothing can be said of the stack: 19 answers"
    )


def test_the_finding_says_how_much_and_within_what() -> None:
    found = figures()
    said = statement(found, judge(found, LIMITS), LIMITS)
    assert said == "This stack answers 10 requests/s at p95 <= 100 ms and errors <= 1 %."
    found = figures(latency=latency(130.0), begun=latency(130.0))
    said = statement(found, judge(found, LIMITS), LIMITS)
    assert said == "At 10 requests/s this stack is outside its limits: p95 130 ms is above 100 ms."
    found = figures(throttled=50, answered_rps=7.5)
    assert "answers 7.5 of 10 requests/s" in statement(found, judge(found, LIMITS), LIMITS)
