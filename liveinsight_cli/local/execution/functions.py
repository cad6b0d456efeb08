"""Lambda's Invoke: finds the version a name stands for, runs it in a worker, writes its log and its metrics."""

import hashlib
import importlib.util
import json
import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from liveinsight_cli.local.execution.code import CodeCache, UnusablePackage
from liveinsight_cli.local.execution.concurrency import Concurrency
from liveinsight_cli.local.execution.deployed import Deployed, FunctionSource, Place, split_name
from liveinsight_cli.local.execution.emf import embedded_samples
from liveinsight_cli.local.execution.environment import worker_environment
from liveinsight_cli.local.execution.function_log import FunctionLog, Report
from liveinsight_cli.local.execution.invocation import (
    MAX_PAYLOAD_BYTES,
    MAX_RESPONSE_BYTES,
    BadPayload,
    FunctionNotFound,
    Invocation,
    PayloadTooLarge,
    ShuttingDown,
    Throttled,
)
from liveinsight_cli.local.execution.pool import Slot, WorkerPool
from liveinsight_cli.local.execution.worker import Outcome, Runtime, Task, Worker, WorkerGone, error_payload

INIT_SECONDS = 10  # Lambda's limit for the import of a function
QUEUE_SECONDS = 60  # how long to wait for a free worker before the call is throttled


class Logs(Protocol):
    """Where log events go."""

    def put(self, group: str, stream: str, events: Iterable[tuple[int, str]]) -> None:
        """Epoch milliseconds and message of each."""


class Metrics(Protocol):
    """Where samples go."""

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str = "None",
        at: float | None = None,
    ) -> None:
        """Record one value."""


@dataclass(frozen=True)
class _Call:
    """One invocation on its way."""

    deployed: Deployed
    qualifier: str | None
    request_id: str
    payload: bytes
    trace: str | None

    @property
    def arn(self) -> str:
        return f"{self.deployed.arn}:{self.qualifier}" if self.qualifier else self.deployed.arn


@dataclass(frozen=True)
class _Ending:
    """How the invocation ended, as seen from outside."""

    outcome: Outcome
    payload: bytes
    error_type: str | None
    fault: str | None = None
    is_worker_fit: bool = False


class Functions:
    """Runs deployed functions. Any thread may invoke; `close` ends every worker."""

    def __init__(
        self,
        source: FunctionSource,
        place: Place,
        logs: Logs,
        metrics: Metrics,
        directory: Path,
        *,
        runtime: Runtime | None = None,
        max_workers: int = 8,
        idle_seconds: float = 300,
        choose: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._place = place
        self._logs = logs
        self._metrics = metrics
        self._code = CodeCache(directory)
        self._runtime: Runtime = runtime or default_runtime()
        self._pool = WorkerPool(max_workers, idle_seconds)
        self._concurrency = Concurrency()
        self._choose = choose

    def invoke(
        self,
        name: str,
        qualifier: str | None,
        payload: bytes,
        *,
        trace: str | None = None,
        tail: bool = False,
        request_id: str | None = None,
    ) -> Invocation:
        """Run the version that the qualifier names and wait for its answer.

        An error inside the function is an Invocation with `function_error`. Raises InvocationRefused when it was
        not run.
        """
        name, named_qualifier = split_name(name)
        qualifier = qualifier or named_qualifier
        deployed = self._resolve(name, qualifier)
        payload = _checked(payload)
        call = _Call(deployed, qualifier, request_id or str(uuid.uuid4()), payload, trace)
        try:
            with self._concurrency.one_more(name, self._source.reserved_concurrency(name)) as running:
                self._measure(call, "ConcurrentExecutions", running)
                ending, log = self._run(call)
        except Throttled:
            self._measure(call, "Throttles", 1)
            raise
        self._record(call, ending, log)
        return Invocation(
            status=200,
            payload=ending.payload,
            executed_version=deployed.version,
            request_id=call.request_id,
            function_error="Unhandled" if ending.error_type else None,
            log_tail=log.tail() if tail else None,
        )

    def check(self, name: str, qualifier: str | None, payload: bytes) -> None:
        """Raise InvocationRefused as `invoke` would, without running anything."""
        name, named_qualifier = split_name(name)
        self._resolve(name, qualifier or named_qualifier)
        _checked(payload)

    def close(self) -> None:
        """End every worker."""
        self._pool.close()

    def _resolve(self, name: str, qualifier: str | None) -> Deployed:
        version = qualifier or "$LATEST"
        if version != "$LATEST" and not version.isdigit():
            alias = self._source.alias(name, version)
            if alias is None:
                raise FunctionNotFound(self._arn(name, qualifier))
            version = _routed(alias.version, alias.additional, self._choose)
        deployed = self._source.version(name, version)
        if deployed is None:
            raise FunctionNotFound(self._arn(name, qualifier))
        return deployed

    def _arn(self, name: str, qualifier: str | None) -> str:
        arn = f"arn:aws:lambda:{self._place.region}:{self._place.account_id}:function:{name}"
        return f"{arn}:{qualifier}" if qualifier else arn

    def _run(self, call: _Call) -> tuple[_Ending, FunctionLog]:
        """In a warm worker, or else in a new one; a warm one that has died unnoticed is replaced."""
        deployed = call.deployed
        while True:
            slot = self._pool.take(deployed.name, _key(deployed), _log_stream(deployed), QUEUE_SECONDS)
            log = FunctionLog(deployed, call.request_id)
            fit = False
            try:
                ending = self._run_in(slot, call, log)
                if ending.outcome.kind == "exit" and self._pool.is_closed:
                    raise ShuttingDown
                fit = ending.is_worker_fit
                self._logs.put(deployed.logging.group, slot.log_stream, log.events)
                return ending, log
            except WorkerGone:
                continue
            finally:
                self._pool.give_back(slot) if fit else self._pool.discard(slot)

    def _run_in(self, slot: Slot, call: _Call, log: FunctionLog) -> _Ending:
        init: Outcome | None = None
        try:
            if slot.worker is None:
                log.init_start()
                slot.worker = self._start(call.deployed, slot.log_stream)
                init = slot.worker.initialise(INIT_SECONDS + call.deployed.timeout_seconds)
        except UnusablePackage as error:
            outcome = Outcome("exit", 0, exit=str(error))
            return self._finish(call, log, None, outcome, None)
        if init is not None and init.kind != "ready":
            log.output(slot.worker.take_output())
            log.start()
            return self._finish(call, log, slot.worker, init, None)
        log.output(slot.worker.take_output())
        log.start()
        deadline = time.time() + call.deployed.timeout_seconds
        outcome = slot.worker.run(Task(call.request_id, call.payload, call.arn, deadline, call.trace))
        log.output(slot.worker.take_output())
        ending = self._finish(call, log, slot.worker, outcome, init)
        return replace(ending, is_worker_fit=outcome.kind in ("response", "error"))

    def _start(self, deployed: Deployed, log_stream: str) -> Worker:
        task_root, libraries = self._code.unpacked(deployed.code), self._code.libraries()
        environment = worker_environment(deployed, self._place, log_stream, task_root, libraries)
        return Worker(task_root, environment, self._runtime)

    def _finish(
        self, call: _Call, log: FunctionLog, worker: Worker | None, outcome: Outcome, init: Outcome | None
    ) -> _Ending:
        ending = _ending(call, outcome)
        if ending.fault is not None:
            log.fault(ending.fault)
        platform_fault = outcome.kind in ("timeout", "exit")
        log.end(
            Report(
                duration_ms=outcome.seconds * 1000,
                memory_used_mb=worker.memory_megabytes() if worker else 0,
                init_ms=init.seconds * 1000 if init else None,
                status={"response": "success", "timeout": "timeout"}.get(outcome.kind, "error"),
                error_type=ending.error_type if platform_fault else None,
            )
        )
        return ending

    def _record(self, call: _Call, ending: _Ending, log: FunctionLog) -> None:
        self._measure(call, "Invocations", 1)
        self._measure(call, "Errors", 1 if ending.error_type else 0)
        self._measure(call, "Throttles", 0)
        self._measure(call, "Duration", round(ending.outcome.seconds * 1000, 2), "Milliseconds")
        for _, message in log.events:
            for sample in embedded_samples(message):
                self._metrics.put(*sample)

    def _measure(self, call: _Call, name: str, value: float, unit: str = "Count") -> None:
        function = call.deployed.name
        resource = f"{function}:{call.qualifier}" if call.qualifier else function
        self._metrics.put("AWS/Lambda", name, {"FunctionName": function}, value, unit)
        self._metrics.put("AWS/Lambda", name, {"FunctionName": function, "Resource": resource}, value, unit)


def default_runtime() -> Runtime:
    """AWS's own runtime where it is installed, else the small one."""
    return (
        "ric"
        if importlib.util.find_spec("awslambdaric") and importlib.util.find_spec("runtime_client")
        else "shim"
    )


def _checked(payload: bytes) -> bytes:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise PayloadTooLarge(len(payload))
    try:
        json.loads(payload or b"{}")
    except ValueError as error:
        raise BadPayload(str(error)) from error
    return payload or b"{}"


def _routed(version: str, additional: Mapping[str, float], choose: Callable[[], float]) -> str:
    if not additional:
        return version
    point = choose()
    for other, share in additional.items():
        if point < share:
            return other
        point -= share
    return version


def _key(deployed: Deployed) -> str:
    """What a worker was started with: anything else needs another worker."""
    started = [
        deployed.name, deployed.version, deployed.code_digest, deployed.handler, deployed.memory_mb,
        deployed.runtime, sorted(deployed.environment.items()), deployed.timeout_seconds, repr(deployed.logging),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(started).encode()).hexdigest()


def _log_stream(deployed: Deployed) -> str:
    return f"{datetime.now(UTC):%Y/%m/%d}/[{deployed.version}]{uuid.uuid4().hex}"


def _ending(call: _Call, outcome: Outcome) -> _Ending:
    prefix = f"RequestId: {call.request_id} Error:"
    if outcome.kind == "timeout":
        fault = f"Task timed out after {call.deployed.timeout_seconds:.2f} seconds"
        return _Ending(
            outcome, error_payload("Sandbox.Timedout", f"{prefix} {fault}"), "Sandbox.Timedout", fault
        )
    if outcome.kind == "exit":
        payload = error_payload("Runtime.ExitError", f"{prefix} {outcome.exit}")
        return _Ending(outcome, payload, "Runtime.ExitError", outcome.exit)
    if outcome.kind == "error":
        return _posted_error(call, outcome)
    if len(outcome.payload) > MAX_RESPONSE_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        kind = "Function.ResponseSizeTooLarge"
        return _Ending(outcome, error_payload(kind, message), kind)
    return _Ending(outcome, outcome.payload, None)


def _posted_error(call: _Call, outcome: Outcome) -> _Ending:
    try:
        error = json.loads(outcome.payload)
    except ValueError:
        error = {"errorMessage": outcome.payload.decode("utf-8", "replace")}
    error = {**error, "requestId": call.request_id}
    return _Ending(outcome, json.dumps(error).encode(), str(error.get("errorType") or "Error"))
