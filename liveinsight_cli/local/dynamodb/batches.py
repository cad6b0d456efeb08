"""BatchGetItem and BatchWriteItem."""

from __future__ import annotations

from typing import Any

from . import rows
from .actions import Action, prepare_delete, prepare_put
from .capacity import read_units
from .context import Context
from .errors import validation
from .expressions.paths import Path
from .expressions.projections import project
from .keys import Position, check_key, position
from .reads import projection_of
from .tables import OpenTable
from .values import Item, canonical_item

MAX_WRITES = 25
MAX_GETS = 100
MAX_ANSWER_BYTES = 16 * 1024 * 1024
_DUPLICATES = "Provided list of item keys contains duplicates"


def batch_write_item(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 25 puts and deletes; all are done, so UnprocessedItems is always empty."""
    requests = request["RequestItems"]
    if sum(len(writes) for writes in requests.values()) > MAX_WRITES:
        raise validation("Too many items requested for the BatchWriteItem call")
    actions = [_write(context.table(name), write) for name, writes in requests.items() for write in writes]
    places = {(action.table.id, action.place) for action in actions}
    if len(places) < len(actions):
        raise validation(_DUPLICATES)
    with context.store.write() as connection:
        for action in actions:
            action.perform(connection, context.meter, context.clock())
    return _answer(context, UnprocessedItems={})


def _write(table: OpenTable, write: dict[str, Any]) -> Action:
    kinds = [kind for kind, content in write.items() if content is not None]
    if len(kinds) != 1:
        raise validation(
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    if kinds[0] == "PutRequest":
        return prepare_put(table, write["PutRequest"])
    return prepare_delete(table, write["DeleteRequest"])


def batch_get_item(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 100 items by key; what goes beyond 16 MB comes back as UnprocessedKeys."""
    requests = request["RequestItems"]
    if sum(len(wanted["Keys"]) for wanted in requests.values()) > MAX_GETS:
        raise validation("Too many items requested for the BatchGetItem call")
    prepared = [_gets(context, name, wanted) for name, wanted in requests.items()]
    responses: dict[str, list[Item]] = {}
    unprocessed: dict[str, Any] = {}
    size = 0
    with context.store.read() as connection:
        for (name, wanted), (table, projection, places) in zip(requests.items(), prepared, strict=True):
            found = responses.setdefault(name, [])
            for key, place in zip(wanted["Keys"], places, strict=True):
                if size > MAX_ANSWER_BYTES:
                    unprocessed.setdefault(name, {**wanted, "Keys": []})["Keys"].append(key)
                    continue
                stored = rows.get(connection, table, place)
                consistent = bool(wanted.get("ConsistentRead", False))
                units = read_units(stored.size if stored else 0, consistent=consistent)
                context.meter.add(table.schema.name, read=units)
                if stored is not None:
                    size += stored.size
                    found.append(stored.item if projection is None else project(stored.item, projection))
            context.meter.returned(table.schema.name, len(found))
    return _answer(context, Responses=responses, UnprocessedKeys=unprocessed)


def _gets(
    context: Context, name: str, wanted: dict[str, Any]
) -> tuple[OpenTable, tuple[Path, ...] | None, list[Position]]:
    table = context.table(name)
    projection = projection_of(table.schema, wanted)
    places = []
    for given in wanted["Keys"]:
        key = canonical_item(given)
        check_key(table.schema.keys, key)
        places.append(position(table.schema.keys, key))
    if len(set(places)) < len(places):
        raise validation(_DUPLICATES)
    return table, projection, places


def _answer(context: Context, **members: Any) -> dict[str, Any]:
    consumed = context.meter.consumed()
    if consumed:
        members["ConsumedCapacity"] = consumed
    return members
