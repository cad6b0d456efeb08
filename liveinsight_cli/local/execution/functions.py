"""Lambda's Invoke: finds the version a name stands for, runs it in a worker, writes its log and its metrics."""

import json
import random
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from liveinsight_cli.local.execution.concurrency import Concurrency
from liveinsight_cli.local.execution.deployed import Deployed, FunctionSource, Place, split_name
from liveinsight_cli.local.execution.emf import embedded_samples
from liveinsight_cli.local.execution.function_log import FunctionLog
from liveinsight_cli.local.execution.invocation import (
    MAX_PAYLOAD_BYTES,
    BadPayload,
    FunctionNotFound,
    Invocation,
    PayloadTooLarge,
    Throttled,
)
from liveinsight_cli.local.execution.runner import Call, Ending, Runner, default_runtime
from liveinsight_cli.local.execution.sinks import Logs, Metrics
from liveinsight_cli.local.execution.worker import Runtime


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
        self._metrics = metrics
        self._runner = Runner(place, logs, directory, runtime or default_runtime(), max_workers, idle_seconds)
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
        deployed, is_shared = self._resolve(name, qualifier)
        payload = _checked(payload)
        call = Call(deployed, qualifier, request_id or str(uuid.uuid4()), payload, trace)
        try:
            with self._concurrency.one_more(name, self._source.reserved_concurrency(name)) as running:
                self._measure(call, "ConcurrentExecutions", running)
                ending, log = self._runner.run(call)
        except Throttled:
            self._measure(call, "Throttles", 1)
            raise
        self._record(call, ending, log, is_shared=is_shared)
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
        self._runner.close()

    def _resolve(self, name: str, qualifier: str | None) -> tuple[Deployed, bool]:
        """Return the version to run, and whether it shares an alias's traffic with another one."""
        version, is_shared = qualifier or "$LATEST", False
        if version != "$LATEST" and not version.isdigit():
            alias = self._source.alias(name, version)
            if alias is None:
                raise FunctionNotFound(self._arn(name, qualifier))
            version, is_shared = (
                _routed(alias.version, alias.additional, self._choose),
                bool(alias.additional),
            )
        deployed = self._source.version(name, version)
        if deployed is None:
            raise FunctionNotFound(self._arn(name, qualifier))
        return deployed, is_shared

    def _arn(self, name: str, qualifier: str | None) -> str:
        arn = f"arn:aws:lambda:{self._place.region}:{self._place.account_id}:function:{name}"
        return f"{arn}:{qualifier}" if qualifier else arn

    def _record(self, call: Call, ending: Ending, log: FunctionLog, *, is_shared: bool) -> None:
        self._measure(call, "Invocations", 1, is_shared=is_shared)
        self._measure(call, "Errors", 1 if ending.error_type else 0, is_shared=is_shared)
        self._measure(call, "Throttles", 0)
        milliseconds = round(ending.outcome.seconds * 1000, 2)
        self._measure(call, "Duration", milliseconds, "Milliseconds", is_shared=is_shared)
        for _, message in log.events:
            for sample in embedded_samples(message):
                self._metrics.put(*sample)

    def _measure(
        self, call: Call, name: str, value: float, unit: str = "Count", *, is_shared: bool = False
    ) -> None:
        """Note a figure of the function, of what was called, and where versions share an alias, of the one that ran."""
        function = call.deployed.name
        resource = f"{function}:{call.qualifier}" if call.qualifier else function
        by_resource = {"FunctionName": function, "Resource": resource}
        self._metrics.put("AWS/Lambda", name, {"FunctionName": function}, value, unit)
        self._metrics.put("AWS/Lambda", name, by_resource, value, unit)
        if is_shared:
            by_version = {**by_resource, "ExecutedVersion": call.deployed.version}
            self._metrics.put("AWS/Lambda", name, by_version, value, unit)


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
