"""What the page shows in each of its states, and how it asks."""

import re

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.dashboard import answers
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import TOKEN, Failure, FakeApi

pytestmark = pytest.mark.browser

REFUSED = "Failed to load resource: the server responded with a status of "


def total(tab: Tab, name: str) -> str:
    """A figure of the 24 hours by its label."""
    return tab.locator("#totals > div", has_text=name).locator("dd").inner_text()


def test_the_figures_of_both_reads_are_shown(visit: Visit) -> None:
    tab = visit.dashboard()

    expect(tab.locator("#active-visitors")).to_have_text("42")
    expect(tab.locator("#minutes rect")).to_have_count(30)
    expect(tab.locator("#minutes rect.partial")).to_have_count(1)
    shown = {name: total(tab, name) for name in ("Visitors", "Sessions", "Bounce rate", "Visit duration")}
    assert shown == {
        "Visitors": "2,764",
        "Sessions": "3,021",
        "Bounce rate": "42%",
        "Visit duration": "2m 14s",
    }
    assert total(tab, "Views per session") == "2.1"
    pages = tab.get_by_role("region", name="Top pages").get_by_role("listitem")
    assert [text.split() for text in pages.all_inner_texts()[:2]] == [["/", "2,210"], ["/pricing", "1,422"]]
    expect(tab.get_by_role("region", name="Countries")).to_contain_text("South Korea")
    expect(tab.get_by_role("region", name="Sources")).to_contain_text("Direct / none")
    expect(tab.get_by_role("region", name="Devices")).to_contain_text("Desktop")
    expect(tab.get_by_role("region", name="Events", exact=True)).to_contain_text("signup")
    expect(tab.locator("#feed li").first).to_contain_text("news.ycombinator.com · South Korea · desktop")
    expect(tab.locator("#freshness-text")).to_have_text(re.compile(r"as of \d s ago, last event \d s ago"))


def test_the_charts_say_in_words_what_they_draw(visit: Visit) -> None:
    tab = visit.dashboard()

    expect(tab.get_by_role("img", name="Page views per minute of the last 30 minutes: ")).to_be_visible()
    expect(tab.get_by_role("img", name="Page views and visitors per hour. Busiest: ")).to_be_visible()
    tab.get_by_text("Show as a table").click()
    expect(tab.locator("#hours-table tbody tr")).to_have_count(24)
    tab.locator("#minutes .plot").hover()
    expect(tab.locator("#minutes .tip")).to_contain_text("page views")


def test_the_token_leaves_the_address_bar_and_goes_only_into_the_authorization_header(
    visit: Visit, api: FakeApi
) -> None:
    tab = visit.dashboard()
    expect(tab.locator("#active-visitors")).to_have_text("42")

    assert TOKEN not in tab.url
    tab.reload()
    expect(tab.locator("#active-visitors")).to_have_text("42")
    reads = api.of("GET", "/api/realtime") + api.of("GET", "/api/stats")
    assert {read.headers["authorization"] for read in reads} == {f"Bearer {TOKEN}"}
    assert not any(TOKEN in str(read.query) + read.headers.get("referer", "") for read in reads)
    assert tab.evaluate("JSON.stringify(localStorage)") == "{}"


def test_until_the_first_answer_the_page_says_that_it_is_reading(visit: Visit, api: FakeApi) -> None:
    visit.context.route(f"{api.url}/**", lambda _: None)  # never answered
    tab = visit.dashboard()

    expect(tab.get_by_text("Reading the first figures")).to_be_visible()


def test_without_a_token_the_page_asks_for_one_before_it_asks_the_api(visit: Visit, api: FakeApi) -> None:
    tab = visit.dashboard(fragment="")

    expect(tab.get_by_role("heading", name="This dashboard asks for its read token")).to_be_visible()
    expect(tab.get_by_label("Read token", exact=True)).to_be_focused()
    expect(tab.get_by_text(".liveinsight/local/read-token")).to_be_visible()
    assert api.received == []
    tab.get_by_label("Read token", exact=True).fill(TOKEN)
    tab.keyboard.press("Enter")
    expect(tab.locator("#active-visitors")).to_have_text("42")


def test_a_refused_token_is_forgotten_and_asked_for_again(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "401",)
    tab = visit.dashboard(fragment="#token=wrong")

    expect(tab.get_by_text("The API did not accept this token.")).to_be_visible()
    assert tab.evaluate("sessionStorage.length") == 0
    asked = len(api.of("GET", "/api/realtime"))
    tab.goto(f"{tab.url}#token={TOKEN}")
    expect(tab.locator("#active-visitors")).to_have_text("42")
    assert asked == 1


def test_a_public_dashboard_needs_no_token_and_no_preflight(visit: Visit, api: FakeApi) -> None:
    api.needs_token = False
    visit.settings = {"public": True, "site": "example.com"}
    tab = visit.dashboard(fragment="")

    expect(tab.locator("#active-visitors")).to_have_text("42")
    expect(tab.locator("#site")).to_have_text("example.com")
    assert {request.method for request in api.received} == {"GET"}
    assert api.of("GET", "/api/realtime")[0].query["site"] == ["example.com"]


def test_an_empty_site_shows_the_snippet_until_the_first_visit(visit: Visit, api: FakeApi) -> None:
    api.realtime, api.stats = answers.silent_realtime(), answers.silent_stats()
    visit.context.clock.install()
    tab = visit.dashboard()

    expect(tab.get_by_role("heading", name="Waiting for the first visit")).to_be_visible()
    snippet = tab.locator("#snippet").inner_text()
    assert f'data-api="{api.url}"' in snippet
    assert f'src="{tab.url.removesuffix("index.html")}liveinsight.js"' in snippet
    api.realtime = answers.realtime(active_visitors=1)
    tab.clock.run_for(2_000)
    expect(tab.locator("#active-visitors")).to_have_text("1")
    expect(tab.locator("#totals dd").first).to_have_text("0")
    expect(tab.locator("#totals > div", has_text="Bounce rate").locator("dd")).to_have_text("\u2013")


def test_an_api_in_trouble_is_explained_and_asked_again(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "503",)
    api.failures = {path: [Failure(503, {"Retry-After": "30"})] for path in ("/api/realtime", "/api/stats")}
    tab = visit.dashboard()

    expect(tab.get_by_role("heading", name="The API has trouble")).to_be_visible()
    expect(tab.locator("#error-next")).to_contain_text("Trying again in 3")
    tab.get_by_role("button", name="Try now").click()
    expect(tab.locator("#active-visitors")).to_have_text("42")


def test_a_throttled_read_keeps_the_figures_and_waits_as_long_as_it_was_told(
    visit: Visit, api: FakeApi
) -> None:
    visit.expected_complaints = (REFUSED + "429",)
    visit.context.clock.install()
    tab = visit.dashboard()
    expect(tab.locator("#totals")).to_contain_text("2,764")

    api.failures = {"/api/realtime": [Failure(429, {"Retry-After": "40"})]}
    tab.clock.run_for(2_000)
    expect(tab.locator("#notice")).to_contain_text("The API is at its rate limit. Trying again in 4")
    expect(tab.locator("#active-visitors")).to_have_text("42")
    asked = len(api.of("GET", "/api/realtime"))
    tab.locator("#notice").get_by_role("button", name="Try now").click()
    expect(tab.locator("#notice")).to_be_hidden()
    assert len(api.of("GET", "/api/realtime")) == asked + 1


def test_an_api_that_is_gone_is_named_as_such(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = ("Failed to load resource: net::ERR",)
    visit.context.route(f"{api.url}/**", lambda route: route.abort("connectionrefused"))
    tab = visit.dashboard()

    expect(tab.get_by_role("heading", name="The API does not answer")).to_be_visible()


def test_a_page_without_settings_says_what_writes_them(visit: Visit) -> None:
    visit.expected_complaints = (REFUSED + "404",)
    tab = visit.open(visit.serve(config=False) + "index.html")

    expect(tab.get_by_text("Run liveinsight deploy")).to_be_visible()


def test_warnings_and_estimates_of_the_api_are_passed_on(visit: Visit, api: FakeApi) -> None:
    api.stats = answers.stats(
        meta=answers.meta(exact=False, warnings=["visitors are estimated", "a list is cut"])
    )
    api.realtime = answers.realtime(meta=answers.meta(complete=False, warnings=["there are more sessions"]))
    tab = visit.dashboard()

    expect(tab.locator("#day-note")).to_have_text("Visitors are estimated. A list is cut.")
    expect(tab.locator("#live-note")).to_have_text("There are more sessions.")


def test_what_visitors_send_is_text_and_never_markup(visit: Visit, api: FakeApi) -> None:
    attack = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'
    event = dict.fromkeys(answers.recent_event(1, "/", None, None, "desktop"), attack) | {
        "epoch_ms": answers.NOW_MS
    }
    lists = {name: answers.top({attack: 3}) for name in answers.stats()["top"]}
    api.realtime = answers.realtime(recent=[event])
    api.stats = answers.stats(top=lists, meta=answers.meta(warnings=[attack]))
    tab = visit.dashboard()

    expect(tab.locator("#feed")).to_contain_text("<script>window.owned=1</script>")
    expect(tab.locator("#lists")).to_contain_text("<script>window.owned=1</script>")
    expect(tab.locator("#day-note")).to_contain_text("<img src=x")
    assert tab.locator("main img, main script").count() == 0
    assert tab.evaluate("window.owned") is None


def test_a_hidden_page_asks_nothing_and_asks_at_once_when_it_is_seen_again(
    visit: Visit, api: FakeApi
) -> None:
    visit.context.clock.install()
    tab = visit.dashboard()
    expect(tab.locator("#totals")).to_contain_text("2,764")
    hide = """hidden => {
        Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    tab.evaluate(hide, True)
    asked = len(api.of("GET", "/api/realtime"))
    tab.clock.run_for(60_000)
    api.realtime = answers.realtime(active_visitors=7)
    tab.evaluate(hide, False)

    expect(tab.locator("#active-visitors")).to_have_text("7")
    assert (
        asked < len(api.of("GET", "/api/realtime")) <= asked + 2
    )  # in a minute of polling it would be thirty


def test_the_page_works_below_any_path(visit: Visit) -> None:
    tab = visit.dashboard(prefix="/some/where/")

    expect(tab.locator("#active-visitors")).to_have_text("42")
