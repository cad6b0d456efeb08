"""A deployed alarm over samples of our own making: what it sees, and which state it comes into."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from liveinsight_cli.local.telemetry.alarms import Alarm, AlarmEvaluator, Verdict
from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.metrics import Metric, MetricStore
from liveinsight_cli.local.telemetry.queries import Query, Stat, values_of

PERIOD = 300
BEGIN = 1_800_000_000  # a full period


@dataclass(frozen=True)
class Series:
    """A metric as AWS or a function names it, and the values that arrive within a period."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    values: tuple[float, ...]


def alarm_of(described: dict[str, Any]) -> Alarm:
    """The alarm that DescribeAlarms tells of."""
    queries = tuple(map(_query, described["Metrics"]))
    [watched] = [query.id for query in queries if query.is_returned]
    return Alarm(
        name=described["AlarmName"],
        queries=queries,
        watched=watched,
        comparison=described["ComparisonOperator"],
        threshold=described["Threshold"],
        period=PERIOD,
        periods=described["EvaluationPeriods"],
        periods_to_alarm=described["DatapointsToAlarm"],
        missing=described["TreatMissingData"],
        state="INSUFFICIENT_DATA",
    )


def _query(given: dict[str, Any]) -> Query:
    stat = None
    if "MetricStat" in given:
        metric = given["MetricStat"]["Metric"]
        dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        assert given["MetricStat"]["Period"] == PERIOD
        stat = Stat(
            Metric.of(metric["Namespace"], metric["MetricName"], dimensions),
            given["MetricStat"]["Stat"],
            PERIOD,
        )
    return Query(given["Id"], stat, given.get("Expression"), is_returned=given.get("ReturnData", True))


class Watch:
    """One alarm, evaluated at the end of each period; an AlarmSource."""

    def __init__(self, alarm: Alarm, directory: Path) -> None:
        self.alarm = alarm
        self._now = BEGIN
        self._database = Database(directory / "metrics.db")
        self._store = MetricStore(self._database, lambda: self._now)
        self._evaluator = AlarmEvaluator(self, self._store, lambda: self._now)

    def pass_period(self, series: Iterable[Series]) -> str:
        """The alarm's state after a period in which these samples came."""
        for one in series:
            for value in one.values:
                self._store.put(one.namespace, one.name, one.dimensions, value, at=self._now + 100)
        self._now += PERIOD
        self._evaluator.evaluate()
        return self.alarm.state

    def value(self) -> float | None:
        """The watched series in the period that has just passed."""
        series = values_of(self._store, self.alarm.queries, self._now - PERIOD, self._now)[self.alarm.watched]
        assert isinstance(series, dict)
        return series.get(self._now - PERIOD)

    def alarms(self) -> Iterable[Alarm]:
        """The one that is watched."""
        return [self.alarm]

    def change(self, alarm: Alarm, verdict: Verdict) -> None:
        """Remember the new state, for the next evaluation as for the test."""
        self.alarm = replace(alarm, state=verdict.state)

    def close(self) -> None:
        """Close the store."""
        self._database.close()
