"""`liveinsight logs query`, driven through the command line with a fake CloudWatch."""

# ruff: noqa: N803 - the parameters are called as AWS calls them
import csv
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.context import Clock, Context
from tests.commands.test_tail import ACCESS, FUNCTION, NOW, OUTPUTS
from tests.conftest import CommandLine

SAVED = {
    "errors": "filter level = 'ERROR'",
    "cold-starts": "stats count(*)",
    "one-request": 'filter requestId = "ID"',
    "slowest": "sort a",
}
ROWS = [
    {"@timestamp": "2027-01-15 07:59:00.000", "@log": f"123:{FUNCTION}", "message": "one", "@ptr": "p"},
    {"@timestamp": "2027-01-15 07:58:00.000", "@log": f"123:{FUNCTION}", "code": "\x1b[2J", "message": "two"},
]


@dataclass
class FakeAws:
    """Runs every query to the same result."""

    rows: list[dict[str, str]] = field(default_factory=lambda: [dict(row) for row in ROWS])
    polls: int = 1  # answers of "running" before the last one
    refusals: list[AwsError] = field(default_factory=list)  # of StartQuery
    incoming: float | None = None
    interrupt: bool = False
    asked: list[dict[str, Any]] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    endpoint_url: str | None = None

    def call(self, service: str, operation: str, **request: Any) -> dict[str, Any]:
        return getattr(self, f"_{operation}")(**request)  # type: ignore[no-any-return]

    def pages(self, service: str, operation: str, **request: Any) -> list[dict[str, Any]]:
        if operation == "get_metric_data":
            return [self._get_metric_data(**request)]
        assert operation == "describe_log_groups"
        return [{"logGroups": [{"logGroupName": FUNCTION, "storedBytes": 5e9}]}]

    def _describe_query_definitions(
        self, queryDefinitionNamePrefix: str, nextToken: str = ""
    ) -> dict[str, Any]:
        assert queryDefinitionNamePrefix == "liveinsight/dev/"
        every = [
            {"name": f"liveinsight/dev/{name}", "queryString": query, "logGroupNames": [FUNCTION]}
            for name, query in SAVED.items()
        ]
        first = int(nextToken or 0)
        more = {"nextToken": str(first + 3)} if first + 3 < len(every) else {}
        return {"queryDefinitions": every[first : first + 3], **more}

    def _get_metric_data(self, MetricDataQueries: list[Any], **_: Any) -> dict[str, Any]:
        return {
            "MetricDataResults": [
                {"Id": query["Id"], "Values": [] if self.incoming is None else [self.incoming]}
                for query in reversed(MetricDataQueries)
            ]
        }

    def _start_query(self, **request: Any) -> dict[str, Any]:
        if self.refusals:
            raise self.refusals.pop(0)
        self.asked.append(request)
        return {"queryId": "q-1"}

    def _get_query_results(self, queryId: str) -> dict[str, Any]:
        if self.interrupt:
            raise KeyboardInterrupt
        self.polls -= 1
        statistics = {"recordsMatched": 2.0, "recordsScanned": 1234.0, "bytesScanned": 2e9}
        rows = [[{"field": name, "value": value} for name, value in row.items()] for row in self.rows]
        return {
            "status": "Running" if self.polls >= 0 else "Complete",
            "results": rows,
            "statistics": statistics,
        }

    def _stop_query(self, queryId: str) -> dict[str, Any]:
        self.stopped.append(queryId)
        return {"success": True}

    def _query(self, **request: Any) -> dict[str, Any]:
        self.asked.append(request)
        item = {
            "session_id": {"S": "s-1"},
            "timestamp": {"N": f"{int(NOW * 1000) - 60_000}{7:09d}"},
            "event_type": {"S": "page_view"},
            "page_url": {"S": "https://shop.example/\x1b]0;x"},
            "engaged_ms": {"N": "15000"},
        }
        return {"Items": [item], "ConsumedCapacity": {"CapacityUnits": 0.5}}


@pytest.fixture
def aws(liveinsight: CommandLine, project: Path) -> FakeAws:
    """The environment dev in an account, with a clock that waiting moves."""
    made = FakeAws()

    def prepare(context: Context) -> None:
        now = [NOW]

        def sleep(seconds: float) -> None:
            made.waited.append(seconds)
            now[0] += seconds

        context.clock = Clock(now=lambda: NOW, monotonic=lambda: now[0], sleep=sleep)
        context.aws = made  # type: ignore[assignment]
        context.variables = {"LIVEINSIGHT_TARGET": "aws", "LIVEINSIGHT_ENV": "dev"}

    liveinsight.prepare.append(prepare)
    directory = project / ".liveinsight" / "dev"
    directory.mkdir(parents=True)
    (directory / "outputs.json").write_text(json.dumps(OUTPUTS))
    return made


def query(liveinsight: CommandLine, *arguments: str, **more: Any) -> Any:
    return liveinsight("--env", "dev", "logs", "query", *arguments, **more)


def test_a_preset_is_the_saved_query_of_that_name_or_beginning(
    liveinsight: CommandLine, aws: FakeAws
) -> None:
    for words in ("cold", "cold-starts"):
        assert query(liveinsight, words).code == 0
    assert [one["queryString"] for one in aws.asked] == [SAVED["cold-starts"]] * 2
    assert aws.asked[0]["logGroupNames"] == [FUNCTION]
    assert (aws.asked[0]["startTime"], aws.asked[0]["endTime"]) == (NOW - 3600, NOW)
    names = [one["name"] for one in json.loads(query(liveinsight, "--json").out)["data"]["presets"]]
    assert names == [*sorted(SAVED), "session"]


def test_any_other_query_goes_to_all_groups_or_to_those_of_some_functions(
    liveinsight: CommandLine, aws: FakeAws
) -> None:
    assert (
        query(liveinsight, "stats count(*) by @log", "--since", "2h", "--until", "1h", "--limit", "7").code
        == 0
    )
    assert query(liveinsight, "errors", "-f", "api").code == 0
    assert [one["logGroupNames"] for one in aws.asked] == [[FUNCTION, ACCESS], [ACCESS]]
    assert (aws.asked[0]["startTime"], aws.asked[0]["endTime"], aws.asked[0]["limit"]) == (
        NOW - 7200,
        NOW - 3600,
        7,
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nope",), "Presets: cold-starts, errors"),
        (("",), "may be cold-starts, errors"),
        (("one-request",), "--id ID"),
        (("one-request", "--id", 'x" or 1'), "is no id"),
        (("session",), "--id ID"),
        (("errors", "-f", "nope"), "Known: api, stats-api"),
        (("errors", "--since", "soon"), "--since"),
        (("errors", "--since", "1m", "--until", "5m"), "not before"),
        (("errors", "--format", "csv", "--json"), "--format does not fit"),
    ],
)
def test_words_that_do_not_fit_are_a_usage_error(
    liveinsight: CommandLine, aws: FakeAws, arguments: tuple[str, ...], says: str
) -> None:
    done = query(liveinsight, *arguments)
    assert done.code == 2
    assert says in done.out + done.err
    assert aws.asked == []


def test_an_id_is_put_in_its_place(liveinsight: CommandLine, aws: FakeAws) -> None:
    assert query(liveinsight, "one", "--id", "r-7").code == 0
    assert aws.asked[0]["queryString"] == 'filter requestId = "r-7"'


def test_rows_come_as_table_csv_lines_or_one_object(liveinsight: CommandLine, aws: FakeAws) -> None:
    table = query(liveinsight, "errors").out
    assert "stats-api" in table
    assert "\\x1b[2J" in table
    assert "2 of 1,234 log events matched, 2.0 GB scanned, $0.02" in table.replace("\n", " ")
    for form in ("csv", "jsonl"):
        aws.polls = 0
        done = query(liveinsight, "errors", "--format", form)
        lines = (
            list(csv.DictReader(io.StringIO(done.out)))
            if form == "csv"
            else [json.loads(line) for line in done.out.splitlines()]
        )
        assert [line["message"] for line in lines] == ["one", "two"]
        assert lines[1]["code"] == ("\\x1b[2J" if form == "csv" else "\x1b[2J")
        assert "\x1b" not in done.out
        assert "2.0 GB scanned" in done.err
    aws.polls = 0
    answer = json.loads(query(liveinsight, "errors", "--json").out)["data"]
    assert answer["columns"] == ["@timestamp", "@log", "code", "message"]
    assert answer["dollars"] == pytest.approx(2 * 0.0076)
    assert (answer["matched"], answer["scanned"], answer["bytes_scanned"]) == (2, 1234, 2_000_000_000)


def test_a_message_of_many_lines_keeps_them_and_nothing_else_of_a_terminal(
    liveinsight: CommandLine, aws: FakeAws
) -> None:
    aws.rows = [{"@timestamp": "2027-01-15 07:59:00.000", "@message": "Traceback:\n\tin x\r\x1b[31m\n"}]
    lines = [line.rstrip() for line in query(liveinsight, "errors").out.splitlines()]
    assert lines[:3] == ["2027-01-15 07:59:00.000", "  Traceback:", "    in x\\x0d\\x1b[31m"]


def test_a_path_is_read_from_the_events_table(liveinsight: CommandLine, aws: FakeAws) -> None:
    answer = json.loads(query(liveinsight, "session", "--id", "s-1", "--json").out)["data"]
    assert answer["rows"][0]["event_type"] == "page_view"
    assert answer["rows"][0]["@timestamp"] == "2027-01-15 07:59:00.000"
    assert (answer["sources"], answer["read_units"], answer["bytes_scanned"]) == (["e"], 0.5, None)
    values = aws.asked[0]["ExpressionAttributeValues"]
    assert values[":from"]["N"] == f"{int(NOW * 1000) - 86_400_000}000000000"
    shown = query(liveinsight, "session", "--id", "s-1").out
    assert "events table, 0.5 read units" in shown.replace("\n", " ")
    assert "\x1b" not in shown


def malformed() -> AwsError:
    error = AwsError("MalformedQueryException", "no", "StartQuery")
    response: Any = {
        "Error": {"Code": "MalformedQueryException", "Message": "no"},
        "queryCompileError": {"location": {"startCharOffset": 11}, "message": "unexpected symbol"},
    }
    error.__cause__ = ClientError(response, "StartQuery")
    return error


def test_a_query_that_is_wrong_is_shown_with_its_place(liveinsight: CommandLine, aws: FakeAws) -> None:
    aws.refusals = [malformed()]
    done = query(liveinsight, "filter a\n| nonsense")
    assert done.code == 2
    assert "at character 12: unexpected symbol" in done.err
    assert "  | nonsense\n    ^\n" in done.err


def test_a_busy_cloudwatch_is_waited_for(liveinsight: CommandLine, aws: FakeAws) -> None:
    aws.refusals = [AwsError("LimitExceededException", "too many", "StartQuery")] * 3
    assert query(liveinsight, "errors").code == 0
    assert aws.waited[:3] == sorted(aws.waited[:3])


def test_a_query_that_takes_too_long_or_is_interrupted_is_stopped(
    liveinsight: CommandLine, aws: FakeAws
) -> None:
    aws.polls = 10_000
    assert query(liveinsight, "errors", "--timeout", "5").code == 8
    assert sum(aws.waited) <= 5
    aws.interrupt = True
    assert query(liveinsight, "errors").code == 130
    assert aws.stopped == ["q-1", "q-1"]


def test_a_dear_scan_is_asked_about_first(liveinsight: CommandLine, aws: FakeAws) -> None:
    aws.incoming = 20e9  # 0.15 dollars
    done = query(liveinsight, "errors")
    assert done.code == 9
    assert "20.0 GB for $0.15" in done.err
    assert aws.asked == []
    assert query(liveinsight, "errors", stdin="y\n").code == 0
    assert query(liveinsight, "errors", "--yes").code == 0
    aws.incoming = None  # nothing measured: what is stored counts, 5 GB for 4 cents
    assert query(liveinsight, "errors").code == 0
    assert len(aws.asked) == 3


def test_no_form_holds_what_a_terminal_or_a_spreadsheet_acts_upon(
    liveinsight: CommandLine, aws: FakeAws
) -> None:
    aws.rows = [{"path": '=HYPERLINK("x")', "code": "\x9b2J\u202e", "took": "-12.5"}]
    outputs = [query(liveinsight, "errors", "--format", form).out for form in ("csv", "jsonl")]
    outputs.append(query(liveinsight, "errors", "--json").out)
    for out in outputs:
        assert "\x9b" not in out
        assert "\u202e" not in out
    (row,) = csv.DictReader(io.StringIO(outputs[0]))
    assert (row["path"], row["took"]) == ('\'=HYPERLINK("x")', "-12.5")
    assert json.loads(outputs[1])["code"] == "\x9b2J\u202e"
