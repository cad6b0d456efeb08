"""Reads alarms out of moto 5.2.5's CloudWatch backend and keeps their states there, for DescribeAlarms to show."""

import itertools
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from liveinsight_cli.local.telemetry.alarms import Alarm, Missing, Verdict
from liveinsight_cli.local.telemetry.metrics import Metric
from liveinsight_cli.local.telemetry.queries import Query, Stat

_SIMPLE = "m"
_CHANGE = "StateUpdate"
_MOST_RECORDS = 100
_KEPT = ("state_value", "state_reason", "state_reason_data", "state_updated_timestamp", "history")


class MotoAlarms:
    """An AlarmSource; `backend` answers moto's CloudWatch backend of the account and region."""

    def __init__(self, backend: Callable[[], Any]) -> None:
        self._backend = backend

    def alarms(self) -> Iterable[Alarm]:
        """Metric alarms; composite ones are left out."""
        for found in list(self._backend().alarms.values()):
            if found.rule is None and found.comparison_operator:
                yield _alarm(found)

    def change(self, alarm: Alarm, verdict: Verdict) -> None:
        """As SetAlarmState would."""
        found = self._backend().alarms.get(alarm.name)
        if found is not None:
            found.update_state(verdict.reason, verdict.data, verdict.state)


def install() -> None:
    """An alarm begins without a state, keeps it when it is put again, and its history can be asked for."""
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.cloudwatch.responses import CloudWatchResponse

    put = CloudWatchBackend.put_metric_alarm

    def put_metric_alarm(self: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        before = self.alarms.get(name)
        alarm = put(self, name, *args, **kwargs)
        if before is None:
            alarm.state_value = "INSUFFICIENT_DATA"
        else:
            for attribute in _KEPT:
                setattr(alarm, attribute, getattr(before, attribute))
        return alarm

    CloudWatchBackend.put_metric_alarm = put_metric_alarm  # type: ignore[method-assign]
    CloudWatchResponse.describe_alarm_history = _describe_history  # type: ignore[attr-defined]


def _alarm(found: Any) -> Alarm:
    queries = _queries(found)
    periods = int(found.evaluation_periods)
    watched = next((query for query in queries if query.is_returned), queries[-1])
    return Alarm(
        name=found.name,
        queries=queries,
        watched=watched.id,
        comparison=found.comparison_operator,
        threshold=float(found.threshold),
        period=watched.period or max(query.stat.period for query in queries if query.stat is not None),
        periods=periods,
        periods_to_alarm=int(found.datapoints_to_alarm or periods),
        missing=_missing(found, queries),
        state=found.state_value,
    )


def _missing(found: Any, queries: tuple[Query, ...]) -> Missing:
    """Alarms on DynamoDB's metrics ignore missing points whatever they say (PutMetricAlarm's documentation).

    Whether that holds for metric math over them is not documented; here it does not, as FILL is the way around it.
    """
    if all(query.stat is not None and query.stat.metric.namespace == "AWS/DynamoDB" for query in queries):
        return "ignore"
    given: Missing = found.treat_missing_data or "missing"
    return given


def _queries(found: Any) -> tuple[Query, ...]:
    if not found.metric_data_queries:
        dimensions = {dimension.name: dimension.value for dimension in found.dimensions}
        metric = Metric.of(found.namespace, found.metric_name, dimensions)
        stat = found.statistic or found.extended_statistic
        return (Query(_SIMPLE, Stat(metric, stat, int(found.period), found.unit or None)),)
    return tuple(
        Query(
            id=query.id,
            stat=_stat(query.metric_stat) if query.metric_stat else None,
            expression=query.expression,
            period=int(query.period) if query.period else None,
            is_returned=query.return_data in (True, "true"),
        )
        for query in found.metric_data_queries
    )


def _stat(given: Any) -> Stat:
    dimensions = {dimension.name: dimension.value for dimension in given.metric.dimensions}
    metric = Metric.of(given.metric.namespace, given.metric.metric_name, dimensions)
    return Stat(metric, given.stat, int(given.period), given.unit or None)


def _describe_history(self: Any) -> Any:
    """DescribeAlarmHistory, which moto lacks: the changes of state, newest first unless it is asked for otherwise."""
    from moto.core.responses import ActionResult

    wanted, kind = self._get_param("AlarmName"), self._get_param("HistoryItemType") or _CHANGE
    start, end = self._get_param("StartDate"), self._get_param("EndDate")
    items = [
        item
        for alarm in list(self.cloudwatch_backend.alarms.values())
        if wanted in (None, alarm.name) and kind == _CHANGE
        for item in _history(alarm)
        if (not start or item["Timestamp"] >= _time(start)) and (not end or item["Timestamp"] <= _time(end))
    ]
    items.sort(key=lambda item: item["Timestamp"], reverse=self._get_param("ScanBy") != "TimestampAscending")
    first, most = int(self._get_param("NextToken") or 0), int(self._get_param("MaxRecords") or _MOST_RECORDS)
    answer: dict[str, Any] = {"AlarmHistoryItems": items[first : first + most]}
    if first + most < len(items):
        answer["NextToken"] = str(first + most)
    return ActionResult(answer)


def _time(given: Any) -> datetime:
    """What moto hands on of a time: a text, seconds since 1970, or one that is read already."""
    if isinstance(given, datetime):
        return given if given.tzinfo else given.replace(tzinfo=UTC)
    try:
        return datetime.fromtimestamp(float(given), UTC)
    except ValueError:
        return datetime.fromisoformat(str(given).replace("Z", "+00:00"))


def _history(alarm: Any) -> Iterable[dict[str, Any]]:
    """moto keeps the states before the present one, each with the time it began."""
    states = [(state, reason, data, at) for _, reason, data, state, at in alarm.history]
    states.append(
        (alarm.state_value, alarm.state_reason, alarm.state_reason_data, alarm.state_updated_timestamp)
    )
    for before, after in itertools.pairwise(states):
        at = after[3]
        yield {
            "AlarmName": alarm.name,
            "AlarmType": "MetricAlarm",
            "Timestamp": at if at.tzinfo else at.replace(tzinfo=UTC),
            "HistoryItemType": _CHANGE,
            "HistorySummary": f"Alarm updated from {before[0]} to {after[0]}",
            "HistoryData": json.dumps(
                {"version": "1.0", "oldState": _state(*before[:3]), "newState": _state(*after[:3])}
            ),
        }


def _state(value: str, reason: str, data: str) -> dict[str, Any]:
    state: dict[str, Any] = {"stateValue": value, "stateReason": reason}
    return state | ({"stateReasonData": json.loads(data)} if data else {})
