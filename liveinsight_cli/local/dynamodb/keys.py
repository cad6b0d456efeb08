"""Keys: what a table or index accepts as one, and where it puts an item in its order."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from . import decimals
from .errors import SchemaMismatch, invalid_values
from .schema import IndexSchema, KeyAttribute, TableSchema
from .values import AttributeValue, Item, type_of

MAX_PARTITION_BYTES = 2048
MAX_SORT_BYTES = 1024
_EMPTY = "The AttributeValue for a key attribute cannot contain an empty {} value."


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of a table or index; `sort` is empty where there is no sort key."""

    partition: bytes
    sort: bytes = b""


def sortable(value: AttributeValue) -> bytes:
    """Bytes that order as DynamoDB orders key values of this type."""
    name, content = next(iter(value.items()))
    if name == "N":
        return decimals.sortable(str(content))
    if name == "B":
        return base64.b64decode(content)
    return str(content).encode()


def position(keys: tuple[KeyAttribute, ...], item: Item) -> Position:
    """Where an item with valid keys goes."""
    return Position(*(sortable(item[key.name]) for key in keys))


def index_position(index: IndexSchema, item: Item) -> Position | None:
    """Where an item goes in an index; None if it lacks a key attribute, for indexes are sparse."""
    if all(key.name in item for key in index.keys):
        return position(index.keys, item)
    return None


def key_of(table: TableSchema, item: Item) -> Item:
    """The table's key attributes of an item."""
    return {key.name: item[key.name] for key in table.keys}


def check_key(keys: tuple[KeyAttribute, ...], key: Item) -> None:
    """A key given on its own has exactly the schema's attributes, of its types, not empty and not too long."""
    if len(key) != len(keys):
        raise SchemaMismatch("The provided key element does not match the schema")
    for place, attribute in enumerate(keys):
        value = key.get(attribute.name)
        if value is None or type_of(value) != attribute.type:
            raise SchemaMismatch("The provided key element does not match the schema")
        _check_content(attribute, value, is_partition=place == 0)


def check_item(table: TableSchema, item: Item) -> None:
    """An item has the table's key, and what it has of the indexes' keys is of their types."""
    for place, attribute in enumerate(table.keys):
        value = item.get(attribute.name)
        if value is None:
            raise invalid_values(f"Missing the key {attribute.name} in the item")
        if type_of(value) != attribute.type:
            raise invalid_values(
                f"Type mismatch for key {attribute.name} expected: {attribute.type} actual: {type_of(value)}"
            )
        _check_content(attribute, value, is_partition=place == 0)
    check_index_keys(table, item)


def check_index_keys(table: TableSchema, item: Item) -> None:
    """What an item has of the indexes' keys must be of their types, not empty and not too long."""
    for index in table.indexes:
        for place, attribute in enumerate(index.keys):
            value = item.get(attribute.name)
            if value is None:
                continue
            if type_of(value) != attribute.type:
                raise invalid_values(
                    f"Type mismatch for Index Key {attribute.name} Expected: {attribute.type} "
                    f"Actual: {type_of(value)} IndexName: {index.name}"
                )
            _check_index_content(index, attribute, value, is_partition=place == 0)


def _check_content(attribute: KeyAttribute, value: AttributeValue, *, is_partition: bool) -> None:
    if not value[attribute.type]:
        raise SchemaMismatch(
            "One or more parameter values are not valid. "
            f"{_EMPTY.format(_kind(attribute))} Key: {attribute.name}"
        )
    too_long = _too_long(attribute, value, is_partition=is_partition)
    if too_long:
        raise invalid_values(too_long)


def _check_index_content(
    index: IndexSchema, attribute: KeyAttribute, value: AttributeValue, *, is_partition: bool
) -> None:
    if not value[attribute.type]:
        raise SchemaMismatch(
            "One or more parameter values are not valid. A value specified for a secondary index key is not "
            f"supported. {_EMPTY.format(_kind(attribute))} IndexName: {index.name}, IndexKey: {attribute.name}"
        )
    too_long = _too_long(attribute, value, is_partition=is_partition)
    if too_long:
        raise invalid_values(f"{too_long} IndexName: {index.name}, IndexKey: {attribute.name}")


def _kind(attribute: KeyAttribute) -> str:
    return "binary" if attribute.type == "B" else "string"


def _too_long(attribute: KeyAttribute, value: AttributeValue, *, is_partition: bool) -> str | None:
    if attribute.type == "N":
        return None
    length = len(sortable(value))
    if is_partition and length > MAX_PARTITION_BYTES:
        return "Size of hashkey has exceeded the maximum size limit of2048 bytes"
    if not is_partition and length > MAX_SORT_BYTES:
        return "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
    return None
