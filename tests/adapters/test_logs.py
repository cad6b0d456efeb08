"""What the adapter makes of the answers of CloudWatch Logs, over HTTP and boto3 itself."""

import json
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.logs import CloudWatchLogs
from liveinsight_cli.core.logs.events import GroupMissing, LogEvent, Page, TokenRefused, Trouble
from liveinsight_cli.errors import CredentialsError, LiveInsightError

EVENT = {"eventId": "7", "timestamp": 5, "message": "hé\n", "logStreamName": "s", "ingestionTime": 6}


class Server:
    """Answers what it is told to; keeps what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body: Any = {"events": []}
        self.fast_seconds = 0.0
        self.asked: list[dict[str, Any]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                content = server.body if isinstance(server.body, bytes) else json.dumps(server.body).encode()
                self.send_response_only(server.status)
                self.send_header("Date", formatdate(time() - server.fast_seconds, usegmt=True))
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Server, Aws]]:
    server = Server()
    aws = Aws("ap-northeast-2", endpoint_url=f"http://127.0.0.1:{server.http.server_port}").trying_once()
    yield server, aws
    aws.client("logs").close()
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def server(running: tuple[Server, Aws]) -> Server:
    running[0].status, running[0].body, running[0].fast_seconds = 200, {"events": []}, 0.0
    running[0].asked.clear()
    return running[0]


@pytest.fixture
def logs(running: tuple[Server, Aws]) -> CloudWatchLogs:
    return CloudWatchLogs(running[1], "?ERROR")


def read(logs: CloudWatchLogs, token: str | None = None) -> Page:
    return logs.page("/g", 1000, 2000, token, 100)


def test_a_page_holds_the_events_and_where_to_go_on(server: Server, logs: CloudWatchLogs) -> None:
    server.body = {"events": [EVENT], "nextToken": "next", "searchedLogStreams": []}
    assert read(logs, "before") == Page([LogEvent("/g", "7", 5, "hé\n", "s")], "next")
    assert server.asked == [
        {
            "logGroupName": "/g",
            "startTime": 1000,
            "endTime": 2001,
            "filterPattern": "?ERROR",
            "nextToken": "before",
            "limit": 100,
        }
    ]


def test_half_of_a_surrogate_pair_is_a_character_as_any_other(server: Server, logs: CloudWatchLogs) -> None:
    server.body = b'{"events": [{"eventId": "7", "timestamp": 5, "message": "\\ud83d"}]}'
    assert [event.message for event in read(logs).events] == ["\ud83d"]


REFUSED: list[tuple[int, str, str]] = [
    (400, "ThrottlingException", "throttled"),
    (503, "ServiceUnavailableException", "unreachable"),
    (502, "", "unreachable"),
    (400, "ExpiredTokenException", "credentials"),
    (400, "UnrecognizedClientException", "credentials"),
    (400, "RequestTimeTooSkewed", "clock"),
]


@pytest.mark.parametrize(("status", "code", "kind"), REFUSED)
def test_what_passes_is_a_trouble_after_one_request(
    server: Server, logs: CloudWatchLogs, status: int, code: str, kind: str
) -> None:
    server.status, server.body = status, {"__type": code, "message": "no"} if code else b"<html>"
    with pytest.raises(Trouble) as trouble:
        read(logs)
    assert trouble.value.kind == kind
    assert isinstance(trouble.value.error, LiveInsightError)
    assert len(server.asked) == 1


def test_a_page_that_is_not_json_is_somebody_else_s_and_passes(server: Server, logs: CloudWatchLogs) -> None:
    server.body = b"<html>Please sign in to this network</html>"
    with pytest.raises(Trouble, match="cannot be reached"):
        read(logs)


def test_a_signature_that_is_too_old_is_a_matter_of_the_clock(server: Server, logs: CloudWatchLogs) -> None:
    message = "Signature expired: 20261126T070000Z is now earlier than 20261126T080000Z"
    server.status, server.body = 400, {"__type": "InvalidSignatureException", "message": message}
    with pytest.raises(Trouble) as trouble:
        read(logs)
    assert trouble.value.kind == "clock"


@pytest.mark.parametrize(
    ("code", "token", "error"),
    [
        ("ResourceNotFoundException", None, GroupMissing),
        ("InvalidParameterException", "old", TokenRefused),
        ("InvalidParameterException", None, LiveInsightError),
        ("AccessDeniedException", None, CredentialsError),
    ],
)
def test_what_does_not_pass_is_told_apart(
    server: Server, logs: CloudWatchLogs, code: str, token: str | None, error: type[Exception]
) -> None:
    server.status, server.body = 400, {"__type": code, "message": "no"}
    with pytest.raises(error):
        read(logs, token)


def test_nobody_at_the_other_end_is_a_trouble(free_port: int) -> None:
    logs = CloudWatchLogs(Aws("ap-northeast-2", endpoint_url=f"http://127.0.0.1:{free_port}").trying_once())
    with pytest.raises(Trouble) as trouble:
        read(logs)
    assert trouble.value.kind == "unreachable"


@pytest.fixture
def free_port(running: tuple[Server, Aws]) -> int:
    return 1  # nobody may listen there, and nobody does


@pytest.mark.parametrize("fast_seconds", [0.0, 300.0, -300.0])
def test_the_date_of_an_answer_tells_how_wrong_the_clock_is(
    server: Server, logs: CloudWatchLogs, fast_seconds: float
) -> None:
    server.fast_seconds = fast_seconds
    read(logs)
    assert logs.skew_ms == pytest.approx(-fast_seconds * 1000, abs=2000)
    assert fast_seconds or logs.skew_ms == 0


def test_expired_credentials_are_read_again_with_the_next_request(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    credentials = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(credentials))
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.http.server_port}")
    sign_in: Callable[[str], Any] = lambda key: credentials.write_text(  # noqa: E731
        f"[work]\naws_access_key_id = {key}\naws_secret_access_key = s\n"
    )
    aws = Aws("ap-northeast-2", profile="work").trying_once()
    logs = CloudWatchLogs(aws)
    sign_in("OLD")
    server.status, server.body = 400, {"__type": "ExpiredTokenException", "message": "expired"}
    with pytest.raises(Trouble, match="aws sso login --profile work"):
        read(logs)
    sign_in("NEW")
    server.status, server.body = 200, {"events": []}
    read(logs)
    assert aws.keys()[0] == "NEW"
    aws.client("logs").close()
