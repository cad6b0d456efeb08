"""`liveinsight alarms` and the health part of `status`, with alarms as DescribeAlarms gives them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.context import Clock, Context
from tests.commands.test_tail import OUTPUTS
from tests.conftest import CommandLine
from tests.core.test_alarms import alarm

NOW = datetime(2026, 11, 26, 7, 12, tzinfo=UTC).timestamp()
NAMES = ["stats-api-slow", "api-5xx-rate", "freshness"]
CHARGES = "liveinsight-charges-prod"


@dataclass
class FakeAws:
    """Has alarms of this environment and of another one."""

    states: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NAMES, "OK"))
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    region: str = "ap-northeast-2"
    endpoint_url: str | None = None

    def in_region(self, region: str) -> "FakeAws":
        return FakeAws({"charges": "OK"}, self.asked, region)

    def pages(self, service: str, operation: str, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append((f"{self.region} {operation}", asked))
        found = [alarm(name, state, (300, 400, 500)) for name, state in self.states.items()]
        if operation == "describe_alarms":
            yield {"MetricAlarms": [one for one in found if one["AlarmName"] in asked["AlarmNames"]]}
            return
        data = {"oldState": {"stateValue": "OK"}, "newState": {"stateValue": "ALARM"}}
        for environment in ("prod", "dev"):
            name = f"liveinsight-stats-api-slow-{environment}"
            at = datetime(2026, 11, 26, 7, tzinfo=UTC)
            yield {
                "AlarmHistoryItems": [{"AlarmName": name, "Timestamp": at, "HistoryData": json.dumps(data)}]
            }


@pytest.fixture
def aws(liveinsight: CommandLine, project: Path) -> FakeAws:
    """The environment prod in an account, with an alarm on charges."""
    made = FakeAws()

    def prepare(context: Context) -> None:
        context.clock = Clock(now=lambda: NOW)
        context.aws = made  # type: ignore[assignment]
        context.variables = {"LIVEINSIGHT_TARGET": "aws", "LIVEINSIGHT_CHARGES_ALARM_USD": "50"}

    liveinsight.prepare.append(prepare)
    directory = project / ".liveinsight" / "prod"
    directory.mkdir(parents=True)
    names = [f"liveinsight-{name}-prod" for name in NAMES]
    (directory / "outputs.json").write_text(
        json.dumps(OUTPUTS | {"alarm_names": names, "environment": "prod"})
    )
    return made


def alarms(liveinsight: CommandLine, *arguments: str) -> Any:
    return liveinsight("--env", "prod", "alarms", *arguments)


def test_what_rings_is_told_with_reason_command_and_section(liveinsight: CommandLine, aws: FakeAws) -> None:
    aws.states["stats-api-slow"] = "ALARM"
    done = alarms(liveinsight)
    assert done.code == 0
    for words in (
        "RINGS  stats-api-slow  for 12 min, since 11-26 07:00",
        "p95 of stats-api: 300 ms, 400 ms, 500 ms in 3 of 5 periods of 5 min; limit 250 ms in 3 of 5",
        "liveinsight logs query slowest -f stats-api --env prod",
        "docs/operations.md#function-slow",
        "prod: 1 of 4 ring, 3 ok",
    ):
        assert words in done.out


def test_only_the_alarms_of_this_environment_are_asked_for_and_that_on_charges(
    liveinsight: CommandLine, aws: FakeAws
) -> None:
    found = json.loads(alarms(liveinsight, "--json").out)["data"]["alarms"]
    assert [one["alarm"] for one in found] == ["api-5xx-rate", "charges", "freshness", "stats-api-slow"]
    assert [asked["AlarmNames"] for _, asked in aws.asked] == [
        [f"liveinsight-{name}-prod" for name in NAMES],
        [CHARGES],
    ]
    assert aws.asked[1][0] == "us-east-1 describe_alarms"


def test_names_and_states_narrow_it_down(liveinsight: CommandLine, aws: FakeAws) -> None:
    aws.states |= {"api-5xx-rate": "ALARM", "freshness": "INSUFFICIENT_DATA"}
    for words, wanted in {
        "api": ["api-5xx-rate"],
        "liveinsight-freshness-prod": ["freshness"],
        "--state ringing": ["api-5xx-rate"],
        "--state no-data": ["freshness"],
        "freshness --state ok": [],
    }.items():
        found = json.loads(alarms(liveinsight, *words.split(), "--json").out)["data"]["alarms"]
        assert [one["alarm"] for one in found] == wanted, words
    for words in ("nope", "--since 1h", "--history --since soon"):
        assert alarms(liveinsight, *words.split()).code == 2, words


def test_for_scripts_ringing_can_be_a_failure(liveinsight: CommandLine, aws: FakeAws) -> None:
    assert alarms(liveinsight, "--fail").code == 0
    aws.states["freshness"] = "ALARM"
    done = alarms(liveinsight, "--fail")
    assert (done.code, "1 of 4 alarms ring: freshness." in done.err) == (10, True)
    answer = json.loads(alarms(liveinsight, "--fail", "--json").out)
    assert (answer["ok"], answer["error"]["code"], len(answer["data"]["alarms"])) == (False, "alarms", 4)


def test_history_is_of_this_environment_too(liveinsight: CommandLine, aws: FakeAws) -> None:
    done = alarms(liveinsight, "--history", "--since", "24h", "--json")
    [change] = json.loads(done.out)["data"]["history"]
    assert (change["alarm"], change["before"], change["after"]) == ("stats-api-slow", "OK", "ALARM")
    operation, asked = aws.asked[-2]
    assert operation.endswith("describe_alarm_history")
    assert asked["StartDate"].timestamp() == NOW - 86_400
    assert "11-26 07:00  RINGS" in alarms(liveinsight, "--history").out
    alarms(liveinsight, "stats-api-slow", "--history")
    assert aws.asked[-1][1]["AlarmName"] == "liveinsight-stats-api-slow-prod"


def test_an_environment_without_alarms_says_when_they_come(
    liveinsight: CommandLine, aws: FakeAws, project: Path
) -> None:
    path = project / ".liveinsight" / "prod" / "outputs.json"
    path.write_text(json.dumps(OUTPUTS))
    done = alarms(liveinsight)
    assert done.code == 3
    assert "last stage" in done.err
