"""The strict checker refuses every write that AWS refuses, whatever a local DynamoDB would let pass."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from tests.lambdas.world import World
from tests.strict.checker import Checker
from tests.strict.schemas import tables
from tests.strict.values import Refused

EVENTS, SESSIONS, STATE = "liveinsight-events-test", "liveinsight-sessions-test", "liveinsight-state-test"
CHECKER = Checker(tables())
EVENT = {"session_id": {"S": "s"}, "timestamp": {"N": "1764000000000000000000123"}, "event_type": {"S": "x"}}
KEY = {"pk": {"S": "p"}, "sk": {"S": "s"}}


def put(table: str, item: dict[str, Any], **more: Any) -> None:
    CHECKER.check("PutItem", {"TableName": table, "Item": item, **more})


def update(expression: str, table: str = SESSIONS, **values: Any) -> None:
    key = {SESSIONS: {"session_id": {"S": "s"}}, STATE: KEY}[table]
    request: dict[str, Any] = {"TableName": table, "Key": key, "UpdateExpression": expression}
    if values:
        request["ExpressionAttributeValues"] = {f":{name}": value for name, value in values.items()}
    CHECKER.check("UpdateItem", request)


def batch(*items: dict[str, Any], table: str = EVENTS) -> None:
    writes = [{"PutRequest": {"Item": item}} for item in items]
    CHECKER.check("BatchWriteItem", {"RequestItems": {table: writes}})


def nested(depth: int) -> dict[str, Any]:
    return {"L": [nested(depth - 1)]} if depth else {"S": "x"}


def test_what_aws_takes_passes() -> None:
    put(EVENTS, EVENT | {"ttl": {"N": "1764000000"}, "m": {"M": {"a": {"L": [{"NULL": True}]}}}})
    put(STATE, KEY | {"n": {"N": "-9.9999999999999999999999999999999999999E+125"}, "d": nested(32)})
    put(STATE, KEY | {"b": {"BS": ["AA==", "AQ=="]}, "flag": {"BOOL": False}, "tiny": {"N": "1E-130"}})
    put(STATE, {"pk": {"S": "p" * 2048}, "sk": {"S": "s" * 1024}, "a": {"S": "x" * 406_519}})
    batch(*({**EVENT, "timestamp": {"N": str(number)}} for number in range(25)))
    update("SET is_active = :a, last_activity = :t REMOVE referrer", a={"S": "true"}, t={"N": "5"})
    update("SET seen = if_not_exists(seen, :z) + :one ADD marks :one", z={"N": "0"}, one={"N": "1"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"session_id": {"BOOL": True}}, "key of another type"),
        ({"timestamp": {"S": "1"}}, "key of another type"),
        ({"event_type": {"BOOL": True}}, "key of another type"),
        ({"event_type": {"N": "1"}}, "key of another type"),
        ({"session_id": {"S": ""}}, "may not be empty"),
        ({"event_type": {"S": ""}}, "may not be empty"),
        ({"session_id": {"S": "é" * 1025}}, "at most 2048 bytes"),
        ({"event_type": {"S": "x" * 2049}}, "at most 2048 bytes"),
        ({"timestamp": {"N": "9" * 39}}, "38 significant digits"),
        ({"n": {"N": "0.000" + "1" * 39}}, "38 significant digits"),
        ({"n": {"N": "1E126"}}, "out of range"),
        ({"n": {"N": "-1E-131"}}, "out of range"),
        ({"n": {"N": "NaN"}}, "no number"),
        ({"n": {"N": "one"}}, "no number"),
        ({"n": {"N": 1}}, "travels as text"),
        ({"s": {"SS": []}}, "may not be empty"),
        ({"s": {"NS": ["1", "1.0"]}}, "nothing twice"),
        ({"b": {"B": "no base64!"}}, "no base64"),
        ({"b": {"B": "AAAAAAB="}}, "no base64 in its one form"),
        ({"x": {"S": "a", "N": "1"}}, "exactly one type"),
        ({"x": {"NULL": False}}, "no truth value"),
        ({"x": {"Z": "a"}}, "no type Z"),
        ({"x": nested(33)}, "at most 32 deep"),
        ({"": {"S": "a"}}, "no name"),
        ({"ttl": {"S": "1764000000"}}, "is no number"),
        ({"ttl": {"N": "1764000000000"}}, "no epoch seconds"),
        ({"ttl": {"N": "86400"}}, "no epoch seconds"),
        ({"x": {"B": b64encode(bytes(409_600)).decode()}}, "larger than 400 KB"),
        ({"x": {"S": "é" * 204_800}}, "larger than 400 KB"),
    ],
)
def test_a_put_of_something_that_is_no_item_of_the_table_is_refused(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        put(EVENTS, EVENT | changes)
    with pytest.raises(Refused, match=reason):
        batch(EVENT | changes)


def test_a_put_without_its_key_a_long_sort_key_and_an_unknown_table_are_refused() -> None:
    with pytest.raises(Refused, match="lacks a key"):
        put(EVENTS, {"session_id": {"S": "s"}})
    with pytest.raises(Refused, match="at most 1024 bytes"):
        put(STATE, KEY | {"sk": {"S": "s" * 1025}})
    with pytest.raises(Refused, match="no table"):
        put("liveinsight-other-test", KEY)
    with pytest.raises(Refused, match="not exactly"):
        CHECKER.check("DeleteItem", {"TableName": STATE, "Key": {"pk": {"S": "p"}}})
    with pytest.raises(Refused, match="not exactly"):
        CHECKER.check("GetItem", {"TableName": SESSIONS, "Key": KEY})


def test_a_batch_with_a_key_twice_with_more_than_25_writes_or_with_none_is_refused() -> None:
    with pytest.raises(Refused, match="same key twice"):
        batch(EVENT, EVENT | {"event_type": {"S": "y"}})
    with pytest.raises(Refused, match="same key twice"):
        batch(EVENT, EVENT | {"timestamp": {"N": EVENT["timestamp"]["N"] + ".0"}})
    many = [EVENT | {"timestamp": {"N": str(number)}} for number in range(26)]
    with pytest.raises(Refused, match="1 to 25"):
        batch(*many)
    with pytest.raises(Refused, match="1 to 25"):
        batch()
    with pytest.raises(Refused, match="put or a delete"):
        CHECKER.check("BatchWriteItem", {"RequestItems": {EVENTS: [{}]}})


@pytest.mark.parametrize(
    ("expression", "values", "reason"),
    [
        ("SET is_active = :v", {"v": {"BOOL": True}}, "key of another type"),
        ("SET is_active = if_not_exists(is_active, :v)", {"v": {"BOOL": True}}, "key of another type"),
        ("SET is_active = :v", {"v": {"S": ""}}, "may not be empty"),
        ("ADD last_activity :v", {"v": {"S": "1"}}, "key of another type"),
        ("SET session_id = :v", {"v": {"S": "x"}}, "may not change the key"),
        ("REMOVE session_id", {}, "may not change the key"),
        ("SET seen = :v", {}, "undefined placeholders"),
        ("SET seen = :v", {"v": {"S": "x"}, "w": {"S": "x"}}, "unused placeholders"),
        ("SET source = :v", {"v": {"S": "x"}}, "reserved word in UpdateExpression: source"),
        ("SET a.ttl = :v", {"v": {"N": "1"}}, "reserved word in UpdateExpression: ttl"),
        ("SET seen = ?", {}, "not a token"),
        ("", {}, "is empty"),
        ("SET " + ", ".join(f"a{n} = :v" for n in range(301)), {"v": {"S": "x"}}, "300 operators"),
        (
            "SET " + ", ".join(f"attribute_{n} = :v" for n in range(250)),
            {"v": {"S": "x"}},
            "longer than 4 KB",
        ),
    ],
)
def test_an_update_that_is_no_update_of_the_table_is_refused(
    expression: str, values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        update(expression, **values)


def test_an_expiry_in_milliseconds_is_refused_in_an_update_too() -> None:
    names = {"#ttl": "ttl"}
    request = {"TableName": STATE, "Key": KEY, "UpdateExpression": "SET #ttl = :t"}
    values = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": {":t": {"N": "1764000000000"}}}
    with pytest.raises(Refused, match="no epoch seconds"):
        CHECKER.check("UpdateItem", request | values)


def test_an_unused_name_and_an_operation_nobody_needs_are_refused() -> None:
    with pytest.raises(Refused, match="unused placeholders"):
        put(STATE, KEY, ConditionExpression="attribute_exists(pk)", ExpressionAttributeNames={"#a": "a"})
    with pytest.raises(Refused, match="no business"):
        CHECKER.check("DeleteTable", {"TableName": STATE})


def test_every_call_of_the_functions_passes_the_checker_on_its_way(tmp_path: Path) -> None:
    world = World(tmp_path / "data.sqlite")
    key = {"session_id": {"S": "s"}}
    with pytest.raises(Refused, match="key of another type"):
        world.client.send("PutItem", {"TableName": SESSIONS, "Item": key | {"is_active": {"BOOL": True}}})
    world.close()
