"""Tables in the database, brought in line with what the control plane says of them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from .keys import Position, index_position
from .schema import IndexSchema, KeyAttribute, TableSchema
from .store import Store
from .values import Item


@dataclass(frozen=True)
class OpenTable:
    """A table's schema and the ids under which the database knows it and its indexes."""

    id: int
    schema: TableSchema
    index_ids: dict[str, int]


class Tables:
    """Opens tables. A changed schema is followed on the next request: indexes fill up, expiry is read anew."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[str, OpenTable] = {}

    def open(self, schema: TableSchema) -> OpenTable:
        """The table of this schema."""
        known = self._open.get(schema.name)
        if known is not None and known.schema == schema:
            return known
        with self._store.write() as connection:
            table = _reconciled(connection, schema)
        self._open[schema.name] = table
        return table

    def drop(self, name: str) -> None:
        """Forgets a table with its items and stream records."""
        with self._store.write() as connection:
            row = connection.execute("SELECT id FROM tables WHERE name = ?", (name,)).fetchone()
            if row:
                _delete_table(connection, row[0])
        self._open.pop(name, None)

    def counts(self, name: str) -> tuple[int, int]:
        """Items and bytes of a table."""
        with self._store.read() as connection:
            row = connection.execute("SELECT items, bytes FROM tables WHERE name = ?", (name,)).fetchone()
        return (row[0], row[1]) if row else (0, 0)


def expiry_of(schema: TableSchema, item: Item) -> int | None:
    """When an item expires, in epoch seconds; None if it does not."""
    if schema.ttl_attribute is None:
        return None
    number = item.get(schema.ttl_attribute, {}).get("N")
    seconds = int(float(number)) if number is not None else 0
    return seconds if 0 < seconds < 1 << 62 else None


def _reconciled(connection: sqlite3.Connection, schema: TableSchema) -> OpenTable:
    keys = _described(schema.keys)
    row = connection.execute(
        "SELECT id, keys, ttl_attribute FROM tables WHERE name = ?", (schema.name,)
    ).fetchone()
    if row and row[1] != keys:  # another table of the same name: its items cannot be items of this one
        _delete_table(connection, row[0])
        row = None
    if row is None:
        cursor = connection.execute(
            "INSERT INTO tables (name, keys, ttl_attribute) VALUES (?, ?, ?)",
            (schema.name, keys, schema.ttl_attribute),
        )
        row = (cursor.lastrowid, keys, schema.ttl_attribute)
    table_id: int = row[0]
    if row[2] != schema.ttl_attribute:
        _read_expiry_anew(connection, table_id, schema)
    return OpenTable(table_id, schema, _reconciled_indexes(connection, table_id, schema))


def _described(keys: tuple[KeyAttribute, ...]) -> str:
    return json.dumps([[key.name, key.type] for key in keys])


def _reconciled_indexes(connection: sqlite3.Connection, table_id: int, schema: TableSchema) -> dict[str, int]:
    wanted = {index.name: index for index in schema.indexes}
    rows = connection.execute("SELECT name, id, keys FROM indexes WHERE table_id = ?", (table_id,)).fetchall()
    ids: dict[str, int] = {}
    for name, index_id, keys in rows:
        if name in wanted and _described(wanted[name].keys) == keys:
            ids[name] = index_id
        else:
            connection.execute("DELETE FROM entries WHERE index_id = ?", (index_id,))
            connection.execute("DELETE FROM indexes WHERE id = ?", (index_id,))
    for index in schema.indexes:
        if index.name not in ids:
            ids[index.name] = _fill_index(connection, table_id, index)
    return ids


def _fill_index(connection: sqlite3.Connection, table_id: int, index: IndexSchema) -> int:
    cursor = connection.execute(
        "INSERT INTO indexes (table_id, name, keys) VALUES (?, ?, ?)",
        (table_id, index.name, _described(index.keys)),
    )
    index_id = cursor.lastrowid or 0
    rows = connection.execute("SELECT pk, sk, body FROM items WHERE table_id = ?", (table_id,))
    for pk, sk, body in rows.fetchall():
        place = _fitting_position(index, json.loads(body))
        if place is not None:
            connection.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (index_id, place.partition, place.sort, pk, sk)
            )
    return index_id


def _fitting_position(index: IndexSchema, item: dict[str, Any]) -> Position | None:
    """Older items may hold anything under what is now an index key: those stay out of the index."""
    if all(item.get(key.name, {}).get(key.type) for key in index.keys):
        return index_position(index, item)
    return None


def _read_expiry_anew(connection: sqlite3.Connection, table_id: int, schema: TableSchema) -> None:
    connection.execute("UPDATE tables SET ttl_attribute = ? WHERE id = ?", (schema.ttl_attribute, table_id))
    rows = connection.execute("SELECT rowid, body FROM items WHERE table_id = ?", (table_id,)).fetchall()
    connection.executemany(
        "UPDATE items SET expires_at = ? WHERE rowid = ?",
        [(expiry_of(schema, json.loads(body)), rowid) for rowid, body in rows],
    )


def _delete_table(connection: sqlite3.Connection, table_id: int) -> None:
    connection.execute(
        "DELETE FROM entries WHERE index_id IN (SELECT id FROM indexes WHERE table_id = ?)", (table_id,)
    )
    for name in ("indexes", "items", "stream_records"):
        connection.execute(f"DELETE FROM {name} WHERE table_id = ?", (table_id,))  # noqa: S608  # fixed names
    connection.execute("DELETE FROM tables WHERE id = ?", (table_id,))
