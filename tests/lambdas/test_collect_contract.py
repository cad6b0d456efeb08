"""What `POST /api/events` takes and what it answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.lambdas.world import EVENTS, STATE, World

GOOD = {"event_id": "event-0001", "event_type": "page_view", "page_url": "https://www.shop.example/pricing"}


def event(number: int = 1, **fields: Any) -> dict[str, Any]:
    return {**GOOD, "event_id": f"event-{number:04}", **fields}


def test_one_event_is_accepted_and_stored(world: World) -> None:
    result = world.send(event())
    assert (result.status, result.body) == (202, {"accepted": 1, "rejected": [], "dropped": 0})
    [item] = world.items(EVENTS)
    assert item["site"] == {"S": "shop.example"}
    assert item["ttl"] == {"N": str(world.now // 1000 + 86_400)}


def test_a_batch_of_25_is_accepted_in_two_calls_once_the_session_runs(world: World) -> None:
    world.send(event(0))
    world.now += 1000
    world.client.calls.clear()
    result = world.send({"events": [event(number) for number in range(1, 26)]})
    assert result.body["accepted"] == 25
    assert world.client.calls == ["UpdateItem", "BatchWriteItem"]


def test_one_bad_event_does_not_lose_the_others(world: World) -> None:
    result = world.send({"events": [event(1), {"event_type": "page_view"}, event(3)]})
    assert result.status == 202
    assert result.body["accepted"] == 2
    assert result.body["rejected"] == [
        {
            "index": 1,
            "error": {"code": "missing_field", "message": "page_url is required.", "field": "page_url"},
        }
    ]
    assert len(world.items(EVENTS)) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b"{", 400, "invalid_json"),
        (b"[" * 60_000, 400, "invalid_json"),
        (b"\xff\xfe", 400, "invalid_json"),
        (b'{"event_type": NaN}', 400, "invalid_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", 400, "invalid_json"),
        (b"[]", 400, "invalid_body"),
        (b'"text"', 400, "invalid_body"),
        (b'{"events": []}', 400, "invalid_field"),
        (b'{"events": {}}', 400, "invalid_field"),
        (b'{"events": [{}], "ip": "1.2.3.4"}', 400, "unknown_field"),
        (b"x" * 65_537, 413, "body_too_large"),
        (json.dumps({"events": [GOOD] * 26}).encode(), 400, "too_many_events"),
    ],
)
def test_a_bad_envelope_is_refused_as_a_whole(world: World, body: bytes, status: int, code: str) -> None:
    result = world.send(body)
    assert (result.status, result.body["error"]["code"]) == (status, code)
    assert world.client.calls == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_id", "short"),
        ("event_id", "has spaces in it"),
        ("event_id", 12345678),
        ("event_type", ""),
        ("event_type", "x" * 65),
        ("event_type", "line\nbreak"),
        ("event_type", ["page_view"]),
        ("page_url", "ftp://shop.example/"),
        ("page_url", "http://[::1"),
        ("page_url", "https:///nowhere"),
        ("page_url", "https://shop.example/" + "x" * 2048),
        ("page_url", "https://shop.example:notaport/"),
        ("referrer", "x" * 2049),
        ("title", "\ud800"),
        ("title", "x" * 513),
        ("timestamp", "yesterday"),
        ("timestamp", True),
        ("timestamp", 1e300),
        ("session_id", "short"),
        ("user_id", "x" * 129),
        ("props", {"nested": {}}),
        ("props", {str(number): number for number in range(31)}),
        ("engaged_ms", -1),
        ("scroll_depth", 101),
        ("interactive", "yes"),
        ("vitals", {"lcp": "fast"}),
        ("vitals", {"other": 1}),
    ],
)
def test_a_bad_field_is_named_and_never_echoed(world: World, field: str, value: Any) -> None:
    result = world.send(event(**{field: value}))
    assert result.status == 400
    assert result.body["error"]["field"] == field
    text = json.dumps(result.body)
    assert not isinstance(value, str) or len(value) < 3 or value not in text
    assert world.items(EVENTS) == []


@pytest.mark.parametrize("name", ["ip", "user_agent", "visitor", "before", "bot"])
def test_unknown_keys_are_rejected_by_name(world: World, name: str) -> None:
    result = world.send(event(**{name: "1.2.3.4"}))
    assert result.status == 400
    assert result.body["error"] == {
        "code": "unknown_field", "message": "The event has an unknown field.", "field": name,
    }  # fmt: skip


def test_an_unknown_key_that_is_no_name_is_not_shown(world: World) -> None:
    assert world.send(event(**{"<script>": 1})).body["error"]["field"] == "(unprintable)"


def test_every_optional_field_is_taken(world: World) -> None:
    result = world.send(
        {
            "site": "www.Shop.example",
            "sent_at": world.now,
            "screen": "1920x1080",
            "lang": "ko-KR",
            "events": [
                event(
                    referrer="https://www.google.com/search?q=secret",
                    title="Pricing",
                    timestamp=world.now - 5000,
                    session_id="my-own-session",
                    user_id="user-1",
                    props={"plan": "pro", "seats": 3, "trial": True, "coupon": None, "price": 9.5},
                    engaged_ms=1500,
                    scroll_depth=80,
                    interactive=True,
                    vitals={"lcp": 1200.5, "cls": 0.01},
                )
            ],
        },
        country="kr",
    )
    assert result.status == 202
    [item] = world.items(EVENTS)
    assert item["session_id"] == {"S": "my-own-session"}
    assert item["country"] == {"S": "KR"}
    assert int(item["timestamp"]["N"]) // 10**9 == world.now - 5000
    assert json.loads(item["props"]["S"])["price"] == 9.5


def test_nothing_that_identifies_a_person_is_stored(world: World) -> None:
    page = "https://user:password@shop.example/a?email=me@example.org&utm_source=news#token=abc"
    world.send(event(page_url=page, referrer="https://mail.example/inbox?id=42"), ip="198.51.100.77")
    stored = json.dumps(world.items(EVENTS) + world.items(STATE), default=str)
    for secret in (
        "198.51.100.77",
        "Mozilla",
        "AppleWebKit",
        "me@example.org",
        "password",
        "token=abc",
        "id=42",
    ):
        assert secret not in stored
    [item] = world.items(EVENTS)
    assert item["page_url"] == {"S": "https://shop.example/a"}
    assert item["utm_source"] == {"S": "news"}
    assert item["user_agent"] == {"S": "Chrome/Windows/desktop"}


def test_the_same_person_is_another_visitor_on_another_site_and_another_day(world: World) -> None:
    world.send(event(1))
    world.send(event(2, page_url="https://other.example/"))
    world.now += 86_400_000
    world.send(event(3))
    assert len({item["visitor"]["S"] for item in world.items(EVENTS)}) == 3


def test_foreign_sites_and_origins_are_refused(tmp_path: Any) -> None:
    world = World(tmp_path / "x", ALLOWED_SITES="shop.example", ALLOWED_ORIGINS="https://shop.example")
    world.now = 1_763_895_000_000
    foreign = event(1, page_url="https://evil.example/")
    assert world.send(event(1), origin="https://evil.example").status == 403
    assert world.send(foreign).status == 403
    mixed = world.send({"events": [foreign, event(2)]}, origin="https://shop.example")
    assert (mixed.status, mixed.body["accepted"]) == (202, 1)
    assert mixed.body["rejected"][0]["error"]["code"] == "site_not_allowed"
    world.close()


def test_the_second_event_with_the_same_id_in_a_batch_is_rejected(world: World) -> None:
    result = world.send({"events": [event(1), event(1)]})
    assert result.body["accepted"] == 1
    assert result.body["rejected"][0]["error"]["code"] == "duplicate_event_id"


def test_a_bot_is_counted_by_reason_and_kept_out_of_every_figure(world: World) -> None:
    result = world.send(
        event(), user_agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/bot.html)"
    )
    assert result.body == {"accepted": 0, "rejected": [], "dropped": 1}
    world.pump()
    answer = world.stats()
    assert answer["totals"]["events"] == 0
    assert answer["meta"]["bots"] == {"search": 1}
    assert world.realtime(event_type="bot")["recent"] == []


def test_an_http_library_alone_is_no_bot_but_with_an_impossible_screen_it_is(world: World) -> None:
    assert world.send(event(1), user_agent="curl/8.5.0").body["accepted"] == 1
    document = {"screen": "0x0", "events": [event(2)]}
    assert world.send(document, user_agent="HeadlessChrome/142").body["dropped"] == 1


def test_two_identical_requests_without_event_ids_are_two_events(world: World) -> None:
    body = {"event_type": "page_view", "page_url": "https://shop.example/"}
    world.send(body)
    world.send(body)
    assert len(world.items(EVENTS)) == 2


def test_a_bot_that_names_a_running_session_does_not_touch_it(world: World) -> None:
    world.send(event(1, session_id="own-session"))
    world.now += 10_000
    world.send(event(2, session_id="own-session"), user_agent="Googlebot/2.1")
    world.now += 10_000
    world.send(event(3, session_id="own-session"))
    world.pump()
    totals = world.stats()["totals"]
    assert (totals["sessions"], totals["events"], totals["avg_duration_s"]) == (1, 2, 20.0)
