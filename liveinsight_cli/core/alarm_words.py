"""Why an alarm is in its state, in words: from what it watches, and from the values that CloudWatch looked at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

# Units of metrics that an alarm watches without an expression, whose label would say it.
UNITS = {"IteratorAge": "ms", "EstimatedCharges": "USD"}
SUBJECTS = ("FunctionName", "TableName", "QueueName")
REASONS_SHOWN = 3


@dataclass(frozen=True)
class Rule:
    """What an alarm watches: `breaching` of `periods` periods of so many seconds reach the limit."""

    what: str
    unit: str
    subject: str
    limit: float
    breaching: int
    periods: int
    period_seconds: int


def short_name(name: str, project: str, environment: str) -> str:
    """Return an alarm's, function's or table's name without the project and the environment around it."""
    return name.removeprefix(f"{project}-").removesuffix(f"-{environment}")


def rule_of(alarm: Mapping[str, Any], project: str, environment: str) -> Rule:
    """Return what an alarm of DescribeAlarms watches."""
    queries = alarm.get("Metrics") or []
    watched: Mapping[str, Any] = next((query for query in queries if query.get("ReturnData", True)), {})
    metric = watched.get("MetricStat", {}).get("Metric", {})
    name = str(alarm.get("MetricName") or metric.get("MetricName") or "the value")
    what, _, unit = str(watched.get("Label") or name).partition(" in ")
    periods = int(alarm.get("EvaluationPeriods", 1))
    stats = [query["MetricStat"] for query in queries if "MetricStat" in query]
    dimensions = [alarm.get("Dimensions") or []] + [stat["Metric"].get("Dimensions", []) for stat in stats]
    return Rule(
        what=what,
        unit=unit or UNITS.get(name, ""),
        subject=_subject([one for each in dimensions for one in each], project, environment),
        limit=float(alarm.get("Threshold", 0)),
        breaching=int(alarm.get("DatapointsToAlarm") or periods),
        periods=periods,
        period_seconds=int(alarm.get("Period") or (stats[0]["Period"] if stats else 0)),
    )


def _subject(dimensions: Sequence[Mapping[str, str]], project: str, environment: str) -> str:
    """Return the one function, table or queue that all series are of; "" where there are several, or none."""
    for wanted in SUBJECTS:
        found = {one["Value"] for one in dimensions if one["Name"] == wanted}
        if found:
            return short_name(found.pop(), project, environment) if len(found) == 1 else ""
    return ""


def in_words(rule: Rule, state: str, data: str | None, reason: str) -> str:
    """Say why an alarm is in its state, from StateReasonData; in CloudWatch's own words where that is missing."""
    points = _points(data)
    if points is None:
        return reason or "not looked at yet"
    if not points:
        return "no data" if state == "OK" else "not enough data to say"
    wrong = [value for value in points if value >= rule.limit]
    shown = wrong if state == "ALARM" and wrong else points
    values = ", ".join(measured(value, rule.unit) for value in shown[-REASONS_SHOWN:])
    about = f"{rule.what} of {rule.subject}" if rule.subject else rule.what
    limit = f"limit {measured(rule.limit, rule.unit)}"
    if state != "ALARM":
        return f"{about}: {values}; {limit}"
    if rule.periods > 1:
        limit += f" in {rule.breaching} of {rule.periods}"
        return f"{about}: {values} in {len(wrong)} of {rule.periods} periods of {_length(rule)}; {limit}"
    return f"{about}: {values} in {_length(rule)}; {limit}"


def _points(data: str | None) -> list[float] | None:
    """Return the values that were looked at, oldest first; None where nothing says them."""
    try:
        found = json.loads(data or "")
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    evaluated = sorted(found.get("evaluatedDatapoints") or [], key=lambda one: str(one.get("timestamp")))
    values = [one.get("value") for one in evaluated] or found.get("recentDatapoints") or []
    return [float(value) for value in values if isinstance(value, (int, float)) and isfinite(value)]


def measured(value: float, unit: str) -> str:
    """Return a value as people read it: milliseconds as seconds or minutes where they are many."""
    if unit == "ms" and value >= 120_000:
        return f"{value / 60_000:.3g} min"
    if unit == "ms" and value >= 1000:
        return f"{value / 1000:.3g} s"
    number = f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:.3g}"
    return f"{number} {unit}".strip()


def _length(rule: Rule) -> str:
    return (
        f"{rule.period_seconds // 60} min"
        if rule.period_seconds < 7200
        else f"{rule.period_seconds // 3600} h"
    )
