"""Pages of queries and scans, and the capacity units of every operation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.dynamodb.conftest import Plane, key

GROUPED = {"grp": {"S": "g"}, "place": {"N": "1"}}
KB = 1024


def query(plane: Plane, **more: Any) -> dict[str, Any]:
    return plane(
        "Query",
        TableName="events",
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "p"}},
        **more,
    )


def units(plane: Plane, operation: str, **request: Any) -> tuple[float, dict[str, float]]:
    answer = plane(operation, **request, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    told = answer[0] if isinstance(answer, list) else answer
    indexes = {name: used["CapacityUnits"] for name, used in told.get("GlobalSecondaryIndexes", {}).items()}
    assert told["CapacityUnits"] == told["Table"]["CapacityUnits"] + sum(indexes.values())
    return told["Table"]["CapacityUnits"], indexes


def test_a_page_ends_at_one_megabyte(plane: Plane) -> None:
    for number in range(40):
        plane.put("p", number, a={"S": "x" * 100 * KB})
    pages, start = [], None
    while start is not None or not pages:
        page = query(plane, **({"ExclusiveStartKey": start} if start else {}))
        pages.append(page["Count"])
        start = page.get("LastEvaluatedKey")
    assert pages == [11, 11, 11, 7]


def test_a_filter_does_not_change_where_a_page_ends(plane: Plane) -> None:
    for number in range(5):
        plane.put("p", number)
    page = query(plane, Limit=2, FilterExpression="attribute_exists(a)")
    assert (page["Count"], page["ScannedCount"], page["LastEvaluatedKey"]) == (0, 2, key("p", 1))


def test_index_entries_of_equal_keys_are_paged_through_once_in_both_directions(plane: Plane) -> None:
    for number in range(7):
        plane.put("p", number, **GROUPED)
    for forward in (True, False):
        found: list[str] = []
        start: dict[str, Any] = {}
        while True:
            page = plane(
                "Query",
                TableName="events",
                IndexName="ByGroup",
                KeyConditionExpression="grp = :g AND place = :n",
                ExpressionAttributeValues={":g": {"S": "g"}, ":n": {"N": "1"}},
                Limit=3,
                ScanIndexForward=forward,
                **start,
            )
            found += [item["sk"]["N"] for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        assert found == [str(number) for number in sorted(range(7), reverse=not forward)]


def test_scan_segments_share_the_items_out(plane: Plane) -> None:
    for number in range(40):
        plane.put(f"p{number}")
    parts = [plane("Scan", TableName="events", Segment=n, TotalSegments=3)["Items"] for n in range(3)]
    names = [item["pk"]["S"] for part in parts for item in part]
    assert sorted(names) == sorted(f"p{number}" for number in range(40))
    assert all(parts)


def test_an_index_shows_only_what_it_projects(plane: Plane) -> None:
    plane.put("p", 1, kind={"S": "k"}, a={"N": "1"}, b={"N": "2"})
    (item,) = plane("Scan", TableName="events", IndexName="ByKind")["Items"]
    assert item == {**key("p", 1), "kind": {"S": "k"}, "a": {"N": "1"}}


def test_writes_cost_a_unit_a_kilobyte_of_the_larger_side(plane: Plane) -> None:
    small, large = {**key("p")}, {**key("p"), "a": {"S": "x" * 2500}}
    assert units(plane, "PutItem", TableName="events", Item=small) == (1.0, {})
    assert units(plane, "PutItem", TableName="events", Item=large) == (3.0, {})
    assert units(plane, "PutItem", TableName="events", Item=small) == (3.0, {})
    assert units(plane, "DeleteItem", TableName="events", Key=key("gone")) == (1.0, {})


def test_an_index_costs_one_write_for_its_entry_two_for_a_new_key_and_none_for_what_it_lacks(
    plane: Plane,
) -> None:
    def put(**attributes: Any) -> dict[str, float]:
        return units(plane, "PutItem", TableName="events", Item={**key("p"), **attributes})[1]

    assert put(kind={"S": "k"}) == {"ByKind": 1.0}
    assert put(kind={"S": "k"}, b={"N": "1"}) == {}
    assert put(kind={"S": "k"}, a={"N": "1"}) == {"ByKind": 1.0}
    assert put(kind={"S": "l"}, a={"N": "1"}) == {"ByKind": 2.0}
    assert put() == {"ByKind": 1.0}


def test_reads_cost_a_unit_for_4_kb_and_half_of_it_when_eventually_consistent(plane: Plane) -> None:
    plane.put("p", 1, a={"S": "x" * 5000})
    plane.put("p", 2, a={"S": "x" * 2000})
    get = {"TableName": "events", "Key": key("p", 1)}
    assert units(plane, "GetItem", **get) == (1.0, {})
    assert units(plane, "GetItem", **get, ConsistentRead=True) == (2.0, {})
    assert units(plane, "GetItem", TableName="events", Key=key("gone")) == (0.5, {})
    assert units(plane, "TransactGetItems", TransactItems=[{"Get": get}]) == (4.0, {})
    batch = {"events": {"Keys": [key("p", 1), key("p", 2)]}}
    assert units(plane, "BatchGetItem", RequestItems=batch) == (1.5, {})
    assert query(plane, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]["CapacityUnits"] == 1.0


def test_transactions_cost_twice(plane: Plane) -> None:
    put = {"Put": {"TableName": "events", "Item": {**key("p"), **GROUPED}}}
    assert units(plane, "TransactWriteItems", TransactItems=[put]) == (2.0, {"ByGroup": 2.0})


def test_metrics_hear_of_every_request_once_and_of_its_outcome(plane: Plane) -> None:
    plane.put("p", **GROUPED)
    plane.refusal(
        "PutItem", TableName="events", Item=key("p"), ConditionExpression="attribute_not_exists(pk)"
    )
    plane.refusal("PutItem", TableName="events", Item={"pk": {"S": "p"}})
    query(plane)
    told = [(one.operation, one.outcome, one.write_units, one.read_units) for one in plane.capacities]
    assert told == [
        ("PutItem", "success", 1.0, 0.0),
        ("PutItem", "condition_failed", 1.0, 0.0),
        ("PutItem", "user_error", 0.0, 0.0),
        ("Query", "success", 0.0, 0.5),
    ]
    assert plane.capacities[0].indexes["ByGroup"].write == 1.0
    assert plane.capacities[3].returned_items == 1
    assert {one.table for one in plane.capacities} == {"events"}


@pytest.mark.parametrize("index", ["ByGroup", "ByKind"])
def test_an_index_query_is_charged_to_the_index(plane: Plane, index: str) -> None:
    plane.put("p", kind={"S": "k"}, **GROUPED)
    assert units(plane, "Scan", TableName="events", IndexName=index) == (0.0, {index: 0.5})
