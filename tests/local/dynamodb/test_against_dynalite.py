"""Random sequences of requests, answered op by op by the data plane and by dynalite, must be answered alike.

Where they are known to differ, `DIFFERENCES` says so and why; docs/embedded-dynamodb.md tells the same to users.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from liveinsight_cli.local.dynamodb import DynamoDBError
from tests.conftest import IN_CI
from tests.local.dynamodb.conftest import EVENTS, Dynalite, Implementation, Plane
from tests.local.dynamodb.strategies import Request, requests

EXAMPLES = int(os.environ.get("DYNAMODB_EXAMPLES", "110"))
_SETS = ("SS", "NS", "BS")


@dataclass(frozen=True)
class Outcome:
    """A comparable answer, or the code of an error."""

    answer: Any = None
    error: str | None = None
    message: str = ""

    def same_as(self, other: Outcome) -> bool:
        return (self.answer, self.error) == (other.answer, other.error)


@dataclass(frozen=True)
class Difference:
    """A known difference: what it is, who is right and why, and how to tell it."""

    reason: str
    applies: Callable[[str, dict[str, Any], Outcome, Outcome], bool]


def _refused(pattern: str) -> Callable[[str, dict[str, Any], Outcome, Outcome], bool]:
    def applies(_operation: str, _request: dict[str, Any], ours: Outcome, theirs: Outcome) -> bool:
        refused = ours.error == "ValidationException" and theirs.error in (
            None,
            "ConditionalCheckFailedException",
        )
        return refused and bool(re.search(pattern, ours.message))

    return applies


def _mentions(pattern: str) -> Callable[[str, dict[str, Any], Outcome, Outcome], bool]:
    def applies(_operation: str, request: dict[str, Any], _ours: Outcome, _theirs: Outcome) -> bool:
        expressions = (str(text) for name, text in request.items() if name.endswith("Expression"))
        return any(re.search(pattern, text) for text in expressions)

    return applies


DIFFERENCES = [
    Difference(
        "AWS's grammar has `NOT condition`, so NOT NOT is one too; dynalite takes the second for a function",
        _mentions(r"NOT NOT"),
    ),
    Difference(
        "ours refuses parameters the operation does not have; AWS and dynalite ignore them",
        _refused(r"^Unknown parameter"),
    ),
    Difference(
        "AWS refuses an empty value of an index key; dynalite stores it",
        _refused(r"secondary.index key.*cannot contain an empty"),
    ),
    Difference(
        "AWS refuses an empty key value in a key condition; dynalite finds nothing",
        _refused(r"^One or more parameter values are not valid. .* Key: "),
    ),
    Difference(
        "list indexes of one update all mean the list as it was; dynalite counts again after each removal",
        _mentions(r"REMOVE .*seq\["),
    ),
    Difference(
        "what is missing or has no order compares to nothing; dynalite calls two missing paths equal",
        _mentions(r"[\w\]] (=|<>|<=?|>=?) [a-z#]"),
    ),
    Difference(
        "AWS keeps 38 digits; dynalite stores any sum",
        _refused(r"more than 38 significant digits"),
    ),
    Difference(
        "AWS's <, <=, >, >= and BETWEEN refuse types without order; dynalite answers false",
        _refused(r"Incorrect operand type for operator or function; operator or function: (<|>|BETWEEN)"),
    ),
]


@pytest.fixture(scope="module")
def events(dynalite: Dynalite) -> Dynalite:
    """dynalite with the events table."""
    dynalite("CreateTable", **_definition())
    while dynalite("DescribeTable", TableName="events")["Table"]["TableStatus"] != "ACTIVE":
        pass
    return dynalite


def _definition() -> dict[str, Any]:
    def schema(names: list[str]) -> list[dict[str, str]]:
        return [
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
        ]

    types = {
        **{key.name: key.type for key in EVENTS.keys},
        **{n: t for n, (t, _) in EVENTS.index_key_types.items()},
    }
    indexes = []
    for index in EVENTS.indexes:
        projection: dict[str, Any] = {"ProjectionType": index.projection}
        if index.included:
            projection["NonKeyAttributes"] = sorted(index.included)
        keys = schema([key.name for key in index.keys])
        indexes.append({"IndexName": index.name, "KeySchema": keys, "Projection": projection})
    return {
        "TableName": "events",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": schema([key.name for key in EVENTS.keys]),
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": t} for n, t in types.items()],
        "GlobalSecondaryIndexes": indexes,
    }


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=IN_CI,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
    print_blob=True,
)
@given(sequence=st.lists(requests, min_size=5, max_size=40))
def test_every_answer_is_the_one_dynalite_gives(
    plane: Plane, events: Dynalite, sequence: list[Request]
) -> None:
    for implementation in (plane, events):
        _empty(implementation)
    for operation, request in sequence:
        ours, theirs = (_outcome(side, operation, request) for side in (plane, events))
        if ours.same_as(theirs):
            continue
        note(f"{operation} {json.dumps(request)}\nours:   {ours}\ntheirs: {theirs}")
        assert any(known.applies(operation, request, ours, theirs) for known in DIFFERENCES)
        _follow(plane, events)
    assert _contents(plane) == _contents(events)


def _outcome(side: Implementation, operation: str, request: dict[str, Any]) -> Outcome:
    given = dict(request) if operation == "BatchWriteItem" else {"TableName": "events", **request}
    try:
        if operation in ("Query", "Scan"):
            return Outcome(_all_pages(side, operation, given))
        answer = side(operation, **given, ReturnConsumedCapacity="INDEXES")
    except DynamoDBError as error:
        return Outcome(error=error.code, message=error.message)
    return Outcome(_comparable(operation, answer))


def _comparable(operation: str, answer: dict[str, Any]) -> Any:
    """Sets in one order, empty Attributes left out, of the capacity only the table's own."""
    shown = {name: value for name, value in _sorted_sets(answer).items() if value or name == "Item"}
    capacity = shown.pop("ConsumedCapacity", None)
    if capacity and operation != "BatchWriteItem":
        shown["units"] = capacity["Table"]["CapacityUnits"]
    return shown


def _all_pages(side: Implementation, operation: str, request: dict[str, Any]) -> Any:
    """Every page of a Query on the table as it is; of scans and index queries, whose order is open, what they hold."""
    pages: list[dict[str, Any]] = []
    start: dict[str, Any] = {}
    while not pages or start:
        more = {"ExclusiveStartKey": start} if start else {}
        page = side(operation, **request, **more)
        pages.append(_sorted_sets(page))
        start = page.get("LastEvaluatedKey", {})
        assert len(pages) < 100, "paging does not end"
    if operation == "Query" and "IndexName" not in request:
        return pages
    items = [item for page in pages for item in page.get("Items", [])]
    places = [item["place"] for item in items] if request.get("IndexName") == "ByGroup" else []
    totals = {name: sum(page[name] for page in pages) for name in ("Count", "ScannedCount")}
    return {**totals, "items": sorted(map(_text, items)), "places": places}


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _sorted_sets(value: Any) -> Any:
    if isinstance(value, list):
        return [_sorted_sets(element) for element in value]
    if isinstance(value, dict):
        return {
            k: sorted(v) if k in _SETS and isinstance(v, list) else _sorted_sets(v) for k, v in value.items()
        }
    return value


def _contents(side: Implementation) -> list[str]:
    return sorted(_text(_sorted_sets(item)) for item in _items(side))


def _items(side: Implementation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = side("Scan", TableName="events")["Items"]
    return found


def _empty(side: Implementation) -> None:
    for item in _items(side):
        side("DeleteItem", TableName="events", Key={"pk": item["pk"], "sk": item["sk"]})


def _follow(plane: Plane, events: Dynalite) -> None:
    """After a known difference dynalite gets our items, so that the next answers can be compared."""
    if _contents(plane) == _contents(events):
        return
    _empty(events)
    for item in _items(plane):
        events("PutItem", TableName="events", Item=item)
