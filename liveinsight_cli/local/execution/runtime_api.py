"""The server's side of the Lambda Runtime API for one worker: a loopback port, served without a thread of its own."""

import contextlib
import selectors
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

API = "/2018-06-01/runtime"
SEND_TIMEOUT_SECONDS = 30
_READ_BYTES = 1 << 16


@dataclass
class Connection:
    """A connection from the worker and what it has sent so far."""

    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)

    def answer(self, status: HTTPStatus, headers: Mapping[str, str] | None = None, body: bytes = b"") -> None:
        """Send a whole response and keep the connection."""
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + body)


@dataclass(frozen=True)
class Request:
    """A complete request of the worker; header names in lower case."""

    connection: Connection
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class RuntimeApi:
    """Listens for one worker. The owner waits on the selector and hands over what is ready."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=8)
        host, port = self._listener.getsockname()[:2]
        self.address = f"{host}:{port}"
        selector.register(self._listener, selectors.EVENT_READ, self)

    def ready(self, source: object) -> Iterator[Request]:
        """The requests that are complete now that a socket has something to read."""
        if isinstance(source, Connection):
            yield from self._receive(source)
        else:
            self._accept()

    def close(self) -> None:
        """Close the port and every connection."""
        for key in list(self._selector.get_map().values()):
            if key.data is self or isinstance(key.data, Connection):
                self._selector.unregister(key.fileobj)
                with contextlib.suppress(OSError):
                    key.fileobj.close()  # type: ignore[union-attr]

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.settimeout(SEND_TIMEOUT_SECONDS)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(accepted, selectors.EVENT_READ, Connection(accepted))

    def _receive(self, connection: Connection) -> Iterator[Request]:
        try:
            data = connection.socket.recv(_READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._selector.unregister(connection.socket)
            connection.socket.close()
            return
        connection.received += data
        while (request := _parse(connection)) is not None:
            if self._is_foreign(request):
                connection.answer(HTTPStatus.FORBIDDEN)
            else:
                yield request

    def _is_foreign(self, request: Request) -> bool:
        """A page in a browser can reach any port of this machine; a runtime sends neither of these."""
        headers = request.headers
        return headers.get("host") != self.address or "origin" in headers or "sec-fetch-site" in headers


def _parse(connection: Connection) -> Request | None:
    head, end, _ = connection.received.partition(b"\r\n\r\n")
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    size = len(head) + len(end)
    length = int(headers.get("content-length") or 0)
    if len(connection.received) < size + length:
        return None
    body = bytes(connection.received[size : size + length])
    del connection.received[: size + length]
    method, path, *_ = [*first.split(" "), ""]
    return Request(connection, method, path, headers, body)
