"""The processes of a load: begun together, read from while they send, and ended with the command whatever happens."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass

from liveinsight_cli.context import Clock
from liveinsight_cli.core.load.plan import LoadPlan
from liveinsight_cli.core.load.samples import RECORD, Samples
from liveinsight_cli.errors import LiveInsightError

MODULE = "liveinsight_cli.adapters.load_worker"
HEAD_START_SECONDS = 0.2
READ_BYTES = 1 << 16
STOPPING_SECONDS = 5.0


class WorkerFailed(LiveInsightError):
    """A process of the load ended with an error of its own."""

    code = "load_worker"


@dataclass
class Target:
    """Where requests go; `authorization` is the header of reads."""

    url: str
    authorization: str | None = None


@dataclass
class _Reader:
    """Collects what one process hands on."""

    process: "subprocess.Popen[bytes]"
    samples: Samples
    lock: threading.Lock

    def __call__(self) -> None:
        assert self.process.stdout is not None  # noqa: S101 - a pipe
        rest = b""
        while part := self.process.stdout.read1(READ_BYTES):  # type: ignore[attr-defined]
            rest += part
            whole = len(rest) - len(rest) % RECORD.size
            with self.lock:
                self.samples.add(rest[:whole])
            rest = rest[whole:]


def send_load(
    plan: LoadPlan, target: Target, clock: Clock, look: Callable[[float, Samples], None]
) -> tuple[Samples, bool]:
    """Send a plan; return what became of the requests, and whether it was sent to the end.

    `look` is called twice a second with the seconds since the start and the samples so far. Ctrl-C ends the load, not
    the command: the samples of what was sent are there.
    """
    samples, lock, is_whole = Samples(), threading.Lock(), True
    with _processes(plan, target) as processes:
        readers = [threading.Thread(target=_Reader(one, samples, lock), daemon=True) for one in processes]
        for reader in readers:
            reader.start()
        begin = clock.monotonic() + HEAD_START_SECONDS
        _tell(processes, f"{begin!r}\n".encode())
        try:
            while any(reader.is_alive() for reader in readers):
                readers[0].join(0.5) if readers[0].is_alive() else clock.sleep(0.05)
                with lock:
                    look(clock.monotonic() - begin, samples)
        except KeyboardInterrupt:
            is_whole = False
            _close(processes)
            for reader in readers:
                reader.join(STOPPING_SECONDS)
        if is_whole:
            _require_success(processes)
    return samples, is_whole


@contextmanager
def _processes(plan: LoadPlan, target: Target) -> "Iterator[list[subprocess.Popen[bytes]]]":
    """Start them, each ready to begin; a session of their own keeps the terminal's Ctrl-C from them."""
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for number in range(plan.processes):
            process = subprocess.Popen(
                [sys.executable, "-m", MODULE],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            processes.append(process)
            given = {"plan": asdict(plan), "process": number, **asdict(target)}
            _tell([process], json.dumps(given).encode() + b"\n")
        for process in processes:
            assert process.stdout is not None  # noqa: S101 - a pipe
            if process.stdout.readline() != b"ready\n":
                _require_success([process])
        yield processes
    finally:
        _close(processes)
        for process in processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOPPING_SECONDS)
            process.kill()
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()


def _tell(processes: "list[subprocess.Popen[bytes]]", line: bytes) -> None:
    for process in processes:
        assert process.stdin is not None  # noqa: S101 - a pipe
        with suppress(BrokenPipeError):  # it has ended: its reader and its exit code tell
            process.stdin.write(line)
            process.stdin.flush()


def _close(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process in processes:
        if process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.close()


def _require_success(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process in processes:
        assert process.stderr is not None  # noqa: S101 - a pipe
        said = process.stderr.read().decode(errors="replace").strip()
        if process.wait() != 0 or (not said.isspace() and process.returncode):
            raise WorkerFailed(
                f"A process of the load ended with {process.returncode}: {said.splitlines()[-1] if said else ''}",
                hint="Less at a time may work: --rps, --connections.",
            )
