"""The metric store and metric math, by themselves and below moto's API."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.expression_functions import Grid
from liveinsight_cli.local.telemetry.expressions import InvalidExpression, Scope, evaluate
from liveinsight_cli.local.telemetry.metrics import Metric, MetricStore
from liveinsight_cli.local.telemetry.statistics import Bucket, Sample, UnknownStatistic, statistic
from tests.local.telemetry.conftest import NOW, Aws, Clock

START = datetime.fromtimestamp(NOW, UTC)


def bucket(*values: float) -> Bucket:
    return Bucket(tuple(Sample(value, value, value, 1) for value in values))


@settings(deadline=None)
@given(
    values=st.lists(st.integers(0, 50), min_size=1, max_size=40),
    percent=st.one_of(st.integers(0, 100), st.sampled_from([99.9, 0.5, 50.25])),
)
def test_percentiles_agree_with_sorting_by_hand(values: list[int], percent: float) -> None:
    rank = percent / 100 * (len(values) - 1)
    ordered = sorted(values)
    low, high = ordered[int(rank)], ordered[min(int(rank) + 1, len(values) - 1)]
    expected = low + (high - low) * (rank - int(rank))
    assert statistic(f"p{percent}")(bucket(*values)) == pytest.approx(expected)


def test_equal_values_put_together_count_as_often_as_they_were_put() -> None:
    together = Bucket((Sample(1, 1, 3, 3), Sample(9, 9, 9, 1)))
    for name in ("p0", "p50", "p75", "p90", "p100", "Average", "Sum", "SampleCount", "Minimum", "Maximum"):
        assert statistic(name)(together) == pytest.approx(statistic(name)(bucket(1, 1, 1, 9)))


def test_percentiles_of_summaries_are_unknown_unless_all_values_are_the_same() -> None:
    assert statistic("p50")(Bucket((Sample(1, 9, 20, 4),))) is None
    assert statistic("p50")(Bucket((Sample(3, 3, 12, 4),))) == 3


@pytest.mark.parametrize("name", ["Median", "p101", "p-1", "tm90", "sum"])
def test_statistics_that_do_not_exist_are_refused(name: str) -> None:
    with pytest.raises(UnknownStatistic):
        statistic(name)


def test_samples_wait_in_memory_only_until_they_are_read_or_a_second_is_over(
    tmp_path: Path, clock: Clock
) -> None:
    database, other = Database(tmp_path / "m.db"), Database(tmp_path / "m.db")
    store, reader = MetricStore(database, clock), MetricStore(other, clock)
    metric = Metric.of("N", "m", {"b": "2", "a": "1"})
    for _ in range(3):
        store.put("N", "m", {"a": "1", "b": "2"}, 5, at=NOW)
    assert reader.buckets(metric, int(NOW), int(NOW) + 60, 60) == {}
    assert store.buckets(metric, int(NOW), int(NOW) + 60, 60)[int(NOW)].count == 3
    clock.now += 1
    store.put("N", "m", {"a": "1", "b": "2"}, 7)
    assert reader.buckets(metric, int(NOW), int(NOW) + 60, 60)[int(NOW)].total == 22
    database.close()
    other.close()


def test_old_samples_go_and_metrics_without_samples_are_not_listed(
    metrics: MetricStore, clock: Clock
) -> None:
    metrics.put("N", "old", {}, 1)
    metrics.flush()
    clock.now += 16 * 86_400
    metrics.put("N", "new", {}, 1)
    metrics.expire()
    assert [metric.name for metric in metrics.metrics("N")] == ["new"]


GRID = Grid((0, 60, 120, 180), 60)
M1 = {0: 1.0, 60: 2.0, 180: 4.0}
M2 = {0: 10.0, 60: 0.0, 120: 30.0}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m1 + m2", {0: 11, 60: 2}),
        ("m1 - 1", {0: 0, 60: 1, 180: 3}),
        ("100 * m1 / m2", {0: 10}),
        ("-m1 * 2", {0: -2, 60: -4, 180: -8}),
        ("2 + 3 * m1 ^ 2", {0: 5, 60: 14, 180: 50}),
        ("(2 + 3) * m1", {0: 5, 60: 10, 180: 20}),
        ("m1 > 1", {0: 0, 60: 1, 180: 1}),
        ("m1 >= 2 AND m1 < 4", {0: 0, 60: 1, 180: 0}),
        ("m1 == 1 || m1 == 4", {0: 1, 60: 0, 180: 1}),
        ("IF(m2 >= 10, 100 * m1 / m2, 0)", {0: 10, 60: 0}),
        ("IF(m1 > 1, m1)", {60: 2, 180: 4}),
        ("IF(1, m1, m2)", M1),
        ("FILL(m1, 0)", {0: 1, 60: 2, 120: 0, 180: 4}),
        ("FILL(m1, REPEAT)", {0: 1, 60: 2, 120: 2, 180: 4}),
        ("FILL(m1, LINEAR)", {0: 1, 60: 2, 120: 3, 180: 4}),
        ("FILL(m3, 7)", {0: 7, 60: 7, 120: 7, 180: 7}),
        ("m1 / SUM(m1)", {0: 1 / 7, 60: 2 / 7, 180: 4 / 7}),
        ("SUM([m1, m2])", None),
        ("SUM(METRICS())", {0: 11, 60: 2, 120: 30, 180: 4}),
        ("MAX(METRICS('m'))", {0: 10, 60: 2, 120: 30, 180: 4}),
        ("AVG(METRICS())", {0: 5.5, 60: 1, 120: 30, 180: 4}),
        ("m1 / PERIOD(m1)", {0: 1 / 60, 60: 2 / 60, 180: 4 / 60}),
        ("DIFF(m1)", {60: 1, 180: 2}),
        ("RATE(m1)", {60: 1 / 60, 180: 2 / 120}),
        ("RUNNING_SUM(m1)", {0: 1, 60: 3, 180: 7}),
        ("ABS(m1 - 3)", {0: 2, 60: 1, 180: 1}),
        ("CEIL(m1 / 3) + FLOOR(m1 / 3)", {0: 1, 60: 1, 180: 3}),
        ("TIME_SERIES(5)", {0: 5, 60: 5, 120: 5, 180: 5}),
        ("SEARCH('{AWS/Lambda}', 'Sum')", None),
        ("SELECT SUM(x) FROM y", None),
        ("ANOMALY_DETECTION_BAND(m1)", None),
        ("m9", None),
        ("m1 +", None),
        ("m1 m2", None),
        ("MEDIAN(m1)", None),
        ("FILL(m1)", None),
        ("1 / 0", None),
        ("'text'", None),
        ("m1 $ 2", None),
    ],
)
def test_metric_math_gives_a_series_or_is_refused(expression: str, expected: dict[int, float] | None) -> None:
    scope = Scope({"m1": M1, "m2": M2, "m3": {}}, GRID)
    if expected is None:
        with pytest.raises(InvalidExpression):
            evaluate(expression, scope)
    else:
        assert evaluate(expression, scope) == pytest.approx(expected)


def put(aws: Aws, name: str, *values: float, minute: int = 0, **dimensions: str) -> None:
    datum = {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        "Timestamp": START + timedelta(minutes=minute),
        "Values": list(values),
        "Unit": "Milliseconds",
    }
    aws.cloudwatch.put_metric_data(Namespace="Demo", MetricData=[datum])


def stat(name: str, statistic: str, period: int = 60, **dimensions: str) -> dict:
    found = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    metric = {"Namespace": "Demo", "MetricName": name, "Dimensions": found}
    return {"Metric": metric, "Stat": statistic, "Period": period}


def query(
    aws: Aws, *queries: dict, minutes: int = 5, scan: str = "TimestampAscending"
) -> dict[str, list[float]]:
    answer = aws.cloudwatch.get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=START,
        EndTime=START + timedelta(minutes=minutes),
        ScanBy=scan,
    )
    return {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}


def test_get_metric_data_answers_statistics_percentiles_and_math_together(aws: Aws) -> None:
    latencies = random.Random(7).sample(range(1000), 100)
    put(aws, "Latency", *latencies, minute=0, Route="a")
    put(aws, "Latency", 5, minute=2, Route="a")
    put(aws, "Latency", 1e9, minute=0, Route="b")
    put(aws, "Latency", 1e9, minute=0)
    found = query(
        aws,
        {"Id": "avg", "MetricStat": stat("Latency", "Average", Route="a")},
        {"Id": "p95", "MetricStat": stat("Latency", "p95", Route="a")},
        {"Id": "n", "MetricStat": stat("Latency", "SampleCount", Route="a"), "ReturnData": False},
        {"Id": "share", "Expression": "100 * FILL(n, 0) / SUM(n)"},
    )
    ordered = sorted(latencies)
    assert found["avg"] == pytest.approx([sum(latencies) / 100, 5])
    assert found["p95"] == pytest.approx([ordered[94] + 0.05 * (ordered[95] - ordered[94]), 5])
    assert "n" not in found
    assert found["share"] == pytest.approx([100 * 100 / 101, 0, 100 / 101, 0, 0])


def test_results_come_newest_first_unless_asked_otherwise(aws: Aws) -> None:
    for minute in range(3):
        put(aws, "m", minute, minute=minute)
    wanted = {"Id": "m", "MetricStat": stat("m", "Sum")}
    assert query(aws, wanted, scan="TimestampDescending") == {"m": [2, 1, 0]}
    assert query(aws, wanted) == {"m": [0, 1, 2]}


@pytest.mark.parametrize("expression", ["SEARCH('x', 'Sum')", "nobody + 1", "m + ", "SUM(m)"])
def test_math_that_cannot_be_answered_is_an_error_not_an_empty_list(aws: Aws, expression: str) -> None:
    put(aws, "m", 1)
    with pytest.raises(ClientError, match="ValidationError"):
        query(aws, {"Id": "m", "MetricStat": stat("m", "Sum")}, {"Id": "e", "Expression": expression})


def test_get_metric_statistics_knows_percentiles_and_exact_dimensions(aws: Aws) -> None:
    put(aws, "Latency", 1, 2, 3, 4, 100, Route="a")
    put(aws, "Latency", 1e9, Route="a", Stage="v1")
    arguments = {
        "Namespace": "Demo", "MetricName": "Latency", "Dimensions": [{"Name": "Route", "Value": "a"}],
        "StartTime": START, "EndTime": START + timedelta(minutes=5), "Period": 300,
    }  # fmt: skip
    simple = aws.cloudwatch.get_metric_statistics(**arguments, Statistics=["Average", "Maximum"])[
        "Datapoints"
    ]
    assert [(p["Average"], p["Maximum"], p["Unit"]) for p in simple] == [(22, 100, "Milliseconds")]
    assert simple[0]["Timestamp"] == START
    extended = aws.cloudwatch.get_metric_statistics(**arguments, ExtendedStatistics=["p50", "p99"])[
        "Datapoints"
    ]
    assert extended[0]["ExtendedStatistics"] == pytest.approx({"p50": 3, "p99": 96.16})


def test_metrics_are_listed_by_namespace_name_and_dimension(aws: Aws) -> None:
    put(aws, "a", 1, Route="x")
    put(aws, "a", 1, Route="y")
    put(aws, "b", 1)
    listed = aws.cloudwatch.list_metrics(Namespace="Demo")["Metrics"]
    assert [(m["MetricName"], m["Dimensions"]) for m in listed] == [
        ("a", [{"Name": "Route", "Value": "x"}]),
        ("a", [{"Name": "Route", "Value": "y"}]),
        ("b", []),
    ]
    only = aws.cloudwatch.list_metrics(MetricName="a", Dimensions=[{"Name": "Route", "Value": "y"}])[
        "Metrics"
    ]
    assert len(only) == 1
    assert aws.cloudwatch.list_metrics(Namespace="Other")["Metrics"] == []


def test_nobody_may_write_into_the_namespaces_of_aws(aws: Aws) -> None:
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        aws.cloudwatch.put_metric_data(Namespace="AWS/Lambda", MetricData=[{"MetricName": "x", "Value": 1}])
