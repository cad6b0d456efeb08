"""The log store, by itself and below moto's API."""

from itertools import chain
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.logs import FilterQuery, LogStore
from liveinsight_cli.local.telemetry.moto_logs import LogWriter
from tests.local.telemetry.conftest import NOW, Aws, Clock

MS = int(NOW * 1000)


def messages(events: list[dict]) -> list[str]:
    return [event["message"] for event in events]


def test_events_outlive_the_process(tmp_path: Path, clock: Clock) -> None:
    first = Database(tmp_path / "a.db")
    LogStore(first, clock).put("g", "s", [(MS, "kept")])
    first.close()
    second = Database(tmp_path / "a.db")
    assert [event.message for event in LogStore(second, clock).read("g", "s")] == ["kept"]
    second.close()


def test_a_search_goes_through_all_streams_in_time_order_page_by_page(logs: LogStore) -> None:
    for n in range(30):
        logs.put("g", f"stream-{n % 3}", [(MS + 30 - n, f"message {30 - n}")])
    query = FilterQuery("g", "message", limit=7)
    found, position, pages = [], None, 0
    while True:
        page = logs.filter(query, position)
        found += [event.message for event in page.events]
        pages, position = pages + 1, page.next
        if position is None:
            break
    assert found == [f"message {n}" for n in range(1, 31)]
    assert pages == 5


def test_events_of_the_same_millisecond_are_neither_lost_nor_doubled_between_pages(logs: LogStore) -> None:
    logs.put("g", "s", [(MS, str(n)) for n in range(10)])
    first = logs.filter(FilterQuery("g", limit=4))
    second = logs.filter(FilterQuery("g", limit=100), first.next)
    assert [event.message for event in first.events + second.events] == [str(n) for n in range(10)]


def test_a_page_ends_at_a_megabyte(logs: LogStore) -> None:
    logs.put("g", "s", [(MS, "x" * 400_000) for _ in range(4)])
    page = logs.filter(FilterQuery("g"))
    assert len(page.events) == 2
    assert len(logs.filter(FilterQuery("g"), page.next).events) == 2


def test_retention_drops_old_events_and_the_streams_that_had_nothing_else(
    logs: LogStore, clock: Clock
) -> None:
    logs.put("g", "old", [(MS, "old")])
    logs.put("other", "old", [(MS, "old")])
    clock.now += 8 * 86_400
    logs.put("g", "new", [(MS + 8 * 86_400_000, "new")])
    logs.expire({"g": 7})
    assert [stream.name for stream in logs.streams("g")] == ["new"]
    assert [stream.name for stream in logs.streams("other")] == ["old"]


@pytest.fixture
def group(aws: Aws) -> str:
    aws.logs.create_log_group(logGroupName="/g")
    aws.logs.create_log_stream(logGroupName="/g", logStreamName="s")
    return "/g"


def put(aws: Aws, *events: tuple[int, str], stream: str = "s") -> dict:
    wire = [{"timestamp": MS + at, "message": message} for at, message in events]
    return aws.logs.put_log_events(logGroupName="/g", logStreamName=stream, logEvents=wire)


def test_put_and_filter_through_the_api(aws: Aws, group: str) -> None:
    put(aws, (0, "plain"), (1, '{"level": "ERROR", "n": 3}'), (2, '{"level": "INFO", "n": 9}'))
    found = aws.logs.filter_log_events(logGroupName=group, filterPattern='{ $.level = "ERROR" && $.n > 1 }')
    assert messages(found["events"]) == ['{"level": "ERROR", "n": 3}']
    event = found["events"][0]
    assert (event["timestamp"], event["logStreamName"], len(event["eventId"])) == (MS + 1, "s", 56)
    assert messages(aws.logs.filter_log_events(logGroupName=group, filterPattern="-plain")["events"]) != []
    assert aws.logs.filter_log_events(logGroupName=group, endTime=MS)["events"][0]["message"] == "plain"
    assert (
        len(aws.logs.filter_log_events(logGroupName=group, startTime=MS + 1, endTime=MS + 2)["events"]) == 2
    )


def test_the_paginator_follows_the_tokens_in_both_directions(aws: Aws, group: str) -> None:
    put(aws, *((n, f"m{n}") for n in range(25)))
    for newest_first in (False, True):
        pages = [
            messages(page["events"])
            for page in aws.logs.get_paginator("filter_log_events").paginate(
                logGroupName=group, startFromHead=not newest_first, PaginationConfig={"PageSize": 10}
            )
        ]
        names = [f"m{n}" for n in range(25)]
        assert list(chain(*pages)) == (names[::-1] if newest_first else names)
        assert [len(page) for page in pages] == [10, 10, 5]


def test_streams_can_be_chosen_by_name_and_by_prefix(aws: Aws, group: str) -> None:
    for name in ("2026/a", "2026/b"):
        aws.logs.create_log_stream(logGroupName=group, logStreamName=name)
        put(aws, (0, name), stream=name)
    put(aws, (1, "s"))
    by_prefix = aws.logs.filter_log_events(logGroupName=group, logStreamNamePrefix="2026/")
    assert messages(by_prefix["events"]) == ["2026/a", "2026/b"]
    by_name = aws.logs.filter_log_events(logGroupName=group, logStreamNames=["s", "2026/b"])
    assert messages(by_name["events"]) == ["2026/b", "s"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"filterPattern": "{ $.a"},
        {"nextToken": "nonsense"},
        {"limit": 10_000},
        {"logStreamNames": ["s"], "logStreamNamePrefix": "s"},
        {"startTime": MS + 1, "endTime": MS},
    ],
)
def test_what_cannot_be_understood_is_refused_not_ignored(aws: Aws, group: str, arguments: dict) -> None:
    if "limit" in arguments:
        assert aws.logs.filter_log_events(logGroupName=group, **arguments)["events"] == []
        return
    with pytest.raises(ClientError, match="InvalidParameterException"):
        aws.logs.filter_log_events(logGroupName=group, **arguments)


def test_a_stream_is_read_from_its_end_or_from_its_head(aws: Aws, group: str) -> None:
    put(aws, *((n, f"m{n}") for n in range(5)))
    read = {"logGroupName": group, "logStreamName": "s", "limit": 2}
    tail = aws.logs.get_log_events(**read)
    assert messages(tail["events"]) == ["m3", "m4"]
    before = aws.logs.get_log_events(**read, nextToken=tail["nextBackwardToken"])
    assert messages(before["events"]) == ["m1", "m2"]
    head = aws.logs.get_log_events(**read, startFromHead=True)
    assert messages(head["events"]) == ["m0", "m1"]
    after = aws.logs.get_log_events(**read, nextToken=head["nextForwardToken"])
    assert messages(after["events"]) == ["m2", "m3"]
    last = aws.logs.get_log_events(**read, nextToken=after["nextForwardToken"])
    end = aws.logs.get_log_events(**read, nextToken=last["nextForwardToken"])
    assert end["events"] == []
    assert end["nextForwardToken"] == last["nextForwardToken"], "the sign that nothing more is there"
    put(aws, (9, "late"))
    late = aws.logs.get_log_events(**read, nextToken=end["nextForwardToken"])
    assert messages(late["events"]) == ["late"]


def test_streams_are_listed_by_name_or_by_their_last_event(aws: Aws, group: str) -> None:
    for name, at in (("b", 5), ("a", 1), ("c", 3)):
        aws.logs.create_log_stream(logGroupName=group, logStreamName=name)
        put(aws, (at, name), stream=name)
    listed = aws.logs.describe_log_streams(
        logGroupName=group, orderBy="LastEventTime", descending=True, limit=2
    )
    assert [stream["logStreamName"] for stream in listed["logStreams"]] == ["b", "c"]
    names = [
        stream["logStreamName"]
        for page in aws.logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 2}
        )
        for stream in page["logStreams"]
    ]
    assert names == ["a", "b", "c", "s"]
    stream = aws.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="b")["logStreams"][0]
    assert (stream["firstEventTimestamp"], stream["lastEventTimestamp"]) == (MS + 5, MS + 5)
    assert stream["arn"].endswith(":log-group:/g:log-stream:b")


def test_events_that_are_too_old_or_too_new_are_reported(aws: Aws, group: str) -> None:
    day = 86_400_000
    rejected = put(aws, (-15 * day, "old"), (0, "good"), (day, "future"))["rejectedLogEventsInfo"]
    assert rejected == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    assert messages(aws.logs.filter_log_events(logGroupName=group)["events"]) == ["good"]


def test_unknown_groups_and_streams_are_not_found(aws: Aws, group: str) -> None:
    with pytest.raises(aws.logs.exceptions.ResourceNotFoundException):
        aws.logs.filter_log_events(logGroupName="/nobody")
    with pytest.raises(aws.logs.exceptions.ResourceNotFoundException):
        aws.logs.get_log_events(logGroupName=group, logStreamName="nobody")
    with pytest.raises(aws.logs.exceptions.ResourceNotFoundException):
        put(aws, (0, "x"), stream="nobody")
    with pytest.raises(aws.logs.exceptions.ResourceAlreadyExistsException):
        aws.logs.create_log_stream(logGroupName=group, logStreamName="s")


def test_a_deleted_group_takes_its_events_with_it(aws: Aws, group: str) -> None:
    put(aws, (0, "x"))
    aws.logs.delete_log_group(logGroupName=group)
    aws.logs.create_log_group(logGroupName=group)
    assert aws.logs.filter_log_events(logGroupName=group)["events"] == []


def test_services_log_to_groups_that_appear_by_themselves(aws: Aws, logs: LogStore, clock: Clock) -> None:
    created: list[str] = []
    writer = LogWriter(logs, lambda: aws.backend("logs"), lambda: created.append("group"))
    writer.put("/aws/lambda/x", "stream", [(MS, "hello")])
    writer.put("/aws/lambda/x", "stream", [])
    assert created == ["group"]
    groups = aws.logs.describe_log_groups()["logGroups"]
    assert [(group["logGroupName"], group["storedBytes"]) for group in groups] == [("/aws/lambda/x", 31)]
    aws.logs.put_retention_policy(logGroupName="/aws/lambda/x", retentionInDays=1)
    clock.now += 2 * 86_400
    writer.expire()
    assert aws.logs.filter_log_events(logGroupName="/aws/lambda/x")["events"] == []
