"""Who is asked by way of a proxy, and who never is."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.health import send
from liveinsight_cli.adapters.proxies import proxy_of

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    """A proxy that answers all by itself: its address, and what it was asked for. The environment names none yet."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()


def test_an_api_is_asked_by_way_of_the_proxy(
    proxy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = proxy
    monkeypatch.setenv("HTTP_PROXY", url)
    assert send("GET", "http://api.invalid/v1/api/stats", {}).status == 200
    assert asked == ["http://api.invalid/v1/api/stats"]


def test_this_machine_is_never_asked_for_through_one(
    proxy: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = proxy
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody is there
    assert send("GET", f"{url}/api", {}).status == 200
    Aws("ap-northeast-2", endpoint_url=url).call("lambda", "list_functions")
    assert [path.split("?")[0].rstrip("/") for path in asked] == ["/api", "/2015-03-31/functions"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example.com/x", "http://secure:1"),
        ("http://a.example.com", "http://plain:2"),
        ("https://a.internal", None),
        ("http://[::1]:80", None),
        ("http://localhost", None),
    ],
)
def test_the_environment_says_which(
    proxy: object, url: str, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "secure:1")
    monkeypatch.setenv("HTTP_PROXY", "http://plain:2")
    monkeypatch.setenv("NO_PROXY", ".internal")
    assert proxy_of(url) == expected
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv("ALL_PROXY", "http://all:3")
    assert proxy_of("https://a.example.com") == "http://all:3"
