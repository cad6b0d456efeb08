"""An event loop in which waiting takes no time: its clock jumps to the next timer. Nothing in it may use a socket."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from liveinsight_cli.adapters.load_client import Exchange

Result = TypeVar("Result")


class _Jumping(selectors.SelectSelector):
    """Instead of waiting for files moves the clock."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += max(0.0, timeout or 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time is the selector's."""

    def __init__(self) -> None:
        self.selector = _Jumping()
        super().__init__(self.selector)

    def time(self) -> float:
        return self.selector.now if hasattr(self, "selector") else 0.0


def run_virtually(main: Callable[[float], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine that is told what time it is at the beginning."""
    loop = VirtualLoop()
    try:
        aside(lambda: loop.run_until_complete(main(loop.time())))
    finally:
        loop.close()


def aside(run: Callable[[], Result]) -> Result:
    """Run it in a thread: in this one a browser's loop may be running, for the tests of the dashboard."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(run).result()


class OneByOne:
    """A server behind a client: answers in order, each after `seconds` of work, and stands still in between."""

    def __init__(self, seconds: float, still_from: float = 0.0, still_to: float = 0.0) -> None:
        self.seconds, self.still = seconds, (still_from, still_to)
        self.is_free_at = 0.0
        self.received: list[float] = []  # since the load began

    def connected(self, _url: str, _most: int) -> Any:
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()
        return self

    host_header, path = "server", "/v1"

    def send(self, exchange: Exchange) -> None:
        exchange.sent_at = self.loop.time()
        self.received.append(exchange.sent_at - self.began)
        self.is_free_at = self.ready_at(max(self.is_free_at, exchange.sent_at))
        self.loop.call_at(self.is_free_at, self.over, exchange, 202)

    def ready_at(self, begin: float) -> float:
        first, last = self.still
        begin = last if first <= begin < last else begin
        return begin + self.seconds

    def over(self, exchange: Exchange, outcome: int) -> None:
        exchange.outcome, exchange.answered_at = outcome, self.loop.time()
        exchange.body = b'{"accepted":1}'
        exchange.ended(exchange)

    def close(self) -> None:
        pass
