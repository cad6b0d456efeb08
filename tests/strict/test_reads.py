"""The strict checker refuses every read that AWS refuses, and reads of an index that lacks what they name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.strict.checker import Checker
from tests.strict.schemas import tables
from tests.strict.values import Refused

EVENTS, SESSIONS, STATE = "liveinsight-events-test", "liveinsight-sessions-test", "liveinsight-state-test"
CHECKER = Checker(tables())
P = {":p": {"S": "p"}}


def query(condition: str, values: dict[str, Any] = P, table: str = STATE, **more: Any) -> None:
    request = {"TableName": table, "KeyConditionExpression": condition, **more}
    CHECKER.check("Query", request | {"ExpressionAttributeValues": values})


def live(**more: Any) -> None:
    values = {":p": {"S": "true"}} | more.pop("values", {})
    query("is_active = :p", values, SESSIONS, IndexName="ActivityIndex", **more)


def test_what_aws_takes_passes() -> None:
    query("pk = :p AND sk BETWEEN :a AND :b", P | {":a": {"S": "a"}, ":b": {"S": "b"}}, ConsistentRead=True)
    query("begins_with(sk, :a) AND pk = :p", P | {":a": {"S": "a"}})
    live(Limit=1, ProjectionExpression="site, visitor, session_id, last_activity", ScanIndexForward=False)
    live(FilterExpression="site = :s", values={":s": {"S": "shop.example"}})
    CHECKER.check("Scan", {"TableName": EVENTS, "FilterExpression": "attribute_exists(props)"})
    CHECKER.check("BatchGetItem", {"RequestItems": {STATE: {"Keys": [{"pk": {"S": "p"}, "sk": {"S": "s"}}]}}})


@pytest.mark.parametrize(
    ("condition", "values", "reason"),
    [
        ("sk = :p", P, "one equality on the partition key"),
        ("pk > :p", P, "one equality on the partition key"),
        ("pk = :p AND data_ = :a", P | {":a": {"S": "a"}}, "something that is no key"),
        ("pk = :p AND sk <> :a", P | {":a": {"S": "a"}}, "no operator for key conditions"),
        ("pk = :p OR sk = :a", P | {":a": {"S": "a"}}, "no operator for key conditions"),
        ("pk = :p", {":p": {"N": "1"}}, "pk is a key of another type"),
        ("pk = :p AND sk = :a", P | {":a": {"N": "1"}}, "sk is a key of another type"),
        ("pk = :p", {":p": {"S": ""}}, "empty value"),
        ("pk = :p", P | {":q": {"S": "q"}}, "unused placeholders"),
        ("pk = :p AND sk = :q", P, "undefined placeholders"),
    ],
)
def test_a_query_without_a_proper_key_condition_is_refused(
    condition: str, values: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        query(condition, values)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"ConsistentRead": True}, "never read consistently"),
        ({"Limit": 0}, "Limit is at least 1"),
        ({"Select": "ALL_ATTRIBUTES"}, "does not have all attributes"),
        ({"ProjectionExpression": "site, page_count"}, "index does not have \\['page_count'\\]"),
        ({"FilterExpression": "attribute_exists(user_id)"}, "index does not have \\['user_id'\\]"),
        ({"FilterExpression": "last_activity > :t", "values": {":t": {"N": "1"}}}, "may not name a key"),
        ({"ProjectionExpression": "source"}, "reserved word"),
        ({"IndexName": "OtherIndex"}, "no index"),
    ],
)
def test_a_read_of_an_index_is_refused_for_what_an_index_cannot_do(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        query(
            "is_active = :p",
            {":p": {"S": "true"}} | more.pop("values", {}),
            SESSIONS,
            **{"IndexName": "ActivityIndex"} | more,
        )


def test_a_query_without_a_condition_and_a_batch_of_too_many_keys_or_one_twice_are_refused() -> None:
    with pytest.raises(Refused, match="has a KeyConditionExpression"):
        CHECKER.check("Query", {"TableName": STATE})
    keys = [{"pk": {"S": "p"}, "sk": {"S": str(number)}} for number in range(101)]
    with pytest.raises(Refused, match="1 to 100 keys"):
        CHECKER.check("BatchGetItem", {"RequestItems": {STATE: {"Keys": keys}}})
    with pytest.raises(Refused, match="same key twice"):
        CHECKER.check("BatchGetItem", {"RequestItems": {STATE: {"Keys": keys[:1] * 2}}})


def test_in_takes_at_most_a_hundred_operands_and_a_value_at_most_two_megabytes() -> None:
    values = {f":v{n}": {"S": "x"} for n in range(101)}
    request = {"TableName": EVENTS, "FilterExpression": f"country IN ({', '.join(values)})"}
    with pytest.raises(Refused, match="100 operands"):
        CHECKER.check("Scan", request | {"ExpressionAttributeValues": values})
    large = {"ExpressionAttributeValues": {":v": {"S": "x" * (2**21 + 1)}}}
    with pytest.raises(Refused, match="larger than 2 MB"):
        CHECKER.check("Scan", {"TableName": EVENTS, "FilterExpression": "title = :v"} | large)


def test_the_definitions_are_the_ones_the_client_gave_and_an_index_key_is_a_string() -> None:
    events, sessions = tables()[EVENTS], tables()[SESSIONS]
    assert (events.keys, events.ttl, events.stream) == (("session_id", "timestamp"), "ttl", "NEW_IMAGE")
    assert sessions.indexes["ActivityIndex"].keys == ("is_active", "last_activity")
    assert sessions.types == {"session_id": "S", "is_active": "S", "last_activity": "N"}
    assert events.creation()["GlobalSecondaryIndexes"][0]["KeySchema"][1] == {
        "AttributeName": "timestamp",
        "KeyType": "RANGE",
    }
