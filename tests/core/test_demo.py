"""The demo's visitors and the figures that are counted from them."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liveinsight_cli.core.demo import (
    DAY_MS,
    LONGEST_SPAN_MS,
    MOST_REQUESTS,
    DemoEvent,
    DemoRequest,
    DemoSpec,
    Visitor,
    visitors,
)
from liveinsight_cli.core.demo_catalogue import PAGES, PROGRAMS
from liveinsight_cli.core.demo_figures import Expected, compare, expected

ANCHOR = 1_795_470_000_000
SPEC = DemoSpec(7, 500, 3, "demo.example")


def bodies(spec: DemoSpec) -> list[bytes]:
    return [one.body(spec, i) for one in visitors(spec, ANCHOR) for i in range(len(one.requests))]


def test_the_same_spec_sends_the_same_bytes_and_another_seed_does_not() -> None:
    assert bodies(SPEC) == bodies(SPEC)
    assert bodies(SPEC) != bodies(replace(SPEC, seed=8))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 300), st.integers(1, 30), st.sampled_from(["api", "table"]))
def test_every_visit_lies_in_its_days_and_every_request_can_be_sent_again(
    seed: int, sessions: int, days: int, via: str
) -> None:
    spec = DemoSpec(seed, sessions, days, "demo.example", "api" if via == "api" else "table")
    everybody = list(visitors(spec, ANCHOR))
    assert expected(spec, ANCHOR, everybody).totals["sessions"] == sessions
    for one in everybody:
        assert len(one.requests) <= MOST_REQUESTS
        times = [event.at for request in one.requests for event in request.events]
        assert times == sorted(times)
        assert ANCHOR - days * DAY_MS <= times[0]
        assert times[-1] <= ANCHOR
        for index, request in enumerate(one.requests):
            assert request.received_at - request.events[0].at <= LONGEST_SPAN_MS
            assert 1 <= len(request.events) <= 25
            assert len(one.body(spec, index)) < 64 * 1024


def test_visitors_differ_by_address_and_over_one_address_by_program() -> None:
    spec = DemoSpec(1, 2000, 1, "demo.example", "api")
    people = [one for one in visitors(spec, ANCHOR) if not one.is_bot]
    assert len({one.source_ip for one in people}) == len(people)
    assert len({one.user_agent for one in people}) == len(people)


def test_visitors_sent_now_are_not_those_of_another_spec() -> None:
    specs = (DemoSpec(seed, 5, 1, "demo.example", "api") for seed in range(40))
    senders = [
        (one.source_ip, one.user_agent) for spec in specs for one in visitors(spec, ANCHOR) if not one.is_bot
    ]
    assert len(set(senders)) == len(senders) == 200


def test_pages_follow_a_popularity_law_and_nights_are_quiet() -> None:
    spec = DemoSpec(3, 4000, 10, "demo.example")
    events = [e for one in visitors(spec, ANCHOR) for r in one.requests for e in r.events]
    views = Counter(event.page for event in events if event.kind == "page_view")
    assert views[PAGES[0]] > 1.5 * views[PAGES[1]] > 3 * views[PAGES[9]]
    hours = Counter((event.at // 3_600_000 + 9) % 24 for event in events)
    assert hours[14] > 5 * hours[4]


def visitor(*requests: DemoRequest, number: int = 0, is_bot: bool = False) -> Visitor:
    return Visitor(number, f"127.0.0.{number + 1}", PROGRAMS[0][0], "agent", "KR", is_bot, requests)


def view(at: int, page: str = "/", referrer: str = "") -> DemoEvent:
    return DemoEvent(ANCHOR - DAY_MS + at, "page_view", page, referrer=referrer)


def request(*events: DemoEvent) -> DemoRequest:
    return DemoRequest(events[-1].at, events)


def test_the_figures_are_those_that_were_counted_by_hand() -> None:
    first = visitor(
        request(view(0, referrer="https://github.com/explore"), view(60_000, "/docs")),
        request(view(60_000 + 1_800_001, "/pricing")),
    )
    second = visitor(
        request(view(0), DemoEvent(view(0).at + 30_000, "engagement", "/", engaged_ms=500)), number=1
    )
    bot = visitor(request(view(0)), number=2, is_bot=True)
    figures = expected(DemoSpec(1, 3, 1, "demo.example"), ANCHOR, [first, second, bot])
    assert figures.totals["pageviews"] == 4
    assert figures.totals["sessions"] == 3
    assert figures.totals["events"] == 5
    assert figures.totals["bounce_rate"] == pytest.approx(2 / 3, abs=1e-4)
    assert figures.totals["avg_duration_s"] == 30.0
    assert figures.totals["engaged_s"] == 0.5
    assert figures.top["sources"] == {"github.com": 1, "(direct)": 2}
    assert figures.top["exit_pages"] == {"/docs": 1, "/pricing": 1, "/": 1}
    assert figures.bots == 1


def test_a_gap_of_1800_s_continues_a_visit() -> None:
    one = visitor(request(view(0)), request(view(1_800_000)))
    assert expected(SPEC, ANCHOR, [one]).totals["sessions"] == 1


def answer_of(figures: Expected, *, exact: bool = True) -> dict[str, object]:
    top = {name: [{"name": n, "count": c} for n, c in counts.items()] for name, counts in figures.top.items()}
    return {
        "totals": dict(figures.totals),
        "top": top,
        "meta": {"exact": exact, "bots": {"search": figures.bots}},
    }


FIGURES = expected(SPEC, ANCHOR, visitors(SPEC, ANCHOR))


def test_the_right_answer_has_no_difference() -> None:
    assert all(row.ok for row in compare(FIGURES, answer_of(FIGURES)))


def test_one_view_too_many_and_an_unknown_page_are_both_told() -> None:
    answer = json.loads(json.dumps(answer_of(FIGURES)))
    answer["totals"]["pageviews"] += 1
    answer["top"]["pages"].append({"name": "/unknown", "count": 1})
    wrong = [row.metric for row in compare(FIGURES, answer) if not row.ok]
    assert wrong == ["pageviews", "pages: /unknown"]


@pytest.mark.parametrize(("exact", "ok"), [(True, False), (False, True)])
def test_visitors_may_be_off_a_little_only_where_they_are_estimated(exact: bool, ok: bool) -> None:
    answer = json.loads(json.dumps(answer_of(FIGURES, exact=exact)))
    answer["totals"]["visitors"] += 3
    assert all(row.ok for row in compare(FIGURES, answer)) is ok


@pytest.mark.parametrize(("via", "known"), [("table", 2), ("api", 1)])
def test_a_planned_midnight_parts_no_visitor_whose_events_are_sent_now(via: str, known: int) -> None:
    spec = DemoSpec(7, 1, 1, "demo.example", "api" if via == "api" else "table")
    midnight = ANCHOR - ANCHOR % DAY_MS
    [one] = [visitor for visitor in visitors(spec, ANCHOR) if not visitor.is_bot][:1]
    requests = tuple(
        DemoRequest(at, (DemoEvent(at, "page_view", "/"),)) for at in (midnight - 60_000, midnight + 60_000)
    )
    assert expected(spec, ANCHOR, [replace(one, requests=requests)]).totals["visitors"] == known
