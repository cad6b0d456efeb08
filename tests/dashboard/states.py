"""The states that the page can be in, each with the way into it: for whatever has to hold in all of them."""

from collections.abc import Callable

from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.dashboard import answers, busy_month
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import TOKEN, Failure

MANY = 200  # more requests than a test lasts
REFUSED = "Failed to load resource: the server responded with a status of "
MONTH = f"index.html?range=30d&compare=previous#token={TOKEN}"


def busy(visit: Visit, query: str = "range=30d&compare=previous") -> Tab:
    """A busy month beside the one before."""
    visit.api.realtime, visit.api.stats = busy_month.busy_realtime(), busy_month.busy_stats()
    tab = visit.open(f"{visit.serve()}index.html?{query}#token={TOKEN}")
    expect(tab.locator("#active-visitors")).to_have_text("1,284")
    expect(tab.locator("#list-page-panel .row").nth(1)).to_contain_text("/pricing")
    return tab


def filtered(visit: Visit) -> Tab:
    """Two filters, the chosen days open, and what can be told about freshness."""
    tab = busy(visit, "from=2026-01-04&to=2026-02-02&page=/pricing&country=KR")
    tab.locator(".freshness summary").click()
    tab.locator("[aria-controls=days]").click()
    expect(tab.locator("#days input")).to_have_count(2)
    return tab


def reading_the_chart(visit: Visit) -> Tab:
    """The arrow keys chose a step of the chart."""
    tab = busy(visit)
    tab.locator("#period .chart-plot").press("ArrowLeft")
    expect(tab.locator("#period .chart-tip")).to_be_visible()
    return tab


def table(visit: Visit) -> Tab:
    """The series in figures."""
    tab = busy(visit)
    tab.locator("details.table summary").click()
    expect(tab.locator("details.table tbody tr")).to_have_count(30)
    return tab


def whole_list(visit: Visit) -> Tab:
    """A list in full."""
    tab = busy(visit)
    tab.locator(".show-all").first.click()
    expect(tab.locator("dialog .row").first).to_be_visible()
    return tab


def share(visit: Visit) -> Tab:
    """About to give the link away."""
    tab = busy(visit)
    tab.locator("button.share").click()
    expect(tab.locator("dialog")).to_be_visible()
    return tab


def hostile(visit: Visit) -> Tab:
    """Names as visitors can make them."""
    visit.api.realtime, visit.api.stats = busy_month.hostile_realtime(), busy_month.hostile_stats()
    tab = visit.open(f"{visit.serve()}{MONTH}")
    expect(tab.locator("#list-page-panel .row").first).to_contain_text("a-very-long-path")
    return tab


def silent_period(visit: Visit) -> Tab:
    """Visits, but none that the filter chooses."""
    visit.api.stats = answers.silent_stats()
    tab = visit.open(f"{visit.serve()}index.html?source=nowhere#token={TOKEN}")
    expect(tab.locator(".nothing")).to_be_visible()
    return tab


def loading(visit: Visit) -> Tab:
    """No answer yet."""
    visit.context.route(f"{visit.api.url}/**", lambda _: None)
    tab = visit.dashboard()
    expect(tab.locator("#period .is-loading").first).to_be_visible()
    return tab


def empty(visit: Visit) -> Tab:
    """Nobody has ever come."""
    visit.api.realtime, visit.api.stats = answers.silent_realtime(), answers.silent_stats()
    tab = visit.dashboard()
    expect(tab.locator("[data-state=empty]")).to_be_visible()
    return tab


def unauthorised(visit: Visit) -> Tab:
    """No token."""
    tab = visit.dashboard(fragment="")
    expect(tab.locator("[data-state=unauthorised]")).to_be_visible()
    return tab


def error(visit: Visit) -> Tab:
    """The API fails from the beginning."""
    return _failing(visit, Failure(503, {"Retry-After": "30"}))


def throttled(visit: Visit) -> Tab:
    """The API is at its limit from the beginning."""
    return _failing(visit, Failure(429, {"Retry-After": "30"}))


def _failing(visit: Visit, failure: Failure) -> Tab:
    visit.expected_complaints = (REFUSED,)
    visit.api.failures = {path: [failure] * MANY for path in ("/api/realtime", "/api/stats")}
    tab = visit.dashboard()
    expect(tab.locator("[data-state=error]")).to_be_visible()
    return tab


def fault_over_figures(visit: Visit) -> Tab:
    """Figures were there when the API began to fail."""
    visit.expected_complaints = (REFUSED,)
    tab = busy(visit)
    visit.api.failures = {
        path: [Failure(429, {"Retry-After": "30"})] * MANY for path in ("/api/realtime", "/api/stats")
    }
    expect(tab.locator(".notice").first).to_be_visible()
    return tab


STATES: dict[str, Callable[[Visit], Tab]] = {
    state.__name__: state
    for state in (
        *(busy, filtered, reading_the_chart, table, whole_list, share, hostile, silent_period),
        *(loading, empty, unauthorised, error, throttled, fault_over_figures),
    )
}
