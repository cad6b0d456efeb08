"""Holds requests against the tables' definitions and AWS's published limits, independently of any data plane.

It sees requests, not items: what depends on what is stored (the size of an updated item) is left to the data plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.strict.expressions import Expression, expressions_of
from tests.strict.schemas import Index, Table
from tests.strict.values import comparable, refuse_unless, size_of, size_of_item, type_of

MOST_WRITES = 25
MOST_GETS = 100
LARGEST_ITEM = 400 * 1024  # 25 of these stay below the 16 MB that a batch may have
LONGEST_KEYS = (2048, 1024)  # partition, sort
# Epoch seconds of 2001 to 2286: milliseconds are far beyond, a period is far below.
_EPOCH_SECONDS = range(10**9, 10**10)
_WRITES = {"PutRequest": "Item", "DeleteRequest": "Key"}


class Checker:
    """Raises Refused for every request that AWS would not take."""

    def __init__(self, tables: Mapping[str, Table]) -> None:
        self._tables = tables

    def check(self, operation: str, request: Mapping[str, Any]) -> None:
        """Check a request in wire form."""
        checks = {
            "PutItem": self._put,
            "UpdateItem": self._update,
            "DeleteItem": self._key_only,
            "GetItem": self._key_only,
            "Query": self._query,
            "Scan": self._scan,
            "BatchWriteItem": self._batch_write,
            "BatchGetItem": self._batch_get,
        }
        refuse_unless(operation in checks, f"the functions have no business with {operation}")
        checks[operation](request)

    def _table(self, name: str) -> Table:
        refuse_unless(name in self._tables, f"Terraform has no table {name}")
        return self._tables[name]

    def _put(self, request: Mapping[str, Any]) -> None:
        expressions_of(request)
        _check_item(self._table(request["TableName"]), request["Item"])

    def _key_only(self, request: Mapping[str, Any]) -> None:
        expressions_of(request)
        _check_key(self._table(request["TableName"]), request["Key"])

    def _update(self, request: Mapping[str, Any]) -> None:
        table = self._table(request["TableName"])
        _check_key(table, request["Key"])
        for expression in expressions_of(request):
            if expression.parameter == "UpdateExpression":
                values = request.get("ExpressionAttributeValues", {})
                _check_update(table, expression, values)

    def _batch_write(self, request: Mapping[str, Any]) -> None:
        writes = [
            (self._table(n), write) for n, listed in request["RequestItems"].items() for write in listed
        ]
        refuse_unless(0 < len(writes) <= MOST_WRITES, f"a batch has 1 to {MOST_WRITES} writes")
        touched = []
        for table, write in writes:
            refuse_unless(len(write) == 1 and write.keys() <= _WRITES.keys(), "a write is a put or a delete")
            [(kind, content)] = write.items()
            what = content[_WRITES[kind]]
            (_check_item if kind == "PutRequest" else _check_key)(table, what)
            touched.append((table.name, *(comparable(what[name]) for name in table.keys)))
        refuse_unless(len(set(touched)) == len(touched), "a batch has the same key twice")

    def _batch_get(self, request: Mapping[str, Any]) -> None:
        touched = []
        for name, wanted in request["RequestItems"].items():
            expressions_of(wanted)
            for key in wanted["Keys"]:
                _check_key(self._table(name), key)
                touched.append((name, *sorted((k, comparable(v)) for k, v in key.items())))
        refuse_unless(0 < len(touched) <= MOST_GETS, f"a batch has 1 to {MOST_GETS} keys")
        refuse_unless(len(set(touched)) == len(touched), "a batch has the same key twice")

    def _query(self, request: Mapping[str, Any]) -> None:
        table = self._table(request["TableName"])
        index = self._index(table, request)
        keys = index.keys if index else table.keys
        expressions = expressions_of(request)
        conditions = [e for e in expressions if e.parameter == "KeyConditionExpression"]
        refuse_unless(len(conditions) == 1, "a Query has a KeyConditionExpression")
        values = request.get("ExpressionAttributeValues", {})
        _check_key_condition(table, keys, conditions[0], values)
        for expression in expressions:
            if expression.parameter == "FilterExpression":
                refuse_unless(not set(expression.paths()) & set(keys), "a filter may not name a key")
        _check_read(table, index, request, expressions)

    def _scan(self, request: Mapping[str, Any]) -> None:
        table = self._table(request["TableName"])
        _check_read(table, self._index(table, request), request, expressions_of(request))

    def _index(self, table: Table, request: Mapping[str, Any]) -> Index | None:
        if "IndexName" not in request:
            return None
        refuse_unless(request["IndexName"] in table.indexes, f"no index {request['IndexName']}")
        return table.indexes[request["IndexName"]]


def _check_item(table: Table, item: Mapping[str, Any]) -> None:
    refuse_unless(all(item), "an attribute has no name")
    refuse_unless(all(name in item for name in table.keys), "the item lacks a key attribute")
    refuse_unless(size_of_item(dict(item)) <= LARGEST_ITEM, "the item is larger than 400 KB")
    for name, value in item.items():
        _check_attribute(table, name, value)


def _check_key(table: Table, key: Mapping[str, Any]) -> None:
    refuse_unless(set(key) == set(table.keys), "the key has not exactly the table's key attributes")
    for name, value in key.items():
        _check_attribute(table, name, value)


def _check_attribute(table: Table, name: str, value: dict[str, Any]) -> None:
    """What the definitions say about an attribute: a key of the table or of an index, or the time to live."""
    if name not in table.types and name != table.ttl:
        return
    size = size_of(value)
    if name == table.ttl:
        refuse_unless(type_of(value) == "N", "the time to live is no number")
        refuse_unless(value["N"].isdigit() and int(value["N"]) in _EPOCH_SECONDS, "no epoch seconds")
    for keys in (table.keys, *(index.keys for index in table.indexes.values())):
        for key, longest in zip(keys, LONGEST_KEYS, strict=False):
            if key == name:
                refuse_unless(type_of(value) == table.types[name], f"{name} is a key of another type")
                refuse_unless(size > 0, f"{name} is a key and may not be empty")
                refuse_unless(size <= longest, f"{name} is a key and has at most {longest} bytes")


def _check_update(table: Table, update: Expression, values: Mapping[str, Any]) -> None:
    for name, operand in update.actions():
        refuse_unless(name not in table.keys, "an update may not change the key")
        is_sum = bool({"+", "-"} & set(operand))
        if operand[:1] in ((".",), ("[",)) or is_sum:
            continue  # part of a document, which no key and no expiry is; or a number that depends on the item
        for token in operand:
            if token.startswith(":"):
                _check_attribute(table, name, values[token])


def _check_key_condition(
    table: Table, keys: tuple[str, ...], condition: Expression, values: Mapping[str, Any]
) -> None:
    tokens = [condition.names.get(token, token) for token in condition.tokens]
    equalities = [
        tokens[at + 2] for at, token in enumerate(tokens[:-2]) if token == keys[0] and tokens[at + 1] == "="
    ]
    refuse_unless(len(equalities) == 1, "a Query needs one equality on the partition key")
    refuse_unless(set(condition.paths()) <= set(keys), "a key condition names something that is no key")
    refuse_unless(
        not {"OR", "NOT", "<>", "IN"} & {t.upper() for t in tokens}, "no operator for key conditions"
    )
    for at, token in enumerate(tokens):
        if token.startswith(":"):
            name = keys[0] if token == equalities[0] and tokens[at - 2] == keys[0] else keys[-1]
            refuse_unless(type_of(values[token]) == table.types[name], f"{name} is a key of another type")
            refuse_unless(size_of(values[token]) > 0, "a key condition has an empty value")


def _check_read(
    table: Table, index: Index | None, request: Mapping[str, Any], expressions: list[Expression]
) -> None:
    refuse_unless(request.get("Limit", 1) >= 1, "Limit is at least 1")
    projected = table.projected(index) if index else None
    refuse_unless(index is None or not request.get("ConsistentRead"), "an index is never read consistently")
    wants_all = request.get("Select") == "ALL_ATTRIBUTES"
    refuse_unless(projected is None or not wants_all, "the index does not have all attributes")
    for expression in expressions:
        missing = set(expression.paths()) - projected if projected is not None else set()
        refuse_unless(not missing, f"the index does not have {sorted(missing)}")
