"""The load generator itself: requests a second and core, and whether it measures what a server really did.

Run: python benchmarks/load.py [requests a second]   (default 3000)
The server is another process. CPU is that of the generator's processes alone, start-up included and apart.
"""

import asyncio
import math
import multiprocessing
import random
import resource
import sys
import time
from multiprocessing.connection import Connection

from liveinsight_cli.adapters.load_processes import Target, send_load
from liveinsight_cli.context import Clock
from liveinsight_cli.core.load.figures import Latency, figures_of
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.samples import Samples

ANSWER = (
    b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nAccess-Control-Allow-Origin: *\r\n"
    b"x-amzn-RequestId: 6f2a9c1e-0f5b-4a57-9d7a-0d1a3f7f2a11\r\nContent-Length: 40\r\n\r\n"
    b'{"accepted":1,"rejected":[],"dropped":0}'
)
STALL_AFTER, STALL_SECONDS = 5.0, 1.0
DELAYS = ("p50", "p90", "p95", "p99", "p999")


class Server(asyncio.Protocol):
    """Answers each request after a delay, and stands still for a second when told to."""

    mean_delay = 0.0
    chance = random.Random(1)  # noqa: S311 - reproducible on purpose
    delays: list[float] = []  # noqa: RUF012 - one server a process
    stalled: tuple[float, float] | None = None
    stall_at = math.inf

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are written to."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            head = self.rest[:end]
            place = head.find(b"Content-Length: ")
            length = int(head[place + 16 :].split(b"\r\n")[0]) if place >= 0 else 0
            if len(self.rest) < end + 4 + length:
                return
            self.rest = self.rest[end + 4 + length :]
            self.answer()

    def answer(self) -> None:
        """Answer, now or after an exponential time of at least 20 ms."""
        if time.monotonic() >= Server.stall_at:
            Server.stall_at = math.inf
            began = time.monotonic()
            time.sleep(STALL_SECONDS)
            Server.stalled = began, time.monotonic()
        if Server.mean_delay:
            delay = 0.02 + Server.chance.expovariate(1 / Server.mean_delay)
            asyncio.get_running_loop().call_later(delay, self.write, time.monotonic())
        else:
            self.transport.write(ANSWER)

    def write(self, asked: float) -> None:
        """Answer, and note how long it took: a busy machine makes it longer than was meant."""
        Server.delays.append(time.monotonic() - asked)
        self.transport.write(ANSWER)


def serve(pipe: Connection) -> None:
    """Serve until the pipe is closed; it sets the kind of server, and is told what that did."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Server, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        while True:
            asked = await loop.run_in_executor(None, pipe.recv)
            if asked is None:
                return
            Server.mean_delay, stalls_after = asked
            told = (Server.delays, Server.stalled)
            Server.delays, Server.stalled = [], None
            Server.stall_at = time.monotonic() + stalls_after
            pipe.send(told)

    asyncio.run(main())


def sent(plan: LoadPlan, url: str) -> tuple[Samples, float]:
    """Send a plan; return the samples and the CPU seconds of the processes that sent them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    samples, _ = send_load(plan, Target(url), Clock(), lambda *_: None)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return samples, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def throughput(url: str, rps: float) -> None:
    """Print requests a second and core."""
    print(f"{'requests/s':>12} {'processes':>10} {'CPU s':>7} {'requests/s/core':>16} {'late p99 ms':>12}")
    _, start_up = sent(LoadPlan(rps=1, seconds=0.1, warm_up_seconds=0), url)
    for rate, processes in ((rps / 3, 1), (rps, 1), (rps, 2)):
        plan = LoadPlan(rps=rate, seconds=8, warm_up_seconds=0, arrivals="constant", processes=processes)
        samples, cpu = sent(plan, url)
        figures = figures_of(samples, 0, plan.all_seconds)
        each = len(samples) / max(1e-9, cpu - processes * start_up)
        print(f"{rate:>12,.0f} {processes:>10} {cpu:>7.2f} {each:>16,.0f} {figures.late.p99 or 0:>12,.1f}")
    print(f"start-up of a process: {start_up:.2f} s of CPU, left out of the last but one column\n")


def stall(url: str, pipe: Connection) -> None:
    """Print percentiles of a server that stands still for a second, beside what each request had to wait."""
    pipe.send((0.0, STALL_AFTER))
    pipe.recv()
    plan = LoadPlan(rps=200, seconds=10, warm_up_seconds=0, arrivals="constant", connections=512)
    begun = time.monotonic()
    samples, _ = sent(plan, url)
    pipe.send((0.0, math.inf))
    _, stalled = pipe.recv()
    if stalled is None:
        raise SystemExit("the server was never asked after it should have stood still")
    # When the load began is in no sample; the first that waited was due when the server stood still.
    first = min(one.due for one in samples if one.latency > STALL_SECONDS / 2)
    waits = Latency.of(
        max(0.0, first + STALL_SECONDS - one.due) if one.due >= first else 0.0 for one in samples
    )
    figures = figures_of(samples, 0, 10)
    one_by_one = Latency.of([STALL_SECONDS, *[0.0] * (len(samples) - int(STALL_SECONDS * plan.rps) - 1)])
    print(
        f"a server that stands still for {stalled[1] - stalled[0]:.2f} s, {time.monotonic() - begun:.0f} s of load"
    )
    print(f"{'':>30} {'p90':>9} {'p95':>9} {'p99':>9} {'max':>9}   ms")
    for name, one in (
        ("measured since due", figures.latency),
        ("had to wait (brute force)", waits),
        ("by one who waits for answers", one_by_one),
    ):
        print(f"{name:>30} {one.p90:>9.1f} {one.p95:>9.1f} {one.p99:>9.1f} {one.max:>9.1f}")
    print()


def distribution(url: str, pipe: Connection) -> None:
    """Print percentiles beside those of the delays that the server gave."""
    pipe.send((0.06, math.inf))
    pipe.recv()
    samples, _ = sent(LoadPlan(rps=300, seconds=20, warm_up_seconds=0, connections=512), url)
    pipe.send((0.0, math.inf))
    delays, _ = pipe.recv()
    served, figures = Latency.of(delays), figures_of(samples, 0, 20)
    idle = figures_of(sent(LoadPlan(rps=300, seconds=5, warm_up_seconds=0), url)[0], 0, 5).latency
    print(
        f"{len(delays):,} answers after 20 ms and an exponential time of 60 ms; by a server that does not wait"
    )
    print(f"{'':>6} {'server, ms':>11} {'measured':>9} {'apart':>7} {'does not wait':>14}")
    for name in DELAYS:
        wanted, found = getattr(served, name), getattr(figures.latency, name)
        print(
            f"{name:>6} {wanted:>11.1f} {found:>9.1f} {found / wanted - 1:>7.1%} {getattr(idle, name):>14.1f}"
        )


def main() -> None:
    """Print the three tables."""
    rps = float(sys.argv[1]) if len(sys.argv) > 1 else 3000.0
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,))
    server.start()
    url = f"http://127.0.0.1:{ours.recv()}/v1"
    try:
        throughput(url, rps)
        stall(url, ours)
        distribution(url, ours)
    finally:
        ours.send(None)
        server.join()


if __name__ == "__main__":
    main()
