"""The processes of a load: begun together, read from while they send, and ended with the command whatever happens."""

import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import IO

from liveinsight_cli.context import Clock
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.samples import RECORD, Samples
from liveinsight_cli.errors import LiveInsightError

MODULE = "liveinsight_cli.adapters.load_worker"
HEAD_START_SECONDS = 0.2
LOOK_SECONDS = 0.5
READ_BYTES = 1 << 16
STOPPING_SECONDS = 5.0


class WorkerFailed(LiveInsightError):
    """A process of the load ended with an error of its own."""

    code = "load_worker"


@dataclass(frozen=True)
class Target:
    """Where requests go; `authorization` is the header of reads."""

    url: str
    authorization: str | None = None


class Worker:
    """One process that sends; what it says goes to a file, which it cannot fill."""

    def __init__(self, plan: LoadPlan, number: int, target: Target) -> None:
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,  # keeps the terminal's Ctrl-C from it
        )
        if self._process.stdin is None or self._process.stdout is None:  # a bug: both are pipes
            raise RuntimeError("a process without pipes")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        self.tell(json.dumps({"plan": asdict(plan), "process": number, **asdict(target)}))

    def tell(self, line: str) -> None:
        """Give it a line; one that has ended is found out about by its exit code."""
        with suppress(BrokenPipeError):
            self._stdin.write(line.encode() + b"\n")
            self._stdin.flush()

    def await_ready(self) -> None:
        """Wait until it can begin; raises WorkerFailed."""
        if self._stdout.readline() != b"ready\n":
            self.require_success()

    def read_into(self, samples: Samples, lock: threading.Lock) -> None:
        """Collect what it hands on, until it ends."""
        rest = b""
        while part := self._stdout.read1(READ_BYTES):  # type: ignore[attr-defined]
            rest += part
            whole = len(rest) - len(rest) % RECORD.size
            with lock:
                samples.add(rest[:whole])
            rest = rest[whole:]

    def stop(self) -> None:
        """Have it send nothing more."""
        with suppress(BrokenPipeError):
            self._stdin.close()

    def require_success(self) -> None:
        """Wait for its end; raise WorkerFailed for a bad one."""
        if self._process.wait() != 0:
            self._said.seek(0)
            last = self._said.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise WorkerFailed(
                f"A process of the load ended with {self._process.returncode}: {last}",
                hint="Less at a time may work: --rps, --connections.",
            )

    def close(self) -> None:
        """End it, whatever it does."""
        self.stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOPPING_SECONDS)
        self._process.kill()
        self._process.wait()
        self._stdout.close()
        self._said.close()


def send_load(
    plan: LoadPlan, target: Target, clock: Clock, look: Callable[[float, Samples], None]
) -> tuple[Samples, bool]:
    """Send a plan; return what became of the requests, and whether it was sent to the end.

    `look` is called twice a second with the seconds since the start and the samples so far. Ctrl-C ends the load, not
    the command: the samples of what was sent are there.
    """
    samples, lock = Samples(), threading.Lock()
    with _workers(plan, target) as workers:
        readers = [
            threading.Thread(target=one.read_into, args=(samples, lock), daemon=True) for one in workers
        ]
        for reader in readers:
            reader.start()
        begin = clock.monotonic() + HEAD_START_SECONDS
        for one in workers:
            one.tell(repr(begin))
        try:
            while running := [reader for reader in readers if reader.is_alive()]:
                running[0].join(LOOK_SECONDS)
                with lock:
                    look(clock.monotonic() - begin, samples)
        except KeyboardInterrupt:
            for one in workers:
                one.stop()
            for reader in readers:
                reader.join(STOPPING_SECONDS)
            return samples, False
        for one in workers:
            one.require_success()
    return samples, True


@contextmanager
def _workers(plan: LoadPlan, target: Target) -> Iterator[Sequence[Worker]]:
    """Start them all, and give them when all are ready."""
    workers: list[Worker] = []
    try:
        for number in range(plan.processes):
            workers.append(Worker(plan, number, target))  # noqa: PERF401 - those that were started have to be ended
        for one in workers:
            one.await_ready()
        yield workers
    finally:
        for one in workers:
            one.stop()
        for one in workers:
            one.close()
