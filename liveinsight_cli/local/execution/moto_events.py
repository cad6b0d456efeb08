"""Reads scheduled rules out of moto 5.2.5's EventBridge backend."""

from collections.abc import Callable, Iterable
from typing import Any

from liveinsight_cli.local.execution.schedules import Rule, Target


class MotoRules:
    """A RuleSource; `backend` answers moto's EventBridge backend of the account and region."""

    def __init__(self, backend: Callable[[], Any]) -> None:
        self._backend = backend

    def rules(self) -> Iterable[Rule]:
        """The enabled rules that have a schedule, with those of their targets that are functions."""
        for bus in list(self._backend().event_buses.values()):
            for rule in list(bus.rules.values()):
                if rule.state != "DISABLED" and rule.scheduled_expression:
                    targets = tuple(
                        _target(target) for target in list(rule.targets) if ":lambda:" in target["Arn"]
                    )
                    yield Rule(rule.name, rule.arn, rule.scheduled_expression, targets)


def _target(target: dict[str, Any]) -> Target:
    return Target(target["Arn"], target.get("Input"))
