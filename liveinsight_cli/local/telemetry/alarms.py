"""Alarms: what state the samples put each one into, and when it changes."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from liveinsight_cli.local.telemetry.expressions import InvalidExpression
from liveinsight_cli.local.telemetry.metrics import MetricStore
from liveinsight_cli.local.telemetry.queries import Query, values_of
from liveinsight_cli.local.telemetry.statistics import UnknownStatistic
from liveinsight_cli.local.times import rfc3339

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["missing", "ignore", "breaching", "notBreaching"]
EXTRA_PERIODS = 2  # CloudWatch looks further back than it must when some points are missing
log = logging.getLogger(__name__)

_COMPARISONS: dict[str, tuple[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": (
        "greater than or equal to",
        lambda value, threshold: value >= threshold,
    ),
    "GreaterThanThreshold": ("greater than", lambda value, threshold: value > threshold),
    "LessThanThreshold": ("less than", lambda value, threshold: value < threshold),
    "LessThanOrEqualToThreshold": ("less than or equal to", lambda value, threshold: value <= threshold),
}


@dataclass(frozen=True)
class Alarm:
    """A deployed alarm: a query of which one series is watched."""

    name: str
    queries: tuple[Query, ...]
    watched: str
    comparison: str
    threshold: float
    period: int
    periods: int
    periods_to_alarm: int
    missing: Missing
    state: State

    def breaches(self, value: float) -> bool:
        """Whether a point is on the wrong side of the threshold."""
        return _COMPARISONS[self.comparison][1](value, self.threshold)


@dataclass(frozen=True)
class Verdict:
    """A state and why; `data` is the reason for programs, JSON."""

    state: State
    reason: str
    data: str


class AlarmSource(Protocol):
    """Where alarms are defined and their states are kept."""

    def alarms(self) -> Iterable[Alarm]:
        """Those that can be evaluated."""

    def change(self, alarm: Alarm, verdict: Verdict) -> None:
        """An alarm has come into another state."""


class AlarmEvaluator:
    """Looks at every alarm; meant to be called once a minute."""

    def __init__(self, source: AlarmSource, store: MetricStore, clock: Callable[[], float]) -> None:
        self._source = source
        self._store = store
        self._clock = clock

    def evaluate(self) -> None:
        """Bring every alarm's state up to date; one that cannot be evaluated keeps its own."""
        for alarm in list(self._source.alarms()):
            try:
                verdict = self._judge(alarm)
            except (InvalidExpression, UnknownStatistic, KeyError) as error:
                log.warning("alarm %s cannot be evaluated: %s", alarm.name, error)
                continue
            if verdict.state != alarm.state:
                log.info("alarm %s: %s -> %s (%s)", alarm.name, alarm.state, verdict.state, verdict.reason)
                self._source.change(alarm, verdict)

    def _judge(self, alarm: Alarm) -> Verdict:
        """Over whole periods up to the last full minute."""
        count = alarm.periods + EXTRA_PERIODS
        end = int(self._clock()) // 60 * 60
        start = end - count * alarm.period
        value = values_of(self._store, alarm.queries, start, end)[alarm.watched]
        series = value if isinstance(value, dict) else {}
        points = [series.get(start + n * alarm.period) for n in range(count)]
        return decide(alarm, points, start)


def decide(alarm: Alarm, points: Sequence[float | None], start: int) -> Verdict:
    """The state that points (oldest first, None where missing) put an alarm into.

    The newest `periods` points count; where some of them are missing, older ones stand in, and what is missing still is
    treated as the alarm says.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    times = [start + n * alarm.period for n in range(len(points))]
    known = [(at, point) for at, point in zip(times, points, strict=True) if point is not None][
        -alarm.periods :
    ]
    missing = alarm.periods - len(known)
    breaching = [(at, point) for at, point in known if alarm.breaches(point)]
    state = _state(alarm, len(known), len(breaching), missing)
    return Verdict(state, _reason(alarm, state, known, breaching), _data(alarm, known))


def _state(alarm: Alarm, known: int, breaching: int, missing: int) -> State:
    if missing == 0 or alarm.missing == "notBreaching":
        return "ALARM" if breaching >= alarm.periods_to_alarm else "OK"
    if alarm.missing == "breaching":
        return "ALARM" if breaching + missing >= alarm.periods_to_alarm else "OK"
    if alarm.missing == "ignore":
        decided = breaching >= alarm.periods_to_alarm
        undecided = not decided and breaching + missing >= alarm.periods_to_alarm
        return alarm.state if undecided else "ALARM" if decided else "OK"
    if known == 0:
        return "INSUFFICIENT_DATA"
    return "ALARM" if breaching >= min(alarm.periods_to_alarm, known) else "OK"


def _reason(
    alarm: Alarm, state: State, known: Sequence[tuple[int, float]], breaching: Sequence[tuple[int, float]]
) -> str:
    if not known:
        treated = f"{alarm.periods} missing datapoints were treated as [{_TREATED[alarm.missing]}]"
        return (
            f"Insufficient Data: {treated}." if state == "INSUFFICIENT_DATA" else f"No datapoints: {treated}."
        )
    shown = breaching if state == "ALARM" and breaching else known
    values = ", ".join(f"{value} ({rfc3339(at)})" for at, value in reversed(shown))
    relation = _COMPARISONS[alarm.comparison][0]
    was = "were" if len(shown) > 1 else "was"
    negation = "" if state == "ALARM" else "not "
    return (
        f"Threshold Crossed: {len(shown)} out of the last {alarm.periods} datapoints [{values}] {was} {negation}"
        f"{relation} the threshold ({alarm.threshold})."
    )


_TREATED: Mapping[str, str] = {
    "missing": "Missing", "ignore": "Ignored", "breaching": "Breaching", "notBreaching": "NonBreaching",
}  # fmt: skip


def _data(alarm: Alarm, known: Sequence[tuple[int, float]]) -> str:
    data = {
        "version": "1.0",
        "period": alarm.period,
        "threshold": alarm.threshold,
        "recentDatapoints": [value for _, value in known],
        "recentLowerThreshold": None,
        "evaluatedDatapoints": [{"timestamp": rfc3339(at), "value": value} for at, value in known],
    }
    return json.dumps({name: value for name, value in data.items() if value is not None})
