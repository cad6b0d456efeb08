"""Alarms in words, from what CloudWatch says of them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from liveinsight_cli.core.alarm_kinds import NAMED, OF_FUNCTIONS, OF_TABLES, kind_of
from liveinsight_cli.core.alarm_words import measured, rule_of
from liveinsight_cli.core.alarms import changes_of, in_order, status_of
from tests.conftest import REPOSITORY

AT = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)


def dimensions(**named: str) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in named.items()]


def alarm(
    short: str = "stats-api-slow", state: str = "ALARM", values: Any = (), **more: Any
) -> dict[str, Any]:
    """An alarm as DescribeAlarms has it, in an environment prod."""
    metric = {"MetricName": "Duration", "Dimensions": dimensions(FunctionName="liveinsight-stats-api-prod")}
    stat = {"Id": "p95", "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 300, "Stat": "p95"}}
    points = [
        {"timestamp": f"2026-11-26T06:{10 + number}:00Z", "value": value}
        for number, value in enumerate(values)
    ]
    data = {"version": "1.0", "evaluatedDatapoints": points[::-1], "threshold": 250.0}
    return {
        "AlarmName": f"liveinsight-{short}-prod",
        "AlarmDescription": "It is slow.",
        "StateValue": state,
        "StateReason": "Threshold Crossed.",
        "StateReasonData": json.dumps(data),
        "StateUpdatedTimestamp": AT,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 3,
        "Threshold": 250.0,
        "Metrics": [stat, {"Id": "watched", "Expression": "x", "Label": "p95 in ms", "ReturnData": True}],
        **more,
    }


def why(**given: Any) -> str:
    return status_of(alarm(**given), "liveinsight", "prod").why


def test_why_it_rings_names_what_how_much_how_often_and_the_limit() -> None:
    assert why(values=(260, 1300.4, 90, 412, 300)) == (
        "p95 of stats-api: 1.3 s, 412 ms, 300 ms in 4 of 5 periods of 5 min; limit 250 ms in 3 of 5"
    )
    assert why(values=(7,), Threshold=5, EvaluationPeriods=1, DatapointsToAlarm=1) == (
        "p95 of stats-api: 7 ms in 5 min; limit 5 ms"
    )


def test_what_is_quiet_shows_its_newest_values_and_no_data_is_said() -> None:
    assert why(state="OK", values=(1, 2, 3, 4, 5.25)) == "p95 of stats-api: 3 ms, 4 ms, 5.25 ms; limit 250 ms"
    assert why(state="OK") == "no data"
    assert why(state="INSUFFICIENT_DATA") == "not enough data to say"
    assert why(StateReasonData='{"recentDatapoints": [NaN, Infinity]}') == "not enough data to say"


@pytest.mark.parametrize("data", [None, "", "not JSON", "[]"])
def test_without_data_the_reason_of_cloudwatch_stands(data: str | None) -> None:
    assert why(StateReasonData=data) == "Threshold Crossed."
    assert why(StateReasonData=data, StateReason="") == "not looked at yet"


def test_an_alarm_of_one_metric_and_one_of_many_functions_are_described_too() -> None:
    one = alarm(
        "charges",
        Metrics=None,
        MetricName="EstimatedCharges",
        Dimensions=dimensions(Currency="USD"),
        Period=21600,
    )
    assert rule_of(one | {"Threshold": 50.0}, "liveinsight", "prod").unit == "USD"
    both = alarm("storage-throttles")
    both["Metrics"].append(json.loads(json.dumps(both["Metrics"][0]).replace("stats-api", "aggregator")))
    assert rule_of(both, "liveinsight", "prod").subject == ""


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (0, "", "0"),
        (12.345, "%", "12.3 %"),
        (123.4, "", "123"),
        (60_000, "ms", "60 s"),
        (300_000, "ms", "5 min"),
    ],
)
def test_values_are_written_as_people_read_them(value: float, unit: str, words: str) -> None:
    assert measured(value, unit) == words


def test_those_that_ring_come_first_the_newest_of_them_first() -> None:
    early = alarm("api-5xx-rate", StateTransitionedTimestamp=datetime(2026, 11, 26, 5, tzinfo=UTC))
    every = [alarm("freshness", "OK"), early, alarm("charges", "INSUFFICIENT_DATA"), alarm()]
    found = in_order([status_of(one, "liveinsight", "prod") for one in every])
    assert [one.alarm for one in found] == ["stats-api-slow", "api-5xx-rate", "charges", "freshness"]
    assert found[0].command == "liveinsight logs query slowest -f stats-api --env prod"


def test_history_tells_how_long_each_state_lasted() -> None:
    def change(minute: int, before: str, after: str, **more: Any) -> Mapping[str, Any]:
        state = {"stateValue": after, "stateReasonData": json.loads(alarm(values=(300,))["StateReasonData"])}
        data = json.dumps({"oldState": {"stateValue": before}, "newState": state})
        item = {"AlarmName": "liveinsight-stats-api-slow-prod", "Timestamp": AT.replace(minute=minute)}
        return {**item, "HistoryData": data, **more}

    items = [
        change(5, "OK", "ALARM"),
        change(35, "ALARM", "OK"),
        change(50, "?", "?", HistoryData="x", HistorySummary="Alarm updated from OK to ALARM"),
        change(1, "OK", "ALARM", AlarmName="liveinsight-stats-api-slow-dev"),
    ]
    rules = {"liveinsight-stats-api-slow-prod": rule_of(alarm(), "liveinsight", "prod")}
    found = changes_of(items, rules, "liveinsight", "prod")
    assert [(one.before, one.after, one.lasted_seconds) for one in found] == [
        ("OK", "ALARM", None),
        ("ALARM", "OK", 900.0),
        ("OK", "ALARM", 1800.0),
    ]
    assert found[2].why.startswith("p95 of stats-api: 300 ms in 1 of 5")


def test_every_alarm_that_terraform_makes_is_known_and_has_its_section_in_the_runbook() -> None:
    text = (REPOSITORY / "terraform" / "monitoring.tf").read_text(encoding="utf-8")
    block = text[text.index("  alarms = merge(") : text.index("  # Table to the parts")]
    shorts = ["aggregator-errors", "stats-api-throttles", "realtime-api-slow", "api-4xx-rate", "api-5xx-rate"]
    shorts += [
        "api-5xx-goal",
        "events-read-throttles",
        "state-write-throttles",
        "storage-throttles",
        "freshness",
    ]
    shorts += ["aggregator-iterator-age", "aggregator-failures", "charges"]
    assert block.count("says  ") == 9, (
        "an alarm that is new needs a kind, a section in the runbook, and its name here"
    )
    headings = {
        line.removeprefix("### ").lower().replace("`", "").replace("<", "").replace(">", "").replace(",", "")
        .strip().replace(" ", "-")
        for line in (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("### ")
    }  # fmt: skip
    for short in shorts:
        kind, _ = kind_of(short)
        assert kind is not None, short
        assert kind.section in headings, short
    assert kind_of("somebody-elses") == (None, "")
    sections = {kind.section for kinds in (NAMED, OF_FUNCTIONS, OF_TABLES) for kind in kinds.values()}
    assert len(sections) == 11
