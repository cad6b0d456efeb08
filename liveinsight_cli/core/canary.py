"""A canary: new versions get a share of the traffic in steps, each of which conditions on their figures may end."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from liveinsight_cli.core.thresholds import InvalidThreshold, Threshold, Unit, parse

STEP = re.compile(r"(?P<percent>\d{1,3})%?:(?P<length>\d+(?:\.\d+)?)(?P<unit>s|m|h)")
SECONDS = {"s": 1, "m": 60, "h": 3600}
LONGEST_SECONDS = 24 * 3600
EXAMPLE = (
    "Write it like --canary 10:5m,50:5m: 10 % of the traffic for 5 minutes, then 50 % for 5 more, then all."
)

# name -> unit; of all functions together, percentiles and durations of the slowest one. docs/releases.md says more.
METRICS: Mapping[str, Unit] = {
    "error_rate": "%",
    "errors": "",
    "p50": "ms",
    "p95": "ms",
    "p99": "ms",
    "duration": "ms",
    "throttles": "",
    "api_5xx_rate": "%",
}
OF_A_FUNCTION: Mapping[str, Unit] = {
    name: unit for name, unit in METRICS.items() if name not in ("throttles", "api_5xx_rate")
}


class InvalidCanary(ValueError):
    """The words after --canary or --abort-if are no plan; `hint` says what would be one."""

    def __init__(self, message: str, hint: str = EXAMPLE) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Step:
    """A share of the traffic, in percent, and for how long."""

    percent: int
    seconds: float


@dataclass(frozen=True)
class Canary:
    """The steps, and the conditions that end them."""

    text: str
    steps: tuple[Step, ...]
    gates: tuple[Threshold, ...]


@dataclass(frozen=True)
class Figures:
    """What one version of a function did since the canary began; times in ms, None without an invocation."""

    invocations: float = 0
    errors: float = 0
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None
    duration: float | None = None


@dataclass(frozen=True)
class Seen:
    """The figures of one look: function -> those of the new version, and of the one before.

    Throttles and the API's answers are not told apart by version."""

    new: Mapping[str, Figures]
    old: Mapping[str, Figures]
    throttles: float = 0
    api_requests: float = 0
    api_5xx: float = 0

    def values(self) -> dict[str, float | None]:
        """Return what conditions are compared with; None where nothing was seen."""
        total = _together(self.new.values())
        found: dict[str, float | None] = {**_values(total), "throttles": self.throttles}
        found["api_5xx_rate"] = 100 * self.api_5xx / self.api_requests if self.api_requests else None
        for function, figures in self.new.items():
            found |= {f"{function}.{name}": value for name, value in _values(figures).items()}
        return found


@dataclass(frozen=True)
class StepReport:
    """How a step went: traffic of the new versions and of the ones before, since the canary began."""

    percent: int
    seconds: float
    invocations: int
    error_rate: float | None
    p95: float | None
    before_invocations: int
    before_error_rate: float | None
    before_p95: float | None


@dataclass(frozen=True)
class CanaryReport:
    """What is left to tell of a canary that was not aborted; `unjudged` are conditions without a figure."""

    steps: tuple[StepReport, ...] = ()
    unjudged: tuple[str, ...] = field(default=())


def parse_canary(text: str, conditions: Sequence[str]) -> Canary:
    """Return the canary that the words mean; raises InvalidCanary."""
    steps = tuple(_step(part.strip()) for part in text.split(","))
    percents = [step.percent for step in steps]
    if percents != sorted(set(percents)):
        raise InvalidCanary(f"The shares of --canary {text} do not rise.")
    return Canary(text, steps, tuple(_gate(condition) for condition in conditions))


def broken(gates: Sequence[Threshold], seen: Seen) -> list[str]:
    """Return the conditions that hold, in words. Without a figure none does: nothing was seen that would be wrong."""
    values = seen.values()
    checks = [gate.check(values) for gate in gates if values.get(gate.metric) is not None]
    return [check.in_words() for check in checks if check.failed]


def unjudged(gates: Sequence[Threshold], seen: Seen) -> tuple[str, ...]:
    """Return the conditions for which there is no figure."""
    values = seen.values()
    return tuple(gate.text for gate in gates if values.get(gate.metric) is None)


def report(step: Step, seen: Seen) -> StepReport:
    """Return how a step stands."""
    new, old = _together(seen.new.values()), _together(seen.old.values())
    return StepReport(
        step.percent,
        step.seconds,
        int(new.invocations),
        _values(new)["error_rate"],
        new.p95,
        int(old.invocations),
        _values(old)["error_rate"],
        old.p95,
    )


def _step(text: str) -> Step:
    found = STEP.fullmatch(text)
    if found is None:
        raise InvalidCanary(f"{text!r} is no step of a canary.")
    percent, seconds = int(found["percent"]), float(found["length"]) * SECONDS[found["unit"]]
    if not 1 <= percent <= 99:
        raise InvalidCanary(f"{text!r}: a share is 1 to 99 %; all of it comes after the last step.")
    if not 0 < seconds <= LONGEST_SECONDS:
        raise InvalidCanary(f"{text!r}: a step takes more than nothing, and at most a day.")
    return Step(percent, seconds)


def _gate(text: str) -> Threshold:
    try:
        return parse(text, METRICS, OF_A_FUNCTION)
    except InvalidThreshold as error:
        raise InvalidCanary(str(error), error.hint) from error


def _together(figures: Collection[Figures]) -> Figures:
    """Return the figures of all functions: sums, and the times of the slowest."""

    def slowest(times: Iterable[float | None]) -> float | None:
        return max((time for time in times if time is not None), default=None)

    return Figures(
        invocations=sum(one.invocations for one in figures),
        errors=sum(one.errors for one in figures),
        p50=slowest(one.p50 for one in figures),
        p95=slowest(one.p95 for one in figures),
        p99=slowest(one.p99 for one in figures),
        duration=slowest(one.duration for one in figures),
    )


def _values(figures: Figures) -> dict[str, float | None]:
    any_seen = figures.invocations > 0
    return {
        "error_rate": 100 * figures.errors / figures.invocations if any_seen else None,
        "errors": figures.errors if any_seen else None,
        "p50": figures.p50,
        "p95": figures.p95,
        "p99": figures.p99,
        "duration": figures.duration,
    }
