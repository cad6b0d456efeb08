"""The visit log: when an hour is written, that it can be repeated, and what an answer says where it does not reach."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from aggregator.visits import log_visits
from shared import keys
from shared.parts import parts_of
from shared.raw_events import readable
from shared.visit_log import packed, unpacked
from stats_api.report import Query
from tests.lambdas.test_collect_contract import event
from tests.lambdas.world import EVENTS, STATE, World

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NEWS = "https://shop.example/?utm_source=news"


def logged(world: World) -> list[dict[str, Any]]:
    return [item for item in world.items(STATE) if item["pk"]["S"].startswith("visits#")]


def forget_raw_events(world: World) -> None:
    world.plane.sweep_expired(world.seconds())
    assert not world.items(EVENTS)


def codes(answer: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer["meta"]["reasons"]]


def send(world: World, number: int, **more: Any) -> None:
    world.send(event(number, **more), ip=f"203.0.113.{number}")
    world.pump()


def pass_hours(world: World, hours: int) -> None:
    """Let time pass, with the scheduled task going on."""
    end = world.now + hours * HOUR
    while world.now < end:
        world.now = min(end, world.now + 12 * HOUR)
        world.log_visits()


def at_hour(world: World) -> None:
    """Go on to the beginning of an hour."""
    world.now += HOUR - world.now % HOUR


def test_an_hour_is_written_when_nothing_of_it_can_arrive_any_more(world: World) -> None:
    at_hour(world)
    world.log_visits()
    send(world, 1)
    world.now += 89 * MINUTE
    world.log_visits()
    assert not logged(world)
    world.now += MINUTE
    assert world.log_visits() == {"visit_hours_written": 1, "visit_hours_left": 0}
    [item] = logged(world)
    assert item["visits"] == {"N": "1"}
    assert int(item["ttl"]["N"]) == (world.now - 90 * MINUTE) // 1000 + 40 * 86_400
    world.now += HOUR
    assert world.log_visits() == {"visit_hours_written": 1, "visit_hours_left": 0}
    assert len(logged(world)) == 1, "an hour without visits takes no item"


def test_filters_reach_what_is_logged_when_raw_events_are_gone(world: World) -> None:
    at_hour(world)
    world.now += 20 * MINUTE
    world.log_visits()
    for number in range(1, 4):
        send(world, number, page_url=NEWS if number < 3 else "https://shop.example/a")
    world.now += 29 * MINUTE
    send(world, 1, event_id="the-second", page_url="https://shop.example/late")
    world.now += 25 * MINUTE  # the visit goes on in the next hour
    send(world, 1, event_id="the-third", page_url="https://shop.example/later")
    pass_hours(world, 4 * 24)
    forget_raw_events(world)
    answer = world.stats(range="7d", source="news")
    assert answer["meta"]["complete"]
    totals = answer["totals"]
    assert (totals["sessions"], totals["visitors"], totals["pageviews"]) == (2, 2, 4)
    assert totals["avg_duration_s"] == 54 * 60 / 2
    assert [row["name"] for row in answer["top"]["exit_pages"]] == ["/", "/later"]
    assert world.stats(range="7d", exit_page="/later")["totals"]["pageviews"] == 3
    assert world.stats(range="7d", page="/a")["totals"]["sessions"] == 1
    assert world.stats(range="7d", page="/late", source="(direct)")["totals"]["events"] == 0
    assert answer["meta"]["events_read"] == 4


def test_the_same_hour_gives_the_same_bytes_and_late_events_write_it_anew(world: World) -> None:
    at_hour(world)
    world.log_visits()
    for number in range(1, 6):
        send(world, number)
    world.now += 2 * HOUR
    world.log_visits()
    before = logged(world)
    world.store.visit_log.reopen({world.now - 2 * HOUR}, world.now)
    assert world.log_visits()["visit_hours_written"] == 1
    assert logged(world) == before
    request = {"events": [event(9, timestamp=world.now - 2 * HOUR)], "sent_at": world.now}
    assert world.stats(range="24h", browser="Chrome")["totals"]["events"] == 5
    world.now -= 2 * HOUR  # as a request that was taken then, and whose events are stored only now
    world.send(request, ip="203.0.113.9")
    world.now += 2 * HOUR
    world.pump()
    assert world.stats(range="24h", browser="Chrome")["totals"]["events"] == 6
    world.log_visits()
    assert world.stats(range="24h", browser="Chrome")["totals"]["events"] == 6
    assert logged(world) != before


def test_runs_that_were_missed_are_caught_up_as_long_as_raw_events_are_kept(world: World) -> None:
    at_hour(world)
    world.log_visits()
    for number in range(1, 31):
        send(world, number)
        world.now += HOUR
    left = iter((True, True, False))
    assert world.stats(range="7d", browser="Chrome")["meta"]["complete"] is False
    done = log_visits(world.store, world.now, lambda: next(left))
    assert (done["visit_hours_written"], done["visit_hours_left"]) == (2, 20)
    world.log_visits()
    answer = world.stats(range="7d", browser="Chrome")
    assert codes(answer) == ["days_summed", "filter_log_gaps"]
    assert answer["meta"]["reasons"][-1]["hours"] == 7
    assert answer["totals"]["events"] == 24
    assert answer["meta"]["complete"] is False


def test_what_is_older_than_the_log_is_told(world: World) -> None:
    at_hour(world)
    send(world, 1)
    world.now += 9 * DAY
    world.log_visits()
    send(world, 2)
    answer = world.stats(range="7d", browser="Chrome")
    first = world.now - DAY
    assert answer["totals"]["sessions"] == 1
    assert answer["meta"]["reasons"][-1] == {"code": "filter_log_begins", "from_ms": first}
    assert answer["query"]["from_ms"] == answer["series"][0]["t"] == first


def test_an_hour_that_the_stream_has_not_brought_waits_and_one_too_large_is_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hour(world)
    world.log_visits()
    for number in range(1, 5):
        world.send(event(number), ip=f"203.0.113.{number}")
    world.now += 2 * HOUR
    assert world.log_visits()["visit_hours_left"] == 1
    world.pump()
    monkeypatch.setattr("aggregator.visits.MOST_EVENTS", 3)
    done = world.log_visits()
    assert (done["visit_hours_written"], done["visit_hours_skipped"]) == (0, 1)
    assert world.log_visits()["visit_hours_left"] == 0
    assert world.stats(range="24h", browser="Chrome")["totals"]["events"] == 4  # raw events are there still
    monkeypatch.undo()
    pass_hours(world, 48)
    answer = world.stats(range="7d", browser="Chrome")
    assert answer["meta"]["reasons"][-1] == {"code": "filter_log_gaps", "hours": 1}


def test_more_visits_than_are_read_end_an_answer_at_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hour(world)
    world.log_visits()
    for number in range(1, 21):
        send(world, number)
        world.now += 30 * MINUTE
        world.log_visits()
    pass_hours(world, 48)
    monkeypatch.setattr("stats_api.chosen.MOST_PARTS", 9)
    monkeypatch.setattr("stats_api.chosen._LEAST_PARTS", 1)
    answer = world.stats(range="7d", browser="Chrome")
    assert codes(answer)[-1] == "filter_log_cut"
    assert (answer["totals"]["sessions"], answer["meta"]["complete"]) == (8, False)


def test_parts_that_do_not_fit_into_an_item_take_several(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = world.now - world.now % HOUR
    for number in range(1, 31):
        send(world, number)
    parts = parts_of(readable(world.items(EVENTS)), HOUR, lambda one: keys.event_suffix(one.session_id))
    [whole] = packed(hour, parts)
    monkeypatch.setattr("shared.visit_log._LARGEST_BYTES", len(whole[1]) // 2)
    chunks = packed(hour, parts)
    assert len(chunks) > 1
    assert sum(count for count, _ in chunks) == 30
    back = [part for _, data in chunks for part in unpacked("shop.example", hour, data)]
    assert sorted(back, key=lambda part: part.key) == sorted(parts, key=lambda part: part.key)


def test_no_key_of_a_visit_outlives_the_salts_and_no_session_is_named(world: World) -> None:
    at_hour(world)
    send(world, 1)
    sessions = {item["session_id"]["S"] for item in world.items(EVENTS)}
    world.now += 2 * HOUR
    world.log_visits()
    [item] = logged(world)
    hour = keys.visit_log_hour_of(item["sk"]["S"])
    [part] = unpacked("shop.example", hour, b64decode(item["data"]["B"]))
    assert all(f"{part.key:x}" not in session for session in sessions)
    world.now += 3 * DAY
    world.sweep()
    assert not [item for item in world.items(STATE) if item["pk"]["S"] == keys.SALTS]


def test_a_custom_range_may_end_long_ago_and_knows_how_its_visits_went_on(world: World) -> None:
    at_hour(world)
    world.now += 50 * MINUTE
    world.log_visits()
    start = world.now - world.now % HOUR
    send(world, 1, page_url=NEWS)
    world.now += 20 * MINUTE
    send(world, 1, event_id="the-second", page_url="https://shop.example/after")
    pass_hours(world, 10 * 24)
    forget_raw_events(world)
    first, last = (keys.day_of(at) + f"T{at % DAY // HOUR:02d}:00" for at in (start, start + HOUR))
    answer = world.stats(range=f"{first},{last}", exit_page="/after")
    assert (answer["totals"]["sessions"], answer["totals"]["pageviews"]) == (1, 1)
    assert answer["totals"]["avg_duration_s"] == 1200
    assert Query.of({"range": f"{first},{last}", "page": "/"}, world.settings, world.now).filters


def test_raw_events_that_are_not_all_read_leave_a_gap_between_the_log_and_the_newest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (("MOST_EVENTS", 20), ("FIRST_TURN", 10), ("TURN", 10)):
        monkeypatch.setattr(f"stats_api.events.{name}", most)
    at_hour(world)
    world.log_visits()
    for number in range(1, 61):
        send(world, number)
        world.now += 3 * MINUTE
        world.log_visits()
    answer = world.stats(range="24h", browser="Chrome")
    assert codes(answer)[-1] == "filter_log_gaps"
    assert answer["totals"]["sessions"] == 20 + 20, "an hour of the log, none, and the newest hour"
    assert answer["meta"]["reasons"][-1]["hours"] == 1


def test_a_filter_asks_for_few_things_however_many_visits_there_are(world: World) -> None:
    at_hour(world)
    for number in range(1, 31):
        send(world, number)
    world.client.calls.clear()
    assert world.stats(range="24h", browser="Chrome")["totals"]["sessions"] == 30
    assert len(world.client.calls) <= 8


def test_a_comparison_needs_all_of_the_range_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    at_hour(world)
    world.log_visits()
    for number in range(1, 4):
        send(world, number)
        pass_hours(world, 20)
    for most, comparison in ((50_000, {"sessions": 1}), (1, None)):
        monkeypatch.setattr("stats_api.chosen.MOST_PARTS", most)
        monkeypatch.setattr("stats_api.chosen._LEAST_PARTS", 1)
        answer = world.stats(range="24h", compare="previous", browser="Chrome")
        assert answer["totals"]["sessions"] == 1
        assert answer["meta"]["complete"]
        if comparison:
            assert answer["comparison"]["totals"]["sessions"] == 1
        else:
            assert "comparison" not in answer
            assert codes(answer)[-1] == "comparison_out_of_reach"
