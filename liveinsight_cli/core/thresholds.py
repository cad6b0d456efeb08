"""Conditions such as `error_rate>1%` that a caller wants to fail on: `<metric> <op> <value>[%|ms|s]`."""

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Unit = Literal["", "%", "ms", "s"]

# name -> unit in which its values are kept; the help of `stats` says what each is
METRICS: Mapping[str, Unit] = {
    "error_rate": "%",
    "errors": "",
    "throttles": "",
    "invocations": "",
    "p50": "ms",
    "p95": "ms",
    "p99": "ms",
    "api_requests": "",
    "api_4xx_rate": "%",
    "api_5xx_rate": "%",
    "iterator_age": "ms",
    "concurrency": "",
    "table_throttles": "",
    "dead_letters": "",
    "active_visitors": "",
    "active_sessions": "",
    "visitors_30m": "",
    "pageviews_30m": "",
    "event_age": "s",
    "pageviews": "",
    "visitors": "",
    "sessions": "",
    "events": "",
    "bounce_rate": "%",
}
# of one function, as in event-collector.p95
OF_A_FUNCTION: Mapping[str, Unit] = {
    "error_rate": "%",
    "errors": "",
    "throttles": "",
    "invocations": "",
    "p50": "ms",
    "p95": "ms",
    "p99": "ms",
    "concurrency": "",
}
OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
CONDITION = re.compile(
    r"\s*(?P<metric>[a-z0-9_.-]+)\s*(?P<op>>=|<=|>|<)\s*(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>%|ms|s)?\s*"
)
TIMES: Mapping[tuple[str, str], float] = {("s", "ms"): 1000, ("ms", "s"): 0.001}


class InvalidThreshold(ValueError):
    """The condition is none; `hint` says what would be one."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Threshold:
    """Fails when `metric op value` holds; `value` is in the metric's own unit."""

    text: str
    metric: str
    op: str
    value: float
    unit: Unit

    def check(self, figures: Mapping[str, float | None]) -> "Check":
        """Return how the figure stands; a figure without data has not passed."""
        actual = figures.get(self.metric)
        if actual is None:
            return Check(self.text, self.metric, None, self.unit, failed=True)
        failed = OPERATORS[self.op](round(actual, 9), self.value)
        return Check(self.text, self.metric, actual, self.unit, failed=failed)


@dataclass(frozen=True)
class Check:
    """A threshold beside the figure that was found."""

    threshold: str
    metric: str
    actual: float | None
    unit: Unit
    failed: bool

    def in_words(self) -> str:
        """Return the finding for a person."""
        if self.actual is None:
            return f"{self.threshold}: no data for {self.metric}"
        tiny = 0 < abs(self.actual) < 1
        shown = f"{self.actual:.2g}" if tiny else f"{self.actual:,.2f}".rstrip("0").rstrip(".")
        return f"{self.threshold}: {self.metric} is {shown}{' ' if self.unit else ''}{self.unit}"


def parse(
    text: str, metrics: Mapping[str, Unit] = METRICS, of_a_function: Mapping[str, Unit] = OF_A_FUNCTION
) -> Threshold:
    """Return the threshold that `text` means, on one of these metrics (name -> unit); raises InvalidThreshold."""
    found = CONDITION.fullmatch(text)
    if found is None:
        raise InvalidThreshold(f"{text!r} is no condition.", "Write it like 'error_rate>1%' or 'p95>100ms'.")
    metric, given = found["metric"], found["unit"] or ""
    unit = _unit_of(metric, metrics, of_a_function)
    if unit is None:
        raise InvalidThreshold(f"There is no metric {metric!r}.", _known(metrics, of_a_function))
    value = float(found["value"])
    if given and given != unit:
        factor = TIMES.get((given, unit))
        if factor is None:
            fits = f"in {unit}" if unit else "without a unit"
            raise InvalidThreshold(f"{text!r}: {metric} is not in {given}.", f"It is given {fits}.")
        value *= factor
    return Threshold(text.strip(), metric, found["op"], value, unit)


def _unit_of(metric: str, metrics: Mapping[str, Unit], of_a_function: Mapping[str, Unit]) -> Unit | None:
    if metric in metrics:
        return metrics[metric]
    function, dot, part = metric.rpartition(".")
    return of_a_function.get(part) if dot and function else None


def _known(metrics: Mapping[str, Unit], of_a_function: Mapping[str, Unit]) -> str:
    return f"Metrics: {', '.join(metrics)}; of one function <function>.<{'|'.join(of_a_function)}>."
