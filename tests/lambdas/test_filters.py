"""Filters choose visits: what they may be, how far they reach, and what an answer says that could not reach all."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from realtime_api import report as realtime_report
from shared.dynamo import DynamoDB
from shared.http import HttpError, Request
from stats_api import report as stats_report
from stats_api.report import seconds_to_remember
from stats_api.store import StatsStore
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import World

MINUTE = 60_000
HOUR = 60 * MINUTE
NEWS = "https://shop.example/?utm_source=news"


def refusal(world: World, repeated: tuple[str, ...] = (), **parameters: str) -> tuple[int, str, str | None]:
    with pytest.raises(HttpError) as refused:
        stats_report.Query.of(parameters, world.settings, world.now, repeated)
    return refused.value.status, refused.value.code, refused.value.field


def codes(answer: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer["meta"]["reasons"]]


def test_a_filter_chooses_whole_visits(world: World) -> None:
    world.send({"events": [event(1, page_url=NEWS), event(2, page_url="https://shop.example/a")]})
    world.send(event(3, page_url="https://shop.example/a"), ip="203.0.113.2")
    world.pump()
    answer = world.stats(page="/a", source="news")
    assert answer["query"]["filters"] == {"page": "/a", "source": "news"}
    assert (answer["totals"]["sessions"], answer["totals"]["pageviews"]) == (1, 2)
    assert [row["name"] for row in answer["top"]["pages"]] == ["/", "/a"]
    assert answer["totals"]["bounce_rate"] == 0.0
    assert world.stats(page="/a")["totals"]["pageviews"] == 3
    assert world.stats(page="/nowhere")["totals"]["events"] == 0


@pytest.mark.parametrize("name", ["page", "utm_term", "event_type"])
def test_a_filter_may_be_given_once_and_have_512_characters(world: World, name: str) -> None:
    assert refusal(world, (name,), **{name: "x"}) == (400, "invalid_field", name)
    assert refusal(world, **{name: "x" * 513}) == (400, "invalid_field", name)
    assert stats_report.Query.of({name: ""}, world.settings, world.now, (name,)).filters == ()


def test_a_request_knows_which_parameters_it_repeats() -> None:
    event = {"multiValueQueryStringParameters": {"page": ["/a", "/b"], "site": ["shop.example"]}}
    assert Request.of(event, None).repeated == {"page"}
    assert Request.of({"multiValueQueryStringParameters": None}, None).repeated == set()


def test_filters_reach_back_40_days(world: World) -> None:
    days = 41 * 24 * HOUR
    first = datetime.fromtimestamp((world.now - days) / 1000, UTC).isoformat()
    last = datetime.fromtimestamp((world.now - days) / 1000 + 3600, UTC).isoformat()
    assert refusal(world, range=f"{first},{last}", page="/") == (400, "filter_out_of_reach", "range")


def test_live_figures_are_filtered_by_what_live_sessions_tell(world: World) -> None:
    world.send(event(1, page_url=NEWS), country="KR")
    world.send(event(2), ip="203.0.113.2", country="DE")
    world.pump()
    answer = world.realtime(source="news", country="KR")
    assert (answer["active_visitors"], answer["top"]["countries"]) == (1, [{"name": "KR", "count": 1}])
    assert (answer["pageviews_30m"], codes(answer)) == (2, ["series_unfiltered"])
    with pytest.raises(HttpError) as refused:
        realtime_report.Query.of({"browser": "Chrome"}, world.settings)
    assert (refused.value.code, refused.value.field) == ("invalid_field", "browser")


def test_a_visit_that_began_before_the_range_is_looked_up(world: World) -> None:
    world.send(event(1, page_url=NEWS))
    for number in range(2, 6):
        world.now += 25 * MINUTE
        world.send(event(number, page_url="https://shop.example/late"))
    world.pump()
    answer = world.stats(range="30m", source="news")
    assert answer["totals"] | {"pageviews": 2, "sessions": 0, "visitors": 1} == answer["totals"]
    assert answer["meta"]["complete"]
    assert world.stats(range="30m", source="(direct)")["totals"]["events"] == 0
    assert world.stats(range="30m", page="/")["totals"]["pageviews"] == 2


def test_visits_that_nobody_can_tell_of_any_more_are_counted(world: World) -> None:
    world.send(event(1, page_url=NEWS, session_id="a-session"))
    world.now += 25 * HOUR
    world.send(event(2, page_url="https://shop.example/late", session_id="a-session"))
    world.pump()
    answer = world.stats(source="news")
    assert (answer["totals"]["events"], answer["meta"]["complete"]) == (0, False)
    assert answer["meta"]["reasons"][-1] == {"code": "filter_untold", "visits": 1}
    assert answer["meta"]["warnings"][-1].startswith("1 visit")
    assert world.stats(page="/late")["totals"]["events"] == 1
    assert world.stats(exit_page="/late")["meta"]["complete"]


def test_an_answer_that_looks_at_too_many_events_says_from_when_on_it_knows_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stats_api.events.MOST_EVENTS", 40)
    monkeypatch.setattr("stats_api.events.FIRST_TURN", 10)
    monkeypatch.setattr("stats_api.events.TURN", 10)
    for number in range(60):
        world.send(event(number, event_type="page_view" if number % 2 else "click"), ip=f"10.0.0.{number}")
        world.now += 2 * MINUTE
    world.pump()
    answer = world.stats(country="(unknown)")
    asked, totals = answer["query"], answer["totals"]
    assert answer["meta"]["complete"] is False
    assert answer["meta"]["reasons"][-1] == {"code": "filter_cut", "events": 40, "from_ms": asked["from_ms"]}
    assert asked["from_ms"] % MINUTE == 0
    assert totals["events"] == (world.now - asked["from_ms"]) // (2 * MINUTE) >= 30
    assert answer["series"][0]["t"] <= asked["from_ms"] < answer["series"][0]["t"] + HOUR
    assert sum(step["events"] for step in answer["series"]) == totals["events"]


def test_thirty_minutes_have_the_views_of_the_live_series_even_if_events_are_cut(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        world.send(event(number), ip=f"10.0.0.{number % 7}")
        world.now += MINUTE // 2
    world.pump()
    live = world.realtime()
    same = ("t", "pageviews", "visitors", "events", "partial")
    series = [{name: minute[name] for name in same} for minute in live["series"]]
    whole = world.stats(range="30m")
    monkeypatch.setattr("stats_api.events.MOST_EVENTS", 20)
    monkeypatch.setattr("stats_api.events.FIRST_TURN", 10)
    monkeypatch.setattr("stats_api.events.TURN", 10)
    cut = world.stats(range="30m")
    for answer in (whole, cut):
        assert [{name: step[name] for name in same} for step in answer["series"]] == series
        assert answer["totals"]["pageviews"] == live["pageviews_30m"] == 58
        assert (answer["query"]["step"], len(answer["series"])) == ("minute", 30)
    assert whole["totals"]["visitors"] == live["visitors_30m"] == 7
    assert (whole["meta"]["complete"], cut["meta"]["complete"]) == (True, False)
    assert codes(cut) == ["lists_cut"]
    assert sum(row["count"] for row in cut["top"]["pages"]) <= 20


def test_a_comparison_is_left_out_where_events_do_not_reach(world: World) -> None:
    world.send(event(9))
    world.pump()
    world.now += 49 * HOUR
    for number, ip in enumerate(("203.0.113.1", "203.0.113.2", "203.0.113.3")):
        world.send(event(number), ip=ip)
        world.now += 31 * MINUTE if number == 0 else MINUTE
    world.pump()
    answer = world.stats(range="30m", compare="previous", browser="Chrome")
    assert answer["totals"]["sessions"] == 2
    assert answer["comparison"]["totals"]["sessions"] == 1
    assert len(answer["comparison"]["series"]) == 30
    far = world.stats(range="24h", compare="previous", browser="Chrome")
    assert ("comparison" in far, codes(far)[-1], far["meta"]["complete"]) == (
        False,
        "comparison_out_of_reach",
        True,
    )


def test_event_types_beyond_those_that_are_read_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stats_api.chosen.MOST_TYPES", 3)
    for number in range(4):
        world.send(event(number, event_type=f"type-{number}"))
    world.pump()
    answer = world.stats(browser="Chrome")
    assert answer["meta"]["reasons"][-1] == {"code": "event_types_cut", "read": 3}


def test_no_site_and_no_event_is_an_empty_answer(world: World) -> None:
    answer = world.stats(range="30m", compare="previous")
    assert (answer["totals"]["events"], answer["query"]["known_sites"]) == (0, [])
    assert world.stats(page="/")["meta"]["events_read"] == 0


def test_dear_answers_are_remembered_longer() -> None:
    assert seconds_to_remember({"meta": {}}) == 5
    assert seconds_to_remember({"meta": {"events_read": 12_500}}) == 30
    assert seconds_to_remember({"meta": {"events_read": 99_000}}) == 60


def test_known_sites_are_named_whatever_is_asked(world: World) -> None:
    world.send(event(1))
    world.send(event(2, page_url="https://other.example/"))
    world.pump()
    for parameters in ({}, {"site": "shop.example"}, {"site": "nobody.example", "range": "30m"}):
        assert world.stats(**parameters)["query"]["known_sites"] == ["other.example", "shop.example"]


def test_bots_are_in_thirty_minutes_and_in_no_chosen_visit(world: World) -> None:
    world.send(event(1))
    world.send(event(2), user_agent="Googlebot/2.1")
    world.pump()
    answer = world.stats(range="30m")
    assert (answer["meta"]["bots"], answer["totals"]["events"]) == ({"search": 1}, 1)
    assert world.stats(page="/")["meta"]["bots"] == {}


def test_a_reserved_site_is_in_no_chosen_visit_that_does_not_name_it(world: World) -> None:
    world.send(event(1, page_url="https://smoke.liveinsight.invalid/"))
    world.send(event(2))
    world.pump()
    assert world.stats(browser="Chrome")["totals"]["events"] == 1
    assert world.stats(browser="Chrome", site="smoke.liveinsight.invalid")["totals"]["events"] == 1


def test_a_container_that_reads_only_the_news_answers_as_one_that_reads_all(world: World) -> None:
    rng = random.Random(5)
    store = StatsStore(DynamoDB(world.client), world.settings)
    questions = (
        {"range": "30m"},
        {"country": "KR"},
        {"page": "/p1"},
        {"range": "30m", "event_type": "click"},
    )
    looked_at = Counter[str]()
    for number in range(60):
        world.now += rng.choice((1_000, 20_000, 100_000, 700_000))
        sent = event(
            number,
            event_type=rng.choice(("page_view", "page_view", "click", f"type-{number // 20}")),
            page_url=f"https://shop.example/p{rng.randrange(3)}",
            timestamp=world.now - rng.choice((0, 0, 800_000)),
        )
        world.send({"events": [sent], "sent_at": world.now}, ip=f"10.0.0.{rng.randrange(9)}", country="KR")
        world.pump()
        asked = rng.choice(questions)
        query = stats_report.Query.of(asked, world.settings, world.now)
        warm, fresh = stats_report.report(store, query, world.settings, world.now), world.stats(**asked)
        looked_at["warm"] += warm["meta"].pop("events_read")
        looked_at["fresh"] += fresh["meta"].pop("events_read")
        assert warm == fresh
    assert looked_at["warm"] < looked_at["fresh"]


def test_news_that_are_too_many_are_read_with_all_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stats_api.events.MOST_EVENTS", 30)
    monkeypatch.setattr("stats_api.events.FIRST_TURN", 10)
    monkeypatch.setattr("stats_api.events.TURN", 10)
    store = StatsStore(DynamoDB(world.client), world.settings)
    for number in range(90):
        world.send(event(number), ip=f"10.0.0.{number}")
        world.now += 10_000
        if number % 30 == 29:
            world.pump()
            query = stats_report.Query.of({"browser": "Chrome"}, world.settings, world.now)
            warm = stats_report.report(store, query, world.settings, world.now)
            fresh = world.stats(browser="Chrome")
            assert (warm["totals"], warm["query"]["from_ms"]) == (fresh["totals"], fresh["query"]["from_ms"])
    assert warm["meta"]["reasons"][-1]["code"] == "filter_cut"
