"""What loading the page costs a browser: bytes, work of its main thread, and whether anything moved."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page as Tab
from playwright.sync_api import Response, expect

from tests.dashboard import busy_month
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import TOKEN

OBSERVE = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput) shifts.push([value, sources.map(({ node }) => node?.className || node?.nodeName)]);
}).observe({ type: "layout-shift", buffered: true });
window.firstFiguresMs = null;
new MutationObserver(() => {
  if (firstFiguresMs === null && /\\d/.test(document.getElementById("active-visitors")?.textContent ?? ""))
    firstFiguresMs = performance.now();
}).observe(document, { childList: true, characterData: true, subtree: true });
"""
MODULE = ("v8.compileModule", "v8.evaluateModule", "v8.produceCache")
TASK = "ThreadControllerImpl::RunTask"


@dataclass(frozen=True)
class Load:
    """A load of the page, and the renewals after it."""

    gzip_bytes: dict[str, int]
    """By file, those of the page's own origin."""
    task_cpu_ms: list[float]
    """CPU time of the main thread's tasks, longest first."""
    shifts: list[Any]
    """Layout shifts: score, and what moved."""
    first_figures_ms: float
    """From the beginning of the navigation."""


@contextmanager
def traced(tab: Tab) -> Iterator[list[dict[str, Any]]]:
    """Fills the list with what the browser did meanwhile."""
    browser = tab.context.browser
    assert browser is not None
    events: list[dict[str, Any]] = []
    browser.start_tracing(page=tab, categories=["toplevel", "devtools.timeline"])
    try:
        yield events
    finally:
        events += json.loads(browser.stop_tracing())["traceEvents"]


def watch_load(visit: Visit, renewals: int = 2) -> Load:
    """Open a month with the one before, and stay until it was renewed so many times."""
    visit.api.realtime, visit.api.stats = busy_month.busy_realtime(), busy_month.busy_stats()
    tab = visit.context.new_page()
    visit.tabs.append(tab)
    tab.add_init_script(OBSERVE)
    served: list[Response] = []
    origin = visit.serve()
    tab.on("response", lambda response: served.append(response) if response.url.startswith(origin) else None)
    with traced(tab) as events:
        tab.goto(f"{origin}index.html?range=30d&compare=previous#token={TOKEN}")
        expect(tab.locator("#list-page-panel button.row").first).to_be_visible()
        expect(tab.locator("#feed li").first).to_be_attached()
        for nth in range(renewals):
            visit.api.realtime = {**busy_month.busy_realtime(), "active_visitors": 1_300 + nth}
            expect(tab.locator("#active-visitors")).to_have_text(f"1,{300 + nth}")
    return Load(sizes(served), tasks(events), tab.evaluate("shifts"), tab.evaluate("firstFiguresMs"))


def sizes(served: list[Response]) -> dict[str, int]:
    """Compressed sizes of what was loaded, by the name of the file."""
    return {
        response.url.split("?")[0].rsplit("/", 1)[-1]: len(gzip.compress(response.body(), 6, mtime=0))
        for response in served
    }


def tasks(events: list[dict[str, Any]]) -> list[float]:
    """CPU ms of each task of the renderer that showed the page: the one that ran a script of the page's."""
    process = next(
        event["pid"] for event in events if "app.js" in json.dumps(event["args"]) and event["name"] in MODULE
    )
    threads = [
        event["tid"]
        for event in events
        if event["name"] == "thread_name"
        and event["pid"] == process
        and event["args"]["name"] == "CrRendererMain"
    ]
    spent = [
        event["tdur"] / 1_000
        for event in events
        if (event["name"], event["pid"]) == (TASK, process) and event["tid"] in threads and "tdur" in event
    ]
    return sorted(spent, reverse=True)
