"""Logs Insights here: the saved queries against the same figures worked out by hand, and the language's edges."""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from liveinsight_cli.local.telemetry.insights.engine import Run, Scan
from liveinsight_cli.local.telemetry.insights.parser import parse
from liveinsight_cli.local.telemetry.insights.tokens import Malformed
from liveinsight_cli.local.telemetry.logs import LogStore
from tests.conftest import REPOSITORY
from tests.local.telemetry.conftest import NOW, Aws

ACCESS, COLLECTOR, AGGREGATOR = "/access", "/collector", "/aggregator"
START_MS = int(NOW * 1000) - 3 * 3_600_000
Row = dict[str, str]
Line = tuple[int, str, dict[str, Any]]


def saved_queries() -> dict[str, str]:
    """The queries that Terraform saves, by name."""
    text = (REPOSITORY / "terraform" / "log_queries.tf").read_text(encoding="utf-8")
    failed = re.search(r'failed = "(.*)"\n', text)
    assert failed is not None
    found = re.findall(r"\n    ([\w-]+) = \{\n.*?<<-EOT\n(.*?)\n *EOT", text, re.DOTALL)
    return {
        name: query.replace("${local.failed}", failed[1].replace('\\"', '"')).replace(" " * 8, "")
        for name, query in found
    }


QUERIES = saved_queries()


def make_lines(seed: int) -> list[Line]:
    """Lines as the functions, Lambda and the API write them: when, of which group, what."""
    chance = random.Random(seed)
    lines: list[Line] = []
    for number in range(400):
        at = START_MS + chance.randrange(3 * 3_600_000)
        id_, failed = f"id-{number}", chance.random() < 0.2
        group = chance.choice((COLLECTOR, AGGREGATOR))
        metrics = {
            "durationMs": round(chance.uniform(1, 900), 3),
            "maxMemoryUsedMB": chance.randrange(30, 90),
        }
        if chance.random() < 0.3:
            metrics["initDurationMs"] = round(chance.uniform(100, 900), 3)
        status = chance.choice(("timeout", "error")) if failed else "success"
        record = {"requestId": id_, "metrics": metrics, "status": status}
        lines.append((at, group, {"type": "platform.report", "record": record}))
        own: dict[str, Any] = {"level": "INFO", "message": "request", "requestId": id_}
        if group == COLLECTOR:
            own |= {"route": "POST /api/events", "status": chance.choice((202, 400, 503))}
            counted = {"accepted": chance.randrange(5), "rejected": chance.randrange(2), "dropped": 0}
            own |= counted if own["status"] == 202 else {"error_code": "bad"}
        if failed:
            own |= {"level": "ERROR", "error_code": chance.choice(("storage", "invalid_json"))}
        lines.append((at, group, own))
        access = {
            "requestId": f"api-{number}",
            "functionRequestId": id_,
            "method": "GET",
            "path": "/api/stats",
        }
        access |= {"status": str(chance.choice((200, 200, 401, 429, 503))), "errorType": "-"}
        lines.append((at, ACCESS, access))
    return sorted(lines, key=lambda line: line[0])


LINES = make_lines(20)


@pytest.fixture
def filled(logs: LogStore) -> LogStore:
    """A store with the lines, and some that are no JSON."""
    for group in (ACCESS, COLLECTOR, AGGREGATOR):
        events = [(at, json.dumps(line)) for at, where, line in LINES if where == group]
        logs.put(group, "stream", events)
    logs.put(COLLECTOR, "stream", [(START_MS, "not { json"), (START_MS, "plain text")])
    return logs


def ask(logs: LogStore, query: str, *groups: str, limit: int = 10_000) -> list[Row]:
    """The rows of a query over everything."""
    run = Run(parse(query), Scan(groups, START_MS, int(NOW * 1000), limit, "123"))
    run.go(logs)
    assert run.status == "Complete"
    return [{name: value for name, value in row if name != "@ptr"} for row in run.rows]


def of(*groups: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    return (line for line in LINES if line[1] in groups)


def is_failure(line: dict[str, Any]) -> bool:
    return line.get("level") == "ERROR" or (
        line.get("type") == "platform.report" and line["record"]["status"] != "success"
    )


def moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def percentile(values: Iterable[float], share: float) -> float:
    """By linear interpolation between the closest ranks."""
    ordered = sorted(values)
    whole, part = divmod((len(ordered) - 1) * share, 1)
    upper = ordered[min(int(whole) + 1, len(ordered) - 1)]
    return ordered[int(whole)] * (1 - part) + upper * part


def test_moto_still_lacks_most_of_it() -> None:
    from moto.logs.models import LogsBackend

    assert not hasattr(LogsBackend, "stop_query"), "see whether telemetry/moto_insights.py is still needed"


def test_every_saved_query_is_held_here() -> None:
    """One that is new is to be compared below, too."""
    named = {"errors", "top-errors", "slowest", "cold-starts", "one-request", "refused-requests"}
    assert set(QUERIES) == named | {"throttled-requests", "taken-events"}


def test_errors_are_the_newest_hundred_failures(filled: LogStore) -> None:
    failures = [at for at, _, line in of(COLLECTOR, AGGREGATOR) if is_failure(line)]
    found = ask(filled, QUERIES["errors"], COLLECTOR, AGGREGATOR)
    assert [row["@timestamp"] for row in found] == [moment(at) for at in sorted(failures, reverse=True)][:100]
    assert all("request" in row for row in found)
    assert {row["@log"] for row in found} == {f"123:{COLLECTOR}", f"123:{AGGREGATOR}"}


def test_top_errors_count_each_kind(filled: LogStore) -> None:
    wanted = Counter(
        (group, line.get("error_code") or line["record"]["status"])
        for _, group, line in of(COLLECTOR, AGGREGATOR)
        if is_failure(line)
    )
    found = ask(filled, QUERIES["top-errors"], COLLECTOR, AGGREGATOR)
    assert {(row["@log"][4:], row["error"]): int(row["times"]) for row in found} == wanted
    assert [int(row["times"]) for row in found] == sorted(wanted.values(), reverse=True)


def test_slowest_are_the_longest_invocations(filled: LogStore) -> None:
    reports = [line["record"] for *_, line in of(COLLECTOR, AGGREGATOR) if "record" in line]
    reports.sort(key=lambda record: -record["metrics"]["durationMs"])
    found = ask(filled, QUERIES["slowest"], COLLECTOR, AGGREGATOR)
    assert [row["request"] for row in found] == [record["requestId"] for record in reports[:50]]
    assert float(found[0]["duration_ms"]) == reports[0]["metrics"]["durationMs"]


def test_cold_starts_have_a_count_and_percentiles_by_function(filled: LogStore) -> None:
    found = ask(filled, QUERIES["cold-starts"], COLLECTOR, AGGREGATOR)
    for group in (COLLECTOR, AGGREGATOR):
        records = [line["record"]["metrics"] for *_, line in of(group) if "record" in line]
        starts = [metrics["initDurationMs"] for metrics in records if "initDurationMs" in metrics]
        [row] = [row for row in found if row["@log"] == f"123:{group}"]
        assert (int(row["invocations"]), int(row["cold_starts"])) == (len(records), len(starts))
        assert float(row["init_p50_ms"]) == pytest.approx(percentile(starts, 0.5), abs=1e-3)
        assert float(row["init_p95_ms"]) == pytest.approx(percentile(starts, 0.95), abs=1e-3)


def test_one_request_is_followed_through_all_logs(filled: LogStore) -> None:
    query = QUERIES["one-request"].replace('"ID"', '"id-7"')
    found = ask(filled, query, ACCESS, COLLECTOR, AGGREGATOR)
    assert sorted(row["what"] for row in found) == ["GET", "platform.report", "request"]


def test_refused_requests_are_counted_by_status_though_it_is_a_text(filled: LogStore) -> None:
    wanted = Counter(line["status"] for *_, line in of(ACCESS) if int(line["status"]) >= 400)
    found = ask(filled, QUERIES["refused-requests"], ACCESS)
    assert {row["status"]: int(row["requests"]) for row in found} == wanted


def test_throttled_requests_are_counted_in_five_minutes(filled: LogStore) -> None:
    wanted = Counter(moment(at // 300_000 * 300_000) for at, _, line in of(ACCESS) if line["status"] == "429")
    found = ask(filled, QUERIES["throttled-requests"], ACCESS)
    assert {row["bin(5m)"]: int(row["requests"]) for row in found} == wanted


def test_taken_events_are_added_up_by_hour_and_status(filled: LogStore) -> None:
    wanted: Counter[tuple[str, str]] = Counter()
    for at, _, line in of(COLLECTOR):
        if line.get("route") and line["status"] == 202:
            wanted[moment(at // 3_600_000 * 3_600_000), line.get("error_code", "")] += line["accepted"]
    found = ask(filled, QUERIES["taken-events"], COLLECTOR)
    taken = {
        (row["bin(1h)"], row.get("error_code", "")): int(row["accepted_events"])
        for row in found
        if row["status"] == "202"
    }
    assert taken == wanted


TEXTS = (
    "REPORT RequestId: r-1\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 256 MB\tMax Memory Used: 60 MB\t"
    "Init Duration: 300.10 ms\t",
    "user=ann took=5ms",
    "user=bob took=7ms",
    "user=ann took=9ms",
    '[x] {"a": {"b": [1, 2]}, "ok": true, "n": null}',
)


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (
            "filter @type = 'REPORT' | fields @requestId, @initDuration",
            [{"@requestId": "r-1", "@initDuration": "300.1"}],
        ),
        (
            "parse 'user=* took=*ms' as user, ms | filter ispresent(user) | stats sum(ms) as all by user | sort all",
            [{"user": "bob", "all": "7"}, {"user": "ann", "all": "14"}],
        ),
        ("parse /user=(?<user>\\w+)/ | filter user like /^a/ | stats count() as n", [{"n": "2"}]),
        (
            "filter @message like 'user' | parse 'user=* *' as user, x | dedup user | display user",
            [{"user": "ann"}, {"user": "bob"}],
        ),
        (
            "filter a.b.1 = 2 and ok = 1 and not ispresent(n) | fields a.b.0 * 10 + 1 as x, a.b",
            [{"x": "11", "a.b": "[1, 2]"}],
        ),
        (
            "filter @message not like /user|REPORT/ | fields strlen('abc') as n, toupper('x') as X",
            [{"n": "3", "X": "X"}],
        ),
        (
            "filter @message in ['user=bob took=7ms'] | fields 7 - 2 * 3 as one, 2 ^ 3 ^ 2 as two, -(1 / 0) as none",
            [{"one": "1", "two": "512"}],
        ),
        (
            "# nothing but\nstats count(*), max(@duration) | limit 1",
            [{"count(*)": "5", "max(@duration)": "12.5"}],
        ),
        ("filter @message = 'none' | stats count(*) as n, avg(x) as mean", [{"n": "0"}]),
        (
            "filter `no such` > 1 or @message =~ /took=9/ | fields datefloor(@timestamp, 1h) as hour",
            [{"hour": moment(START_MS // 3_600_000 * 3_600_000)}],
        ),
    ],
)
def test_the_language(logs: LogStore, query: str, rows: list[Row]) -> None:
    logs.put("/g", "s", [(START_MS + 10 - number, text) for number, text in enumerate(TEXTS)])
    assert ask(logs, query, "/g") == rows


def test_without_a_command_for_it_the_newest_come_first_with_time_and_text(logs: LogStore) -> None:
    logs.put("/g", "s", [(START_MS, "old"), (START_MS + 1000, "new")])
    logs.put("/h", "s", [(START_MS + 500, "between")])
    found = ask(logs, "filter @message != ''", "/g", "/h")
    assert [row["@message"] for row in found] == ["new", "between", "old"]
    assert list(found[0]) == ["@timestamp", "@message"]
    assert ask(logs, "fields @message | limit 2", "/g", "/h", limit=1) == [{"@message": "new"}]


@pytest.mark.parametrize(
    ("query", "at", "says"),
    [
        ("filter status = ", 16, "the end of the query"),
        ("fields @timestamp | pattern @message", 20, "a command expected"),
        ("stats median(x)", 6, "a statistic expected"),
        ("filter foo(x) = 1", 7, "no function foo"),
        ("limit 0", 6, "from 1 to 10000"),
        ("filter a like /(/", 14, "regular expression"),
        ("parse '* *' as a", 6, "2 * in the pattern"),
        ("filter a = 1 b = 2", 13, "| expected"),
        ("fields a; b", 8, "symbol"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(query: str, at: int, says: str) -> None:
    with pytest.raises(Malformed, match=re.escape(says)) as refused:
        parse(query)
    assert refused.value.start == at


def test_by_the_api_it_is_an_error_of_its_own_that_has_the_place(aws: Aws) -> None:
    aws.logs.create_log_group(logGroupName="/g")
    with pytest.raises(ClientError) as refused:
        aws.logs.start_query(logGroupName="/g", startTime=0, endTime=1, queryString="limit 0")
    error: dict[str, Any] = dict(refused.value.response)
    assert error["Error"]["Code"] == "MalformedQueryException"
    assert error["queryCompileError"]["location"] == {"startCharOffset": 6, "endCharOffset": 7}
    assert "from 1 to 10000" in error["Error"]["Message"]


def finished(aws: Aws, id_: str) -> dict[str, Any]:
    """The answer once the query has ended; its thread has little to do."""
    for _ in range(200):
        answer: dict[str, Any] = aws.logs.get_query_results(queryId=id_)
        if answer["status"] != "Running":
            return answer
        time.sleep(0.01)
    raise AssertionError("the query does not end")


def test_by_the_api_a_query_answers_with_rows_and_statistics(aws: Aws, logs: LogStore) -> None:
    aws.logs.create_log_group(logGroupName="/g")
    logs.put("/g", "s", [(START_MS, "a"), (START_MS + 999, "b"), (START_MS + 1000, "c")])
    seconds = START_MS // 1000
    id_ = aws.logs.start_query(
        logGroupNames=["/g"], startTime=seconds, endTime=seconds, queryString="filter @message = 'b'"
    )["queryId"]
    answer = finished(aws, id_)
    assert [one["value"] for one in answer["results"][0]][1] == "b"
    assert answer["statistics"] == {"recordsMatched": 1.0, "recordsScanned": 2.0, "bytesScanned": 54.0}
    assert aws.logs.describe_queries(logGroupName="/g")["queries"][0]["status"] == "Complete"
    with pytest.raises(ClientError, match="not running"):
        aws.logs.stop_query(queryId=id_)


def test_a_query_that_is_stopped_gives_nothing(logs: LogStore) -> None:
    logs.put("/g", "s", [(START_MS, "a")])
    run = Run(parse("fields @message"), Scan(("/g",), START_MS, START_MS, 10, "123"))
    run.cancelled.set()
    run.go(logs)
    assert (run.status, run.rows) == ("Cancelled", [])


def test_a_group_or_a_query_that_is_not_there_is_an_error(aws: Aws) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.logs.start_query(logGroupName="/none", startTime=0, endTime=1, queryString="limit 1")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        aws.logs.get_query_results(queryId="none")
