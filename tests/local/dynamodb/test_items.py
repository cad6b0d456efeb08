"""Items: writing, updating, conditions, batches, transactions, and what survives."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.local.dynamodb import IndexSchema, KeyAttribute
from tests.local.dynamodb.conftest import EVENTS, Plane, key


def number(value: float | str) -> dict[str, str]:
    return {"N": str(value)}


def update(plane: Plane, expression: str, **values: Any) -> dict[str, Any]:
    more = (
        {"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {}
    )
    answer = plane(
        "UpdateItem",
        TableName="events",
        Key=key("p"),
        UpdateExpression=expression,
        ReturnValues="ALL_NEW",
        **more,
    )
    item: dict[str, Any] = answer["Attributes"]
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}


def test_values_of_an_update_are_those_before_it(plane: Plane) -> None:
    plane.put("p", a=number(1), b=number(2))
    assert update(plane, "SET a = b, b = a") == {"a": number(2), "b": number(1)}


def test_removed_list_indexes_mean_the_list_as_it_was(plane: Plane) -> None:
    plane.put("p", seq={"L": [number(n) for n in range(4)]})
    assert update(plane, "REMOVE seq[0], seq[2]") == {"seq": {"L": [number(1), number(3)]}}


def test_setting_beyond_the_end_of_a_list_appends(plane: Plane) -> None:
    plane.put("p", seq={"L": [number(0)]})
    assert update(plane, "SET seq[9] = :v", v=number(1)) == {"seq": {"L": [number(0), number(1)]}}


def test_an_emptied_set_disappears(plane: Plane) -> None:
    plane.put("p", a={"SS": ["x", "y"]})
    assert update(plane, "DELETE a :v", v={"SS": ["x", "y"]}) == {}


def test_counters_start_at_nothing(plane: Plane) -> None:
    assert update(plane, "ADD hits :v", v=number("0.1")) == {"hits": number("0.1")}
    assert update(plane, "ADD hits :v", v=number("0.2")) == {"hits": number("0.3")}


def test_a_failed_condition_shows_the_item_when_asked(plane: Plane) -> None:
    plane.put("p", a=number(1))
    request = {"TableName": "events", "Item": key("p"), "ConditionExpression": "attribute_not_exists(pk)"}
    assert plane.refusal("PutItem", **request).extra == {}
    error = plane.refusal("PutItem", **request, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert (error.code, error.extra["Item"]["a"]) == ("ConditionalCheckFailedException", number(1))


def test_a_cancelled_transaction_changes_nothing_and_gives_a_reason_for_each_member(plane: Plane) -> None:
    plane.put("taken")
    put = {"Put": {"TableName": "events", "Item": key("new")}}
    check = {"TableName": "events", "Item": key("taken"), "ConditionExpression": "attribute_not_exists(pk)"}
    error = plane.refusal("TransactWriteItems", TransactItems=[put, {"Put": check}])
    assert error.code == "TransactionCanceledException"
    assert error.message.endswith("[None, ConditionalCheckFailed]")
    assert error.extra["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
    ]
    assert plane.get("new") is None


def test_a_transaction_repeated_with_its_token_is_done_once(plane: Plane) -> None:
    change = {"TableName": "events", "Key": key("p"), "UpdateExpression": "ADD hits :one"}
    member = {"Update": {**change, "ExpressionAttributeValues": {":one": number(1)}}}
    for _ in range(2):
        plane("TransactWriteItems", TransactItems=[member], ClientRequestToken="once")
    assert (plane.get("p") or {})["hits"] == number(1)
    other = {"Delete": {"TableName": "events", "Key": key("p")}}
    error = plane.refusal("TransactWriteItems", TransactItems=[other], ClientRequestToken="once")
    assert error.code == "IdempotentParameterMismatchException"
    plane.clock.now += 601
    plane("TransactWriteItems", TransactItems=[member], ClientRequestToken="once")
    assert (plane.get("p") or {})["hits"] == number(2)


def test_a_batch_with_one_bad_item_writes_none(plane: Plane) -> None:
    good = {"PutRequest": {"Item": key("p")}}
    bad = {"PutRequest": {"Item": {**key("q"), "grp": number(1)}}}
    plane.refusal("BatchWriteItem", RequestItems={"events": [good, bad]})
    assert plane.get("p") is None


def test_counts_follow_every_write_and_drop_removes_everything(plane: Plane) -> None:
    plane.put("p", 1, a={"S": "xyz"})
    plane.put("p", 2)
    plane.put("p", 1)
    plane("DeleteItem", TableName="events", Key=key("p", 2))
    assert plane.data.item_count("events") == (1, len("pk") + len("p") + len("sk") + 2)
    plane.data.drop("events")
    assert plane.data.item_count("events") == (0, 0)
    assert plane("Scan", TableName="events")["Items"] == []
    assert plane("Scan", TableName="events", IndexName="ByGroup")["Items"] == []


def test_an_index_added_later_holds_the_items_that_fit_it(plane: Plane) -> None:
    plane.put("p", 1, tag={"S": "x"})
    plane.put("p", 2, tag=number(1))
    index = IndexSchema("ByTag", KeyAttribute("tag", "S"))
    plane.schemas.tables["events"] = replace(EVENTS, indexes=(*EVENTS.indexes, index))
    found = plane("Scan", TableName="events", IndexName="ByTag")["Items"]
    assert [item["sk"] for item in found] == [number(1)]


def test_a_table_of_other_keys_under_the_same_name_begins_empty(plane: Plane) -> None:
    plane.put("p", 1)
    plane.schemas.tables["events"] = replace(EVENTS, sort=None, indexes=())
    assert plane("Scan", TableName="events")["Count"] == 0


def test_concurrent_counters_lose_nothing(plane: Plane) -> None:
    def count() -> None:
        for _ in range(25):
            update(plane, "ADD hits :v", v=number(1))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (plane.get("p") or {})["hits"] == number(100)


def test_a_read_sees_every_write_before_it_whatever_other_readers_do(plane: Plane) -> None:
    done = threading.Event()

    def query() -> dict[str, Any]:
        values = {":p": {"S": "p"}}
        return plane(
            "Query",
            TableName="events",
            KeyConditionExpression="pk = :p",
            ExpressionAttributeValues=values,
            ScanIndexForward=False,
            Limit=1,
        )

    def read_on() -> None:
        while not done.is_set():
            query()

    plane.put("p", -1)
    readers = [threading.Thread(target=read_on) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for count in range(200):
            plane.put("p", count)
            assert query()["Items"][0]["sk"] == number(count)
    finally:
        done.set()
        for reader in readers:
            reader.join()


_WRITER = """
import os, signal, sys
from pathlib import Path
from liveinsight_cli.local.dynamodb import DataPlane
from tests.local.dynamodb.conftest import EVENTS, Schemas, key
data = DataPlane(Path(sys.argv[1]), Schemas({"events": EVENTS}))
for number in range(50):
    item = {**key("p", number), "grp": {"S": "g"}, "place": {"N": "1"}}
    data.handle("PutItem", {"TableName": "events", "Item": item})
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_loses_no_answered_write(
    make_plane: Callable[..., Plane], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "killed.db")]
    done = subprocess.run(command, cwd=pytestconfig.rootpath, check=False, capture_output=True)
    assert done.returncode == -9, done.stderr
    plane = make_plane(name="killed.db")
    assert plane.data.item_count("events")[0] == 50
    assert plane("Scan", TableName="events", IndexName="ByGroup")["Count"] == 50
    records = plane.data.read_stream("events", 0, 100)
    plane.put("p", 50)
    after = int(records[-1]["dynamodb"]["SequenceNumber"])
    assert [record["eventName"] for record in plane.data.read_stream("events", after, 100)] == ["INSERT"]
