"""Alarms: the decision by itself, and deployed alarms over the store."""

from typing import Any

import pytest

from liveinsight_cli.local.telemetry.alarms import Alarm, AlarmEvaluator, Missing, State, decide
from liveinsight_cli.local.telemetry.metrics import Metric, MetricStore
from liveinsight_cli.local.telemetry.moto_alarms import MotoAlarms
from liveinsight_cli.local.telemetry.queries import Query, Stat
from tests.local.telemetry.conftest import Aws, Clock


def alarm(missing: Missing = "missing", periods: int = 3, to_alarm: int = 3, state: State = "OK") -> Alarm:
    watched = Query("m", Stat(Metric("N", "m"), "Sum"))
    return Alarm(
        "a", (watched,), "m", "GreaterThanOrEqualToThreshold", 5, 60, periods, to_alarm, missing, state
    )


POINTS: dict[str, float | None] = {"0": 0.0, "X": 9.0, "-": None}


# The table of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
@pytest.mark.parametrize(
    ("points", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", "OK", "OK", "OK", "OK"),
        ("- - - - 0", "OK", "OK", "OK", "OK"),
        ("- - - - -", "INSUFFICIENT_DATA", "kept", "ALARM", "OK"),
        ("0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("- - X - -", "ALARM", "kept", "ALARM", "OK"),
    ],
)
def test_missing_points_are_treated_as_the_alarm_says(
    points: str, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    series = [POINTS[point] for point in points.split()]
    expected = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    for treatment, state in expected.items():
        for before in ("OK", "ALARM"):
            verdict = decide(alarm(treatment, state=before), series, 0)  # type: ignore[arg-type]
            assert verdict.state == (before if state == "kept" else state), treatment


def test_m_out_of_n_points_are_enough() -> None:
    assert decide(alarm(to_alarm=2), [0, 0, 9, 0, 9], 0).state == "ALARM"
    assert decide(alarm(to_alarm=2), [9, 9, 0, 0, 9], 0).state == "OK"


def test_the_reason_names_the_points_and_the_threshold() -> None:
    verdict = decide(alarm(periods=1, to_alarm=1), [None, None, 7.0], 60)
    assert verdict.reason == (
        "Threshold Crossed: 1 out of the last 1 datapoints [7.0 (1970-01-01T00:03:00Z)] was "
        "greater than or equal to the threshold (5)."
    )
    assert '"recentDatapoints": [7.0]' in verdict.data


@pytest.fixture
def evaluator(aws: Aws, metrics: MetricStore, clock: Clock) -> AlarmEvaluator:
    return AlarmEvaluator(MotoAlarms(lambda: aws.backend("cloudwatch")), metrics, clock)


def state(aws: Aws, name: str = "errors") -> str:
    return str(aws.cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"])


def put_alarm(aws: Aws, **changes: Any) -> None:
    arguments = {
        "AlarmName": "errors", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Statistic": "Sum", "Period": 300,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Dimensions": [{"Name": "FunctionName", "Value": "f"}], "TreatMissingData": "notBreaching",
    }  # fmt: skip
    aws.cloudwatch.put_metric_alarm(**{**arguments, **changes})


def test_an_alarm_goes_off_and_recovers_and_its_history_says_so(
    aws: Aws, evaluator: AlarmEvaluator, metrics: MetricStore, clock: Clock
) -> None:
    put_alarm(aws)
    assert state(aws) == "INSUFFICIENT_DATA"
    evaluator.evaluate()
    assert state(aws) == "OK"
    for _ in range(5):
        metrics.put("AWS/Lambda", "Errors", {"FunctionName": "f"}, 1)
    clock.now += 60
    evaluator.evaluate()
    assert state(aws) == "ALARM"
    shown = aws.cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"][0]
    assert shown["StateReason"].startswith("Threshold Crossed: 1 out of the last 1 datapoints [5.0 (")
    put_alarm(aws)
    assert state(aws) == "ALARM", "putting it again does not change its state"
    clock.now += 3 * 300
    evaluator.evaluate()
    assert state(aws) == "OK"
    history = aws.cloudwatch.describe_alarm_history(AlarmName="errors")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [
        "Alarm updated from ALARM to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from INSUFFICIENT_DATA to OK",
    ]


def test_a_rate_alarm_is_evaluated_by_metric_math(
    aws: Aws, evaluator: AlarmEvaluator, metrics: MetricStore, clock: Clock
) -> None:
    def stat(name: str, statistic: str) -> dict[str, Any]:
        metric = {
            "Namespace": "AWS/ApiGateway",
            "MetricName": name,
            "Dimensions": [{"Name": "ApiName", "Value": "x"}],
        }
        return {"Metric": metric, "Period": 300, "Stat": statistic}

    aws.cloudwatch.put_metric_alarm(
        AlarmName="errors", EvaluationPeriods=1, Threshold=10, TreatMissingData="notBreaching",
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        Metrics=[
            {"Id": "rate", "Expression": "IF(n >= 20, 100 * e / n, 0)", "Label": "rate", "ReturnData": True},
            {"Id": "e", "MetricStat": stat("5XXError", "Sum"), "ReturnData": False},
            {"Id": "n", "MetricStat": stat("Count", "SampleCount"), "ReturnData": False},
        ],
    )  # fmt: skip

    def requests(good: int, bad: int) -> None:
        for status in [0] * good + [1] * bad:
            metrics.put("AWS/ApiGateway", "Count", {"ApiName": "x"}, 1)
            metrics.put("AWS/ApiGateway", "5XXError", {"ApiName": "x"}, status)
        clock.now += 60
        evaluator.evaluate()

    requests(good=5, bad=5)
    assert state(aws) == "OK", "ten requests are too few to say anything"
    requests(good=30, bad=5)
    assert state(aws) == "ALARM"


def test_alarms_on_dynamodb_keep_their_state_when_there_is_no_data(
    aws: Aws, evaluator: AlarmEvaluator, metrics: MetricStore, clock: Clock
) -> None:
    dimensions = [{"Name": "TableName", "Value": "t"}]
    put_alarm(
        aws, Namespace="AWS/DynamoDB", MetricName="WriteThrottleEvents", Dimensions=dimensions, Threshold=1
    )
    metrics.put("AWS/DynamoDB", "WriteThrottleEvents", {"TableName": "t"}, 3)
    clock.now += 60
    evaluator.evaluate()
    assert state(aws) == "ALARM"
    clock.now += 86_400
    evaluator.evaluate()
    assert state(aws) == "ALARM"


def test_an_alarm_on_a_percentile_is_evaluated(
    aws: Aws, evaluator: AlarmEvaluator, metrics: MetricStore, clock: Clock
) -> None:
    aws.cloudwatch.put_metric_alarm(
        AlarmName="errors", Namespace="AWS/Lambda", MetricName="Duration", ExtendedStatistic="p95", Period=60,
        EvaluationPeriods=1, Threshold=100, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    for value in range(1, 201):
        metrics.put("AWS/Lambda", "Duration", {}, value)
    clock.now += 60
    evaluator.evaluate()
    assert state(aws) == "ALARM"


def test_an_alarm_that_cannot_be_evaluated_does_not_stop_the_others(
    aws: Aws, evaluator: AlarmEvaluator, caplog: pytest.LogCaptureFixture
) -> None:
    aws.cloudwatch.put_metric_alarm(
        AlarmName="bad", EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
        Metrics=[{"Id": "e", "Expression": "SEARCH('x', 'Sum')", "Period": 60, "ReturnData": True}],
    )  # fmt: skip
    put_alarm(aws)
    evaluator.evaluate()
    assert state(aws) == "OK"
    assert "alarm bad cannot be evaluated: SEARCH" in caplog.text
