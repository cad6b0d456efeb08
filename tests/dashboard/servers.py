"""The dashboard folder as CloudFront serves it, and somebody's web site with the tracker on it."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.dashboard.fake_api import FakeApi
from tests.dashboard.loopback import serving

SCRIPTS = re.compile(r"/liveinsight[a-z-]*\.js")
DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"


@dataclass
class Page:
    """How the page is served: under which prefix, with which settings, next to which API."""

    api: FakeApi
    config: dict[str, Any] | None
    prefix: str = "/"
    url: str = ""

    def policy(self) -> str:
        """The Content-Security-Policy of the deployed distribution."""
        api = "{0.scheme}://{0.netloc}".format(urlsplit(self.api.url))
        return (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"connect-src 'self' {api}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )


class _PageHandler(SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".svg": "image/svg+xml",
    }

    def __init__(self, page: Page, *args: Any) -> None:
        self._page = page
        super().__init__(*args, directory=str(DASHBOARD))

    def do_GET(self) -> None:
        if not self.path.startswith(self._page.prefix):
            self.send_error(404)
            return
        self.path = "/" + self.path.removeprefix(self._page.prefix)
        if self.path != "/config.json":
            super().do_GET()
            return
        content = json.dumps(self._page.config).encode()
        self.send_response(200 if self._page.config is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", self._page.policy())
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class _SiteHandler(BaseHTTPRequestHandler):
    def __init__(self, html: str, application: Path | None, *args: Any) -> None:
        self._html = html
        self._application = application
        super().__init__(*args)

    def do_GET(self) -> None:
        script = DASHBOARD / self.path[1:] if SCRIPTS.fullmatch(self.path) else None
        if self.path == "/application.js":
            script = self._application
        page = self._html.replace("{path}", urlsplit(self.path).path)
        content = script.read_bytes() if script else page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serve_page(page: Page) -> Iterator[Page]:
    """Serve `dashboard/` with the deployed security headers and a config.json of its own."""
    with serving(partial(_PageHandler, page)) as origin:
        page.url = origin + page.prefix
        yield page


@contextmanager
def serve_site(html: str, application: Path | None = None) -> Iterator[str]:
    """Somebody's web site: a page at every path, its script and the tracker's beside it; its origin.

    `{path}` in the page is the path asked for.
    """
    with serving(partial(_SiteHandler, html, application)) as origin:
        yield origin
