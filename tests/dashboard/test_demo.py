"""The demo site: a person clicks, and the API hears of it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import FakeApi

pytestmark = pytest.mark.browser

PAGES = ("index", "pricing", "docs", "shop", "visit")


def heard(api: FakeApi) -> set[tuple[str, str]]:
    """What was heard, by type and page; what leaves with one page may arrive after the first event of the next."""
    return {(event["event_type"], event["page_url"].partition("/demo/")[2]) for event in api.events()}


def test_a_walk_through_the_demo_is_heard_click_by_click(visit: Visit, api: FakeApi) -> None:
    tab = visit.open(visit.serve("/site/") + "demo/index.html")
    expect(tab.locator("#tracking")).to_contain_text("counts this visit")
    tab.get_by_role("button", name="Sign up for the tasting").click()
    expect(tab.locator("#events")).to_contain_text("signup pro ✓")
    tab.get_by_role("link", name="Subscriptions").click()
    expect(tab.locator("#tracking")).to_contain_text("counts this visit")
    tab.get_by_role("button", name="Choose Deck").click()
    tab.get_by_role("link", name="Shop").click()
    expect(tab.locator("#tracking")).to_contain_text("counts this visit")
    tab.get_by_role("link", name="Espresso").click()
    tab.get_by_role("button", name="Add Dover").click()
    tab.get_by_role("link", name="Decaf").click()
    tab.get_by_role("link", name="Visit us").click()
    expect(tab.locator("#tracking")).to_contain_text("counts this visit")
    with tab.expect_download():
        tab.get_by_role("link", name="Download the menu").click()
    tab.get_by_label("Your name").fill("Ada")
    tab.get_by_role("button", name="Book a table").click()
    expect(tab.get_by_text("Booked. See you on Saturday!")).to_be_visible()
    api.wait_for(lambda api: ("booking", "visit.html") in heard(api))

    assert {what for what in heard(api) if what[0] != "engagement"} == {
        ("page_view", "index.html"),
        ("signup", "index.html"),
        ("page_view", "pricing.html"),
        ("plan_chosen", "pricing.html"),
        ("page_view", "shop.html"),
        ("page_view", "shop.html?shelf=espresso"),
        ("added_to_cart", "shop.html?shelf=espresso"),
        ("page_view", "shop.html?shelf=decaf"),
        ("page_view", "visit.html"),
        ("download", "visit.html"),
        ("booking", "visit.html"),
    }
    props = {event["event_type"]: event["props"] for event in api.events()}
    assert props["plan_chosen"] == {"plan": "deck"}
    assert props["added_to_cart"] == {"coffee": "Dover", "shelf": "espresso"}
    assert props["booking"] == {"place": "table"}  # nothing that was typed
    assert api.of("OPTIONS") == []


def test_every_demo_page_counts_and_leads_to_the_dashboard(visit: Visit, api: FakeApi) -> None:
    demo = visit.serve() + "demo/"
    for name in PAGES:
        tab = visit.open(f"{demo}{name}.html")
        expect(tab.locator("#tracking")).to_contain_text("LiveInsight counts this visit")
        api.wait_for(lambda api, name=name: ("page_view", f"{name}.html") in heard(api))  # type: ignore[misc]
        assert tab.get_by_role("link", name="Open the dashboard").get_attribute("href") == "../index.html"


def test_the_demo_fits_a_phone(browse: Callable[..., Visit]) -> None:
    phone = browse(viewport={"width": 390, "height": 844}, color_scheme="dark")
    demo = phone.serve() + "demo/"
    tab = phone.open(demo + "index.html")
    for name in PAGES:
        tab.goto(f"{demo}{name}.html")
        expect(tab.locator("#tracking")).to_contain_text("LiveInsight counts this visit")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_demo_without_settings_says_so(visit: Visit) -> None:
    visit.expected_complaints = ("Failed to load resource: the server responded with a status of 404",)
    tab = visit.open(visit.serve(config=False) + "demo/index.html")

    expect(tab.locator("#tracking")).to_contain_text("Not connected")
