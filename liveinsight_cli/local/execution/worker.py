"""One worker process that runs a deployed function, spoken to over the real Runtime API.

The thread that invokes does everything: it serves the Runtime API, reads the worker's output and keeps the
deadline in one loop. Between invocations nobody listens; the worker waits, as a frozen Lambda environment does.
"""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from liveinsight_cli.local.execution.memory import peak_megabytes
from liveinsight_cli.local.execution.output import Frames, Lines, LogLine, Pipe
from liveinsight_cli.local.execution.runtime_api import API, Connection, Request, RuntimeApi

Runtime = Literal["ric", "shim"]
_LAUNCHER = Path(__file__).with_name("launcher.py")
_POLL_SECONDS = 0.05  # how soon an exit is seen where the system cannot report it
_INVOCATION = f"{API}/invocation/"


class WorkerGone(Exception):
    """The worker ended before it took the invocation: nothing of it ran, another worker can."""


@dataclass(frozen=True)
class Task:
    """One invocation for a worker; the deadline in epoch seconds."""

    request_id: str
    payload: bytes
    arn: str
    deadline: float
    trace: str | None = None


@dataclass(frozen=True)
class Outcome:
    """How init or an invocation ended. `payload` is what the runtime posted, `exit` how the process ended."""

    kind: Literal["ready", "response", "error", "timeout", "exit"]
    seconds: float
    payload: bytes = b""
    exit: str = ""


class Worker:
    """A process that has been started and will be handed one task at a time."""

    def __init__(self, directory: Path, environment: Mapping[str, str], runtime: Runtime) -> None:
        self._selector = selectors.DefaultSelector()
        self._api = RuntimeApi(self._selector)
        self._lines: list[LogLine] = []
        self._waiting: Connection | None = None
        self._result: Outcome | None = None
        self._request_id = ""
        self._started = time.perf_counter()
        self._pipes = [Pipe(Lines())] + ([Pipe(Frames())] if runtime == "ric" else [])
        self._process, self._lifeline = self._start(directory, environment, runtime)
        for pipe in self._pipes:
            pipe.close_child_end()
            self._selector.register(pipe, selectors.EVENT_READ, pipe)
        self._pidfd = _watch(self._process.pid, self._selector)

    @property
    def pid(self) -> int:
        """Of the process, which leads a process group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def initialise(self, timeout_seconds: float) -> Outcome:
        """Wait until the runtime has imported the function and asks for work."""
        return self._wait(timeout_seconds, self._started, lambda: self._waiting is not None)

    def run(self, task: Task) -> Outcome:
        """Hand over one task and wait for its end. Raises WorkerGone."""
        self._result = None
        while self._waiting is None:  # it asks anew after each answer
            outcome = self._wait(5, time.perf_counter(), lambda: self._waiting is not None)
            if outcome.kind != "ready":
                raise WorkerGone(outcome.exit or outcome.kind)
        if not self.is_alive:
            raise WorkerGone(_exit(self._process.returncode))
        started, connection = time.perf_counter(), self._waiting
        self._waiting, self._request_id = None, task.request_id
        try:
            connection.answer(HTTPStatus.OK, _headers(task), task.payload)
        except OSError as error:
            raise WorkerGone(str(error)) from error
        return self._wait(task.deadline - time.time(), started, lambda: self._result is not None)

    def take_output(self) -> list[LogLine]:
        """What was printed and logged since it was last asked, in order of time."""
        for pipe in self._pipes:
            pipe.read(self._lines.extend)
            self._lines += pipe.cut.rest()
        lines, self._lines = sorted(self._lines, key=lambda line: line[0]), []
        return lines

    def memory_megabytes(self) -> int:
        """The most the process has used so far."""
        return peak_megabytes(self._process.pid)

    def kill(self) -> None:
        """End the process and everything it has started; safe from any thread until the worker is closed."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End the process and let go of everything."""
        self.kill()
        self._process.wait()
        self._api.close()
        os.close(self._lifeline)
        if self._pidfd is not None:
            os.close(self._pidfd)
        for pipe in self._pipes:
            pipe.close()
        self._selector.close()

    def _start(
        self, directory: Path, environment: Mapping[str, str], runtime: Runtime
    ) -> "tuple[subprocess.Popen[bytes], int]":
        """The process, and the end of a pipe that stays open as long as this process lives."""
        watched, lifeline = os.pipe()
        handed = [watched, *(pipe.child_descriptor for pipe in self._pipes[1:])]
        environment = {**environment, "AWS_LAMBDA_RUNTIME_API": self._api.address}
        if runtime == "ric":
            environment["_LAMBDA_TELEMETRY_LOG_FD"] = str(self._pipes[1].child_descriptor)
        process = subprocess.Popen(
            [sys.executable, "-P", "-S", "-s", str(_LAUNCHER), str(watched), runtime],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self._pipes[0].child_descriptor,
            stderr=self._pipes[0].child_descriptor,
            pass_fds=handed,
            start_new_session=True,
        )
        os.close(watched)
        return process, lifeline

    def _wait(self, seconds: float, started: float, done: Callable[[], bool]) -> Outcome:
        end = time.perf_counter() + seconds
        while True:
            if self._result is not None:
                return self._result
            if done():
                return Outcome("ready", time.perf_counter() - started)
            if not self.is_alive:
                return Outcome("exit", time.perf_counter() - started, exit=_exit(self._process.returncode))
            left = end - time.perf_counter()
            if left <= 0:
                return Outcome("timeout", time.perf_counter() - started)
            self._turn(left if self._pidfd is not None else min(left, _POLL_SECONDS), started)

    def _turn(self, seconds: float, started: float) -> None:
        for key, _ in self._selector.select(seconds):
            if isinstance(key.data, Pipe):
                key.data.read(self._lines.extend)
                if not key.data.is_open:
                    self._selector.unregister(key.data)
            elif key.data is not None:
                for request in self._api.ready(key.data):
                    self._serve(request, started)

    def _serve(self, request: Request, started: float) -> None:
        seconds = time.perf_counter() - started
        if request.method == "GET" and request.path == f"{_INVOCATION}next":
            self._waiting = request.connection
            return
        answers = {
            f"{_INVOCATION}{self._request_id}/response": "response",
            f"{_INVOCATION}{self._request_id}/error": "error",
            f"{API}/init/error": "error",
        }
        kind = answers.get(request.path)
        if kind is None:
            request.connection.answer(HTTPStatus.NOT_FOUND)
            return
        request.connection.answer(
            HTTPStatus.ACCEPTED, {"Content-Type": "application/json"}, b'{"status":"OK"}'
        )
        self._result = Outcome("error" if kind == "error" else "response", seconds, request.body)


def _headers(task: Task) -> dict[str, str]:
    headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": task.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(task.deadline * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": task.arn,
    }
    return headers | {"Lambda-Runtime-Trace-Id": task.trace} if task.trace else headers


def _watch(pid: int, selector: selectors.BaseSelector) -> int | None:
    """A descriptor that becomes readable when the process ends, where the system has such a thing."""
    if not hasattr(os, "pidfd_open"):
        return None
    descriptor = os.pidfd_open(pid)
    selector.register(descriptor, selectors.EVENT_READ, None)
    return descriptor


def _exit(status: int) -> str:
    if status < 0:
        return f"Runtime exited with error: signal: {signal.Signals(-status).name[3:].lower()}"
    return (
        f"Runtime exited with error: exit status {status}"
        if status
        else "Runtime exited without providing a reason"
    )


def error_payload(kind: str, message: str) -> bytes:
    """The payload of an error that Lambda itself reports."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()
