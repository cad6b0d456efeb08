"""Every alarm, as Terraform deploys it, over samples: what it sees is worked out here by hand, and so is its state.

The samples are named as AWS and the functions name them, not as the alarms do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.terraform.deployed import Deployed
from tests.terraform.watching import Series, Watch, alarm_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
FUNCTIONS = ["aggregator", "event-collector", "realtime-api", "stats-api"]
INDEXES = {"events": "EventTypeIndex", "sessions": "ActivityIndex", "state": None}
SLOW_MS = {"aggregator": 2500, "event-collector": 80, "realtime-api": 80, "stats-api": 250}
API = {"ApiName": "liveinsight-api-local", "Stage": "v1"}


@dataclass(frozen=True)
class Step:
    """A period: what came, the value the alarm must see (None: no value), and whether it must ring."""

    came: tuple[Series, ...]
    value: float | None
    rings: bool


Story = tuple[str, list[Step]]
SILENCE = ()


def function(name: str, metric: str, *values: float, namespace: str = "AWS/Lambda") -> Series:
    return Series(namespace, metric, {"FunctionName": f"liveinsight-{name}-local"}, values)


def own(name: str, metric: str, *values: float) -> Series:
    return function(name, metric, *values, namespace="LiveInsight")


def table(name: str, metric: str, *values: float, index: str | None = None) -> Series:
    dimensions = {"TableName": f"liveinsight-{name}-local"}
    return Series(
        "AWS/DynamoDB", metric, dimensions | ({"GlobalSecondaryIndexName": index} if index else {}), values
    )


def requests(good: int, bad: int, metric: str) -> tuple[Series, ...]:
    """API Gateway reports 0 or 1 for each request, and one Count."""
    count = good + bad
    return (
        Series("AWS/ApiGateway", "Count", API, (1.0,) * count),
        Series("AWS/ApiGateway", metric, API, (0.0,) * good + (1.0,) * bad),
    )


def stories() -> Iterator[Story]:
    """(alarm, what happens)."""
    for name in FUNCTIONS:
        yield from errors(name)
        yield from throttles(name)
        yield from slowness(name, SLOW_MS[name])
    for name, index in INDEXES.items():
        for kind in ("Read", "Write"):
            yield from table_throttles(name, index, kind)
    yield from rates()
    yield from storage_throttles()
    yield from freshness()
    yield from iterator_age()


def errors(name: str) -> Iterator[Story]:
    alarm = f"{name}-errors"
    raised = function(name, "Errors", 1, 1, 0, 1)
    answered = own(name, "HandledFailures", 1, 1)
    yield (
        alarm,
        [
            Step(SILENCE, 0, rings=False),
            Step((function(name, "Errors", *[0] * 50),), 0, rings=False),
            Step((function(name, "Errors", 1, 1, 1, 1),), 4, rings=False),
            Step((raised, answered), 3 + 2, rings=True),
            Step(SILENCE, 0, rings=False),
        ],
    )
    yield alarm, [Step((own(name, "HandledFailures", 1, 1, 1, 1, 1),), 5, rings=True)]
    other = next(one for one in FUNCTIONS if one != name)
    yield alarm, [Step((function(other, "Errors", *[1] * 9),), 0, rings=False)]


def throttles(name: str) -> Iterator[Story]:
    yield (
        f"{name}-throttles",
        [
            Step(SILENCE, None, rings=False),
            Step((function(name, "Throttles", 0, 0),), 0, rings=False),
            Step((function(name, "Throttles", 0, 1),), 1, rings=True),
            Step((function(name, "Throttles", 0),), 0, rings=False),
            Step((function(name, "Throttles", 2),), 2, rings=True),
            *[Step(SILENCE, None, rings=again) for again in (True, True, False)],
        ],
    )


def slowness(name: str, limit: float) -> Iterator[Story]:
    def ran(count: int, took: float) -> tuple[Series, ...]:
        return function(name, "Invocations", *[1] * count), function(name, "Duration", *[took] * count)

    slow, fast = Step(ran(20, limit), limit, rings=False), Step(ran(20, limit - 1), limit - 1, rings=False)
    ringing = Step(ran(20, limit), limit, rings=True)
    yield f"{name}-slow", [Step(SILENCE, None, rings=False), *[Step(ran(19, 10 * limit), 0, rings=False)] * 5]
    yield f"{name}-slow", [slow, fast, slow, fast, ringing, Step(ran(20, 1), 1, rings=False)]
    # One of 100 is slow: neither the mean nor the maximum is watched.
    mixed = (function(name, "Invocations", *[1] * 100), function(name, "Duration", *[1] * 99, 20 * limit))
    yield f"{name}-slow", [Step(mixed, 1, rings=False)] * 5


def rates() -> Iterator[Story]:
    def refused(good: int, bad: int) -> tuple[Series, ...]:
        return requests(good, bad, "4XXError")

    def failed(good: int, bad: int) -> tuple[Series, ...]:
        return requests(good, bad, "5XXError")

    yield "api-4xx-rate", [Step(SILENCE, None, rings=False), *[Step(refused(0, 19), 0, rings=False)] * 3]
    yield (
        "api-4xx-rate",
        [
            Step(refused(18, 2), 10, rings=False),
            Step(refused(91, 9), 9, rings=False),
            Step(refused(18, 2), 10, rings=True),
            Step(refused(19, 1), 5, rings=False),
        ],
    )
    yield (
        "api-5xx-rate",
        [
            Step(SILENCE, None, rings=False),
            Step(failed(0, 19), 0, rings=False),
            Step(failed(91, 9), 9, rings=False),
            Step(failed(18, 2), 10, rings=True),
            Step(failed(20, 0), 0, rings=False),
        ],
    )
    yield "api-5xx-rate", [Step(refused(0, 40), None, rings=False)]
    goal = Step(failed(99, 1), 1, rings=False)
    yield (
        "api-5xx-goal",
        [
            Step(SILENCE, None, rings=False),
            *[Step(failed(89, 10), 0, rings=False)] * 5,
            goal,
            Step(failed(999, 9), 100 * 9 / 1008, rings=False),
            goal,
            Step(failed(99, 1), 1, rings=True),
            Step(failed(100, 0), 0, rings=True),
            Step(failed(100, 0), 0, rings=False),
        ],
    )


def table_throttles(name: str, index: str | None, kind: str) -> Iterator[Story]:
    metric = f"{kind}ThrottleEvents"
    alarm = f"{name}-{kind.lower()}-throttles"
    yield (
        alarm,
        [
            Step(SILENCE, 0, rings=False),
            Step((table(name, metric, 1),), 1, rings=True),
            Step(SILENCE, 0, rings=False),
        ],
    )
    other = {"Read": "WriteThrottleEvents", "Write": "ReadThrottleEvents"}[kind]
    yield alarm, [Step((table(name, other, 7),), 0, rings=False)]
    if index:
        yield (
            alarm,
            [
                Step((table(name, metric, 3, index=index),), 3, rings=True),
                Step((table(name, metric, 1), table(name, metric, 2, 2, index=index)), 5, rings=True),
                Step(SILENCE, 0, rings=False),
            ],
        )


def storage_throttles() -> Iterator[Story]:
    for name in FUNCTIONS:
        yield (
            "storage-throttles",
            [Step(SILENCE, 0, rings=False), Step((own(name, "StorageThrottles", 1),), 1, rings=True)],
        )
    everywhere = tuple(own(name, "StorageThrottles", 2, 1) for name in FUNCTIONS)
    yield "storage-throttles", [Step(everywhere, 12, rings=True), Step(SILENCE, 0, rings=False)]


def freshness() -> Iterator[Story]:
    def folded(*ages: float) -> Series:
        return own("aggregator", "Freshness", *ages)

    def written(units: int) -> Series:
        return table("events", "ConsumedWriteCapacityUnits", *[1] * units)

    yield (
        "freshness",
        [
            Step(SILENCE, 0, rings=False),
            Step((written(90), folded(6200, 59_999, 5000)), 59_999, rings=False),
            Step((written(90), folded(60_000)), 60_000, rings=False),
            Step((written(90), folded(1000, 90_000)), 90_000, rings=True),
            Step((written(90), folded(6000)), 6000, rings=True),
            Step((written(90), folded(6000)), 6000, rings=False),
        ],
    )
    # Nobody folds, so nobody measures: that is late by the whole period. A handful of events is no sign yet.
    yield "freshness", [*[Step((written(19),), 0, rings=False)] * 3]
    yield (
        "freshness",
        [
            Step((written(20),), 300_000, rings=False),
            Step((written(500),), 300_000, rings=True),
            Step((written(500), folded(400_000)), 400_000, rings=True),
            Step((written(500), folded(6000)), 6000, rings=True),
            Step((written(500), folded(6000)), 6000, rings=False),
        ],
    )


def iterator_age() -> Iterator[Story]:
    def behind(*ages: float) -> tuple[Series, ...]:
        return (function("aggregator", "IteratorAge", *ages),)

    yield (
        "aggregator-iterator-age",
        [
            Step(SILENCE, None, rings=False),
            Step(behind(5000, 299_999), 299_999, rings=False),
            Step(behind(300_000, 10), 300_000, rings=True),
            Step(behind(10), 10, rings=False),
        ],
    )


@pytest.fixture(scope="module")
def described(deployed: Deployed) -> dict[str, dict[str, Any]]:
    """Alarms as they were deployed, by what is theirs of their name."""
    deployed.outputs()
    alarms = deployed.client("cloudwatch").describe_alarms(MaxRecords=100)["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix("liveinsight-").removesuffix("-local"): alarm for alarm in alarms}


def test_every_alarm_goes_off_when_it_should_and_only_then(
    described: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    rung, quiet = set(), set()
    for number, (name, steps) in enumerate(stories()):
        directory = tmp_path / str(number)
        watch = Watch(alarm_of(described[name]), directory)
        for place, step in enumerate(steps):
            state = watch.pass_period(step.came)
            assert watch.value() == (None if step.value is None else pytest.approx(step.value)), (
                name,
                number,
                place,
            )
            assert state == ("ALARM" if step.rings else "OK"), (name, number, place)
            (rung if step.rings else quiet).add(name)
        watch.close()
    assert rung == quiet == described.keys(), "an alarm was not tried, or not in both cases"
