"""Writes as values: prepared and checked against the table first, then performed inside a transaction.

PutItem and its siblings, batches and transactions all perform these same four actions.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import rows
from .capacity import Meter, index_write_units, write_units
from .errors import SchemaMismatch, condition_failed, invalid_values, validation
from .expressions.conditions import ParsedCondition, parse_condition
from .expressions.paths import check_key_paths
from .expressions.placeholders import placeholders_of
from .expressions.update_parser import parse_update
from .expressions.updates import Update
from .keys import Position, check_index_keys, check_item, check_key, position
from .schema import TableSchema
from .tables import OpenTable
from .values import MAX_ITEM_BYTES, AttributeValue, Item, canonical_item, item_size, type_of

Produce = Callable[[Item | None], Item | None]


@dataclass(frozen=True)
class Action:
    """One write to one item. `produce` makes the new item from the old; a check has none and changes nothing."""

    table: OpenTable
    place: Position
    condition: ParsedCondition | None
    produce: Produce | None
    shows_old_on_failure: bool = False
    update: Update | None = None

    def perform(
        self, connection: sqlite3.Connection, meter: Meter, now: float, *, transactional: bool = False
    ) -> rows.Change:
        """Does it, and adds what it costs; raises if the condition does not hold."""
        old = rows.get(connection, self.table, self.place)
        old_size = old.size if old else 0
        factor = 2 if transactional else 1
        name = self.table.schema.name
        if self.condition is not None and not self.condition.holds(old.item if old else {}):
            meter.add(name, write=factor * write_units(old_size))
            raise condition_failed(old.item if old and self.shows_old_on_failure else None)
        if self.produce is None:
            meter.add(name, write=factor * write_units(old_size))
            return rows.Change(None, None)
        change = rows.change_of(old, self.produce(old.item if old else None))
        self._charge(meter, change, factor)
        rows.replace(connection, self.table, change, now)
        return change

    def _charge(self, meter: Meter, change: rows.Change, factor: int) -> None:
        schema = self.table.schema
        meter.add(schema.name, write=factor * write_units(change.old_size, change.new_size))
        for index in schema.indexes:
            units = index_write_units(schema, index, change.old, change.new)
            if units:
                meter.add(schema.name, write=factor * units, index=index)


def prepare_put(table: OpenTable, request: dict[str, Any]) -> Action:
    """A Put of the request's Item."""
    item = canonical_item(request["Item"])
    condition = _only_condition(request)
    if item_size(item) > MAX_ITEM_BYTES:
        raise validation("Item size has exceeded the maximum allowed size")
    check_item(table.schema, item)
    place = position(table.schema.keys, item)
    return Action(table, place, condition, lambda _old: item, _shows_old(request))


def prepare_delete(table: OpenTable, request: dict[str, Any]) -> Action:
    """A Delete of the request's Key."""
    place = _place(table, request)
    return Action(table, place, _only_condition(request), lambda _old: None, _shows_old(request))


def prepare_check(table: OpenTable, request: dict[str, Any]) -> Action:
    """A ConditionCheck on the request's Key."""
    return Action(table, _place(table, request), _only_condition(request), None, _shows_old(request))


def prepare_update(table: OpenTable, request: dict[str, Any]) -> Action:
    """An Update of the request's Key."""
    schema = table.schema
    key = canonical_item(request["Key"])
    placeholders = placeholders_of(request, "UpdateExpression", "ConditionExpression")
    update = (
        parse_update(request["UpdateExpression"], placeholders)
        if request.get("UpdateExpression") is not None
        else Update(())
    )
    condition = _condition(request, placeholders)
    placeholders.check_all_used()
    check_key(schema.keys, key)
    _check_targets(schema, update)
    check_key_paths(schema, update.paths)
    return Action(
        table,
        position(schema.keys, key),
        condition,
        lambda old: _updated(schema, update, old if old is not None else key),
        _shows_old(request),
        update,
    )


def _updated(schema: TableSchema, update: Update, item: Item) -> Item:
    changed = update.apply(item)
    _check_changed_index_keys(schema, update, changed)
    if item_size(changed) > MAX_ITEM_BYTES:
        raise validation("Item size to update has exceeded the maximum allowed size")
    return changed


def _check_targets(schema: TableSchema, update: Update) -> None:
    for action in update.actions:
        head = str(action.path[0])
        if head in schema.key_names:
            raise invalid_values(f"Cannot update attribute {head}. This attribute is part of the key")
        if len(action.path) == 1 and head in schema.index_key_types and action.known_type is not None:
            wanted, index = schema.index_key_types[head]
            if action.known_type != wanted:
                raise invalid_values(
                    f"Type mismatch for Index Key {head} Expected: {wanted} "
                    f"Actual: {action.known_type} IndexName: {index}"
                )


def _check_changed_index_keys(schema: TableSchema, update: Update, changed: Item) -> None:
    touched = {str(path[0]) for path in update.targets} & schema.index_key_types.keys()
    present = {name: changed[name] for name in touched if name in changed}
    for name, value in present.items():
        _check_changed_index_key(schema, name, value)
    check_index_keys(schema, present)


def _check_changed_index_key(schema: TableSchema, name: str, value: AttributeValue) -> None:
    wanted, _index = schema.index_key_types[name]
    if type_of(value) != wanted:
        raise SchemaMismatch(
            "The update expression attempted to update the secondary index key to unsupported type"
        )
    if not value[wanted]:
        kind = "binary" if wanted == "B" else "string"
        raise SchemaMismatch(
            "The update expression attempted to update the secondary index key to a value that is not supported. "
            f"The AttributeValue for a key attribute cannot contain an empty {kind} value."
        )


def _place(table: OpenTable, request: dict[str, Any]) -> Position:
    key = canonical_item(request["Key"])
    check_key(table.schema.keys, key)
    return position(table.schema.keys, key)


def _only_condition(request: dict[str, Any]) -> ParsedCondition | None:
    placeholders = placeholders_of(request, "ConditionExpression")
    condition = _condition(request, placeholders)
    placeholders.check_all_used()
    return condition


def _condition(request: dict[str, Any], placeholders: Any) -> ParsedCondition | None:
    expression = request.get("ConditionExpression")
    return None if expression is None else parse_condition("ConditionExpression", expression, placeholders)


def _shows_old(request: dict[str, Any]) -> bool:
    return request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
