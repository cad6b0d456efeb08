"""Whatever bytes come in: an answer below 500, and nothing stored that was not accepted."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from event_collector.address import BadAddress, read_page, read_referrer
from event_collector.parse import Submission, parse
from shared.http import HttpError
from tests.lambdas.world import EVENTS, World

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=[]), max_size=20)
    | st.sampled_from(
        ["https://shop.example/", "page_view", "event-0001", "http://[", "http://a:99999/", "//x"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
FIELDS = [
    "event_id", "event_type", "page_url", "referrer", "title", "timestamp", "session_id", "user_id", "props",
    "engaged_ms", "scroll_depth", "interactive", "vitals", "site", "sent_at", "screen", "lang", "ip",
]  # fmt: skip
events = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=8)
likely = events.map(lambda e: {"event_type": "page_view", "page_url": "https://shop.example/", **e})
bodies = st.one_of(
    st.binary(max_size=200),
    anything.map(lambda value: json.dumps(value).encode()),
    events.map(lambda value: json.dumps(value).encode()),
    likely.map(lambda value: json.dumps(value).encode()),
    st.lists(likely, max_size=4).map(lambda value: json.dumps({"events": value}).encode()),
)


def parsed(body: bytes) -> Submission | None:
    """The submission, or None if the body was refused as it should be; anything else fails the test."""
    with suppress(HttpError):
        return parse(body)
    return None


@settings(max_examples=400, deadline=None)
@given(body=bodies)
def test_parsing_either_answers_or_refuses(body: bytes) -> None:
    submission = parsed(body)
    for event in submission.events if submission else []:
        json.dumps(event.texts, ensure_ascii=False).encode()
        assert event.page.url.startswith(("http://", "https://"))
        assert "?" not in event.page.url


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=bodies, user_agent=st.text(max_size=50), country=st.none() | st.text(max_size=3))
def test_any_request_is_answered_and_the_stored_events_are_the_accepted_ones(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, user_agent: str, country: str | None
) -> None:
    world = World(tmp_path_factory.mktemp("fuzz") / "data.sqlite")
    world.now = 1_763_895_000_000
    try:
        result = world.send(body, user_agent=user_agent, country=country)
        assert result.status in (202, 400, 413)
        stored = len(world.items(EVENTS))
        assert stored == (result.body.get("accepted", 0) + result.body.get("dropped", 0))
        world.pump()
        assert world.folder.fold_batch("shard", [], world.now).poison == []
        json.dumps([world.stats(), world.realtime()], allow_nan=False)
    finally:
        world.close()


@given(st.text(st.characters(exclude_categories=[])))
def test_addresses_are_cleaned_or_refused(text: str) -> None:
    assert "?" not in read_referrer(text)
    for url in (text, "https://" + text, "https://shop.example/" + text):
        try:
            page: Any = read_page(url)
        except BadAddress:
            continue
        assert "?" not in page.url
        assert "#" not in page.url
        assert page.host
