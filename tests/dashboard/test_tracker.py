"""What the tracker sends, checked with the collector's own parser, and what it leaves alone."""

import gzip
import json
from typing import Any

import pytest
from playwright.sync_api import Page as Tab

from event_collector.parse import parse
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import Failure, FakeApi
from tests.dashboard.servers import DASHBOARD, serve_site

pytestmark = pytest.mark.browser

REFUSED = "Failed to load resource: the server responded with a status of "
QUEUE = "window.liveinsight = function () { (liveinsight.q = liveinsight.q || []).push(arguments) };"


def open_site(
    visit: Visit,
    api: FakeApi,
    path: str = "/",
    *,
    head: str = "",
    attributes: str = 'data-site="shop.example"',
) -> Tab:
    """A visit to a plain page with the tracker on it, served by a real server: interception would hide preflights."""
    tag = f'<script defer src="/liveinsight.js" data-api="{api.url}/" {attributes}></script>'
    icon = '<link rel="icon" href="data:,">'
    page = f"<!doctype html><title>Shop</title>{icon}{head}{tag}<p>Hello"
    return visit.open(visit.servers.enter_context(serve_site(page)) + path)


def types_of(api: FakeApi) -> list[str]:
    return [event["event_type"] for event in api.events()]


def types_by_id(api: FakeApi) -> dict[str, str]:
    return {event["event_id"]: event["event_type"] for event in api.events()}


def deliveries_of(api: FakeApi, event: dict[str, Any]) -> list[bytes]:
    """The bodies that brought an event."""
    return [post.body for post in api.of("POST") if event["event_id"].encode() in post.body]


def test_a_page_view_is_plain_text_without_preflight_and_the_collector_takes_it(
    visit: Visit, api: FakeApi
) -> None:
    tab = open_site(visit, api, "/pricing?plan=pro#secret=1")
    api.wait_for(lambda api: len(api.of("POST")) == 1)

    post = api.of("POST")[0]
    assert post.headers["content-type"] == "text/plain;charset=UTF-8"
    assert "cookie" not in post.headers
    assert [request.method for request in api.received] == ["POST"]
    submission = parse(post.body)
    assert submission.rejected == []
    assert submission.site == "shop.example"
    event = json.loads(post.body)["events"][0]
    assert event["page_url"] == tab.url.partition("#")[0]
    assert (event["event_type"], event["title"]) == ("page_view", "Shop")


def test_without_a_site_setting_the_collector_is_left_to_read_it_from_the_address(
    visit: Visit, api: FakeApi
) -> None:
    open_site(visit, api, attributes="")
    api.wait_for(lambda api: len(api.of("POST")) == 1)

    assert json.loads(api.of("POST")[0].body).keys() == {"events"}
    assert parse(api.of("POST")[0].body).rejected == []


def test_a_single_page_application_counts_each_address_once(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api)
    home = tab.url
    api.wait_for(lambda api: len(api.events()) == 1)
    back = "await new Promise(done => { addEventListener('popstate', done, {once: true}); history.back() })"
    steps = (
        ("history.pushState({}, '', '/cart'); document.title = 'Cart'", 2),
        ("history.pushState({}, '', '/cart#top')", 2),
        ("history.pushState({}, '', '/checkout')", 3),
        (back, 4),
        (back, 4),
    )
    for script, views in steps:
        # Timers run in their order: the tracker's, of the change of address, is before this one.
        tab.evaluate(f"(async () => {{ {script}; await new Promise(done => setTimeout(done)) }})()")
        api.wait_for(lambda api, views=views: len(api.events()) >= views)  # a person is slower than a request
    tab.evaluate("liveinsight('done')")
    api.wait_for(lambda api: "done" in types_of(api))

    views = [event for event in api.events() if event["event_type"] == "page_view"]
    paths = [event["page_url"].removeprefix(home) for event in views]
    assert paths == ["", "cart", "checkout", "cart"]
    assert views[1]["title"] == "Cart"
    assert views[2]["referrer"] == home + "cart"
    assert len({event["event_id"] for event in api.events()}) == 5


def test_custom_events_from_before_the_tracker_loaded_follow_the_page_view(
    visit: Visit, api: FakeApi
) -> None:
    early = f"<script>{QUEUE} liveinsight('signup', {{plan: 'pro', seats: 3}})</script>"
    open_site(visit, api, head=early)
    api.wait_for(lambda api: len(api.events()) == 2)

    assert types_of(api) == ["page_view", "signup"]
    assert api.events()[1]["props"] == {"plan": "pro", "seats": 3}
    assert [event["interactive"] for event in api.events()] == [False, True]
    assert parse(api.of("POST")[0].body).rejected == []


def test_a_refused_request_is_sent_again_twice_with_the_same_body(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "503", REFUSED + "429")
    visit.context.clock.install()
    api.failures = {"/api/events": [Failure(503, {"Retry-After": "1"}), Failure(429), Failure(503)]}
    with visit.context.expect_event("response", lambda response: response.status == 503):
        tab = open_site(visit, api)
    with visit.context.expect_event("response", lambda response: response.status == 429):
        tab.clock.run_for(1_500)
    with visit.context.expect_event("response", lambda response: response.status == 503):
        tab.clock.run_for(7_500)
    tab.clock.run_for(60_000)
    tab.evaluate("liveinsight('later')")
    api.wait_for(lambda api: "later" in types_of(api))

    bodies = [post.body for post in api.of("POST")]
    assert len(bodies) == 4
    assert len(set(bodies[:3])) == 1
    assert api.of("OPTIONS") == []


def test_a_bad_request_is_not_sent_again(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "400",)
    visit.context.clock.install()
    api.failures = {"/api/events": [Failure(400)]}
    with visit.context.expect_event("response", lambda response: response.status == 400):
        tab = open_site(visit, api)
    tab.clock.run_for(60_000)
    tab.evaluate("liveinsight('later')")
    api.wait_for(lambda api: "later" in types_of(api))

    assert types_of(api) == ["page_view", "later"]


def test_events_of_the_last_moment_and_unfinished_retries_leave_with_the_page(
    visit: Visit, api: FakeApi
) -> None:
    visit.expected_complaints = (REFUSED + "503",)
    api.failures = {"/api/events": [Failure(503)]}
    with visit.context.expect_event("response", lambda response: response.status == 503):
        tab = open_site(visit, api)
    tab.evaluate("liveinsight('left'), location.assign('/next')")
    # A request that was under way when the page went may arrive twice: by its id it is counted once.
    api.wait_for(lambda api: len(types_by_id(api)) == 3 and len(deliveries_of(api, api.events()[0])) == 2)

    assert sorted(types_by_id(api).values()) == ["left", "page_view", "page_view"]
    first, again = deliveries_of(api, api.events()[0])
    assert first == again
    assert {post.headers["content-type"] for post in api.of("POST")} == {"text/plain;charset=UTF-8"}


def test_large_numbers_of_events_are_split_into_requests_that_the_collector_takes(
    visit: Visit, api: FakeApi
) -> None:
    tab = open_site(visit, api)
    tab.evaluate("for (let n = 0; n < 60; n++) liveinsight('step', { n, text: '한'.repeat(400) })")
    api.wait_for(lambda api: len(api.events()) == 61)

    steps = [event["props"]["n"] for event in api.events() if event["event_type"] == "step"]
    assert sorted(steps) == list(range(60))
    assert all(parse(post.body).rejected == [] for post in api.of("POST"))
    assert max(len(post.body) for post in api.of("POST")) < 64 * 1024


def test_nothing_it_is_called_with_can_throw_into_the_page(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api)
    tab.evaluate("""() => {
        const loop = {}; loop.loop = loop;
        liveinsight('loop', loop); liveinsight('big', { n: 1n }); liveinsight(Symbol('s')); liveinsight();
        liveinsight('good');
    }""")
    api.wait_for(lambda api: "good" in [event.get("event_type") for event in api.events()])


def test_it_leaves_nothing_in_the_browser(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api)
    api.wait_for(lambda api: len(api.events()) == 1)

    kept = (
        "[document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
    )
    assert tab.evaluate(f"(async () => {kept})()") == ["", 0, 0, 0]


def test_the_tracker_is_small() -> None:
    content = (DASHBOARD / "liveinsight.js").read_bytes()

    assert len(gzip.compress(content, 9)) <= 1_400
