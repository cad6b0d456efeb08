"""The client of the deployed API against a small real HTTP server that answers as it is told."""

import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any, cast

import pytest
import urllib3

from liveinsight_cli.adapters.api import Api, ApiError
from liveinsight_cli.adapters.deployed import TEXTS, Deployed
from liveinsight_cli.errors import CredentialsError, ExitCode, PreconditionError, TimedOut


@dataclass
class Server:
    """Answers with what is queued, the last one again and again, and remembers what was asked."""

    answers: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def say(self, status: int, body: Any, **headers: str) -> None:
        self.answers.append((status, body, headers))


@pytest.fixture
def server() -> Iterator[Server]:
    told = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((self.path, headers, body))
            status, answer, more = told.answers.pop(0) if len(told.answers) > 1 else told.answers[0]
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(content))}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{listening.server_port}/v1"
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield told
    listening.shutdown()
    listening.server_close()


def api(url: str, token: str | None = "secret", pool: urllib3.PoolManager | None = None) -> Api:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    deployed = SimpleNamespace(api_gateway_url=url, token=token, authorization=lambda: headers)
    return Api(cast(Deployed, deployed), pool=pool)


def error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def test_a_read_carries_the_token_and_only_the_given_fields(server: Server) -> None:
    server.say(200, {"totals": {}})
    client = api(server.url)
    assert client.stats(site="a.example", range="24h", timezone=None) == {"totals": {}}
    client.close()
    path, headers, _ = server.asked[0]
    assert path == "/v1/api/stats?site=a.example&range=24h"
    assert headers["authorization"] == "Bearer secret"


def test_a_throttled_or_unstored_post_is_sent_again_with_the_same_bytes(server: Server) -> None:
    server.say(429, error("throttled", "Too many."), Retry_After="0")
    server.say(503, error("storage_unavailable", "Again."), Retry_After="0")
    server.say(202, {"accepted": 1})
    client = api(server.url)
    assert client.send(b'{"a":1}', "agent", {"CloudFront-Viewer-Country": "KR"}) == {"accepted": 1}
    client.close()
    assert [body for _, _, body in server.asked] == [b'{"a":1}'] * 3
    assert {headers["cloudfront-viewer-country"] for _, headers, _ in server.asked} == {"KR"}
    assert all("authorization" not in headers for _, headers, _ in server.asked)


def test_an_impatient_client_tells_of_the_first_failure(server: Server) -> None:
    server.say(503, error("storage_unavailable", "Again."), Retry_After="60")
    client = api(server.url).impatient()
    with pytest.raises(ApiError, match="answers 503: Again"):
        client.realtime()
    client.close()
    assert len(server.asked) == 1


def test_another_token_is_read_with(server: Server) -> None:
    server.say(200, {"now": 1})
    texts = {name: "x" for names in TEXTS.values() for name in names} | {"api_gateway_url": server.url}
    tables = dict.fromkeys(("events", "sessions", "state"), "x")
    lists: dict[str, Any] = {"functions": {}, "log_groups": [], "alarm_names": []}
    deployed = Deployed.from_outputs({**texts, **lists, "tables": tables}, "old")
    client = Api(deployed).with_token("new")
    client.realtime()
    client.close()
    assert server.asked[0][1]["authorization"] == "Bearer new"


@pytest.mark.parametrize(("token", "words"), [("old", "refuses"), (None, "has none")])
def test_401_is_about_the_token(server: Server, token: str | None, words: str) -> None:
    server.say(401, error("unauthorized", "A token is needed."))
    client = api(server.url, token)
    with pytest.raises(CredentialsError, match=words) as caught:
        client.realtime()
    client.close()
    assert caught.value.exit_code == ExitCode.CREDENTIALS
    assert caught.value.hint
    assert "read-token" in caught.value.hint
    assert "old" not in caught.value.message


@pytest.mark.parametrize(
    ("status", "code"), [(400, "invalid_field"), (403, "site_not_allowed"), (500, "internal_error")]
)
def test_an_error_of_the_contract_keeps_its_code_and_message(server: Server, status: int, code: str) -> None:
    server.say(status, error(code, "Said so."))
    client = api(server.url)
    with pytest.raises(ApiError, match=f"GET /api/stats answers {status}: Said so") as caught:
        client.stats()
    client.close()
    assert (caught.value.code, caught.value.status) == (code, status)
    assert ("allowed_sites" in (caught.value.hint or "")) == (status == 403)


def test_an_answer_that_is_no_json_is_an_error_of_the_api(server: Server) -> None:
    server.say(200, b"<html>")
    client = api(server.url)
    with pytest.raises(ApiError) as caught:
        client.stats()
    client.close()
    assert caught.value.code == "api"


def test_nobody_there_is_a_precondition_with_a_way_on() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening: connections are refused
        client = api(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(PreconditionError) as caught:
            client.stats()
        client.close()
    assert caught.value.exit_code == ExitCode.PRECONDITION
    assert caught.value.message.startswith("The API cannot be reached: Failed to establish a new connection")
    assert "liveinsight local up" in (caught.value.hint or "")


def test_no_answer_in_time_is_a_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        pool = urllib3.PoolManager(timeout=0.05, retries=False)
        client = api(f"http://127.0.0.1:{silent.getsockname()[1]}", pool=pool)
        with pytest.raises(TimedOut, match="GET /api/stats"):
            client.stats()
        client.close()
