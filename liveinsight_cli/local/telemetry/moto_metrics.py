"""Puts the metric store below moto 5.2.5's CloudWatch; moto keeps its protocols, dashboards and alarm definitions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from liveinsight_cli.local.telemetry.expressions import InvalidExpression
from liveinsight_cli.local.telemetry.metrics import Metric, MetricStore
from liveinsight_cli.local.telemetry.queries import Query, Result, Stat, run_queries
from liveinsight_cli.local.telemetry.statistics import Bucket, Sample, UnknownStatistic, statistic

LIST_PAGE = 500
MAX_POINTS = 1440


def install(store: MetricStore) -> None:
    """Replace moto's data methods, once per process."""
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.cloudwatch.responses import CloudWatchResponse

    operations = _Operations(store)
    validate = CloudWatchBackend._validate_parameters_put_metric_data

    def put_metric_data(self: Any, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for number, datum in enumerate(metric_data):
            validate(self, datum, number + 1)
        operations.put(namespace, metric_data)

    CloudWatchBackend.put_metric_data = put_metric_data  # type: ignore[method-assign]
    CloudWatchBackend.get_metric_data = _method(operations.query)  # type: ignore[method-assign]
    CloudWatchBackend.list_metrics = _method(operations.list_metrics)  # type: ignore[method-assign]
    CloudWatchResponse.get_metric_statistics = _method(operations.statistics_response)  # type: ignore[method-assign]


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: function(self, *args, **kwargs)


class _Operations:
    """moto's methods over the store. Raises moto's exceptions."""

    def __init__(self, store: MetricStore) -> None:
        from moto.cloudwatch import exceptions

        self._store = store
        self._refused = exceptions.ValidationError
        self._invalid = exceptions.InvalidParameterValue
        self._combination = exceptions.InvalidParameterCombination

    def put(self, namespace: str, metric_data: Sequence[Mapping[str, Any]]) -> None:
        if namespace.startswith("AWS/"):
            raise self._invalid("The value AWS/ for parameter Namespace is invalid.")
        for datum in metric_data:
            metric = Metric.of(namespace, datum["MetricName"], _dimensions(datum.get("Dimensions")))
            at = _seconds(datum["Timestamp"]) if datum.get("Timestamp") else None
            for sample in _samples(datum):
                self._store.put_statistics(metric, sample, datum.get("Unit") or "None", at)

    def query(
        self,
        _backend: Any,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampDescending",
    ) -> list[dict[str, Any]]:
        start, end = _seconds(start_time), _seconds(end_time)
        if start >= end:
            raise self._refused("The parameter EndTime must be greater than StartTime.")
        parsed = [parse_query(query) for query in queries]
        start = start // 60 * 60
        try:
            results = run_queries(self._store, parsed, start, end)
        except InvalidExpression as error:
            raise self._refused(str(error)) from error
        except UnknownStatistic as error:
            raise self._refused(f"The statistic {error} is not supported by the embedded AWS.") from error
        return [_result_dict(result, scan_by == "TimestampDescending") for result in results]

    def list_metrics(
        self,
        _backend: Any,
        next_token: str | None,
        namespace: str | None,
        metric_name: str | None,
        dimensions: list[dict[str, str]] | None,
    ) -> tuple[str | None, list[dict[str, Any]]]:
        wanted = [(given["Name"], given.get("Value")) for given in dimensions or []]
        found = [m for m in self._store.metrics(namespace, metric_name) if _has(m, wanted)]
        first = int(next_token) if next_token and next_token.isdigit() else 0
        page = found[first : first + LIST_PAGE]
        token = str(first + LIST_PAGE) if first + LIST_PAGE < len(found) else None
        return token, [_metric_dict(metric) for metric in page]

    def statistics_response(self, response: Any) -> Any:
        """GetMetricStatistics as a whole: moto does not hand the percentiles on to its backend."""
        from moto.core.responses import ActionResult

        names = response._get_param("Statistics") or []
        extended = response._get_param("ExtendedStatistics") or []
        if bool(names) == bool(extended):
            raise self._combination("Must specify either Statistics or ExtendedStatistics")
        metric = Metric.of(
            response._get_param("Namespace"),
            response._get_param("MetricName"),
            _dimensions(response._get_param("Dimensions")),
        )
        period = int(response._get_param("Period"))
        start, end = (
            _seconds(response._get_param("StartTime")) // 60 * 60,
            _seconds(response._get_param("EndTime")),
        )
        if start >= end:
            raise self._invalid("The parameter StartTime must be less than the parameter EndTime.")
        if (end - start) / period > MAX_POINTS:
            raise self._combination(f"You have requested more than {MAX_POINTS} datapoints.")
        buckets = self._store.buckets(metric, start, end, period, response._get_param("Unit"))
        unit = self._store.unit(metric, start, end)
        points = [self._point(at, bucket, unit, names, extended) for at, bucket in buckets.items()]
        return ActionResult({"Label": metric.name, "Datapoints": points})

    def _point(
        self, at: int, bucket: Bucket, unit: str, names: list[str], extended: list[str]
    ) -> dict[str, Any]:
        point: dict[str, Any] = {"Timestamp": _datetime(at), "Unit": unit}
        try:
            point |= {name: statistic(name)(bucket) for name in names}
            percentiles = {name: statistic(name)(bucket) for name in extended}
        except UnknownStatistic as error:
            raise self._invalid(f"The value {error} for parameter Statistics is invalid.") from error
        known = {name: value for name, value in percentiles.items() if value is not None}
        return {**point, "ExtendedStatistics": known} if known else point


def parse_query(given: Mapping[str, Any]) -> Query:
    """A MetricDataQuery of the API."""
    stat = given.get("MetricStat")
    return Query(
        id=given["Id"],
        stat=_stat(stat) if stat else None,
        expression=given.get("Expression"),
        label=given.get("Label"),
        period=int(given["Period"]) if given.get("Period") else None,
        is_returned=given.get("ReturnData") is not False,
    )


def _stat(given: Mapping[str, Any]) -> Stat:
    metric = given["Metric"]
    return Stat(
        Metric.of(metric["Namespace"], metric["MetricName"], _dimensions(metric.get("Dimensions"))),
        given["Stat"],
        int(given["Period"]),
        given.get("Unit"),
    )


def _samples(datum: Mapping[str, Any]) -> list[Sample]:
    if datum.get("Values"):
        values = [float(value) for value in datum["Values"]]
        counts = [float(count) for count in datum.get("Counts") or [1] * len(values)]
        return [Sample(v, v, v * count, count) for v, count in zip(values, counts, strict=True)]
    if datum.get("StatisticValues"):
        given = {name: float(value) for name, value in datum["StatisticValues"].items()}
        return [Sample(given["Minimum"], given["Maximum"], given["Sum"], given["SampleCount"])]
    value = float(datum.get("Value", 0))
    return [Sample(value, value, value, 1)]


def _dimensions(given: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    return {dimension["Name"]: dimension["Value"] for dimension in given or ()}


def _has(metric: Metric, wanted: list[tuple[str, str | None]]) -> bool:
    found = dict(metric.dimensions)
    return all(name in found and value in (None, found[name]) for name, value in wanted)


def _result_dict(result: Result, newest_first: bool) -> dict[str, Any]:
    times = sorted(result.series, reverse=newest_first)
    return {
        "Id": result.id,
        "Label": result.label,
        "Timestamps": [_datetime(at) for at in times],
        "Values": [result.series[at] for at in times],
        "StatusCode": "Complete",
    }


def _metric_dict(metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    return {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}


def _seconds(moment: Any) -> int:
    """moto parses times to datetimes without a zone, meaning UTC."""
    if isinstance(moment, datetime):
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    return int(float(moment))


def _datetime(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
