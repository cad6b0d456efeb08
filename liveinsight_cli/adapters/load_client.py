"""HTTP/1.1 over kept connections for a load: callbacks, not coroutines, so that the generator is not the bottleneck."""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httptools

from liveinsight_cli.core.load.samples import (
    NEW_CONNECTION,
    NO_CONNECTION,
    NO_HTTP,
    SENT_AGAIN,
    TIMED_OUT,
)

PORTS = {"http": 80, "https": 443}


@dataclass(slots=True, eq=False)
class Exchange:
    """A request under way; `outcome` is an HTTP status or one of samples.OUTCOMES. Times are the event loop's."""

    data: bytes
    give_up_at: float
    ended: "Callable[[Exchange], None]"
    sent_at: float = 0.0
    answered_at: float = 0.0
    outcome: int = 0
    body: bytes = b""
    flags: int = 0
    timer: asyncio.TimerHandle | None = None
    connection: "Connection | None" = None

    @property
    def is_over(self) -> bool:
        """Whether it came to an end, of whatever kind."""
        return self.outcome != 0


class Connection(asyncio.Protocol):
    """One connection; carries one exchange at a time."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._parser: Any = None
        self._parts: list[bytes] = []
        self._heard = False
        self._carried = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = transport  # type: ignore[assignment]
        self._client.is_made(self)
        self._parser = httptools.HttpResponseParser(self)

    def carry(self, exchange: Exchange) -> None:
        """Send a request."""
        assert self._transport is not None  # noqa: S101 - made before it carries
        self._exchange, exchange.connection = exchange, self
        self._heard = False
        exchange.sent_at = self._client.now()
        if self._carried == 0:
            exchange.flags |= NEW_CONNECTION
        self._carried += 1
        self._transport.write(exchange.data)

    def abandon(self) -> None:
        """Close it, whatever it carries."""
        self._exchange = None
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Bytes of an answer."""
        self._heard = True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            exchange = self._exchange
            self.abandon()
            if exchange is not None:
                self._client.over(exchange, NO_HTTP)

    def on_body(self, part: bytes) -> None:
        """Called by the parser."""
        self._parts.append(part)

    def on_message_complete(self) -> None:
        """Called by the parser."""
        status, is_kept = self._parser.get_status_code(), self._parser.should_keep_alive()
        if status < 200:
            return  # 100 Continue and the like; the answer follows
        exchange, self._exchange = self._exchange, None
        body, self._parts = b"".join(self._parts), []
        if exchange is not None:
            exchange.body = body
            self._client.over(exchange, status)
        if is_kept and exchange is not None:
            self._client.is_free(self)
        else:
            self.abandon()

    def connection_lost(self, error: Exception | None) -> None:
        """The other side closed, or we did."""
        exchange, self._exchange = self._exchange, None
        self._client.is_gone(self)
        if exchange is None:
            return
        # A kept connection that was closed just when it was used again says nothing about the server: browsers, too,
        # send such a request again. The id of its events makes that harmless.
        if self._carried > 1 and not self._heard and not exchange.flags & SENT_AGAIN:
            exchange.flags |= SENT_AGAIN
            self._client.send(exchange)
        else:
            self._client.over(exchange, NO_CONNECTION)


class Client:
    """Keeps at most `most` connections to one address; what finds none free waits its turn."""

    def __init__(self, url: str, most: int) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or ""
        self._port = parts.port or PORTS[parts.scheme]
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.host_header, self.path = parts.netloc, parts.path
        self._most = most
        self._open = 0
        self._made: set[Connection] = set()
        self._free: list[Connection] = []
        self._waiting: deque[Exchange] = deque()
        self._loop = asyncio.get_running_loop()
        self._connecting: set[asyncio.Task[None]] = set()
        self.now = self._loop.time

    def send(self, exchange: Exchange) -> None:
        """Send it now, or when a connection is free."""
        if exchange.timer is None:
            exchange.timer = self._loop.call_at(exchange.give_up_at, self._time_out, exchange)
        if self._free:
            self._free.pop().carry(exchange)
            return
        self._waiting.append(exchange)
        if self._open < self._most:
            self._open += 1
            task = self._loop.create_task(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connecting.discard)

    def over(self, exchange: Exchange, outcome: int) -> None:
        """End an exchange."""
        if exchange.is_over:
            return
        exchange.outcome, exchange.answered_at = outcome, self.now()
        if exchange.timer is not None:
            exchange.timer.cancel()
        exchange.ended(exchange)

    def is_free(self, connection: Connection) -> None:
        """Give a connection the next request that waits."""
        waiting = self._next_waiting()
        if waiting is not None:
            connection.carry(waiting)
        else:
            self._free.append(connection)

    def is_made(self, connection: Connection) -> None:
        """A connection stands; remembered, so that it can be closed whatever it carries."""
        self._made.add(connection)

    def is_gone(self, connection: Connection) -> None:
        """A connection is no more."""
        self._open -= 1
        self._made.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        self._replace()

    def close(self) -> None:
        """Close what is open."""
        for task in self._connecting:
            task.cancel()
        for connection in self._made.copy():
            connection.abandon()

    def _next_waiting(self) -> Exchange | None:
        while self._waiting:
            exchange = self._waiting.popleft()
            if not exchange.is_over:
                return exchange
        return None

    def _replace(self) -> None:
        """Open another connection while somebody waits for one."""
        waiting = self._next_waiting()
        if waiting is not None:
            self.send(waiting)

    async def _connect(self) -> None:
        try:
            _, connection = await self._loop.create_connection(
                lambda: Connection(self), self._host, self._port, ssl=self._tls
            )
        except (OSError, ssl.SSLError):
            self._open -= 1
            waiting = self._next_waiting()
            if waiting is not None:
                self.over(waiting, NO_CONNECTION)
            self._replace()
            return
        self.is_free(connection)

    def _time_out(self, exchange: Exchange) -> None:
        connection = exchange.connection
        self.over(exchange, TIMED_OUT)
        if connection is not None:
            connection.abandon()
