"""The keep-alive HTTP server below every port of the embedded AWS, and the values that travel through it.

werkzeug's own handler closes each connection after one answer; boto3 then pays a new connection for every call.
"""

import contextlib
import io
import logging
import socket
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from werkzeug.exceptions import ClientDisconnected
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

LOOPBACK = "127.0.0.1"
MAX_BODY_BYTES = 512 * 1024 * 1024
IDLE_SECONDS = 75.0

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger(__name__)


class Stream:
    """A body that comes in parts, for as long as the other side listens."""

    def __init__(self, parts: Generator[bytes, None, None]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self.parts


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer: status, headers in order, body; or one without an end, whose body is `stream`."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = field(default=())
    stream: Stream | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def send(self, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer as a WSGI application does."""
        start_response(f"{self.status} {_phrase(self.status)}", list(self.headers))
        return [self.body] if self.stream is None else self.stream


def body_of(environ: Environ) -> bytes:
    """Return a request's body without consuming it; KeepAliveHandler has read it to its end."""
    body: bytes = environ["wsgi.input"].getvalue()
    return body


def call(app: WsgiApp, environ: Environ) -> Answer:
    """Run a WSGI application and return its whole answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], _exc_info: Any = None
    ) -> Callable[[bytes], Any]:
        started.append((status, headers))
        return written.append

    parts = app(environ, start_response)
    if isinstance(parts, Stream):
        status, headers = started[-1]
        return Answer(int(status.split(" ", 1)[0]), b"", tuple(headers), parts)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = started[-1]
    return Answer(int(status.split(" ", 1)[0]), b"".join(written) + body, tuple(headers))


class KeepAliveHandler(WSGIRequestHandler):
    """Reads each request to its end, answers with a known length, and keeps the connection."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = 64 * 1024  # headers and body leave in one packet
    disable_nagle_algorithm = True

    def handle_expect_100(self) -> bool:
        """Say "go on" at once: it would wait in the buffer otherwise."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def run_wsgi(self) -> None:
        """Read the request whole, answer it whole."""
        self.environ = environ = self.make_environ()
        try:
            environ["wsgi.input"] = io.BytesIO(self._read_body(environ))
        except _BadBody as error:
            self.close_connection = True
            self._send(Answer(error.status, error.message.encode(), (("Content-Type", "text/plain"),)))
            return
        try:
            answer = call(self.server.app, environ)
        except Exception:
            log.exception("%s %s failed", self.command, self.path)
            answer = Answer(500, b"internal error\n", (("Content-Type", "text/plain"),))
        self._send(answer)

    def _read_body(self, environ: Environ) -> bytes:
        if environ.get("wsgi.input_terminated"):  # chunked
            body: bytes = environ["wsgi.input"].read()
            environ.pop("HTTP_TRANSFER_ENCODING", None)
            environ["CONTENT_LENGTH"] = str(len(body))
            return body
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit():
            raise _BadBody(400, "Content-Length is not a number\n")
        if int(length) > MAX_BODY_BYTES:
            raise _BadBody(413, "the body is too large\n")
        body = self.rfile.read(int(length)) if int(length) else b""
        if len(body) < int(length):
            raise ClientDisconnected
        return body

    def _send(self, answer: Answer) -> None:
        if getattr(self.server, "closing", False):
            self.close_connection = True
        self.send_response_only(answer.status)
        names = {name.lower() for name, _ in answer.headers}
        if "date" not in names:
            self.send_header("Date", formatdate(usegmt=True))
        bodiless = answer.status in (204, 304) or answer.status < 200
        for name, value in answer.headers:
            if name.lower() not in ("connection", "transfer-encoding") and not (
                bodiless and name.lower() == "content-length"
            ):
                self.send_header(name, value.replace("\r", " ").replace("\n", " "))
        if answer.stream is not None:
            self.send_header("Transfer-Encoding", "chunked")
        elif not bodiless and "content-length" not in names:
            self.send_header("Content-Length", str(len(answer.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if answer.stream is not None:
            self._send_stream(answer.stream)
        elif self.command != "HEAD" and not bodiless:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def _send_stream(self, stream: Stream) -> None:
        """Send each part when it is there; an error, as when nobody listens any more, ends the connection."""
        self.wfile.flush()
        with contextlib.closing(stream.parts) as parts:
            for part in parts:
                self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
                self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Send werkzeug's lines to the log, at its lowest level."""
        log.debug("%s %s", type, message % args if args else message)


class _BadBody(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


class _Server(ThreadedWSGIServer):
    """A threaded server that knows its open connections, so that closing it closes them."""

    closing = False
    block_on_close = False

    def __init__(self, sock: socket.socket, app: WsgiApp, handler: type[KeepAliveHandler]) -> None:
        self._open: set[Any] = set()
        self._guard = threading.Lock()
        host, port = sock.getsockname()
        super().__init__(host, port, app, handler, fd=sock.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("connection from %s ended", client_address, exc_info=True)

    def close_connections(self) -> None:
        with self._guard:
            for request in self._open:
                with contextlib.suppress(OSError):
                    request.shutdown(socket.SHUT_RDWR)


class Listener:
    """One port of the loopback and the application behind it."""

    def __init__(
        self, app: WsgiApp, port: int = 0, handler: type[KeepAliveHandler] = KeepAliveHandler
    ) -> None:
        """Bind at once (port 0: any free one); raises OSError when the port is taken."""
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((LOOPBACK, port))
            sock.listen(128)
            self._server = _Server(sock, app, handler)
        finally:
            sock.close()  # the server holds a duplicate
        self.port: int = self._server.port
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{LOOPBACK}:{self.port}"

    def start(self) -> "Listener":
        """Serve in a thread of its own."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.2,), name=f"port-{self.port}", daemon=True
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop accepting, end open connections, free the port."""
        self._server.closing = True
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._server.close_connections()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
