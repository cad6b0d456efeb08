"""EventBridge's schedules: fires the targets of rules when their time has come."""

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from liveinsight_cli.local.execution.schedule_expressions import InvalidSchedule, parse_schedule
from liveinsight_cli.local.times import rfc3339

TICK_SECONDS = 1.0
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Target:
    """A function to invoke; `input` None sends the event itself."""

    function_arn: str
    input: str | None = None


@dataclass(frozen=True)
class Rule:
    """An enabled rule that has a schedule."""

    name: str
    arn: str
    expression: str
    targets: tuple[Target, ...] = ()


class RuleSource(Protocol):
    """Where rules are looked up."""

    def rules(self) -> Iterable[Rule]:
        """The enabled rules that have a schedule."""


class EventSink(Protocol):
    """Where invocations go whose outcome nobody waits for."""

    def put(self, name: str, qualifier: str | None, payload: bytes) -> None:
        """Accept an invocation."""


class Schedules:
    """Looks at the rules every second. A firing missed while the machine slept is made up for once."""

    def __init__(
        self, rules: RuleSource, events: EventSink, region: str, account_id: str,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._rules = rules
        self._events = events
        self._region = region
        self._account_id = account_id
        self._clock = clock
        self._due: dict[tuple[str, str], float | None] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedules", daemon=True)

    def start(self) -> "Schedules":
        """Begin to fire."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop; what was fired goes on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def tick(self) -> None:
        """Fire every rule whose time has come since the last tick; a rule that is new waits for its next time."""
        now = self._clock()
        rules = {(rule.name, rule.expression): rule for rule in self._rules.rules()}
        self._due = {key: due for key, due in self._due.items() if key in rules}
        for key, rule in rules.items():
            due = self._due.get(key)
            if due is not None and due <= now:
                self._fire(rule, due)
            if key not in self._due or (due is not None and due <= now):
                self._due[key] = self._next(rule, now)

    def _next(self, rule: Rule, now: float) -> float | None:
        try:
            return parse_schedule(rule.expression)(now)
        except InvalidSchedule as error:
            log.warning("rule %s never fires: %s", rule.name, error)
            return None

    def _fire(self, rule: Rule, due: float) -> None:
        for target in rule.targets:
            payload = target.input if target.input is not None else json.dumps(self._event(rule, due))
            self._events.put(target.function_arn, None, payload.encode())

    def _event(self, rule: Rule, due: float) -> dict[str, object]:
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._account_id,
            "time": rfc3339(due),
            "region": self._region,
            "resources": [rule.arn],
            "detail": {},
        }

    def _run(self) -> None:
        while not self._stop.wait(TICK_SECONDS):
            try:
                self.tick()
            except Exception:
                log.exception("schedules failed")
