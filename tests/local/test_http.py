"""The HTTP server below every port: connections are kept, bodies are read to their end, nothing ends the process."""

import http.client
import io
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from liveinsight_cli.local.http import Answer, Listener, call


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError("a fault")
    if environ["PATH_INFO"] == "/empty":
        return Answer(204, b"never sent").send(start_response)
    body = environ["wsgi.input"].read()
    headers = (("X-Injected", "a\r\nb: c"), ("X-Length", environ.get("CONTENT_LENGTH", "")))
    return Answer(200, environ["REQUEST_METHOD"].encode() + b" " + body, headers).send(start_response)


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listener = Listener(echo).start()
    yield listener
    listener.close()


@pytest.fixture
def connection(listener: Listener) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=10)
    yield connection
    connection.close()


def ask(
    connection: http.client.HTTPConnection, method: str, path: str = "/", **kwargs: Any
) -> tuple[int, bytes]:
    connection.request(method, path, **kwargs)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_one_connection_carries_many_requests(connection: http.client.HTTPConnection) -> None:
    assert ask(connection, "POST", body=b"one") == (200, b"POST one")
    first = connection.sock
    assert ask(connection, "GET") == (200, b"GET ")
    assert ask(connection, "HEAD") == (200, b"")
    assert ask(connection, "DELETE", "/empty") == (204, b"")
    assert ask(connection, "PUT", "/broken", body=b"x" * 100_000)[0] == 500
    assert ask(connection, "POST", body=b"x" * 1_000_000)[1] == b"POST " + b"x" * 1_000_000
    assert connection.sock is first


def test_a_chunked_body_arrives_whole_with_its_length(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/", body=iter([b"one ", b"two"]), encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.headers["X-Length"], answer.read()) == ("7", b"POST one two")
    assert ask(connection, "GET") == (200, b"GET ")


def test_a_header_cannot_smuggle_another(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    assert answer.headers["X-Injected"] == "a  b: c"


@pytest.mark.parametrize("length", ["abc", "-5", str(10**12)])
def test_an_impossible_length_is_refused(listener: Listener, length: str) -> None:
    answered = raw(listener, f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
    assert answered.split(b" ", 2)[1] in (b"400", b"413")


def test_a_client_that_asks_first_is_told_to_go_on(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 100")
        client.sendall(b"abc")
        assert client.recv(1000).startswith(b"HTTP/1.1 200")


def test_closing_ends_idle_connections_and_frees_the_port() -> None:
    listener = Listener(echo).start()
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=10)
    ask(connection, "GET")
    listener.close()
    assert connection.sock is not None
    assert connection.sock.recv(10) == b""
    connection.close()
    again = Listener(echo, listener.port)
    again.close()


def test_a_whole_answer_can_be_taken_from_any_wsgi_application() -> None:
    answer = call(
        echo, {"PATH_INFO": "/", "REQUEST_METHOD": "GET", "CONTENT_LENGTH": "", "wsgi.input": io.BytesIO()}
    )
    assert (answer.status, answer.header("x-injected")) == (200, "a\r\nb: c")


def raw(listener: Listener, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=10) as client:
        client.sendall(request)
        return client.recv(4096)
