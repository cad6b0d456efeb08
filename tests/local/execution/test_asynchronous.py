"""Asynchronous invocations: accepted at once, repeated after errors, given up in the end."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from liveinsight_cli.local.execution.asynchronous import EventQueue
from liveinsight_cli.local.execution.invocation import FunctionNotFound, Invocation, Throttled


@dataclass
class Flaky:
    """Fails as often as it is told to; `later` repeats at once and notes how long it should have waited."""

    failures: list[str | Exception] = field(default_factory=list)
    calls: list[tuple[str, str | None, bytes]] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    settled: threading.Event = field(default_factory=threading.Event)

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> Invocation:
        self.calls.append((name, qualifier, payload))
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, Exception):
            raise failure
        return Invocation(200, b"", "1", "id", failure)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self.delays.append(seconds)
        action()

    def run(self, retries: int = 2) -> None:
        queue = EventQueue(self, lambda _name, _qualifier: retries, self.later, workers=1)
        queue.put("f", "live", b"{}")
        for _ in range(4):  # each attempt may put the next one behind this marker
            done = threading.Event()
            queue._executor.submit(done.set)
            assert done.wait(10)
        queue.close()


def test_a_success_is_invoked_once() -> None:
    function = Flaky()
    function.run()
    assert function.calls == [("f", "live", b"{}")]


def test_errors_are_repeated_after_one_and_two_minutes_and_then_dropped(
    caplog: pytest.LogCaptureFixture,
) -> None:
    function = Flaky(["Unhandled"] * 9)
    function.run()
    assert len(function.calls) == 3
    assert function.delays == [60, 120]
    assert "dropped an event for f after 3 attempts" in caplog.text


def test_throttled_invocations_are_repeated() -> None:
    function = Flaky([Throttled()])
    function.run()
    assert len(function.calls) == 2


def test_the_functions_own_number_of_retries_counts() -> None:
    function = Flaky(["Unhandled"] * 9)
    function.run(retries=0)
    assert len(function.calls) == 1


def test_a_function_that_is_gone_is_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    function = Flaky([FunctionNotFound("arn:f")])
    function.run()
    assert len(function.calls) == 1
    assert "Function not found: arn:f" in caplog.text
