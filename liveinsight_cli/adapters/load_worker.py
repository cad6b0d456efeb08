"""One process of a load: sends what is due when it is due, and hands on what became of each request.

Run by load_processes.py as a program. On stdin a line of JSON (the plan), then one with the moment to begin at, in
seconds of the monotonic clock, which all processes of a machine share; the end of stdin ends the load early. On stdout
a line `ready`, then packed samples (core/load/samples.py) as they come.
"""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.adapters.load_client import Client, Exchange
from liveinsight_cli.core.load.arrivals import due_times
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.requests import Request, Requests
from liveinsight_cli.core.load.samples import STOPPED, Sample

# The loop's timers are a millisecond coarse. Who is woken so much too early sends at once and is counted from then on;
# who is woken too late is counted from when it was due.
EARLY_SECONDS = 0.001
AT_ONCE = 32  # requests begun before answers are looked at again
FLUSH_SECONDS = 0.25
STOPPING_SECONDS = 1.0


@dataclass
class Sender:
    """Sends a plan's share of one process; `hand_on` takes packed samples."""

    plan: LoadPlan
    process: int
    url: str
    authorization: str | None
    hand_on: Callable[[bytes], None]
    connect: Callable[[str, int], Client] = Client

    def __post_init__(self) -> None:
        self._requests = Requests(self.plan, self.process, self.authorization)
        self._samples = bytearray()
        self._under_way: set[Exchange] = set()
        self._stop = asyncio.Event()
        self._begin = 0.0

    def stop(self) -> None:
        """Send nothing more."""
        self._stop.set()

    async def run(self, begin: float) -> None:
        """Send until the plan's end or a stop, and wait for the answers."""
        loop = asyncio.get_running_loop()
        self._begin = begin
        client = self.connect(self.url, max(1, self.plan.connections // self.plan.processes))
        flushing = loop.create_task(self._flush_regularly())
        try:
            await self._send_all(client, loop)
            await self._drained(self.plan.timeout_seconds)
        finally:
            flushing.cancel()
            for exchange in list(self._under_way):
                client.over(exchange, STOPPED)
            client.close()
            self._flush()

    async def _send_all(self, client: Client, loop: asyncio.AbstractEventLoop) -> None:
        begun = 0
        for due in due_times(self.plan, self.process):
            wait = self._begin + due - EARLY_SECONDS - loop.time()
            if wait > 0:
                await self._stopped_within(wait)
            elif begun >= AT_ONCE:
                begun = 0
                await asyncio.sleep(0)
            if self._stop.is_set():
                return
            begun += 1
            self._begin_one(client, due, loop.time() - self._begin)

    async def _stopped_within(self, seconds: float) -> None:
        if seconds < 0.2:  # the usual case, and the cheap way
            await asyncio.sleep(seconds)
            return
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return

    def _begin_one(self, client: Client, due: float, now: float) -> None:
        request = self._requests.next(int(time.time() * 1000))
        start = min(due, now)
        data = (
            f"{request.method} {client.path}{request.path} HTTP/1.1\r\nHost: {client.host_header}\r\n"
            f"Accept: */*\r\n{request.head}"
            + (f"Content-Length: {len(request.body)}\r\n\r\n" if request.body else "\r\n")
        ).encode("latin-1") + request.body
        late = max(0.0, now - due)
        exchange = Exchange(
            data,
            self._begin + start + self.plan.timeout_seconds,
            lambda ended: self._ended(ended, request, due, start, late),
        )
        self._under_way.add(exchange)
        client.send(exchange)

    def _ended(self, exchange: Exchange, request: Request, due: float, start: float, late: float) -> None:
        self._under_way.discard(exchange)
        since = self._begin + start
        latency = exchange.answered_at - since
        sent = min(max(exchange.sent_at - since, 0.0) if exchange.sent_at else latency, latency)
        self._samples += Sample(
            due,
            late,
            sent,
            latency,
            exchange.outcome,
            request.route,
            _accepted(exchange) if request.events else 0,
            request.events,
            exchange.flags,
        ).packed()

    async def _drained(self, seconds: float) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        stopping = None
        while self._under_way:
            now = asyncio.get_running_loop().time()
            if self._stop.is_set() and stopping is None:
                stopping = now + STOPPING_SECONDS
            if now > min(deadline + 0.1, stopping or deadline + 0.1):
                return
            await asyncio.sleep(0.01)

    async def _flush_regularly(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            self._flush()

    def _flush(self) -> None:
        if self._samples:
            records, self._samples = bytes(self._samples), bytearray()
            self.hand_on(records)


def _accepted(exchange: Exchange) -> int:
    """Return how many events an answer says are stored."""
    if exchange.outcome != 202:
        return 0
    try:
        return min(255, int(json.loads(exchange.body)["accepted"]))
    except (ValueError, KeyError, TypeError):
        return 0


def _hand_on(records: bytes) -> None:
    sys.stdout.buffer.write(records)
    sys.stdout.buffer.flush()


async def _main(given: dict[str, Any]) -> None:
    sender = Sender(
        LoadPlan(**given["plan"]), given["process"], given["url"], given["authorization"], _hand_on
    )
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _hand_on(b"ready\n")
    begin = await reader.readline()
    if not begin:
        return
    gc.freeze()  # what is loaded now stays: the collector need not look at it while requests are timed
    watching = loop.create_task(_stop_at_the_end_of(reader, sender))
    try:
        await sender.run(float(begin))
    finally:
        watching.cancel()


async def _stop_at_the_end_of(reader: asyncio.StreamReader, sender: Sender) -> None:
    await reader.read()
    sender.stop()


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.stdin.readline())))
