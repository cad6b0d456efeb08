"""`liveinsight tail`, driven through the command line with a fake CloudWatch."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.context import Clock, Context
from tests.conftest import CommandLine

NOW = 1_800_000_000.0
FUNCTION = "/aws/lambda/liveinsight-stats-api-dev"
ACCESS = "/aws/apigateway/liveinsight-api-dev"
OUTPUTS = {
    "environment": "dev",
    "region": "ap-northeast-2",
    "api_gateway_url": "https://api.example/v1",
    "cloudfront_url": "https://cdn.example",
    "dashboard_bucket": "b",
    "artifact_bucket": "a",
    "distribution_id": "d",
    "rest_api_id": "r",
    "rest_api_name": "n",
    "stage_name": "v1",
    "alarm_names": [],
    "alarm_topic_arn": "t",
    "monitoring_dashboard": "m",
    "tables": {"events": "e", "sessions": "s", "state": "st"},
    "log_groups": [FUNCTION, ACCESS],
    "functions": {
        "stats-api": {
            "function_name": "liveinsight-stats-api-dev",
            "arn": "arn",
            "alias": "live",
            "version": "1",
            "log_group": FUNCTION,
        }
    },
}


@dataclass
class FakeAws:
    events: dict[str, list[dict[str, Any]]]
    requests: list[dict[str, Any]] = field(default_factory=list)
    interrupt_after: int = 1_000_000
    endpoint_url: str | None = None

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        assert (service, operation) == ("logs", "filter_log_events")
        self.requests.append(request)
        if len(self.requests) > self.interrupt_after:
            raise KeyboardInterrupt
        group = request["logGroupName"]
        if group not in self.events:
            raise AwsError(
                "ResourceNotFoundException", "The specified log group does not exist.", "FilterLogEvents"
            )
        first = int(request.get("nextToken", 0))
        limit = request.get("limit", 2)
        found = [e for e in self.events[group] if request["startTime"] <= e["timestamp"] < request["endTime"]]
        page: dict[str, Any] = {"events": found[first : first + limit]}
        if first + limit < len(found):
            page["nextToken"] = str(first + limit)
        return page


def event(number: int, message: object, ago: float = 60) -> dict[str, Any]:
    text = message if isinstance(message, str) else json.dumps(message)
    return {"eventId": str(number), "timestamp": int((NOW - ago) * 1000), "message": text}


@pytest.fixture
def logs(liveinsight: CommandLine, project: Path) -> FakeAws:
    files = project / ".liveinsight" / "dev"
    files.mkdir(parents=True)
    (files / "outputs.json").write_text(json.dumps(OUTPUTS))
    aws = FakeAws({FUNCTION: [], ACCESS: []})

    def compose(context: Context) -> None:
        context.aws = aws  # type: ignore[assignment]
        context.clock = Clock(lambda: NOW, lambda: NOW, lambda _: None)

    liveinsight.prepare.append(compose)
    return aws


def test_all_groups_are_merged_in_time_order(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, "first", 50), event(2, "third", 30)]
    logs.events[ACCESS] = [event(1, "second", 40)]
    outcome = liveinsight("tail", "-e", "dev", "--no-follow")
    assert outcome.code == 0
    assert [line.split()[-1] for line in outcome.out.splitlines()] == ["first", "second", "third"]


def test_every_page_is_read(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(number, f"line {number}") for number in range(250)]
    assert len(liveinsight("tail", "-e", "dev", "--no-follow").out.splitlines()) == 250


def test_json_is_one_object_a_line(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, {"level": "ERROR", "message": "no", "requestId": "r"})]
    outcome = liveinsight("tail", "-e", "dev", "--no-follow", "--json")
    (line,) = map(json.loads, outcome.out.splitlines())
    assert (line["source"], line["level"], line["message"], line["request_id"]) == (
        "stats-api",
        "ERROR",
        "no",
        "r",
    )


def test_ctrl_c_ends_well_with_a_summary(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, {"level": "ERROR", "message": "no"})]
    logs.interrupt_after = 6
    outcome = liveinsight("tail", "-e", "dev")
    assert outcome.code == 0
    assert outcome.out.count("no") == 1
    assert "1 errors" in outcome.err


def test_raw_shows_events_as_they_were_written(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, "START RequestId: x Version: 1\n"), event(2, '{"a": 1}\n')]
    outcome = liveinsight("tail", "-e", "dev", "--no-follow", "--raw")
    assert outcome.out == 'stats-api START RequestId: x Version: 1\nstats-api {"a": 1}\n'


def test_functions_choose_groups_and_the_pattern_goes_to_cloudwatch(
    liveinsight: CommandLine, logs: FakeAws
) -> None:
    assert liveinsight("tail", "stats-api", "-e", "dev", "--no-follow", "--filter", "?ERROR ?WARN").code == 0
    assert {request["logGroupName"] for request in logs.requests} == {FUNCTION}
    assert logs.requests[0]["filterPattern"] == "?ERROR ?WARN"


@pytest.mark.parametrize(
    "arguments",
    [("nobody",), ("--level", "loud"), ("--grep", "("), ("--since", "soon"), ("--until", "later")],
)
def test_wrong_words_are_usage_errors(
    liveinsight: CommandLine, logs: FakeAws, arguments: tuple[str, ...]
) -> None:
    outcome = liveinsight("tail", *arguments, "-e", "dev", "--no-follow")
    assert outcome.code == 2
    assert outcome.err.startswith("error: ")


def test_a_group_that_is_not_there_is_said_once(liveinsight: CommandLine, logs: FakeAws) -> None:
    del logs.events[ACCESS]
    outcome = liveinsight("tail", "-e", "dev", "--no-follow")
    assert outcome.code == 0
    assert outcome.err.count(ACCESS) == 1


def test_an_environment_that_was_never_deployed_is_a_clear_error(liveinsight: CommandLine) -> None:
    outcome = liveinsight("tail", "--env", "dev")
    assert outcome.code == 3
    assert "liveinsight deploy" in outcome.err
