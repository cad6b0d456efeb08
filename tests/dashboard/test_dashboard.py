"""What the page shows in each of its states, and how it asks."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.dashboard import answers
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import TOKEN, Failure, FakeApi, Received

pytestmark = pytest.mark.browser

REFUSED = "Failed to load resource: the server responded with a status of "
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def total(tab: Tab, name: str) -> str:
    """A figure of the period by the name that the API gives it."""
    return tab.locator(f"[data-total={name}] .total-figure").inner_text()


def rows(tab: Tab, card: str) -> list[list[str]]:
    """What a card lists: name and count a row."""
    items = tab.get_by_role("region", name=card, exact=True).get_by_role("listitem")
    return [text.split() for text in items.all_inner_texts()]


def asked_last(api: FakeApi, path: str = "/api/stats") -> dict[str, list[str]]:
    """The parameters of the last read."""
    return api.of("GET", path)[-1].query


def echo(request: Received) -> dict[str, Any]:
    """Statistics with a number of visitors for each question, so that no answer passes for another."""
    visitors = {"24h": 24, "7d": 7, "30d": 30}[request.query["range"][0]] + (
        100 if "country" in request.query else 0
    )
    return answers.stats(totals={**answers.stats()["totals"], "visitors": visitors})


def test_the_figures_of_both_reads_are_shown(visit: Visit) -> None:
    tab = visit.dashboard()

    expect(tab.locator("#active-visitors")).to_have_text("42")
    expect(tab.locator("#live rect")).to_have_count(30)
    expect(tab.locator("#totals")).to_contain_text("2,764")
    names = ("visitors", "sessions", "bounce_rate", "avg_duration_s", "views_per_session", "engaged_s")
    assert {name: total(tab, name) for name in names} == {
        "visitors": "2,764",
        "sessions": "3,021",
        "bounce_rate": "42%",
        "avg_duration_s": "2m 14s",
        "views_per_session": "2.1",
        "engaged_s": "11h 10m",
    }
    assert rows(tab, "Pages")[:2] == [["/", "2,210"], ["/pricing", "1,422"]]
    assert rows(tab, "Countries")[0] == ["South", "Korea", "1,412"]
    assert rows(tab, "Sources")[0] == ["Direct", "/", "none", "1,204"]
    assert rows(tab, "Devices")[0] == ["Desktop", "1,804"]
    assert rows(tab, "Events")[1] == ["signup", "214"]
    expect(tab.locator("#feed li").first).to_contain_text("news.ycombinator.com · South Korea · Desktop")
    expect(tab.locator(".freshness .age")).to_have_text(re.compile(r"as of \d s ago"))
    tab.locator(".freshness summary").click()
    expect(tab.locator(".freshness .popover")).to_contain_text(re.compile(r"Last event: \d s ago"))
    expect(tab).to_have_title(re.compile("^42 · "))


def test_the_series_is_told_in_a_table_too(visit: Visit) -> None:
    tab = visit.dashboard()

    tab.get_by_text("Show as a table").click()
    expect(tab.locator("#period tbody tr")).to_have_count(24)
    hours = answers.stats()["series"]
    expect(tab.locator("#period tbody tr").last.locator("td").first).to_have_text(str(hours[-1]["pageviews"]))


def test_every_list_has_its_tab_and_arrows_reach_it(visit: Visit) -> None:
    tab = visit.dashboard()
    card = tab.get_by_role("region", name="Pages", exact=True)

    card.get_by_role("tab", name="Top").focus()
    tab.keyboard.press("ArrowRight")
    expect(card.get_by_role("tab", name="Entry")).to_be_focused()
    expect(card.get_by_role("tabpanel", name="Entry").get_by_role("listitem").first).to_have_text("/ 1,804")
    tab.keyboard.press("End")
    expect(card.get_by_role("tabpanel", name="Exit")).to_have_text("Nothing yet")
    expect(card.locator("[role=tab][tabindex='0']")).to_have_count(1)


def test_the_token_leaves_the_address_bar_and_goes_only_into_the_authorization_header(
    visit: Visit, api: FakeApi
) -> None:
    tab = visit.dashboard()
    expect(tab.locator("#active-visitors")).to_have_text("42")

    assert TOKEN not in tab.url
    tab.reload()
    expect(tab.locator("#active-visitors")).to_have_text("42")
    expect(tab.locator("#totals")).to_contain_text("2,764")
    reads = api.of("GET", "/api/realtime") + api.of("GET", "/api/stats")
    assert {read.headers["authorization"] for read in reads} == {f"Bearer {TOKEN}"}
    assert not any(TOKEN in str(read.query) + read.headers.get("referer", "") for read in reads)
    assert TOKEN not in tab.content()
    assert tab.evaluate("JSON.stringify(localStorage)") == "{}"


def test_until_the_first_answer_the_page_keeps_room_for_the_figures(visit: Visit, api: FakeApi) -> None:
    visit.context.route(f"{api.url}/**", lambda _: None)  # never answered
    tab = visit.dashboard()

    expect(tab.get_by_role("status").filter(has_text="Reading the first figures")).to_be_attached()
    expect(tab.locator("#lists .skeleton")).to_have_count(5 * 8)


def test_without_a_token_the_page_asks_for_one_before_it_asks_the_api(visit: Visit, api: FakeApi) -> None:
    tab = visit.dashboard(fragment="")

    expect(tab.get_by_role("heading", name="This dashboard asks for its read token")).to_be_visible()
    expect(tab.get_by_label("Read token", exact=True)).to_be_focused()
    expect(tab.get_by_text(".liveinsight/local/read-token")).to_be_visible()
    expect(tab.get_by_role("button", name="Share")).to_have_count(0)
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
    assert TOKEN not in tab.url
    assert asked == 1


def test_a_public_dashboard_needs_no_token_and_no_preflight(visit: Visit, api: FakeApi) -> None:
    api.needs_token = False
    visit.settings = {"public": True, "site": "example.com"}
    tab = visit.dashboard(fragment="")

    expect(tab.locator("#active-visitors")).to_have_text("42")
    expect(tab.locator(".site")).to_have_text("example.com")
    assert {request.method for request in api.received} == {"GET"}
    assert api.of("GET", "/api/realtime")[0].query["site"] == ["example.com"]


def test_reads_go_to_where_the_settings_say_and_the_snippet_names_where_trackers_send(
    visit: Visit, api: FakeApi
) -> None:
    api.realtime, api.stats = answers.silent_realtime(), answers.silent_stats()
    visit.settings = {"apiUrl": "https://api.invalid/v1", "readUrl": api.url}
    tab = visit.dashboard()

    expect(tab.locator(".snippet code")).to_contain_text('data-api="https://api.invalid/v1"')


def test_an_empty_site_shows_the_snippet_until_the_first_visit(visit: Visit, api: FakeApi) -> None:
    api.realtime, api.stats = answers.silent_realtime(), answers.silent_stats()
    visit.context.clock.install()
    tab = visit.dashboard()

    expect(tab.get_by_role("heading", name="Waiting for the first visit")).to_be_visible()
    snippet = tab.locator(".snippet code").inner_text()
    assert f'data-api="{api.url}"' in snippet
    assert f'src="{tab.url.removesuffix("index.html")}liveinsight.js"' in snippet
    api.realtime = answers.realtime(active_visitors=1)
    tab.clock.run_for(2_000)
    expect(tab.locator("#active-visitors")).to_have_text("1")
    assert (total(tab, "pageviews"), total(tab, "bounce_rate")) == ("0", "\u2013")


def test_an_api_in_trouble_is_explained_and_asked_again(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "503",)
    api.failures = {path: [Failure(503, {"Retry-After": "30"})] for path in ("/api/realtime", "/api/stats")}
    tab = visit.dashboard()

    expect(tab.get_by_role("heading", name="The API has trouble")).to_be_visible()
    expect(tab.get_by_text("Trying again in 3")).to_be_visible()
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
    notice = tab.locator(".notice")
    expect(notice).to_have_text(
        re.compile(
            r"Live figures: The API is at its rate limit\. These are from \d+ s ago\. Trying again in [45]\d seconds\."
        )
    )
    expect(tab.locator("#active-visitors")).to_have_text("42")
    asked = len(api.of("GET", "/api/realtime"))
    tab.clock.run_for(8_000)  # four reads in better times
    assert len(api.of("GET", "/api/realtime")) == asked
    notice.get_by_role("button", name="Try now").click()
    expect(notice).to_have_count(0)
    assert len(api.of("GET", "/api/realtime")) == asked + 1


def test_each_half_has_troubles_of_its_own(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "503",)
    api.failures = {"/api/stats": [Failure(503)]}
    tab = visit.dashboard()

    expect(tab.locator("#active-visitors")).to_have_text("42")
    expect(tab.locator("#period").get_by_role("alert")).to_have_text(
        "The API answered with an error of its own."
    )
    expect(tab.locator(".notice")).to_have_count(0)
    tab.locator("#period").get_by_role("button", name="Try now").click()
    expect(tab.locator("#totals")).to_contain_text("2,764")


def test_an_api_that_is_gone_is_named_as_such(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = ("Failed to load resource: net::ERR",)
    visit.context.route(f"{api.url}/**", lambda route: route.abort("connectionrefused"))
    tab = visit.dashboard()

    expect(tab.get_by_role("heading", name="The API does not answer")).to_be_visible()


def test_a_device_without_network_says_so_and_goes_on_by_itself(visit: Visit) -> None:
    visit.expected_complaints = ("Failed to load resource: net::ERR",)
    tab = visit.dashboard()
    expect(tab.locator("#totals")).to_contain_text("2,764")

    visit.context.set_offline(True)
    expect(tab.locator(".notice")).to_contain_text("This device has no network.")
    expect(tab.locator("#active-visitors")).to_have_text("42")
    visit.context.set_offline(False)
    expect(tab.locator(".notice")).to_have_count(0)


def test_a_page_without_settings_says_what_writes_them(visit: Visit) -> None:
    visit.expected_complaints = (REFUSED + "404",)
    tab = visit.open(visit.serve(config=False) + "index.html")

    expect(tab.get_by_role("alert")).to_contain_text("Run liveinsight deploy")


def test_warnings_and_estimates_of_the_api_are_passed_on(visit: Visit, api: FakeApi) -> None:
    api.stats = answers.stats(
        meta=answers.meta(
            exact=False,
            warnings=["visitors are estimated", "something new"],
            reasons=[{"code": "visitors_estimated", "error": 0.013}, {"code": "of_a_later_version"}],
        )
    )
    api.realtime = answers.realtime(meta=answers.meta(complete=False, warnings=["there are more sessions"]))
    tab = visit.dashboard()

    estimated = "Visitors are estimated, with a standard error of 1.3%. Something new."
    expect(tab.locator("#period-note")).to_have_text(estimated)
    expect(tab.locator("#live-note.is-warning")).to_have_text("There are more sessions.")
    expect(tab.locator(".freshness summary")).to_contain_text("estimatedincomplete")


def test_what_visitors_send_is_text_and_never_markup(visit: Visit, api: FakeApi) -> None:
    attack = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'
    event = dict.fromkeys(answers.recent_event(1, "/", None, None, "desktop"), attack) | {
        "epoch_ms": answers.NOW_MS
    }
    lists = {name: answers.top({attack: 3, "(other)": 1}) for name in answers.LISTS}
    api.realtime = answers.realtime(recent=[event])
    api.stats = answers.stats(top=lists, meta=answers.meta(warnings=[attack]))
    tab = visit.dashboard()

    expect(tab.locator("#feed")).to_contain_text("<script>window.owned=1</script>")
    expect(tab.locator("#lists")).to_contain_text("<script>window.owned=1</script>")
    expect(tab.locator("#period-note")).to_contain_text("<img src=x")
    tab.get_by_role("region", name="Pages").locator("button.row").click()
    expect(tab.locator(".chip")).to_contain_text("Page: <img src=x")
    tab.get_by_role("button", name="Show all").first.click()
    expect(tab.get_by_role("dialog")).to_contain_text("<img src=x")
    assert tab.locator("main img, main script").count() == 0
    assert tab.evaluate("window.owned") is None


def test_a_hidden_page_asks_nothing_and_asks_at_once_when_it_is_seen_again(
    visit: Visit, api: FakeApi
) -> None:
    visit.context.clock.install()
    tab = visit.dashboard()
    expect(tab.locator("#totals")).to_contain_text("2,764")
    tab.evaluate(HIDE, True)
    asked = len(api.of("GET", "/api/realtime"))
    tab.clock.run_for(60_000)
    api.realtime = answers.realtime(active_visitors=7)
    tab.evaluate(HIDE, False)

    expect(tab.locator("#active-visitors")).to_have_text("7")
    assert (
        asked < len(api.of("GET", "/api/realtime")) <= asked + 2
    )  # in a minute of polling it would be thirty


def test_a_period_that_is_over_is_read_seldom(visit: Visit, api: FakeApi) -> None:
    visit.context.clock.install()
    tab = visit.open(f"{visit.serve()}index.html?range=yesterday#token={TOKEN}")
    expect(tab.locator("#totals")).to_contain_text("2,764")

    tab.clock.run_for(59_000)
    assert len(api.of("GET", "/api/stats")) == 1
    tab.clock.run_for(1_000)
    api.wait_for(lambda api: len(api.of("GET", "/api/stats")) == 2)


def test_the_page_works_below_any_path(visit: Visit) -> None:
    tab = visit.dashboard(prefix="/some/where/")

    expect(tab.locator("#active-visitors")).to_have_text("42")
