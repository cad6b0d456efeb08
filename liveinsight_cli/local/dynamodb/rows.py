"""Reading and replacing items in the database, with indexes, counters and stream records kept in step."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

from .keys import Position, index_position, key_of, position
from .schema import IndexSchema
from .stream_records import record_of
from .tables import OpenTable, expiry_of
from .values import Item, item_size


class Stored(NamedTuple):
    """An item as it lies in the database, with its size in bytes."""

    item: Item
    size: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """Part of a table or index: one partition or all, sort bounds (bytes, inclusive), and where to go on after."""

    partition: bytes | None = None
    low: tuple[bytes, bool] | None = None
    high: tuple[bytes, bool] | None = None
    after: tuple[bytes, ...] | None = None
    forward: bool = True


def get(connection: sqlite3.Connection, table: OpenTable, place: Position) -> Stored | None:
    """The item at a place."""
    row = connection.execute(
        "SELECT body, size FROM items WHERE table_id = ? AND pk = ? AND sk = ?",
        (table.id, place.partition, place.sort),
    ).fetchone()
    return Stored(json.loads(row[0]), row[1]) if row else None


def in_table(
    connection: sqlite3.Connection, table: OpenTable, bounds: Bounds
) -> Generator[Stored, None, None]:
    """Items of a table in key order; close it before the connection goes to another reader."""
    where, values = _where(bounds, "", ("pk", "sk"))
    direction = "ASC" if bounds.forward else "DESC"
    rows = connection.execute(
        f"SELECT body, size FROM items WHERE table_id = ?{where} ORDER BY pk {direction}, sk {direction}",  # noqa: S608
        (table.id, *values),
    )
    return _stored(rows)


def in_index(
    connection: sqlite3.Connection, table: OpenTable, index: IndexSchema, bounds: Bounds
) -> Generator[Stored, None, None]:
    """Whole items of an index, in index key order and within that in table key order; to be closed too."""
    where, values = _where(bounds, "e.", ("pk", "sk", "item_pk", "item_sk"))
    direction = "ASC" if bounds.forward else "DESC"
    order = ", ".join(f"e.{column} {direction}" for column in ("pk", "sk", "item_pk", "item_sk"))
    rows = connection.execute(
        "SELECT i.body, i.size FROM entries e CROSS JOIN items i "  # noqa: S608
        f"ON i.table_id = ? AND i.pk = e.item_pk AND i.sk = e.item_sk WHERE e.index_id = ?{where} ORDER BY {order}",
        (table.id, table.index_ids[index.name], *values),
    )
    return _stored(rows)


def _stored(cursor: sqlite3.Cursor) -> Generator[Stored, None, None]:
    with closing(cursor):
        for body, size in cursor:
            yield Stored(json.loads(body), size)


def _where(bounds: Bounds, prefix: str, order: tuple[str, ...]) -> tuple[str, list[bytes]]:
    terms: list[str] = []
    values: list[bytes] = []
    after, columns = bounds.after, order
    if bounds.partition is not None:
        terms.append(f"{prefix}pk = ?")
        values.append(bounds.partition)
        after, columns = bounds.after[1:] if bounds.after else None, order[1:]
    for bound, operator in ((bounds.low, ">"), (bounds.high, "<")):
        if bound is not None:
            terms.append(f"{prefix}sk {operator}{'=' if bound[1] else ''} ?")
            values.append(bound[0])
    if after is not None:
        named = ", ".join(prefix + column for column in columns)
        marks = ", ".join("?" * len(columns))
        terms.append(f"({named}) {'>' if bounds.forward else '<'} ({marks})")
        values.extend(after)
    return "".join(f" AND {term}" for term in terms), values


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one item: `old` or `new` is None where there is none."""

    old: Item | None
    new: Item | None
    old_size: int = 0
    new_size: int = 0


def replace(
    connection: sqlite3.Connection,
    table: OpenTable,
    change: Change,
    now: float,
    identity: dict[str, str] | None = None,
) -> None:
    """Makes a change: item, index entries, counters, stream record. What changes nothing leaves no record."""
    if change.old == change.new:
        return
    place = position(table.schema.keys, change.new or change.old or {})
    _replace_item(connection, table, place, change)
    for index in table.schema.indexes:
        _replace_entry(connection, table.index_ids[index.name], index, place, change)
    connection.execute(
        "UPDATE tables SET items = items + ?, bytes = bytes + ? WHERE id = ?",
        (
            (change.new is not None) - (change.old is not None),
            change.new_size - change.old_size,
            table.id,
        ),
    )
    stream = table.schema.stream
    if stream is not None:
        key = key_of(table.schema, change.new or change.old or {})
        body = record_of(stream.view_type, key, change.old, change.new, identity)
        connection.execute(
            "INSERT INTO stream_records (table_id, label, created_at, body) VALUES (?, ?, ?, ?)",
            (table.id, stream.label, now, _dumped(body)),
        )


def _replace_item(connection: sqlite3.Connection, table: OpenTable, place: Position, change: Change) -> None:
    if change.new is None:
        connection.execute(
            "DELETE FROM items WHERE table_id = ? AND pk = ? AND sk = ?",
            (table.id, place.partition, place.sort),
        )
        return
    connection.execute(
        "INSERT INTO items (table_id, pk, sk, body, size, expires_at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (table_id, pk, sk) DO UPDATE SET "
        "body = excluded.body, size = excluded.size, expires_at = excluded.expires_at",
        (
            table.id,
            place.partition,
            place.sort,
            _dumped(change.new),
            change.new_size,
            expiry_of(table.schema, change.new),
        ),
    )


def _replace_entry(
    connection: sqlite3.Connection, index_id: int, index: IndexSchema, place: Position, change: Change
) -> None:
    before = index_position(index, change.old) if change.old is not None else None
    after = index_position(index, change.new) if change.new is not None else None
    if before == after:
        return
    if before is not None:
        connection.execute(
            "DELETE FROM entries WHERE index_id = ? AND pk = ? AND sk = ? AND item_pk = ? AND item_sk = ?",
            (index_id, before.partition, before.sort, place.partition, place.sort),
        )
    if after is not None:
        connection.execute(
            "INSERT INTO entries VALUES (?, ?, ?, ?, ?)",
            (index_id, after.partition, after.sort, place.partition, place.sort),
        )


def change_of(old: Stored | None, new: Item | None) -> Change:
    """The change from what is stored to what shall be."""
    return Change(
        old=old.item if old else None,
        new=new,
        old_size=old.size if old else 0,
        new_size=item_size(new) if new is not None else 0,
    )


def _dumped(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
