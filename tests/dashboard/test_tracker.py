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
    body: str = "<p>Hello",
    attributes: str = 'data-site="shop.example"',
    script: str = "liveinsight.js",
    api_url: str = "",
) -> Tab:
    """A visit to a plain page with the tracker on it, served by a real server: interception would hide preflights."""
    tag = f'<script defer src="/{script}" data-api="{api_url or api.url}/" {attributes}></script>'
    icon = '<link rel="icon" href="data:,">'
    page = f"<!doctype html><title>Shop</title>{icon}{head}{tag}{body}"
    return visit.open(visit.servers.enter_context(serve_site(page)) + path)


def types_of(api: FakeApi) -> list[str]:
    """Types of all events but those of attention, of which a slow machine makes more."""
    return [event["event_type"] for event in api.events() if event["event_type"] != "engagement"]


def types_by_id(api: FakeApi) -> dict[str, str]:
    return {
        event["event_id"]: event["event_type"]
        for event in api.events()
        if event["event_type"] != "engagement"
    }


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


def test_custom_events_from_before_the_tracker_loaded_follow_the_page_view(
    visit: Visit, api: FakeApi
) -> None:
    early = f"<script>{QUEUE} liveinsight('signup', {{plan: 'pro', seats: 3}})</script>"
    open_site(visit, api, head=early)
    api.wait_for(lambda api: len(api.events()) == 2)

    assert types_of(api) == ["page_view", "signup"]
    assert api.events()[1]["props"] == {"plan": "pro", "seats": 3}
    assert [event.get("interactive") for event in api.events()] == [None, True]
    assert parse(api.of("POST")[0].body).rejected == []


def test_a_refused_request_is_sent_again_with_the_same_body_and_nothing_overtakes_it(
    visit: Visit, api: FakeApi
) -> None:
    visit.expected_complaints = (REFUSED + "503", REFUSED + "429")
    visit.context.clock.install()
    api.failures = {"/api/events": [Failure(503), Failure(429, {"Retry-After": "30"}), Failure(503)]}
    tab = open_site(visit, api)
    with visit.context.expect_event("response", lambda response: response.status == 503):
        tab.clock.run_for(500)
    tab.evaluate("liveinsight('later'), liveinsight('last')")
    with visit.context.expect_event("response", lambda response: response.status == 429):
        tab.clock.run_for(3_000)
    tab.evaluate(
        "Object.defineProperty(document, 'hidden', { value: true }), "
        "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
    )  # which is no reason to come earlier
    tab.clock.run_for(29_000)  # it was asked to wait so long
    assert len(api.of("POST")) == 2
    with visit.context.expect_event("response", lambda response: response.status == 503):
        tab.clock.run_for(10_000)
    with visit.context.expect_event("response", lambda response: response.status == 202):
        tab.clock.run_for(10_000)
    tab.clock.run_for(3_000)
    api.wait_for(lambda api: "last" in types_of(api))

    bodies = [post.body for post in api.of("POST")]
    assert len(bodies) == 5
    assert len(set(bodies[:4])) == 1
    last = [event["event_type"] for event in json.loads(bodies[4])["events"]]
    assert [name for name in last if name != "engagement"] == ["later", "last"]
    assert api.of("OPTIONS") == []


def test_what_nobody_takes_is_given_up_after_minutes(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "500",)
    visit.context.clock.install()
    api.failures = {"/api/events": [Failure(500)] * 7}
    tab = open_site(visit, api)
    for _ in range(7):
        with visit.context.expect_event("response", lambda response: response.status == 500):
            tab.clock.run_for(70_000)
    tab.clock.run_for(600_000)
    tab.evaluate("liveinsight('later')")
    tab.clock.run_for(2_000)
    api.wait_for(lambda api: "later" in types_of(api))

    assert len(api.of("POST")) == 8


def test_a_bad_request_is_not_sent_again(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "400",)
    visit.context.clock.install()
    api.failures = {"/api/events": [Failure(400)]}
    tab = open_site(visit, api)
    with visit.context.expect_event("response", lambda response: response.status == 400):
        tab.clock.run_for(500)
    tab.clock.run_for(60_000)
    tab.evaluate("liveinsight('later')")
    tab.clock.run_for(2_000)
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
    tab.evaluate("for (let n = 0; n < 40; n++) liveinsight('step', { n, text: '한'.repeat(400) })")
    api.wait_for(lambda api: len(types_of(api)) == 41)

    steps = [event["props"]["n"] for event in api.events() if event["event_type"] == "step"]
    assert sorted(steps) == list(range(40))
    assert all(parse(post.body).rejected == [] for post in api.of("POST"))
    assert max(len(post.body) for post in api.of("POST")) < 64 * 1024


def test_what_the_collector_would_refuse_is_cut_to_size(visit: Visit, api: FakeApi) -> None:
    """Halves of pairs, objects, texts beyond their length: cut to size or left out, and the event counts."""
    tab = open_site(visit, api)
    tab.evaluate("""() => {
        document.title = '\\ud83d' + 'x'.repeat(600);
        history.replaceState({}, '', '?' + 'q'.repeat(3000));
        liveinsight('odd', { deep: { a: 1 }, list: [1], none: null, gone: undefined, call() {}, mark: Symbol('m'),
                             half: 'a\\ude00b', long: '한'.repeat(600), not: NaN, yes: true, n: 1.5,
                             id: 1e15, big: 10n });
    }""")
    api.wait_for(lambda api: "odd" in types_of(api))

    assert [parse(post.body).rejected for post in api.of("POST")] == [[]] * len(api.of("POST"))
    props = next(event["props"] for event in api.events() if event["event_type"] == "odd")
    kept = {"none": None, "half": "ab", "long": "한" * 512, "not": None, "yes": True, "n": 1.5}
    assert props == {**kept, "mark": "Symbol(m)", "id": "1000000000000000", "big": "10"}


def test_nothing_it_is_called_with_can_throw_into_the_page(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api)
    tab.evaluate("""() => {
        const loop = {}; loop.loop = loop;
        const trap = { get price() { throw new Error('trap') } };
        liveinsight('loop', loop); liveinsight('big', { n: 1n }); liveinsight('trap', trap); liveinsight(Symbol('s'));
        liveinsight(); liveinsight('text', 'text'); liveinsight('null', null); liveinsight('good');
    }""")
    api.wait_for(lambda api: "good" in types_of(api))

    assert [parse(post.body).rejected for post in api.of("POST")] == [[]] * len(api.of("POST"))


def test_a_page_that_replaces_and_freezes_what_it_uses_goes_on_as_before(visit: Visit, api: FakeApi) -> None:
    hostile = """<script>
        Object.defineProperty(history, 'pushState', { value: History.prototype.pushState, writable: false });
        window.calls = 0;
        window.fetch = () => {
            JSON.stringify = () => { throw new Error('no') };
            if (calls++) throw new Error('no');
            return Promise.resolve({ ok: true });
        };
        Navigator.prototype.sendBeacon = () => { throw new Error('no') };
    </script>"""
    tab = open_site(visit, api, head=hostile, body='<a href="#x" data-liveinsight-event="pressed">Press</a>')
    tab.get_by_text("Press").click()
    tab.wait_for_function("calls")
    tab.evaluate(
        "history.pushState({}, '', '/next'), liveinsight('event'), dispatchEvent(new Event('pagehide'))"
    )

    assert tab.evaluate("location.pathname") == "/next"
    assert api.received == []  # and no complaint: the visit checks


def test_a_policy_of_the_page_that_forbids_it_is_one_complaint_and_no_more(
    visit: Visit, api: FakeApi
) -> None:
    visit.expected_complaints = ("Connecting to", "Refused to connect", "Fetch API cannot load")
    policy = """<meta http-equiv="Content-Security-Policy" content="connect-src 'none'">"""
    tab = open_site(visit, api, head=policy)
    tab.wait_for_function("violations.length > 0")
    tab.evaluate("violations.length = 0")

    assert api.received == []


def test_two_copies_count_once(visit: Visit, api: FakeApi) -> None:
    copies = "".join(
        f'<script {kind} src="/liveinsight{name}.js" data-api="{api.url}"></script>'
        for kind, name in (("async", ""), ("defer", "-core"), ('type="module"', ""))
    )
    tab = open_site(visit, api, body=copies)
    tab.evaluate("liveinsight('end')")
    api.wait_for(lambda api: "end" in types_of(api))

    assert types_of(api) == ["page_view", "end"]


@pytest.mark.parametrize("kind", ["module", "async", "injected"])
def test_it_counts_however_it_is_loaded(visit: Visit, api: FakeApi, kind: str) -> None:
    tags = {
        "module": '<script type="module" src="/liveinsight.js" data-api="{}"></script>',
        "async": '<script async src="/liveinsight.js" data-api="{}"></script>',
        "injected": "<script>const tag = document.createElement('script'); tag.src = '/liveinsight.js';"
        "tag.dataset.api = '{}'; document.head.append(tag)</script>",
    }
    page = f'<!doctype html><title>Shop</title><link rel="icon" href="data:,">{tags[kind].format(api.url)}'
    visit.open(visit.servers.enter_context(serve_site(page)))
    api.wait_for(lambda api: types_of(api) == ["page_view"])

    assert api.events()[0]["title"] == "Shop"


def test_it_leaves_nothing_in_the_browser(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api)
    api.wait_for(lambda api: len(api.events()) == 1)

    kept = (
        "[document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
    )
    assert tab.evaluate(f"(async () => {kept})()") == ["", 0, 0, 0]


@pytest.mark.parametrize(
    ("script", "largest"),
    [("liveinsight.js", 2_048), ("liveinsight-core.js", 1_400), ("liveinsight-vitals.js", 3_500)],
)
def test_the_tracker_is_small(script: str, largest: int) -> None:
    assert len(gzip.compress((DASHBOARD / script).read_bytes(), 9)) <= largest
