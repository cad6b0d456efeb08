"""Where the limit is: raise the rate until a step breaks, then halve the distance. A pure machine of steps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from liveinsight_cli.core.load.figures import LoadFigures
from liveinsight_cli.core.load.plan import MOST_SECONDS, LoadPlan
from liveinsight_cli.core.load.verdict import LEAST_SAMPLES, Limits, Verdict

FACTOR = 2.0
CLOSE_ENOUGH = 1.15  # a rate that breaks is at most so much above one that holds
MOST_STEPS = 14
BISECTIONS = 3  # from a factor of two to less than CLOSE_ENOUGH
LEAST_RPS = 0.5
# Of what is asked, so much has to be answered while the step lasts: else a queue grows, however fast the answers are.
LEAST_ANSWERED = 0.9

Outcome = Literal["holds", "breaks", "throttled", "invalid"]


@dataclass(frozen=True)
class Tried:
    """A rate that was tried, and what became of it."""

    rps: float
    outcome: Outcome


@dataclass(frozen=True)
class Search:
    """From `first` requests a second up to `most`."""

    first: float
    most: float

    def next_rate(self, tried: Sequence[Tried]) -> float | None:
        """Return the rate to try next, None when nothing more can be learnt."""
        if not tried:
            return self.first
        if len(tried) >= MOST_STEPS:
            return None
        held, broken = self.bounds(tried)
        if broken is None:
            return None if held is None or held >= self.most else min(held * FACTOR, self.most)
        if held is None:
            return broken / FACTOR if broken / FACTOR >= LEAST_RPS else None
        if broken / held <= CLOSE_ENOUGH:
            return None
        return math.sqrt(held * broken)

    @staticmethod
    def bounds(tried: Sequence[Tried]) -> tuple[float | None, float | None]:
        """Return the highest rate that held and the lowest that did not."""
        broken = min((one.rps for one in tried if one.outcome != "holds"), default=None)
        held = max(
            (one.rps for one in tried if one.outcome == "holds" and (broken is None or one.rps < broken)),
            default=None,
        )
        return held, broken

    def at_worst(self) -> list[float]:
        """Return rates of steps that are together no less than those of any search."""
        rates = [self.first]
        while rates[-1] < self.most:
            rates.append(min(rates[-1] * FACTOR, self.most))
        lower = self.first / FACTOR
        while lower >= LEAST_RPS:
            rates.append(lower)
            lower /= FACTOR
        return rates + [self.most] * BISECTIONS


def step_of(plan: LoadPlan, rps: float) -> LoadPlan:
    """Return the plan of a step: at low rates it takes longer, until twice as many answers are due as are needed."""
    seconds = min(max(plan.seconds, 2 * LEAST_SAMPLES / rps), MOST_SECONDS - plan.warm_up_seconds)
    return replace(plan, rps=rps, seconds=seconds)


def outcome_of(figures: LoadFigures, verdict: Verdict, limits: Limits) -> tuple[Outcome, str]:
    """Return how a step ended, and why in words."""
    if (figures.throttled_rate or 0.0) > limits.error_rate:
        return "throttled", f"{figures.throttled_rate or 0:.1%} throttled"
    if not verdict.is_valid:
        return "invalid", verdict.doubts[0]
    if not verdict.is_passed:
        return "breaks", verdict.broken
    if figures.answered_rps < LEAST_ANSWERED * figures.offered_rps:
        return (
            "breaks",
            f"{figures.answered_rps:,.1f} of {figures.offered_rps:,.1f} requests/s are answered in time",
        )
    return "holds", "; ".join(one.in_words() for one in verdict.conditions)
