"""Schedule expressions and the firing of rules, with a clock of the test's own."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from liveinsight_cli.local.execution.schedule_expressions import InvalidSchedule, parse_schedule
from liveinsight_cli.local.execution.schedules import Rule, Schedules, Target


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        ("rate(5 minutes)", "2026-11-23T10:02:03", "2026-11-23T10:05:00"),
        ("rate(5 minutes)", "2026-11-23T10:05:00", "2026-11-23T10:10:00"),
        ("rate(1 hour)", "2026-11-23T10:00:01", "2026-11-23T11:00:00"),
        ("rate(1 day)", "2026-11-23T10:00:01", "2026-11-24T00:00:00"),
        ("cron(0 10 * * ? *)", "2026-11-23T09:59:59", "2026-11-23T10:00:00"),
        ("cron(0 10 * * ? *)", "2026-11-23T10:00:00", "2026-11-24T10:00:00"),
        ("cron(15 12 * * ? *)", "2026-11-23T12:15:30", "2026-11-24T12:15:00"),
        ("cron(0/10 * ? * MON-FRI *)", "2026-11-20T23:55:00", "2026-11-23T00:00:00"),
        ("cron(0/5 8-17 ? * MON-FRI *)", "2026-11-23T17:55:00", "2026-11-24T08:00:00"),
        ("cron(0 8 1 * ? *)", "2026-11-23T00:00:00", "2026-12-01T08:00:00"),
        ("cron(30 23 L * ? *)", "2026-02-01T00:00:00", "2026-02-28T23:30:00"),
        ("cron(0 9 ? * 2#1 *)", "2026-11-03T00:00:00", "2026-12-07T09:00:00"),
        ("cron(0 9 ? * 6L *)", "2026-11-23T00:00:00", "2026-11-27T09:00:00"),
        ("cron(0 9 15W * ? *)", "2026-11-01T00:00:00", "2026-11-16T09:00:00"),
        ("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("cron(0 0 1 1,JUL ? *)", "2026-01-02T00:00:00", "2026-07-01T00:00:00"),
        ("cron(0 22-2 * * ? *)", "2026-11-23T23:30:00", "2026-11-24T00:00:00"),
    ],
)
def test_a_schedule_fires_next_when_it_says(expression: str, after: str, expected: str) -> None:
    assert parse_schedule(expression)(at(after)) == at(expected)


def test_a_year_that_is_over_never_comes() -> None:
    assert parse_schedule("cron(0 0 1 1 ? 2020)")(at("2026-01-01T00:00:00")) is None


@pytest.mark.parametrize(
    "expression",
    [
        "every day", "rate(0 minutes)", "rate(1 minutes)", "rate(5 minute)", "rate(5 weeks)", "cron(* * * * *)",
        "cron(* * * * * *)", "cron(* * ? * ? *)", "cron(60 * * * ? *)", "cron(x * * * ? *)", "cron(0/0 * * * ? *)",
    ],
)  # fmt: skip
def test_expressions_that_eventbridge_refuses(expression: str) -> None:
    with pytest.raises(InvalidSchedule):
        parse_schedule(expression)


@dataclass
class World:
    now: float = at("2026-11-23T10:00:30")
    deployed: list[Rule] = field(default_factory=list)
    fired: list[tuple[str, str]] = field(default_factory=list)

    def rules(self) -> list[Rule]:
        return self.deployed

    def put(self, name: str, qualifier: str | None, payload: bytes) -> None:
        self.fired.append((name, payload.decode()))

    def schedules(self) -> Schedules:
        return Schedules(self, self, "ap-northeast-2", "123456789012", lambda: self.now)


SWEEP = Rule("sweep", "arn:rule/sweep", "rate(5 minutes)", (Target("arn:fn:live", '{"task": "sweep"}'),))


def test_a_rule_fires_once_each_time_its_time_has_come() -> None:
    world = World(deployed=[SWEEP])
    schedules = world.schedules()
    for second in range(0, 601, 20):
        world.now = at("2026-11-23T10:00:30") + second
        schedules.tick()
    assert world.fired == [("arn:fn:live", '{"task": "sweep"}')] * 2


def test_firings_missed_while_asleep_are_made_up_for_once() -> None:
    world = World(deployed=[SWEEP])
    schedules = world.schedules()
    schedules.tick()
    world.now += 7200
    schedules.tick()
    schedules.tick()
    assert len(world.fired) == 1


def test_a_rule_that_went_or_changed_does_not_fire_as_it_was() -> None:
    world = World(deployed=[SWEEP])
    schedules = world.schedules()
    schedules.tick()
    world.deployed = []
    world.now += 600
    schedules.tick()
    world.deployed = [Rule("sweep", "arn", "rate(1 hour)", SWEEP.targets)]
    schedules.tick()
    world.now += 300
    schedules.tick()
    assert world.fired == []


def test_without_an_input_the_target_gets_the_event() -> None:
    world = World(deployed=[Rule("r", "arn:rule/r", "rate(1 minute)", (Target("arn:fn"),))])
    schedules = world.schedules()
    schedules.tick()
    world.now += 60
    schedules.tick()
    event = json.loads(world.fired[0][1])
    assert (event["source"], event["detail-type"]) == ("aws.events", "Scheduled Event")
    assert event["time"] == "2026-11-23T10:01:00Z"
    assert event["resources"] == ["arn:rule/r"]


def test_one_bad_expression_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    world = World(deployed=[Rule("bad", "arn", "cron(nonsense)", SWEEP.targets), SWEEP])
    schedules = world.schedules()
    schedules.tick()
    world.now += 300
    schedules.tick()
    assert len(world.fired) == 1
    assert "rule bad never fires" in caplog.text
