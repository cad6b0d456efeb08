"""The tracker among routers that know nothing of it: every page they show counts once."""

import shutil
import subprocess
from typing import Any

import pytest

from tests.conftest import IN_CI
from tests.dashboard.conftest import Visit
from tests.dashboard.fake_api import FakeApi
from tests.dashboard.matrix import chosen
from tests.dashboard.servers import serve_site
from tests.dashboard.test_build import WEB
from tests.dashboard.test_tracker import types_of

pytestmark = pytest.mark.browser

BUILT = WEB / "build" / "routers"
APPLICATION = """<!doctype html><html lang="en"><head><title>Page {path}</title><link rel="icon" href="data:,">
<script defer src="/liveinsight.js" data-api="API" ATTRIBUTES></script>
<script type="module" src="/application.js"></script></head><body><div id="app"></div></body></html>"""
PAGES = APPLICATION.replace(
    '<div id="app"></div>',
    '<h1>{path}</h1><a href="/">/</a> <a href="/cart">/cart</a> <a href="/list?sort=price">/list?sort=price</a>',
).replace("<body>", '<body hx-boost="true" hx-boost:inherited="true">')


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    node = shutil.which("node")
    if node is None or not (WEB / "node_modules").is_dir():
        if IN_CI:
            pytest.fail("web/node_modules is missing, and in CI its tests may not be skipped: make web")
        pytest.skip("web/node_modules is missing: make web")
    done = subprocess.run(
        [node, "build.mjs", "--routers"], cwd=WEB, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def walk(
    visit: Visit, api: FakeApi, name: str, page: str, steps: list[tuple[str, str]]
) -> list[dict[str, Any]]:
    """Open an application, do one thing after the other, each when the one before is shown; the page views."""
    attributes = "data-hash" if name == "vue-hash" else ""
    html = page.replace("API", api.url).replace("ATTRIBUTES", attributes)
    origin = visit.servers.enter_context(serve_site(html, BUILT / f"{name}.js"))
    tab = visit.open(origin + "/")
    for what, shown in steps:
        if what == "back":
            tab.evaluate("history.back()")
        else:
            tab.get_by_text(what, exact=True).click()
        tab.wait_for_function(
            "shown => location.href.endsWith(shown) && document.title.startsWith('Page ')", arg=shown
        )
    tab.evaluate("setTimeout(() => liveinsight('end'), 600)")  # a redirect may still be on its way
    api.wait_for(lambda api: "end" in types_of(api))
    views = [event for event in api.events() if event["event_type"] == "page_view"]
    for view in views:
        view["page_url"] = view["page_url"].removeprefix(origin)
    return views


@pytest.mark.parametrize(
    "name",
    chosen(["react-router", "vue-hash"], ["wouter", "preact-iso", "vue-history"]),
)
def test_each_page_of_a_router_counts_once(visit: Visit, api: FakeApi, name: str) -> None:
    steps = [
        ("/cart", "/cart"),
        ("Again", "/cart"),
        ("/list?sort=price", "/list?sort=price"),
        ("Sort", "/list?sort=name"),
        ("/old", "/new"),
        ("back", "/list?sort=name"),
        ("/", "/"),
        ("Move", "/there"),
    ]
    views = walk(visit, api, name, APPLICATION, steps)

    paths = ["/", "/cart", "/list?sort=price", "/new", "/list?sort=name", "/", "/there"]
    assert [view["page_url"] for view in views] == paths
    assert [view["title"] for view in views] == [
        "Page " + view["page_url"].partition("?")[0] for view in views
    ]
    assert api.of("OPTIONS") == []


@pytest.mark.parametrize("name", chosen(["turbo"], ["htmx"]))
def test_each_page_that_a_script_fetches_counts_once(visit: Visit, api: FakeApi, name: str) -> None:
    steps = [("/cart", "/cart"), ("/list?sort=price", "/list?sort=price"), ("back", "/cart"), ("/", "/")]
    views = walk(visit, api, name, PAGES, steps)

    assert [view["page_url"] for view in views] == ["/", "/cart", "/list?sort=price", "/cart", "/"]
    assert [view["title"] for view in views] == [
        "Page " + view["page_url"].partition("?")[0] for view in views
    ]
    assert api.of("OPTIONS") == []
