"""Chromium on the dashboard folder: every test also fails on a policy violation, a console error or a cookie."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect
from playwright.sync_api import Page as Tab

from tests.dashboard import answers
from tests.dashboard.fake_api import TOKEN, FakeApi, serve_api
from tests.dashboard.servers import Page, serve_page

expect.set_options(timeout=15_000)  # where programs share the cores, five seconds are not enough

VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => violations.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """An API with a busy day to tell."""
    with serve_api(FakeApi(answers.realtime(), answers.stats())) as served:
        yield served


@dataclass
class Visit:
    """A person at a browser: opens pages, and everything the browser complains about is kept."""

    api: FakeApi
    context: BrowserContext
    servers: ExitStack
    settings: dict[str, Any] = field(default_factory=dict)
    expected_complaints: tuple[str, ...] = ()
    complaints: list[str] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)

    def serve(self, prefix: str = "/", *, config: bool = True) -> str:
        """Serve the folder; its address."""
        settings = {
            "apiUrl": self.api.url,
            "environment": "local",
            "site": None,
            "public": False,
            **self.settings,
        }
        return self.servers.enter_context(
            serve_page(Page(self.api, settings if config else None, prefix))
        ).url

    def open(self, address: str) -> Tab:
        """A new tab at an address."""
        tab = self.context.new_page()
        self.tabs.append(tab)
        tab.on("console", self._hear)
        tab.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        tab.goto(address)
        return tab

    def dashboard(self, fragment: str = f"#token={TOKEN}", prefix: str = "/") -> Tab:
        """The dashboard in a new tab."""
        return self.open(f"{self.serve(prefix)}index.html{fragment}")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def check(self) -> None:
        """No complaint beyond the expected ones, no policy violation, no cookie."""
        unexpected = [
            text for text in self.complaints if not text.startswith(self.expected_complaints or ("\0",))
        ]
        assert unexpected == []
        for tab in self.tabs:
            if not tab.is_closed():
                assert tab.evaluate("window.violations") == []
        assert self.context.cookies() == []


@pytest.fixture
def browse(chromium: Browser, api: FakeApi) -> Iterator[Callable[..., Visit]]:
    """Somebody with a browser of a certain kind: `browse(color_scheme="dark", viewport=...)`."""
    with ExitStack() as visits:
        yield lambda **kind: visits.enter_context(visiting(chromium, api, kind))


@pytest.fixture
def visit(browse: Callable[..., Visit]) -> Visit:
    """Somebody at a wide screen."""
    return browse()


@contextmanager
def visiting(chromium: Browser, api: FakeApi, kind: dict[str, Any]) -> Iterator[Visit]:
    """Somebody with a browser of a certain kind; when they leave, they tell what it complained about."""
    defaults = {
        "viewport": {"width": 1280, "height": 900},
        "timezone_id": "Asia/Seoul",
        "reduced_motion": "reduce",
    }
    context = chromium.new_context(**{**defaults, **kind})
    context.set_default_timeout(15_000)
    context.add_init_script(VIOLATIONS)
    with ExitStack() as servers:
        servers.callback(context.close)
        visitor = Visit(api, context, servers)
        yield visitor
        visitor.check()
