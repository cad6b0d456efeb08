"""The demo site: a person clicks, and the API hears of it."""

import pytest
from playwright.sync_api import expect

from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import FakeApi

pytestmark = pytest.mark.browser


def test_a_walk_through_the_demo_is_heard_click_by_click(visit: Visit, api: FakeApi) -> None:
    tab = visit.open(visit.serve("/site/") + "demo/index.html")
    tab.get_by_role("button", name="Sign up for the tasting").click()
    tab.get_by_role("link", name="Pricing").click()
    tab.get_by_role("button", name="Choose Deck").click()
    tab.get_by_role("link", name="Shop").click()
    api.wait_for(lambda api: len(api.events()) == 5)
    tab.get_by_role("link", name="Espresso").click()
    api.wait_for(lambda api: len(api.events()) == 6)
    tab.get_by_role("link", name="Decaf").click()
    api.wait_for(lambda api: len(api.events()) == 7)

    # What leaves with one page may arrive after the first event of the next.
    heard = {(event["event_type"], event["page_url"].partition("/demo/")[2]) for event in api.events()}
    assert heard == {
        ("page_view", "index.html"),
        ("signup", "index.html"),
        ("page_view", "pricing.html"),
        ("plan_chosen", "pricing.html"),
        ("page_view", "shop.html"),
        ("page_view", "shop.html?shelf=espresso"),
        ("page_view", "shop.html?shelf=decaf"),
    }
    assert [event["props"]["plan"] for event in api.events() if "props" in event] == ["pro", "deck"]
    assert api.of("OPTIONS") == []


def test_every_demo_page_counts_and_leads_to_the_dashboard(visit: Visit, api: FakeApi) -> None:
    demo = visit.serve() + "demo/"
    for visits, name in enumerate(("index", "pricing", "docs", "shop"), start=1):
        tab = visit.open(f"{demo}{name}.html")
        expect(tab.locator("#tracking")).to_contain_text("LiveInsight counts this visit")
        api.wait_for(lambda api, visits=visits: len(api.events()) == visits)  # type: ignore[misc]
        tab.get_by_role("link", name="Open the dashboard").click()
        expect(tab.get_by_role("heading", name="This dashboard asks for its read token")).to_be_visible()


def test_a_demo_without_settings_says_so(visit: Visit) -> None:
    visit.expected_complaints = ("Failed to load resource: the server responded with a status of 404",)
    tab = visit.open(visit.serve(config=False) + "demo/index.html")

    expect(tab.locator("#tracking")).to_contain_text("Not connected")
