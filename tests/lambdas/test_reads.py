"""Ranges, comparison, time zones and what the answers say about themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.http import HttpError
from stats_api.ranges import read_range
from stats_api.zones import bundled_zone, read_zone
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import World

HOUR = 3_600_000
DAY = 24 * HOUR
NOW = 1_763_895_000_000  # 2025-11-23 10:50 UTC


@pytest.mark.parametrize(
    ("name", "zone", "start", "end", "steps"),
    [
        ("24h", "UTC", "2025-11-22T11:00:00+00:00", "2025-11-23T11:00:00+00:00", 24),
        ("today", "UTC", "2025-11-23T00:00:00+00:00", "2025-11-23T11:00:00+00:00", 11),
        ("today", "Asia/Seoul", "2025-11-23T00:00:00+09:00", "2025-11-23T20:00:00+09:00", 20),
        ("yesterday", "Asia/Seoul", "2025-11-22T00:00:00+09:00", "2025-11-23T00:00:00+09:00", 24),
        ("7d", "UTC", "2025-11-17T00:00:00+00:00", "2025-11-23T11:00:00+00:00", 7),
        ("30d", "Europe/Berlin", "2025-10-25T00:00:00+02:00", "2025-11-23T12:00:00+01:00", 30),
        ("2025-11-01,2025-11-03", "UTC", "2025-11-01T00:00:00+00:00", "2025-11-03T00:00:00+00:00", 48),
        (
            "2025-11-20T10:30Z,2025-11-20T12:10Z",
            "UTC",
            "2025-11-20T10:00:00+00:00",
            "2025-11-20T13:00:00+00:00",
            3,
        ),
    ],
)
def test_a_range_is_clock_hours_in_the_callers_zone(
    name: str, zone: str, start: str, end: str, steps: int
) -> None:
    asked = read_range(name, NOW, UTC if zone == "UTC" else ZoneInfo(zone))
    assert (asked.shown(asked.start), asked.shown(asked.end), len(asked.steps())) == (start, end, steps)


def test_steps_of_days_follow_the_change_of_the_clocks() -> None:
    zone = ZoneInfo("Europe/Berlin")
    asked = read_range("2025-10-25,2025-10-28", NOW, zone)
    starts = asked.steps()
    assert [later - earlier for earlier, later in pairwise(starts)] == [
        24 * HOUR,
        25 * HOUR,
    ]


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu", "America/St_Johns", "Pacific/Chatham"])
@pytest.mark.parametrize(("name", "days"), [("7d", 7), ("30d", 30), ("2025-11-01,2025-11-11", 10)])
def test_days_of_a_zone_off_the_hour_begin_with_the_clock_hour_of_their_midnight(
    zone: str, name: str, days: int
) -> None:
    asked = read_range(name, NOW, ZoneInfo(zone))
    steps = list(islice(asked._local_days(), days + 1))
    middles = [(start + end) // 2 for start, end in pairwise([*steps, steps[-1] + 24 * HOUR])]
    dates = [datetime.fromtimestamp(middle / 1000, ZoneInfo(zone)).date() for middle in middles]
    assert len(steps) == days
    assert len(set(dates)) == days
    assert all(start % HOUR == 0 for start in steps)


def test_a_zone_off_the_hour_is_rounded_to_clock_hours() -> None:
    asked = read_range("today", NOW, ZoneInfo("Asia/Kolkata"))
    assert asked.start % HOUR == 0


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Africa/Cairo", "Australia/Lord_Howe"])
@pytest.mark.parametrize("month", [3, 4, 9, 10, 11])
def test_whole_days_are_compared_with_whole_days_over_a_clock_change(zone: str, month: int) -> None:
    asked = read_range(f"2024-{month:02}-08,2024-{month:02}-15", NOW, ZoneInfo(zone))
    for _ in range(8):
        before = asked.previous()
        assert len(before.steps()) == len(asked.steps()) == 7
        assert before.end == asked.start
        days = [datetime.fromtimestamp((at + HOUR - 1) / 1000, ZoneInfo(zone)) for at in before.steps()]
        assert len({day.date() for day in days}) == 7
        assert all(day.hour == 0 or (day - timedelta(hours=1)).date() < day.date() for day in days)
        asked = before


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("name", ["24h", "today", "7d", "30d"])
def test_a_running_day_is_compared_with_as_many_hours(zone: str, name: str) -> None:
    asked = read_range(name, NOW, ZoneInfo(zone))
    before = asked.previous()
    lengths, past = (
        [end - start for start, end in pairwise([*span.steps(), span.end])] for span in (asked, before)
    )
    assert past == lengths
    assert (before.end, before.end - before.start) == (asked.start, asked.end - asked.start)


def test_the_comparison_is_the_same_length_just_before(world: World) -> None:
    world.now -= 24 * HOUR
    world.send(event(1))
    world.pump()
    world.now += 24 * HOUR
    world.send({"events": [event(2), event(3)]}, ip="203.0.113.2")
    world.pump()
    answer = world.stats(compare="previous")
    assert answer["totals"]["pageviews"] == 2
    assert answer["comparison"]["totals"]["pageviews"] == 1
    assert answer["comparison"]["change"]["pageviews"] == 1.0
    assert answer["comparison"]["to"] == answer["query"]["from"]


def test_an_empty_site_answers_zeros_and_nulls(world: World) -> None:
    answer = world.stats(site="nobody.example", range="30d")
    assert answer["totals"]["pageviews"] == 0
    assert answer["totals"]["bounce_rate"] is None
    assert len(answer["series"]) == 30
    assert answer["meta"] == {
        "fresh_to": None,
        "complete": True,
        "exact": True,
        "warnings": ["visitors are distinct per UTC day, summed over the days"],
        "reasons": [{"code": "days_summed"}],
        "bots": {},
    }
    assert len(world.realtime(site="nobody.example")["series"]) == 30


def test_meta_tells_how_fresh_the_figures_are(world: World) -> None:
    world.send(event(1))
    world.pump()
    world.now += 60_000
    assert world.stats()["meta"]["fresh_to"] == world.now - 60_000
    assert world.realtime()["meta"]["fresh_to"] == world.now - 60_000


def test_a_bot_makes_no_figure_look_fresher(world: World) -> None:
    world.send(event(1))
    world.now += 60_000
    world.send(event(2), user_agent="Googlebot/2.1")
    world.pump()
    answer = world.stats()
    assert answer["meta"]["bots"] == {"search": 1}
    assert answer["meta"]["fresh_to"] == world.now - 60_000


def test_visitors_beyond_the_exact_limit_are_estimated_and_the_answer_says_so(world: World) -> None:
    for number in range(600):
        world.send(event(number), ip=f"10.0.{number // 250}.{number % 250}")
    world.pump()
    answer = world.stats()
    assert answer["totals"]["visitors"] == pytest.approx(600, rel=0.06)
    assert answer["meta"]["exact"] is False


def test_reads_do_not_show_what_is_past_its_time_but_not_yet_deleted(world: World) -> None:
    world.send(event(1))
    world.pump()
    world.now += 25 * HOUR
    live = world.realtime()
    assert live["recent"] == []
    assert (live["active_visitors"], live["active_sessions"], live["visitors_30m"]) == (0, 0, 0)


def test_24_hours_cost_two_queries_beside_the_list_of_sites_whatever_the_traffic(world: World) -> None:
    for number in range(60):
        world.send(event(number), ip=f"10.0.0.{number}")
        world.now += 60_000
    world.pump()
    world.client.calls.clear()
    world.stats(site="shop.example")
    assert world.client.calls == ["Query", "Query", "Query"]


def test_sites_are_kept_apart_and_added_up(world: World) -> None:
    world.send(event(1))
    world.send(event(2, page_url="https://other.example/"))
    world.pump()
    assert world.stats(site="www.Shop.example")["totals"]["pageviews"] == 1
    both = world.stats()
    assert (both["totals"]["pageviews"], both["query"]["sites"]) == (2, ["other.example", "shop.example"])
    assert world.realtime(site="other.example")["recent"][0]["site"] == "other.example"


def test_zones_are_found_without_data_of_the_system() -> None:
    moment = datetime(2025, 7, 1, 12, tzinfo=UTC)
    assert moment.astimezone(bundled_zone("Europe/Berlin")).hour == 14
    with pytest.raises(LookupError):
        bundled_zone("Mars/Olympus")


@pytest.mark.parametrize("site", ["smoke.liveinsight.invalid", "load.liveinsight.invalid"])
def test_a_reserved_site_is_in_no_figure_that_does_not_name_it(world: World, site: str) -> None:
    world.send(event(1, page_url=f"https://{site}/"))
    world.pump()
    assert world.stats(range="7d")["totals"]["events"] == 0
    everything = world.realtime()
    assert (everything["active_visitors"], everything["recent"]) == (0, [])
    assert world.stats(range="7d", site=site)["totals"]["events"] == 1
    assert world.realtime(site=site)["active_visitors"] == 1


def test_the_visitors_of_every_hour_are_the_same_before_and_after_its_day_is_folded(world: World) -> None:
    world.now += DAY - world.now % DAY
    for hour in range(24):
        for number in range(hour % 5):
            world.send(event(100 * hour + number), ip=f"198.51.100.{number}")
        world.pump()
        world.now += HOUR
    world.now += 3 * HOUR
    before = world.stats(range="yesterday")
    assert [step["visitors"] for step in before["series"]] == [hour % 5 for hour in range(24)]
    assert world.fold_days() == {"days_folded": 1}
    assert world.stats(range="yesterday") == before


def test_visitors_of_several_sites_are_summed_and_the_answer_says_so(world: World) -> None:
    world.send(event(1, page_url="https://one.example/"))
    world.send(event(2, page_url="https://two.example/"))
    world.pump()
    answer = world.stats()
    assert answer["totals"]["visitors"] == 2
    assert "visitors are distinct within a site, summed over the sites" in answer["meta"]["warnings"]
    assert not any("site" in warning for warning in world.stats(site="one.example")["meta"]["warnings"])


@pytest.mark.parametrize(
    ("range_name", "zone", "calls"), [("30d", "UTC", 4), ("30d", "Asia/Seoul", 5), ("7d", "UTC", 3)]
)
def test_folded_days_cost_a_handful_of_calls(world: World, range_name: str, zone: str, calls: int) -> None:
    world.now -= 40 * 24 * HOUR
    for day in range(40):
        world.send(event(day))
        world.pump()
        world.now += 24 * HOUR
    world.fold_days()
    world.client.calls.clear()
    answer = world.stats(site="shop.example", range=range_name, timezone=zone)
    assert answer["totals"]["events"] == int(range_name[:-1]) - 1
    assert len(world.client.calls) <= calls


@pytest.mark.parametrize(
    "archive", [ModuleNotFoundError("dateutil"), FileNotFoundError("archive"), None, b"no archive"]
)
def test_a_runtime_without_time_zones_refuses_one_instead_of_failing(
    archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def data(package: str, resource: str) -> Any:
        if isinstance(archive, Exception):
            raise archive
        return archive

    monkeypatch.setattr("stats_api.zones.pkgutil.get_data", data)
    monkeypatch.setattr("stats_api.zones._system_zone", lambda name: None)
    read_zone.cache_clear()
    with pytest.raises(HttpError) as refusal:
        read_zone("Asia/Seoul")
    assert (refusal.value.status, refusal.value.field) == (400, "timezone")
    read_zone.cache_clear()


def many_views(world: World, site: str, batches: int) -> None:
    """Page views by 25, one visitor's each."""
    for number in range(batches):
        world.now += 1000
        batch = [event(100 * number + n, page_url=f"https://{site}/") for n in range(100, 125)]
        assert world.send({"events": batch}, ip=f"10.0.0.{number}").status == 202


def limits_of_feed(world: World) -> list[int]:
    """Let the limits of the feed's reads be noted from now on."""
    limits: list[int] = []

    def note(operation: str, request: dict[str, Any]) -> None:
        if request.get("IndexName") == "EventTypeIndex":
            limits.append(request["Limit"])

    world.client.before_call = note
    return limits


def test_a_feed_that_ends_before_it_has_found_enough_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime_api.store.DEEPER_LIMIT", 5)
    world.send(event(1, page_url="https://quiet.example/"))
    many_views(world, "shop.example", 13)
    world.pump()
    limits = limits_of_feed(world)
    quiet = world.realtime(site="quiet.example")
    assert limits == [25, 275, 5, 5, 5]
    assert (quiet["recent"], quiet["meta"]["complete"]) == ([], False)
    assert any("newest 3300" in warning for warning in quiet["meta"]["warnings"])
    assert world.realtime(site="shop.example")["meta"] == {
        **world.realtime()["meta"],
        "complete": True,
        "warnings": [],
        "reasons": [],
    }


@pytest.mark.parametrize("busy", ["load.liveinsight.invalid", "smoke.liveinsight.invalid"])
def test_a_load_takes_nobody_out_of_the_feed(world: World, busy: str) -> None:
    world.send({"events": [event(number) for number in range(25)]}, ip="203.0.113.9")
    many_views(world, busy, 13)
    world.pump()
    limits = limits_of_feed(world)
    everything = world.realtime()
    assert limits == [25, 275, 1000]
    assert [one["site"] for one in everything["recent"]] == ["shop.example"] * 20
    assert everything["meta"]["complete"]
    assert world.realtime(site="shop.example")["recent"] == everything["recent"]
    limits.clear()
    assert len(world.realtime(site=busy)["recent"]) == 20
    assert limits == [25], "who finds enough reads no further"


def test_a_visitors_event_named_bot_is_shown_and_a_bots_is_not(world: World) -> None:
    world.send(event(1, event_type="bot"))
    world.send(event(2), user_agent="Googlebot/2.1")
    world.pump()
    [shown] = world.realtime(event_type="bot")["recent"]
    assert shown["event_type"] == "bot"
    assert world.stats()["meta"]["bots"] == {"search": 1}
