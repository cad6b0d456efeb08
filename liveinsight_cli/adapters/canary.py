"""Moves traffic to new versions step by step, looks at their figures, and takes all of it back when they are bad."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from liveinsight_cli.adapters.aliases import Aliases, uninterrupted
from liveinsight_cli.context import Clock
from liveinsight_cli.core.canary import Canary, CanaryReport, Seen, Step, StepReport, broken, report, unjudged
from liveinsight_cli.core.release import AliasState, Promotion, without_weights
from liveinsight_cli.errors import HealthCheckFailed, LiveInsightError

LOOKS_A_STEP = 10
LEAST_SECONDS, MOST_SECONDS = 0.5, 15.0

Tell = Callable[[StepReport, float], None]
"""Called at every look, with the report of the step and the seconds that are left of it."""


class Look(Protocol):
    """Looks at the figures as of now (epoch seconds); raises LiveInsightError when they cannot be had."""

    def __call__(self, now: float) -> Seen: ...


@dataclass
class CanaryRun:
    """One canary of the aliases that have to move."""

    aliases: Aliases
    look: Look
    clock: Clock
    states: dict[str, AliasState] = field(default_factory=dict)
    tested: tuple[Promotion, ...] = ()

    def run(self, canary: Canary, moves: Sequence[Promotion], tell: Tell) -> CanaryReport:
        """Go through the steps and return how they went; the aliases then still have the last step's weights.

        Raises HealthCheckFailed when a condition holds. Whoever calls this then calls `take_back`, as after any other
        failure until the new versions are wholly in service.
        """
        self.tested = tuple(moves)
        self.states = {move.function: move.before for move in moves}
        steps: list[StepReport] = []
        for step in canary.steps:
            self._give(step)
            seen = self._watch(step, canary, tell)
            steps.append(report(step, seen))
        return CanaryReport(tuple(steps), unjudged(canary.gates, seen))

    def left(self) -> tuple[Promotion, ...]:
        """Return what is left to move, from where the aliases are by now."""
        return tuple(
            Promotion(one.function, self.states[one.function], one.to_version) for one in self.tested
        )

    def take_back(self, error: BaseException) -> None:
        """Send all traffic where it went before, and add to the error how that went.

        An alias that somebody else moved is left to them.
        """
        before = {move.function: without_weights(move.before) for move in self.tested}
        new = {move.function: move.to_version for move in self.tested}
        with uninterrupted():
            with suppress(LiveInsightError):  # then as far as it is known
                self.states = self.aliases.states()
            wrong = {
                name: self.states[name]
                for name in before
                if not self.states[name].routes_as(before[name].version, {})
            }
            ours = {
                name: state
                for name, state in wrong.items()
                if state.version == before[name].version and set(state.weights) == {new[name]}
            }
            left = self.aliases.restore(before, ours)
        left += [name for name in wrong if name not in ours]
        if wrong and isinstance(error, LiveInsightError):
            error.message += (
                f"\nNot moved back: {', '.join(sorted(left))}."
                if left
                else "\nAll traffic goes to the versions before again."
            )

    def _give(self, step: Step) -> None:
        share = step.percent / 100
        wanted = [
            Promotion(one.function, self.states[one.function], one.before.version, {one.to_version: share})
            for one in self.tested
        ]
        self.states |= self.aliases.move(wanted)

    def _watch(self, step: Step, canary: Canary, tell: Tell) -> Seen:
        """Look until the step is over, and once at its end."""
        ends = self.clock.monotonic() + step.seconds
        between = min(max(step.seconds / LOOKS_A_STEP, LEAST_SECONDS), MOST_SECONDS)
        while True:
            left = ends - self.clock.monotonic()
            seen = self.look(self.clock.now())
            if reasons := broken(canary.gates, seen):
                raise HealthCheckFailed(
                    f"The canary was ended at {step.percent} %: {'; '.join(reasons)}.",
                    code="canary",
                    hint="See what the new versions log: liveinsight tail --since 10m",
                )
            tell(report(step, seen), max(left, 0.0))
            if left <= 0:
                return seen
            self.clock.sleep(min(between, left))
