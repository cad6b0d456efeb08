"""Runs one version of a function: takes a worker, hands it the event, and says how that ended, log included."""

import hashlib
import importlib.util
import json
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from liveinsight_cli.local.execution.code import CodeCache, UnusablePackage
from liveinsight_cli.local.execution.deployed import Deployed, Place
from liveinsight_cli.local.execution.environment import worker_environment
from liveinsight_cli.local.execution.function_log import FunctionLog, Report
from liveinsight_cli.local.execution.invocation import MAX_RESPONSE_BYTES, ShuttingDown
from liveinsight_cli.local.execution.pool import Slot, WorkerPool
from liveinsight_cli.local.execution.sinks import Logs
from liveinsight_cli.local.execution.worker import Outcome, Runtime, Task, Worker, WorkerGone, error_payload

INIT_SECONDS = 10  # Lambda's limit for the import of a function
QUEUE_SECONDS = 60  # how long to wait for a free worker before the call is throttled


@dataclass(frozen=True)
class Call:
    """One invocation on its way."""

    deployed: Deployed
    qualifier: str | None
    request_id: str
    payload: bytes
    trace: str | None

    @property
    def arn(self) -> str:
        """The ARN that the function was called by."""
        return f"{self.deployed.arn}:{self.qualifier}" if self.qualifier else self.deployed.arn


@dataclass(frozen=True)
class Ending:
    """How the invocation ended, as seen from outside."""

    outcome: Outcome
    payload: bytes
    error_type: str | None
    fault: str | None = None
    is_worker_fit: bool = False


class Runner:
    """Runs calls in warm or new workers. Any thread may run one; `close` ends every worker."""

    def __init__(
        self,
        place: Place,
        logs: Logs,
        directory: Path,
        runtime: Runtime,
        max_workers: int,
        idle_seconds: float,
    ) -> None:
        self._place = place
        self._logs = logs
        self._code = CodeCache(directory)
        self._runtime: Runtime = runtime
        self._pool = WorkerPool(max_workers, idle_seconds)

    def run(self, call: Call) -> tuple[Ending, FunctionLog]:
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

    def _run_in(self, slot: Slot, call: Call, log: FunctionLog) -> Ending:
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
        self, call: Call, log: FunctionLog, worker: Worker | None, outcome: Outcome, init: Outcome | None
    ) -> Ending:
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

    def close(self) -> None:
        """End every worker, busy or not."""
        self._pool.close()


def default_runtime() -> Runtime:
    """AWS's own runtime where it is installed, else the small one."""
    return (
        "ric"
        if importlib.util.find_spec("awslambdaric") and importlib.util.find_spec("runtime_client")
        else "shim"
    )


def _key(deployed: Deployed) -> str:
    """What a worker was started with: anything else needs another worker."""
    started = [
        deployed.name, deployed.version, deployed.code_digest, deployed.handler, deployed.memory_mb,
        deployed.runtime, sorted(deployed.environment.items()), deployed.timeout_seconds, repr(deployed.logging),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(started).encode()).hexdigest()


def _log_stream(deployed: Deployed) -> str:
    return f"{datetime.now(UTC):%Y/%m/%d}/[{deployed.version}]{uuid.uuid4().hex}"


def _ending(call: Call, outcome: Outcome) -> Ending:
    prefix = f"RequestId: {call.request_id} Error:"
    if outcome.kind == "timeout":
        fault = f"Task timed out after {call.deployed.timeout_seconds:.2f} seconds"
        return Ending(
            outcome, error_payload("Sandbox.Timedout", f"{prefix} {fault}"), "Sandbox.Timedout", fault
        )
    if outcome.kind == "exit":
        payload = error_payload("Runtime.ExitError", f"{prefix} {outcome.exit}")
        return Ending(outcome, payload, "Runtime.ExitError", outcome.exit)
    if outcome.kind == "error":
        return _posted_error(call, outcome)
    if len(outcome.payload) > MAX_RESPONSE_BYTES:
        message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
        kind = "Function.ResponseSizeTooLarge"
        return Ending(outcome, error_payload(kind, message), kind)
    return Ending(outcome, outcome.payload, None)


def _posted_error(call: Call, outcome: Outcome) -> Ending:
    try:
        error = json.loads(outcome.payload)
    except ValueError:
        error = {"errorMessage": outcome.payload.decode("utf-8", "replace")}
    error = {**error, "requestId": call.request_id}
    return Ending(outcome, json.dumps(error).encode(), str(error.get("errorType") or "Error"))
