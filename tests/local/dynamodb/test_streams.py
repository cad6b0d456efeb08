"""Streams and time to live."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from liveinsight_cli.local.dynamodb import StreamSchema
from tests.local.dynamodb.conftest import EVENTS, STREAM_ARN, Plane, key

DAY = 24 * 3600


def records(plane: Plane, after: int = 0) -> list[dict[str, Any]]:
    return plane.data.read_stream("events", after, 100)


def iterator(plane: Plane, kind: str, **more: str) -> str:
    shard = plane("DescribeStream", StreamArn=STREAM_ARN)["StreamDescription"]["Shards"][0]["ShardId"]
    answer = plane("GetShardIterator", StreamArn=STREAM_ARN, ShardId=shard, ShardIteratorType=kind, **more)
    found: str = answer["ShardIterator"]
    return found


def test_every_change_leaves_a_record_and_no_change_leaves_none(plane: Plane) -> None:
    plane.put("p", a={"N": "1"})
    plane.put("p", a={"N": "1.0"})
    plane.put("p", a={"N": "2"})
    plane("DeleteItem", TableName="events", Key=key("p"))
    plane("DeleteItem", TableName="events", Key=key("p"))
    found = records(plane)
    assert [record["eventName"] for record in found] == ["INSERT", "MODIFY", "REMOVE"]
    changed = found[1]["dynamodb"]
    assert (changed["OldImage"]["a"], changed["NewImage"]["a"]) == ({"N": "1"}, {"N": "2"})
    assert changed["Keys"] == key("p")
    assert changed["ApproximateCreationDateTime"] == int(plane.clock.now)
    sequence = [int(record["dynamodb"]["SequenceNumber"]) for record in found]
    assert sequence == sorted(set(sequence))
    assert all(len(str(number)) >= 21 for number in sequence)


@pytest.mark.parametrize(
    ("view_type", "images"),
    [
        ("KEYS_ONLY", set()),
        ("NEW_IMAGE", {"NewImage"}),
        ("OLD_IMAGE", {"OldImage"}),
        ("NEW_AND_OLD_IMAGES", {"NewImage", "OldImage"}),
    ],
)
def test_the_view_type_decides_on_images(plane: Plane, view_type: Any, images: set[str]) -> None:
    plane.schemas.tables["events"] = replace(EVENTS, stream=StreamSchema(STREAM_ARN, "label", view_type))
    plane.put("p", a={"N": "1"})
    plane.put("p", a={"N": "2"})
    assert records(plane)[1]["dynamodb"].keys() & {"NewImage", "OldImage"} == images


def test_the_streams_api_reads_on_from_where_it_was(plane: Plane) -> None:
    (stream,) = plane("ListStreams")["Streams"]
    assert (stream["StreamArn"], stream["TableName"]) == (STREAM_ARN, "events")
    plane.put("p", 1)
    latest = iterator(plane, "LATEST")
    plane.put("p", 2)
    plane.put("p", 3)
    page = plane("GetRecords", ShardIterator=iterator(plane, "TRIM_HORIZON"), Limit=2)
    assert [record["dynamodb"]["Keys"]["sk"]["N"] for record in page["Records"]] == ["1", "2"]
    rest = plane("GetRecords", ShardIterator=page["NextShardIterator"])["Records"]
    assert [record["dynamodb"]["Keys"]["sk"]["N"] for record in rest] == ["3"]
    assert len(plane("GetRecords", ShardIterator=latest)["Records"]) == 2
    sequence = page["Records"][1]["dynamodb"]["SequenceNumber"]
    at = iterator(plane, "AT_SEQUENCE_NUMBER", SequenceNumber=sequence)
    after = iterator(plane, "AFTER_SEQUENCE_NUMBER", SequenceNumber=sequence)
    assert [len(plane("GetRecords", ShardIterator=place)["Records"]) for place in (at, after)] == [2, 1]


def test_iterators_expire_and_records_are_trimmed_after_a_day(plane: Plane) -> None:
    plane.put("p", 1)
    old = iterator(plane, "TRIM_HORIZON")
    plane.clock.now += 901
    assert plane.refusal("GetRecords", ShardIterator=old).code == "ExpiredIteratorException"
    plane.clock.now += DAY
    assert records(plane) == []
    plane.put("p", 2)
    plane.data.sweep_expired()
    assert [record["dynamodb"]["Keys"]["sk"]["N"] for record in records(plane)] == ["2"]


def test_unknown_streams_are_not_found(plane: Plane) -> None:
    assert plane.refusal("DescribeStream", StreamArn=STREAM_ARN + "x").code == "ResourceNotFoundException"


def test_expired_items_stay_until_the_sweep_and_leave_as_the_service_s_deletions(plane: Plane) -> None:
    soon, long_ago = int(plane.clock.now) + 10, 1
    plane.put("p", 1, expires={"N": str(soon)})
    plane.put("p", 2, expires={"N": str(soon + 1000)})
    plane.put("p", 3, expires={"S": str(soon)})
    plane.put("p", 4, expires={"N": str(long_ago)})
    plane.clock.now += 11
    assert plane.get("p", 1) is not None
    assert plane.data.sweep_expired() == 1
    assert [plane.get("p", number) is None for number in (1, 2, 3, 4)] == [True, False, False, False]
    record = records(plane)[-1]
    assert record["eventName"] == "REMOVE"
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    shown = plane("GetRecords", ShardIterator=iterator(plane, "TRIM_HORIZON"))["Records"][-1]
    assert shown["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}


def test_enabling_time_to_live_later_concerns_older_items_too(plane: Plane) -> None:
    plane.schemas.tables["events"] = replace(EVENTS, ttl_attribute=None)
    plane.put("p", 1, expires={"N": str(int(plane.clock.now) - 5)})
    assert plane.data.sweep_expired() == 0
    plane.schemas.tables["events"] = EVENTS
    assert plane.data.sweep_expired() == 1
