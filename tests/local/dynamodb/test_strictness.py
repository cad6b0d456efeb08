"""What AWS refuses is refused, with AWS's words as far as they are known."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.dynamodb.conftest import Plane, key

ITEM: dict[str, Any] = {"pk": {"S": "p"}, "sk": {"N": "1"}}


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"pk": {"N": "1"}}, "Type mismatch for key pk expected: S actual: N"),
        ({"pk": {"S": ""}}, "cannot contain an empty string value. Key: pk"),
        ({"pk": {"S": "x" * 2049}}, "Size of hashkey has exceeded"),
        (
            {"grp": {"BOOL": True}},
            "Type mismatch for Index Key grp Expected: S Actual: BOOL IndexName: ByGroup",
        ),
        ({"grp": {"N": "1"}}, "Type mismatch for Index Key grp"),
        ({"grp": {"S": ""}}, "IndexName: ByGroup, IndexKey: grp"),
        ({"grp": {"S": "x" * 2049}}, "IndexName: ByGroup, IndexKey: grp"),
        ({"a": {"N": "1" * 40}}, "more than 38 significant digits"),
        ({"a": {"SS": []}}, "An string set  may not be empty"),
        ({"a": {"SS": ["x", "x"]}}, "contains duplicates"),
        ({"a": {"NS": ["1", "1.0"]}}, "contains duplicates"),
        ({"a": {"NULL": False}}, "Null attribute value types must have the value of true"),
        ({"a": {}}, "Supplied AttributeValue is empty"),
        ({"a": {"S": "x", "N": "1"}}, "more than one datatypes set"),
        ({"a": {"S": "x" * 409_600}}, "Item size has exceeded the maximum allowed size"),
    ],
)
def test_items_that_aws_refuses_are_refused_by_put_batch_and_transaction(
    plane: Plane, attributes: dict[str, Any], reason: str
) -> None:
    item = {**ITEM, **attributes}
    put = plane.refusal("PutItem", TableName="events", Item=item)
    assert put.code == "ValidationException"
    assert reason in put.message
    batch = plane.refusal("BatchWriteItem", RequestItems={"events": [{"PutRequest": {"Item": item}}]})
    assert reason in batch.message
    member = {"Put": {"TableName": "events", "Item": item}}
    transaction = plane.refusal("TransactWriteItems", TransactItems=[member])
    assert reason in transaction.message + str(transaction.extra)
    assert plane.data.item_count("events") == (0, 0)


def test_an_item_of_exactly_400_kb_is_accepted(plane: Plane) -> None:
    overhead = len("pk") + len("p") + len("sk") + 2 + len("a")
    plane.put("p", 1, a={"S": "x" * (400 * 1024 - overhead)})
    assert plane.data.item_count("events") == (1, 400 * 1024)


@pytest.mark.parametrize(
    ("expression", "values", "reason"),
    [
        ("status = :v", {":v": {"S": "x"}}, "reserved keyword; reserved keyword: status"),
        ("a = :gone", {":v": {"S": "x"}}, "value used in expression is not defined; attribute value: :gone"),
        ("a = :v", {":v": {"S": "x"}, ":w": {"S": "y"}}, "unused in expressions: keys: {:w}"),
        ("#a = :v", {":v": {"S": "x"}}, "name used in the document path is not defined; attribute name: #a"),
        ("a = :v)", {":v": {"S": "x"}}, 'Syntax error; token: ")"'),
        ("a == :v", {":v": {"S": "x"}}, 'Syntax error; token: "="'),
        ("", None, "The expression can not be empty"),
        ("((a = :v))", {":v": {"S": "x"}}, "redundant parentheses"),
        ("a < :v", {":v": {"BOOL": True}}, "operator or function: <, operand type: BOOL"),
        ("begins_with(a, :v)", {":v": {"N": "1"}}, "operator or function: begins_with, operand type: N"),
        ("attribute_type(a, :v)", {":v": {"S": "X"}}, "Invalid attribute type name found; type: X"),
        ("attribute_exists(:v)", {":v": {"S": "a"}}, "requires a document path"),
        ("size(a)", None, "not allowed to be used this way in an expression; function: size"),
        ("contains(a)", None, "number of operands: 1"),
        ("near(a)", None, "Invalid function name; function: near"),
        ("a = a", None, "must be distinct"),
        (
            "a BETWEEN :v AND :w",
            {":v": {"N": "2"}, ":w": {"N": "1"}},
            "upper bound to be greater than or equal",
        ),
    ],
)
def test_conditions_that_aws_refuses_are_refused(
    plane: Plane, expression: str, values: dict[str, Any] | None, reason: str
) -> None:
    more = {"ExpressionAttributeValues": values} if values else {}
    error = plane.refusal("PutItem", TableName="events", Item=ITEM, ConditionExpression=expression, **more)
    assert error.code == "ValidationException"
    assert reason in error.message


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("SET a = :v, a = :v", "Two document paths overlap with each other"),
        ("SET a.b = :v, a = :v", "path one: [a, b], path two: [a]"),
        ("SET a.b = :v, a[0] = :v", "Two document paths conflict with each other"),
        ("SET pk = :v", "Cannot update attribute pk. This attribute is part of the key"),
        ("SET grp = :v", "Type mismatch for Index Key grp Expected: S Actual: N IndexName: ByGroup"),
        ("SET a = :v SET b = :v", 'The "SET" section can only be used once'),
        ("SET a = :v + :v + :v", "Syntax error"),
        ("SET a = list_append(:v, b)", "operator or function: list_append, operand type: N"),
        ("DELETE a :v", "operator: DELETE, operand type: NUMBER"),
        ("SET gone.x = :v", "The document path provided in the update expression is invalid for update"),
        ("SET a = gone + :v", "refers to an attribute that does not exist in the item"),
        ("SET ttl = :v", "reserved keyword: ttl"),
    ],
)
def test_updates_that_aws_refuses_are_refused_and_change_nothing(
    plane: Plane, expression: str, reason: str
) -> None:
    plane.put("p", 1, a={"N": "1"})
    before = plane.get("p", 1)
    values = {":v": {"N": "1"}}
    error = plane.refusal(
        "UpdateItem",
        TableName="events",
        Key=key("p", 1),
        UpdateExpression=expression,
        ExpressionAttributeValues=values,
    )
    assert reason in error.message
    assert plane.get("p", 1) == before


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"KeyConditionExpression": "sk = :n"}, "missed key schema element: pk"),
        ({"KeyConditionExpression": "pk > :s"}, "Query key condition not supported"),
        (
            {"KeyConditionExpression": "pk = :s OR sk = :n"},
            "Invalid operator used in KeyConditionExpression: OR",
        ),
        (
            {"KeyConditionExpression": "pk = :s AND sk <> :n"},
            "Invalid operator used in KeyConditionExpression: <>",
        ),
        ({"KeyConditionExpression": "pk = :s AND a = :n"}, "missed key schema element: sk"),
        ({"KeyConditionExpression": "pk = :s AND pk = :s"}, "only contain one condition per key"),
        (
            {"KeyConditionExpression": "pk = :s AND sk = :s"},
            "Condition parameter type does not match schema type",
        ),
        ({"KeyConditionExpression": "pk = :s", "FilterExpression": "sk = :n"}, "Primary key attribute: sk"),
        (
            {"KeyConditionExpression": "pk = :s", "IndexName": "Nope"},
            "does not have the specified index: Nope",
        ),
        (
            {"KeyConditionExpression": "pk = :s", "Limit": 0},
            "Member must have value greater than or equal to 1",
        ),
        (
            {"KeyConditionExpression": "grp = :s", "IndexName": "ByGroup", "ConsistentRead": True},
            "Consistent reads are not supported on global secondary indexes",
        ),
        (
            {"KeyConditionExpression": "kind = :s", "IndexName": "ByKind", "Select": "ALL_ATTRIBUTES"},
            "Select type ALL_ATTRIBUTES is not supported for global secondary index ByKind",
        ),
        (
            {"KeyConditionExpression": "kind = :s", "IndexName": "ByKind", "ProjectionExpression": "b"},
            "does not project [b]",
        ),
        (
            {"KeyConditionExpression": "pk = :s", "ExclusiveStartKey": {"pk": {"S": "p"}}},
            "starting key is invalid",
        ),
    ],
)
def test_queries_that_aws_refuses_are_refused(plane: Plane, request_: dict[str, Any], reason: str) -> None:
    text = " ".join(str(value) for name, value in request_.items() if name.endswith("Expression"))
    pool = {":s": {"S": "p"}, ":n": {"N": "1"}}
    values = {name: value for name, value in pool.items() if name in text}
    error = plane.refusal("Query", TableName="events", **request_, ExpressionAttributeValues=values)
    assert error.code == "ValidationException"
    assert reason in error.message


def test_batches_and_transactions_have_limits_and_no_duplicates(plane: Plane) -> None:
    writes = [{"DeleteRequest": {"Key": key("p", n)}} for n in range(26)]
    assert (
        "less than or equal to 25" in plane.refusal("BatchWriteItem", RequestItems={"events": writes}).message
    )
    twice = {"events": writes[:1] * 2}
    assert "contains duplicates" in plane.refusal("BatchWriteItem", RequestItems=twice).message
    gets = {"events": {"Keys": [key("p", n) for n in range(101)]}}
    assert plane.refusal("BatchGetItem", RequestItems=gets).code == "ValidationException"
    assert (
        "contains duplicates"
        in plane.refusal("BatchGetItem", RequestItems={"events": {"Keys": [key("p")] * 2}}).message
    )
    member = {"Delete": {"TableName": "events", "Key": key("p")}}
    assert (
        "multiple operations on one item"
        in plane.refusal("TransactWriteItems", TransactItems=[member] * 2).message
    )
    many = [{"Delete": {"TableName": "events", "Key": key("p", n)}} for n in range(101)]
    assert "less than or equal to 100" in plane.refusal("TransactWriteItems", TransactItems=many).message


@pytest.mark.parametrize("name", ["Expected", "AttributeUpdates", "ConditionalOperator"])
def test_legacy_parameters_are_refused_by_name(plane: Plane, name: str) -> None:
    assert name in plane.refusal("UpdateItem", TableName="events", Key=key("p"), **{name: {}}).message


def test_malformed_requests_are_refused(plane: Plane) -> None:
    assert "at 'item'" in plane.refusal("PutItem", TableName="events").message
    assert (
        plane.refusal("PutItem", TableName="events", Item={"pk": {"S": 5}}).code == "SerializationException"
    )
    assert plane.refusal("PutItem", TableName="events", Item=[]).code == "SerializationException"
    assert "Unknown parameter" in plane.refusal("PutItem", TableName="events", Item=ITEM, Itme=1).message
    assert plane.refusal("PutItem", TableName="nope", Item=ITEM).code == "ResourceNotFoundException"
    bad = plane.refusal("PutItem", TableName="events", Item=ITEM, ReturnValues="SOME")
    assert "enum value set" in bad.message
    assert plane.refusal("GetItem", TableName="events", Key={"pk": {"S": "p"}}).message == (
        "The provided key element does not match the schema"
    )
