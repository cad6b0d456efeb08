"""What someone can look at: periods, filters, comparison, sites, languages; all of it in the address."""

import csv
import io
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.dashboard import answers
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import TOKEN, Failure, FakeApi, Received
from tests.dashboard.test_dashboard import REFUSED, asked_last, echo, rows, total

pytestmark = pytest.mark.browser


def visitors(tab: Tab, figure: str) -> None:
    """Wait for a number of visitors."""
    expect(tab.locator("[data-total=visitors] .total-figure")).to_have_text(figure)


def test_periods_and_filters_are_in_the_address_and_go_back_with_it(visit: Visit, api: FakeApi) -> None:
    api.stats = echo
    tab = visit.dashboard()
    visitors(tab, "24")

    tab.get_by_role("button", name="7 days").click()
    visitors(tab, "7")
    assert tab.url.endswith("/index.html?range=7d")
    assert asked_last(api)["timezone"] == ["Asia/Seoul"]
    tab.get_by_role("button", name="South Korea").click()
    visitors(tab, "107")
    assert tab.url.endswith("?range=7d&country=KR")
    assert asked_last(api, "/api/realtime")["country"] == ["KR"]
    expect(tab.get_by_role("button", name="South Korea 1,412")).to_have_attribute("aria-pressed", "true")
    tab.go_back()
    visitors(tab, "7")
    tab.go_forward()
    visitors(tab, "107")
    tab.get_by_role("button", name="Remove filter Country: South Korea").click()
    visitors(tab, "7")
    assert tab.url.endswith("?range=7d")
    tab.reload()
    visitors(tab, "7")


def test_an_answer_to_an_earlier_question_is_never_shown(visit: Visit, api: FakeApi) -> None:
    api.stats = echo
    tab = visit.dashboard()
    visitors(tab, "24")
    is_free = threading.Event()

    def late(request: Received) -> dict[str, Any]:
        if request.query["range"] == ["7d"]:
            is_free.wait(15)
        return echo(request)

    api.stats = late

    tab.get_by_role("button", name="7 days").click()
    api.wait_for(lambda api: asked_last(api)["range"] == ["7d"])
    expect(tab.locator(".figures.is-old")).to_contain_text("24")  # dimmed until the new ones are there
    tab.get_by_role("button", name="30 days").click()
    visitors(tab, "30")
    with tab.expect_response(lambda answer: "realtime" in answer.url):  # time for the late one to do harm
        is_free.set()
    visitors(tab, "30")
    expect(tab.locator(".figures.is-old")).to_have_count(0)


def test_filters_that_live_figures_cannot_follow_are_not_sent_to_them(visit: Visit, api: FakeApi) -> None:
    tab = visit.open(f"{visit.serve()}index.html?page=/pricing&device=mobile#token={TOKEN}")

    expect(tab.locator("#live")).to_contain_text("All visits: not every filter reaches the live figures.")
    expect(tab.locator("#totals")).to_contain_text("2,764")
    assert asked_last(api, "/api/realtime").keys() == {"limit", "device"}
    assert asked_last(api)["page"] == ["/pricing"]
    tab.get_by_role("button", name="Remove filter Page: /pricing").click()
    expect(tab.get_by_role("button", name="Remove filter Device: Mobile")).to_be_focused()
    expect(tab.locator("#live .unfiltered")).to_have_count(0)
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", name="Last 24 hours")).to_be_focused()
    api.wait_for(lambda api: "device" not in asked_last(api))


def test_chosen_days_are_asked_for_as_days_of_the_readers_time_zone(visit: Visit, api: FakeApi) -> None:
    tab = visit.dashboard()

    tab.get_by_role("button", name="Custom").click()
    tab.get_by_label("From").fill("2026-01-30")
    tab.get_by_label("To", exact=True).fill("2026-01-31")
    tab.get_by_role("button", name="Show", exact=True).click()
    api.wait_for(lambda api: asked_last(api)["range"] == ["2026-01-30,2026-02-01"])
    assert tab.url.endswith("?from=2026-01-30&to=2026-01-31")
    expect(tab.get_by_role("button", name="Custom")).to_have_attribute("aria-pressed", "true")
    expect(tab.get_by_role("button", name="Custom")).to_be_focused()


def test_a_comparison_says_how_much_and_from_what_in_words(visit: Visit, api: FakeApi) -> None:
    api.stats = answers.stats(comparison=answers.comparison())
    tab = visit.dashboard()
    tab.get_by_label("Compare with the period before").check()

    api.wait_for(lambda api: asked_last(api).get("compare") == ["previous"])
    changes = {
        name: tab.locator(f"[data-total={name}] .change")
        for name in ("pageviews", "bounce_rate", "engaged_s")
    }
    expect(changes["pageviews"]).to_have_text("▲ +25% before: 4,953")
    expect(changes["pageviews"]).to_have_class("change is-better")
    expect(changes["bounce_rate"]).to_have_text("▲ +10% before: 38%")
    expect(changes["bounce_rate"]).to_have_class("change is-worse")
    expect(changes["engaged_s"]).to_have_text("before: 0s")
    expect(tab.locator("#period path.previous")).to_have_count(1)


def test_a_total_chooses_what_the_chart_shows_without_asking_anew(visit: Visit, api: FakeApi) -> None:
    tab = visit.dashboard()
    expect(tab.get_by_role("slider", name="Page views", exact=True)).to_be_visible()
    asked = len(api.of("GET", "/api/stats"))

    tab.locator("[data-total=bounce_rate] button").click()
    expect(tab.get_by_role("slider", name="Bounce rate")).to_be_visible()
    assert tab.url.endswith("?metric=bounce_rate")
    assert len(api.of("GET", "/api/stats")) == asked
    assert tab.locator("[data-total=avg_duration_s] button").count() == 0  # has no course over time


def test_sites_are_chosen_where_there_is_more_than_one(visit: Visit, api: FakeApi) -> None:
    known = {**answers.stats()["query"], "known_sites": ["a.example", "b.example"]}
    api.stats = answers.stats(query=known)
    tab = visit.dashboard()

    tab.get_by_label("Site").select_option("b.example")
    api.wait_for(lambda api: asked_last(api).get("site") == ["b.example"])
    assert tab.url.endswith("?site=b.example")
    tab.get_by_label("Site").select_option("All sites")
    api.wait_for(lambda api: "site" not in asked_last(api))


def test_a_period_without_visits_is_not_a_site_without_visits(visit: Visit, api: FakeApi) -> None:
    silent = answers.silent_stats()
    silent["query"]["known_sites"] = ["example.com"]
    api.realtime, api.stats = answers.silent_realtime(), silent
    tab = visit.open(f"{visit.serve()}index.html?page=/gone#token={TOKEN}")

    expect(tab.get_by_text("No visits match the filters.")).to_be_visible()
    tab.locator(".nothing").get_by_role("button", name="Clear all filters").click()
    expect(tab.get_by_text("No visits in this period.")).to_be_visible()


def test_a_filter_out_of_reach_is_explained_with_ways_on(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "400",)
    tab = visit.dashboard()
    expect(tab.locator("#totals")).to_contain_text("2,764")
    api.failures = {"/api/stats": [Failure(400, code="filter_out_of_reach")]}

    tab.get_by_role("button", name="30 days").click()
    expect(tab.locator("#period").get_by_role("alert")).to_contain_text("Filters reach back 40 days")
    expect(tab.locator("#totals")).to_have_count(0)  # figures of another period would be taken for these
    tab.get_by_role("button", name="Show the last 24 hours").click()
    expect(tab.locator("#totals")).to_contain_text("2,764")


def test_a_question_that_is_refused_is_explained_and_led_out_of(visit: Visit, api: FakeApi) -> None:
    visit.expected_complaints = (REFUSED + "400",)
    refused = Failure(400, code="invalid_field", about="site")
    api.failures = {"/api/realtime": [refused] * 3, "/api/stats": [refused] * 3}
    tab = visit.open(f"{visit.serve()}index.html?site=%3Cb%3E&source=x&lang=ko#token={TOKEN}")
    expect(tab.get_by_role("alert")).to_have_text(re.compile("받아들이지 않았습니다.*호스트 이름"))

    api.failures = {}
    tab.get_by_role("button", name="필터 없이 모든 사이트 보기").click()
    expect(tab.locator("#totals")).to_contain_text("2,764")
    assert urlsplit(tab.url).query == "lang=ko"


def test_a_tap_does_not_hold_the_feed(visit: Visit) -> None:
    tab = visit.dashboard()
    line = tab.locator("#feed li").first
    line.dispatch_event("pointerover", {"pointerType": "touch", "bubbles": True})
    tab.locator("#recent").dispatch_event("pointerenter", {"pointerType": "touch"})
    expect(tab.locator("#recent .held")).to_be_empty()
    line.hover()
    expect(tab.locator("#recent .held")).not_to_be_empty()


def test_a_whole_list_is_searched_saved_and_filtered_by(visit: Visit, api: FakeApi, tmp_path: Path) -> None:
    pages = answers.top({"=cmd()": 90, **{f"/page-{n}": 80 - n for n in range(40)}})
    api.stats = lambda request: answers.stats(
        top={**answers.stats()["top"], "pages": pages[: int(request.query["limit"][0])]}
    )
    tab = visit.dashboard()
    card = tab.get_by_role("region", name="Pages", exact=True)
    expect(card.get_by_role("listitem")).to_have_count(8)
    opener = card.get_by_role("button", name="Show all")

    opener.click()
    dialog = tab.get_by_role("dialog", name="Page")
    expect(dialog.get_by_text("41 names")).to_be_visible()
    assert asked_last(api)["limit"] == ["1000"]
    with tab.expect_download() as saved:
        dialog.get_by_role("button", name="Download CSV").click()
    assert saved.value.suggested_filename == "liveinsight all sites pages 24h.csv"
    saved.value.save_as(tmp_path / "list.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "list.csv").read_text("utf-8-sig"), newline="")))
    assert lines[:3] == [["page", "count"], ["'=cmd()", "90"], ["/page-0", "80"]]
    assert len(lines) == 42

    dialog.get_by_role("searchbox").fill("page-39")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    tab.keyboard.press("Escape")  # empties the search
    tab.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_role("button", name="/page-39").click()
    expect(dialog).to_have_count(0)
    expect(tab.get_by_role("button", name="Remove filter Page: /page-39")).to_be_visible()


def test_the_period_is_saved_with_all_that_it_shows(visit: Visit, tmp_path: Path) -> None:
    tab = visit.dashboard()

    with tab.expect_download() as saved:
        tab.locator("#period").get_by_role("button", name="Download CSV").click()
    assert saved.value.suggested_filename == "liveinsight all sites 24h.csv"
    saved.value.save_as(tmp_path / "period.csv")
    lines = list(csv.reader(io.StringIO((tmp_path / "period.csv").read_text("utf-8-sig"), newline="")))
    assert ["total", "", "visitors", "2764"] in lines
    assert ["countries", "KR", "count", "1412"] in lines
    assert len([line for line in lines if line[0] == "series"]) == 24 * 5


@pytest.mark.parametrize("is_public", [False, True])
def test_a_shared_link_opens_the_same_view(visit: Visit, api: FakeApi, is_public: bool) -> None:
    api.needs_token = not is_public
    visit.settings = {"public": is_public}
    visit.context.grant_permissions(["clipboard-read", "clipboard-write"])
    fragment = "" if is_public else f"#token={TOKEN}"
    tab = visit.open(f"{visit.serve()}index.html?range=7d&country=KR{fragment}")
    expect(tab.locator("#active-visitors")).to_have_text("42")

    tab.get_by_role("button", name="Share").click()
    tab.get_by_role("button", name="Copy link").click()
    expect(tab.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    link = tab.evaluate("navigator.clipboard.readText()")
    assert link == f"{tab.url}{fragment}"
    assert TOKEN not in tab.content()


def test_the_page_speaks_korean_where_the_browser_or_someone_says_so(
    browse: Callable[..., Visit], api: FakeApi
) -> None:
    tab = browse(locale="ko-KR").dashboard()

    expect(tab.get_by_role("heading", name="현재 방문자")).to_be_visible()
    expect(tab.locator("html")).to_have_attribute("lang", "ko")
    expect(tab.locator("#period-note")).to_contain_text("방문자는 UTC 기준")
    assert total(tab, "avg_duration_s") == "2분 14초"
    assert rows(tab, "국가")[0] == ["대한민국", "1,412"]
    tab.get_by_label("언어").select_option("English")
    expect(tab.get_by_role("heading", name="Visitors now")).to_be_visible()
    assert tab.url.endswith("?lang=en")


def test_the_feed_shows_the_events_that_are_filtered_by(visit: Visit, api: FakeApi) -> None:
    api.realtime = answers.realtime(
        recent=[answers.recent_event(1, "/", None, None, "mobile", event_type="signup")]
    )
    tab = visit.dashboard()
    tab.get_by_role("button", name="signup 214").click()

    expect(tab.get_by_role("heading", name="Recent events: signup")).to_be_visible()
    expect(tab.locator("#feed")).to_contain_text("signup")
    assert asked_last(api, "/api/realtime")["event_type"] == ["signup"]


def test_events_that_were_there_before_stay_where_they_are(visit: Visit, api: FakeApi) -> None:
    visit.context.clock.install()
    tab = visit.dashboard()
    expect(tab.locator("#feed li")).to_have_count(4)
    tab.evaluate("document.querySelectorAll('#feed li').forEach((line, at) => line.seen = at)")

    newest = answers.recent_event(0, "/new", None, "KR", "mobile")
    api.realtime = answers.realtime(recent=[newest, *answers.realtime()["recent"]])
    tab.clock.run_for(2_000)
    expect(tab.locator("#feed li")).to_have_count(5)
    assert tab.evaluate("[...document.querySelectorAll('#feed li')].map(line => line.seen ?? null)") == [
        None,
        0,
        1,
        2,
        3,
    ]
    expect(tab.locator("#feed li.new")).to_have_count(1)

    burst = [answers.recent_event(0, f"/{n}", None, "KR", "mobile") for n in range(20)]
    api.realtime = answers.realtime(recent=burst)
    tab.clock.run_for(2_000)
    expect(tab.locator("#feed")).to_contain_text("/19")
    expect(tab.locator("#feed li.new")).to_have_count(0)  # where all is new, nothing blinks
