"""The whole way, as people go it: from clicks on a site to the figures on the dashboard, in Chromium."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Request, Response, expect
from playwright.sync_api import Page as Tab

from tests.e2e.conftest import Stack
from tests.e2e.test_stats import client, events_in_the_table

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

SITE = "127.0.0.1"  # where the demo site is served; nothing else sends events of it
VIOLATIONS = """
document.addEventListener("securitypolicyviolation",
  (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
"""
PATIENCE_MS = 60_000  # a batch waits five seconds, the dashboard ten, and machines are busy


@dataclass
class Person:
    """Somebody with a browser of their own; what it asks for and complains about is kept."""

    context: BrowserContext
    asked: list[Request] = field(default_factory=list)
    answered: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> Tab:
        """A new tab."""
        tab = self.context.new_page()
        tab.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        tab.goto(address)
        return tab

    def note_request(self, request: Request) -> None:
        """Keep what the browser asks for."""
        self.asked.append(request)

    def note_answer(self, answer: Response) -> None:
        """Keep what it is told."""
        self.answered.append(answer)

    def hear(self, message: ConsoleMessage) -> None:
        """Keep what the browser complains about."""
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def sent(self) -> list[Any]:
        """Bodies of the requests with events."""
        bodies = [request.post_data or "" for request in self.asked if request.method == "POST"]
        return [json.loads(body) for body in bodies]


@contextmanager
def person(chromium: Browser, **kind: Any) -> Iterator[Person]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, timezone_id="Asia/Seoul", **kind)
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(VIOLATIONS)
    found = Person(context)
    context.on("request", found.note_request)
    context.on("response", found.note_answer)
    context.on("console", found.hear)
    yield found
    context.close()


def total(tab: Tab, name: str) -> Any:
    return tab.locator(f"[data-total={name}] .total-figure")


def rows(tab: Tab, card: str) -> dict[str, str]:
    """What a card lists: counts by names."""
    items = tab.get_by_role("region", name=card, exact=True).get_by_role("listitem")
    texts = [text.split() for text in items.all_inner_texts()]
    return {row[0]: row[1] for row in texts}


def click_through(visitor: Person, site: str) -> None:
    """Two pages, two buttons, and a part that changes its address without a page load; then leave."""
    tab = visitor.open(f"{site}/demo/index.html")
    expect(tab.locator("#tracking")).to_contain_text("counts this visit")
    tab.get_by_role("button", name="Sign up for the tasting").click()
    tab.get_by_role("link", name="Subscriptions").click()
    expect(tab.locator("#tracking")).to_contain_text("counts this visit")
    tab.get_by_role("button", name="Choose Deck").click()
    tab.get_by_role("link", name="Shop").click()
    expect(tab.locator("#tracking")).to_contain_text("counts this visit")
    heard = tab.locator("#events li", has_text="page_view")
    expect(heard).to_have_count(1)
    for views, shelf in ((2, "Filter"), (3, "Espresso")):
        tab.get_by_role("link", name=shelf, exact=True).click()
        expect(heard).to_have_count(views)
    tab.go_back()
    expect(heard).to_have_count(4)
    assert visitor.context.storage_state() == {"cookies": [], "origins": []}
    assert tab.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert tab.evaluate("indexedDB.databases()") == []
    tab.goto("about:blank")


VIEWS = {
    "/demo/index.html": 1,
    "/demo/pricing.html": 1,
    "/demo/shop.html": 4,  # all, two shelves, and back to one of them; what stands after the ? is not kept
}


def test_from_clicks_on_a_site_to_the_figures_of_the_dashboard(stack: Stack, chromium: Browser) -> None:
    assert events_in_the_table(stack, SITE) == []
    started = time.time()
    address = str(stack.outputs["cloudfront_url"])
    with person(chromium) as owner, person(chromium) as visitor:
        tab = owner.open(f"{address}/?site={SITE}#token={stack.token}")
        expect(tab.get_by_role("heading", name="Waiting for the first visit")).to_be_visible()
        click_through(visitor, address)

        # Who is here, and what they look at: seconds later, by itself.
        expect(tab.locator("#active-visitors")).to_have_text("1", timeout=PATIENCE_MS)
        expect(tab.locator("#feed li").first).to_contain_text("/demo/shop.html", timeout=PATIENCE_MS)
        expect(total(tab, "pageviews")).to_have_text("6", timeout=PATIENCE_MS)
        figures = {name: total(tab, name).inner_text() for name in ("visitors", "sessions", "bounce_rate")}
        assert figures == {"visitors": "1", "sessions": "1", "bounce_rate": "0%"}
        assert rows(tab, "Pages") == {page: str(views) for page, views in VIEWS.items()}
        events = tab.get_by_role("region", name="Events", exact=True)
        expect(events.get_by_role("listitem").filter(has_text="plan_chosen")).to_have_text(
            re.compile(r"plan_chosen\s*1")
        )

        # The figures are those of the command line, and of the table's rows.
        stored = events_in_the_table(stack, SITE)
        types = Counter(str(event["event_type"]) for event in stored)
        assert (types["page_view"], types["signup"], types["plan_chosen"]) == (6, 1, 1)
        paths = Counter(str(e["page_url"]).split("/", 3)[3] for e in stored if e["event_type"] == "page_view")
        assert {f"/{path}": views for path, views in paths.items()} == VIEWS
        assert len({event["session_id"] for event in stored}) == 1
        said = stack.answer("stats", "--site", SITE, "--range", "24h")["period"]["totals"]
        assert (said["pageviews"], said["visitors"], said["sessions"]) == (6, 1, 1)
        expect(total(tab, "events")).to_have_text(str(len(stored)), timeout=PATIENCE_MS)
        assert said["events"] == len(stored)

        # A click on a row filters by it, another takes the filter off; the address says which one is on.
        events.get_by_role("button", name=re.compile("^signup")).click()
        expect(tab.locator(".chip")).to_contain_text("signup")
        assert "event_type=signup" in tab.url
        expect(total(tab, "visitors")).to_have_text("1")
        tab.locator(".chip").click()
        expect(tab.locator(".chip")).to_have_count(0)

        # Events left in few requests, as text, without asking leave; the dashboard read by way of CloudFront.
        posts = [request for request in visitor.asked if request.method == "POST"]
        assert {request.headers["content-type"] for request in posts} == {"text/plain;charset=UTF-8"}
        assert sum(len(body["events"]) for body in visitor.sent()) <= len(stored)
        assert "OPTIONS" not in methods_at_the_gateway(stack, started)
        reads = [answer for answer in owner.answered if "/api/" in answer.url]
        assert {answer.url.split("/api/")[0] for answer in reads} == {address}
        assert all("x-cache" in answer.headers for answer in reads)
        assert owner.complaints == visitor.complaints == []
        assert owner.context.cookies() == []

        # The API goes away and comes back: the page says so, keeps its figures, and goes on by itself.
        assert stack.run("local", "down").returncode == 0
        expect(tab.locator(".notice").first).to_be_visible()
        expect(total(tab, "pageviews")).to_have_text("6")
        assert stack.run("local", "up").returncode == 0
        stack.record()
        visitor.open(f"{address}/demo/docs.html")
        expect(tab.locator("#feed li").first).to_contain_text("/demo/docs.html", timeout=2 * PATIENCE_MS)
        assert "OPTIONS" not in methods_at_the_gateway(stack, started)


def methods_at_the_gateway(stack: Stack, since: float) -> set[str]:
    """Methods of the requests that the API's access log tells of."""
    pages = (
        client(stack, "logs")
        .get_paginator("filter_log_events")
        .paginate(
            logGroupName=f"/aws/apigateway/{stack.outputs['rest_api_name']}", startTime=int(since * 1000)
        )
    )
    return {json.loads(event["message"])["method"] for page in pages for event in page["events"]}
