"""`liveinsight tail`, driven through the command line with a fake CloudWatch."""

import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.context import Clock, Context
from liveinsight_cli.errors import CredentialsError
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
    refusal: AwsError | None = None
    refuses: dict[int, str] = field(default_factory=dict)  # error codes by number of the request
    endpoint_url: str | None = None
    profile: str | None = None

    def trying_once(self) -> "FakeAws":
        return self

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        assert (service, operation) == ("logs", "filter_log_events")
        self.requests.append(request)
        if len(self.requests) > self.interrupt_after:
            raise KeyboardInterrupt
        if self.refusal:
            raise self.refusal
        code = self.refuses.get(len(self.requests))
        if code == "AccessDeniedException":
            raise CredentialsError("The credentials may not do this.", code="access_denied")
        if code:
            raise AwsError(code, "no", "FilterLogEvents")
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

    times = [NOW]

    def compose(context: Context) -> None:
        context.aws = aws  # type: ignore[assignment]
        context.clock = Clock(
            lambda: times[-1], lambda: times[-1], lambda more: times.append(times[-1] + more)
        )

    liveinsight.prepare.append(compose)
    return aws


def to_bytes(liveinsight: CommandLine, encoding: str) -> io.BytesIO:
    """Have the command write to bytes, as in a process of its own, where not every text can be encoded."""
    written = io.BytesIO()

    def compose(context: Context) -> None:
        context.terminal.stdout = io.TextIOWrapper(written, encoding=encoding, write_through=True)

    liveinsight.prepare.append(compose)
    return written


def test_all_groups_are_merged_in_time_order(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, "first", 50), event(2, "third", 30)]
    logs.events[ACCESS] = [event(1, "second", 40)]
    outcome = liveinsight("tail", "-e", "dev", "--no-follow")
    assert outcome.code == 0
    assert [line.split()[-1] for line in outcome.out.splitlines()] == ["first", "second", "third"]


@pytest.mark.parametrize("since", ["3000w", "1960-01-01"])
def test_before_1970_there_is_nothing(liveinsight: CommandLine, logs: FakeAws, since: str) -> None:
    assert liveinsight("tail", "-e", "dev", "--no-follow", "--since", since).code == 0
    assert logs.requests[0]["startTime"] == 0


def test_what_was_read_is_shown_also_when_reading_ends_with_an_error(
    liveinsight: CommandLine, logs: FakeAws
) -> None:
    line = {"level": "INFO", "message": "request", "route": "GET /api/stats", "status": 200}
    logs.events[FUNCTION] = [event(number, line | {"requestId": f"r-{number}"}) for number in range(150)]
    logs.refuses = {3: "AccessDeniedException"}
    outcome = liveinsight("tail", "-e", "dev", "--no-follow")
    assert outcome.code == 4
    assert outcome.out.count("GET /api/stats") == 100, "the first page, all of which waited for reports"


def test_troubles_are_said_on_stderr_under_json_too(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.refuses = {2: "ThrottlingException"}
    outcome = liveinsight("tail", "-e", "dev", "--no-follow", "--json")
    assert outcome.err.count("throttling") == 1
    assert outcome.out == ""


def test_every_page_is_read(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(number, f"line {number}") for number in range(250)]
    assert len(liveinsight("tail", "-e", "dev", "--no-follow").out.splitlines()) == 250


def test_json_is_one_object_a_line(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, {"level": "ERROR", "message": "no", "requestId": "r"})]
    outcome = liveinsight("tail", "-e", "dev", "--no-follow", "--json")
    (line,) = map(json.loads, outcome.out.splitlines())
    assert (line["schema"], line["time"]) == ("liveinsight.tail/1", "2027-01-15T07:59:00.000Z")
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
    assert "1 error" in outcome.err


def test_raw_is_what_was_written_to_the_byte_when_piped(liveinsight: CommandLine, logs: FakeAws) -> None:
    written = ["START RequestId: x Version: 1\n", '{"a": "\x1b[31m"}\n', "two\nlines", "lone \ud800"]
    logs.events[FUNCTION] = [event(number, text) for number, text in enumerate(written)]
    piped = to_bytes(liveinsight, "utf-8")
    assert liveinsight("tail", "-e", "dev", "--no-follow", "--raw").err == ""
    assert piped.getvalue().decode() == "".join(written[:2]) + "two\nlines\nlone \\ud800\n"


def test_raw_is_filtered_event_by_event(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [
        event(1, {"level": "ERROR", "message": "no", "requestId": "r1"}),
        event(2, {"level": "INFO", "message": "yes", "requestId": "r2"}),
    ]
    for options, told in (
        (("--level", "error"), "no"),
        (("--request", "r2"), "yes"),
        (("--grep", "^.*yes"), "yes"),
    ):
        (line,) = liveinsight("tail", "-e", "dev", "--no-follow", "--raw", *options).out.splitlines()
        assert json.loads(line)["message"] == told


def test_functions_choose_groups_and_the_pattern_goes_to_cloudwatch(
    liveinsight: CommandLine, logs: FakeAws
) -> None:
    assert liveinsight("tail", "stats-api", "-e", "dev", "--no-follow", "--filter", "?ERROR ?WARN").code == 0
    assert {request["logGroupName"] for request in logs.requests} == {FUNCTION}
    assert logs.requests[0]["filterPattern"] == "?ERROR ?WARN"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nobody",),
        ("--level", "loud"),
        ("--grep", "("),
        ("--since", "soon"),
        ("--until", "later"),
        ("--since", "5m", "--until", "10m"),
    ],
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


def test_a_pattern_that_cloudwatch_refuses_is_a_usage_error_with_examples(
    liveinsight: CommandLine, logs: FakeAws
) -> None:
    logs.refusal = AwsError("InvalidParameterException", "Invalid filter pattern", "FilterLogEvents")
    outcome = liveinsight("tail", "-e", "dev", "--no-follow", "--filter", "{ $.status >")
    assert outcome.code == 2
    assert "Invalid filter pattern" in outcome.err
    assert "?ERROR ?WARN" in outcome.err


def test_a_failed_request_is_shown_whole_where_only_errors_are_wanted(
    liveinsight: CommandLine, logs: FakeAws
) -> None:
    request = "8f507cfc-2c27-4c4e-9a5d-0b1f3a9d5c11"
    done = {
        "requestId": request,
        "metrics": {"durationMs": 30000, "memorySizeMB": 128, "maxMemoryUsedMB": 71},
        "status": "timeout",
    }
    logs.events[FUNCTION] = [
        event(
            1,
            {"time": "2026-11-23T10:00:00.000Z", "type": "platform.start", "record": {"requestId": request}},
        ),
        event(
            2,
            {
                "level": "INFO",
                "message": "request",
                "requestId": request,
                "route": "GET /api/stats",
                "site": "s",
            },
        ),
        event(3, {"time": "2026-11-23T10:00:00.000Z", "type": "platform.report", "record": done}),
    ]
    (line,) = liveinsight("tail", "-e", "dev", "--no-follow", "--level", "error").out.splitlines()
    assert line.endswith(f"ERROR GET /api/stats failed: timeout  30000 ms, 71/128 MB  site=s  #{request}")


def test_lines_of_other_days_name_the_day(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, "old", ago=3 * 86_400)]
    (line,) = liveinsight("tail", "-e", "dev", "--no-follow", "--since", "4d").out.splitlines()
    assert line.startswith("01-12 ")


def test_a_terminal_that_lacks_letters_gets_them_written_out(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(1, "한국")]

    written = to_bytes(liveinsight, "ascii")
    assert liveinsight("tail", "-e", "dev", "--no-follow").code == 0
    assert b"\\ud55c\\uad6d" in written.getvalue()


def test_throttling_is_waited_for_and_everything_is_read(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.events[FUNCTION] = [event(number, f"line {number}") for number in range(250)]
    logs.refuses = dict.fromkeys((2, 3, 5), "ThrottlingException")
    outcome = liveinsight("tail", "-e", "dev", "--no-follow")
    assert outcome.code == 0
    assert len(outcome.out.splitlines()) == 250
    assert outcome.err.count("throttling") == 1


def test_what_cannot_be_read_in_two_minutes_is_no_success(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.refuses = dict.fromkeys(range(1, 1000), "ThrottlingException")
    outcome = liveinsight("tail", "-e", "dev", "--no-follow")
    assert outcome.code == 8
    assert "not everything was read" in outcome.err


def test_a_right_that_is_taken_away_ends_it(liveinsight: CommandLine, logs: FakeAws) -> None:
    logs.refuses = {7: "AccessDeniedException"}
    assert liveinsight("tail", "-e", "dev").code == 4


def test_a_function_that_is_deployed_meanwhile_is_read_too(
    liveinsight: CommandLine, logs: FakeAws, project: Path
) -> None:
    new = "/aws/lambda/liveinsight-new-dev"
    logs.events[new] = [event(1, "from the new one", ago=-10)]
    functions = OUTPUTS["functions"] | {"new": OUTPUTS["functions"]["stats-api"] | {"log_group": new}}  # type: ignore[operator,index]

    def deploy(context: Context) -> None:
        _ = context.deployed  # what there was when tail began
        outputs = OUTPUTS | {"functions": functions, "log_groups": [FUNCTION, ACCESS, new]}
        (project / ".liveinsight" / "dev" / "outputs.json").write_text(json.dumps(outputs))

    liveinsight.prepare.append(deploy)
    logs.interrupt_after = 40
    outcome = liveinsight("tail", "-e", "dev")
    assert outcome.out.split()[1:] == ["new", "INFO", "from", "the", "new", "one"]
    assert outcome.err.count(f"{new} is new") == 1


def test_live_tail_cannot_look_back(liveinsight: CommandLine, logs: FakeAws) -> None:
    outcome = liveinsight("tail", "-e", "dev", "--live", "--no-follow")
    assert outcome.code == 2
    assert "--live" in outcome.err
