"""What the tracker counts on pages: views, attention, links and what a page's tags name; and what it leaves out."""

from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import Route

from event_collector.parse import parse
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import FakeApi
from tests.dashboard.test_tracker import open_site, types_of

pytestmark = pytest.mark.browser

HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
}"""


def events_of(api: FakeApi, event_type: str) -> list[dict[str, Any]]:
    return [event for event in api.events() if event["event_type"] == event_type]


def views_of(api: FakeApi, home: str) -> list[str]:
    """Addresses of the page views, without that of the home page before them."""
    return [event["page_url"].removeprefix(home) for event in events_of(api, "page_view")]


def tell_end(tab: Tab, api: FakeApi) -> None:
    """Everything before has arrived: requests of a page follow one another."""
    tab.evaluate("liveinsight('end')")
    api.wait_for(lambda api: "end" in types_of(api))
    assert [parse(post.body).rejected for post in api.of("POST")] == [[]] * len(api.of("POST"))
    assert api.of("OPTIONS") == []


def test_a_single_page_application_counts_each_address_once(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api)
    home = tab.url
    tab.evaluate("""async () => {
        const gone = (go) => new Promise((done) => { addEventListener('popstate', done, { once: true }); go(); });
        history.pushState({}, '', '/cart'); document.title = 'Cart';
        history.replaceState({ scroll: 9 }, '', '/cart');
        history.pushState({}, '', '/cart#top');
        history.pushState({}, '', '/old'); history.replaceState({}, '', '/checkout'); document.title = 'Checkout';
        history.replaceState({}, '', '/checkout?step=2');
        await gone(() => history.back());
        await gone(() => history.back());
        location.hash = 'bottom';
        history.pushState({}, '', '?page=2');
    }""")
    tell_end(tab, api)

    views = events_of(api, "page_view")
    assert views_of(api, home) == ["", "cart", "checkout?step=2", "cart", "cart?page=2"]
    assert [view["title"] for view in views[1:3]] == ["Cart", "Checkout"]
    assert [view["referrer"].removeprefix(home) for view in views[2:]] == ["cart", "checkout?step=2", "cart"]


def test_a_replaced_address_is_a_page_if_its_path_is_another(visit: Visit, api: FakeApi) -> None:
    visit.context.clock.install()
    tab = open_site(visit, api)
    home = tab.url
    for address in ("/?q=a", "/?q=ab", "/found?q=ab", "/found"):
        tab.clock.run_for(1_000)
        tab.evaluate("address => history.replaceState({}, '', address)", address)
    tab.clock.run_for(2_000)
    api.wait_for(lambda api: len(events_of(api, "page_view")) == 2)

    assert views_of(api, home) == ["", "found?q=ab"]


def test_with_hash_the_fragment_is_a_path(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api, "/app/?ref=mail", attributes="data-hash")
    home = tab.url.removesuffix("app/?ref=mail")
    for fragment in ("#/", "#/cart", "#/cart?size=2", "#!/about"):
        tab.evaluate(
            "fragment => new Promise(done => { onhashchange = done; location.hash = fragment })", fragment
        )
    tell_end(tab, api)

    expected = ["app/?ref=mail", "app/cart?ref=mail", "app/cart?size=2&ref=mail", "app/about?ref=mail"]
    assert views_of(api, home) == expected


def test_a_page_from_the_back_forward_cache_is_viewed_again(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api)
    api.wait_for(lambda api: len(api.events()) == 1)
    tab.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    api.wait_for(lambda api: len(events_of(api, "page_view")) == 2)


def test_a_prerendered_page_counts_when_it_is_shown(visit: Visit, api: FakeApi) -> None:
    prerendering = """<script>
        Object.defineProperty(document, 'prerendering', { value: true, configurable: true });
    </script>"""
    visit.context.clock.install()
    tab = open_site(visit, api, head=prerendering)
    tab.clock.run_for(5_000)
    assert api.received == []
    tab.evaluate("delete document.prerendering, document.dispatchEvent(new Event('prerenderingchange'))")
    tab.clock.run_for(1_000)
    api.wait_for(lambda api: types_of(api) == ["page_view"])


def test_attention_is_counted_while_the_page_is_visible_and_focused(visit: Visit, api: FakeApi) -> None:
    visit.context.clock.install()
    late = "<script>setTimeout(() => document.body.innerHTML = '<p>Top<p style=\"height: 4000px\">End', 300)</script>"
    tab = open_site(visit, api, body=late)
    tab.clock.run_for(1_000)
    api.wait_for(lambda api: len(api.events()) == 1)
    tab.clock.run_for(9_000)
    tab.evaluate(HIDE, True)
    api.wait_for(lambda api: len(events_of(api, "engagement")) == 1)
    tab.clock.run_for(60_000)
    tab.evaluate(HIDE, False)
    tab.clock.run_for(5_000)
    with tab.expect_event("console", lambda message: message.text == "scrolled"):
        tab.evaluate(
            "addEventListener('scroll', () => console.log('scrolled'), { once: true }), scrollTo(0, 1e6)"
        )
    tab.evaluate("history.pushState({}, '', '/next')")
    tab.clock.run_for(2_000)
    api.wait_for(lambda api: len(events_of(api, "engagement")) == 2)
    tab.clock.run_for(3_000)
    api.wait_for(lambda api: len(events_of(api, "page_view")) == 2)

    first, second = events_of(api, "engagement")
    assert 9_500 <= first["engaged_ms"] <= 12_000
    assert 5_000 <= second["engaged_ms"] <= 7_500
    assert 15 <= first["scroll_depth"] <= 30
    assert second["scroll_depth"] == 100
    assert second["page_url"] == first["page_url"]
    types = [event["event_type"] for event in api.events()]
    assert types == ["page_view", "engagement", "engagement", "page_view"]


def test_who_reads_for_long_is_heard_of_every_five_minutes_and_who_sleeps_views_the_page_anew(
    visit: Visit, api: FakeApi
) -> None:
    visit.context.clock.install()
    tab = open_site(visit, api)
    for _ in range(16):
        tab.clock.run_for(60_000)
        tab.keyboard.press("ArrowDown")
    api.wait_for(lambda api: len(events_of(api, "engagement")) == 3)
    tab.clock.run_for(8 * 3_600_000)
    tab.keyboard.press("ArrowDown")  # a look: to the server, attention alone would be a visit of its own
    tab.clock.run_for(30_000)
    tab.evaluate(HIDE, True)
    tab.evaluate(HIDE, False)
    tab.mouse.click(1, 1)
    tab.clock.run_for(4_000)
    api.wait_for(lambda api: len(events_of(api, "page_view")) == 2)

    assert [event["engaged_ms"] // 60_000 for event in events_of(api, "engagement")] == [5, 5, 5]
    assert api.events()[-1]["event_type"] == "page_view"


LINKS = """
<a id="out" href="https://other.example/page?x=1">Out</a> <a id="mail" href="mailto:a@b.example">Mail</a>
<a id="file" href="/files/prices.pdf">File</a>
<a id="saved" href="/export" download>Saved</a> <a id="in" href="/in">In</a>
<a id="named" href="https://other.example/" data-liveinsight-event="docs" data-liveinsight-from-page="home">Docs</a>
<a id="card" href="https://other.example/card"><x-card></x-card></a>
<button data-liveinsight-event="signup" data-liveinsight-plan="pro"><b id="inner">Sign up</b></button>
<form data-liveinsight-event="sent" data-liveinsight-kind="contact">
<input id="field"><button id="send">Send</button></form>
<script>
  customElements.define('x-card', class extends HTMLElement {
    constructor() { super(); this.attachShadow({ mode: 'open' }).innerHTML = '<b>Card</b>'; }
  });
  addEventListener('click', (event) => event.target.closest('a') && event.preventDefault());
  addEventListener('submit', (event) => event.preventDefault());
  document.getElementById('in').addEventListener('click', (event) => event.stopPropagation(), true);
</script>"""


def test_links_downloads_and_named_events_need_no_script(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api, body=LINKS)
    for name in ("out", "mail", "file", "saved", "named", "inner", "field", "send"):
        tab.locator(f"#{name}").click()
    tab.locator("#field").press("Enter")
    tab.locator("#out").click(button="middle")
    tab.locator("#out").click(button="right")
    tab.locator("#out").dispatch_event("auxclick", {"button": 3})  # a mouse's own key to go back
    tab.get_by_text("Card").click()
    tell_end(tab, api)

    origin = tab.url.removesuffix("/")
    clicked = [(event["event_type"], event["props"]) for event in api.events() if event.get("interactive")]
    assert clicked[:-1] == [
        ("outbound", {"url": "https://other.example/page?x=1"}),
        ("download", {"url": f"{origin}/files/prices.pdf"}),
        ("download", {"url": f"{origin}/export"}),
        ("docs", {"from-page": "home"}),
        ("signup", {"plan": "pro"}),
        ("sent", {"kind": "contact"}),
        ("sent", {"kind": "contact"}),
        ("outbound", {"url": "https://other.example/page?x=1"}),
        ("outbound", {"url": "https://other.example/card"}),
    ]


def test_links_can_be_left_out_and_named_events_stay(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api, body=LINKS, attributes='data-links="false"')
    for name in ("out", "file", "named"):
        tab.locator(f"#{name}").click()
    tell_end(tab, api)

    assert types_of(api) == ["page_view", "docs", "end"]


@pytest.mark.parametrize(
    ("path", "is_counted"),
    [
        ("/admin", True),
        ("/admin/", False),
        ("/admin/users?x=1", False),
        ("/a.c", False),
        ("/abc", True),
        ("/x/draft", False),
    ],
)
def test_excluded_pages_are_not_heard_of(visit: Visit, api: FakeApi, path: str, is_counted: bool) -> None:
    tab = open_site(visit, api, path, attributes='data-exclude="/admin/*, /a.c,*/draft"')
    tab.evaluate("liveinsight('click'), history.pushState({}, '', '/end')")
    tell_end(tab, api)

    expected = ["page_view", "click"] if is_counted else []
    assert types_of(api) == [*expected, "page_view", "end"]


@pytest.mark.parametrize(
    ("attributes", "said", "is_counted"),
    [
        ("data-dnt", "globalPrivacyControl: true", False),
        ("data-dnt", "doNotTrack: '1'", False),
        ("data-dnt", "doNotTrack: '0'", True),
        ("", "globalPrivacyControl: true, doNotTrack: '1'", True),
    ],
)
def test_who_asks_not_to_be_tracked_is_not_where_the_site_honours_it(
    visit: Visit, api: FakeApi, attributes: str, said: str, is_counted: bool
) -> None:
    define = "Object.defineProperty(navigator, name, { value })"
    wish = f"<script>for (const [name, value] of Object.entries({{ {said} }})) {define}</script>"
    tab = open_site(visit, api, head=wish, attributes=attributes)
    tab.evaluate("liveinsight('event'), dispatchEvent(new Event('pagehide'))")
    if is_counted:
        api.wait_for(lambda api: types_of(api) == ["page_view", "event"])
    else:
        tab.reload()  # a request would have been on its way by now
        assert api.received == []


@pytest.mark.parametrize(("attributes", "is_counted"), [("", False), ("data-local", True)])
def test_pages_on_ones_own_machine_do_not_count_on_a_public_api(
    visit: Visit, api: FakeApi, attributes: str, is_counted: bool
) -> None:
    sent: list[str] = []

    def take(route: Route) -> None:
        sent.append(route.request.url)
        route.fulfill(status=202)

    visit.context.route("https://stats.example/**", take)
    tab = open_site(visit, api, attributes=attributes, api_url="https://stats.example")
    with tab.expect_request("**/done"):
        tab.evaluate("liveinsight('event'), setTimeout(() => fetch('/done'), 1000)")

    assert bool(sent) == is_counted


def test_vitals_come_with_the_last_ping_of_the_page(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api, attributes="data-vitals", body="<h1>Hello</h1><button>Press</button>")
    tab.wait_for_function("document.querySelector('script[src$=\"-vitals.js\"]')")
    tab.wait_for_load_state("networkidle")
    tab.get_by_text("Press").click()
    tab.evaluate(
        "Object.defineProperty(document, 'visibilityState', { value: 'hidden' }), "
        "Object.defineProperty(document, 'hidden', { value: true }), "
        "document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))"
    )
    api.wait_for(lambda api: any("vitals" in event for event in api.events()))

    vitals: dict[str, float] = {}
    for event in api.events():
        vitals |= event.get("vitals", {})
        assert "vitals" not in event or event["event_type"] == "engagement"
    assert {"cls", "fcp", "lcp", "ttfb"} <= vitals.keys()
    assert [parse(post.body).rejected for post in api.of("POST")] == [[]] * len(api.of("POST"))


def test_the_core_counts_views_and_events_and_nothing_else(visit: Visit, api: FakeApi) -> None:
    tab = open_site(visit, api, body=LINKS, script="liveinsight-core.js")
    tab.locator("#out").click()
    tab.evaluate("history.pushState({}, '', '/next')")
    tell_end(tab, api)

    assert types_of(api) == ["page_view", "page_view", "end"]
