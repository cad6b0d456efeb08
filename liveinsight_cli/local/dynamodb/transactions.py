"""TransactWriteItems and TransactGetItems: all or nothing, and a reason for every member when it is nothing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from typing import Any

from . import rows
from .actions import Action, prepare_check, prepare_delete, prepare_put, prepare_update
from .capacity import read_units
from .context import Context
from .errors import DynamoDBError, SchemaMismatch, validation
from .expressions.paths import Path
from .expressions.projections import project
from .keys import Position, check_key, position
from .reads import projection_of
from .tables import OpenTable
from .values import canonical_item

TOKEN_SECONDS = 600
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
_PREPARE: dict[str, Callable[[OpenTable, dict[str, Any]], Action]] = {
    "ConditionCheck": prepare_check,
    "Delete": prepare_delete,
    "Put": prepare_put,
    "Update": prepare_update,
}
_Reason = dict[str, Any]


def transact_write_items(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 100 writes to different items."""
    prepared = [_prepared(context, member) for member in request["TransactItems"]]
    actions = [action for action in prepared if isinstance(action, Action)]
    if len(actions) < len(prepared):
        raise _cancelled([_reason(member) for member in prepared])
    _check_distinct([(action.table.id, action.place) for action in actions])
    token = request.get("ClientRequestToken")
    with context.store.write() as connection:
        if token is None or not _seen_before(connection, token, request, context.clock()):
            _perform_all(context, connection, actions)
    return _answer(context)


def _prepared(context: Context, member: dict[str, Any]) -> Action | DynamoDBError:
    kinds = [kind for kind, content in member.items() if content is not None]
    if len(kinds) != 1:
        raise validation("TransactItems can only contain one of Check, Put, Update or Delete")
    table = context.table(member[kinds[0]]["TableName"])
    try:
        return _PREPARE[kinds[0]](table, member[kinds[0]])
    except SchemaMismatch as error:
        return error


def _perform_all(context: Context, connection: sqlite3.Connection, actions: list[Action]) -> None:
    now, size = context.clock(), 0
    results: list[object] = []
    for action in actions:
        try:
            change = action.perform(connection, context.meter, now, transactional=True)
        except DynamoDBError as error:
            results.append(error)
            continue
        results.append(change)
        size += max(change.new_size, change.old_size)
    if any(isinstance(result, DynamoDBError) for result in results):
        raise _cancelled([_reason(result) for result in results])
    if size > MAX_TRANSACTION_BYTES:
        raise validation("The aggregate size of the items in the transaction cannot exceed 4 MB")


def _reason(result: object) -> _Reason:
    if not isinstance(result, DynamoDBError):
        return {"Code": "None"}
    code = {
        "ConditionalCheckFailedException": "ConditionalCheckFailed",
        "ValidationException": "ValidationError",
    }[result.code]
    return {"Code": code, "Message": result.message, **result.extra}


def _cancelled(reasons: list[_Reason]) -> DynamoDBError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return DynamoDBError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        extra={"CancellationReasons": reasons},
    )


def _check_distinct(places: list[tuple[int, Position]]) -> None:
    if len(set(places)) < len(places):
        raise validation("Transaction request cannot include multiple operations on one item")


def _seen_before(connection: sqlite3.Connection, token: str, request: dict[str, Any], now: float) -> bool:
    """Whether this very request was done within the last ten minutes; the token is remembered if not."""
    content = json.dumps(request["TransactItems"], sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    connection.execute("DELETE FROM transaction_tokens WHERE created_at < ?", (now - TOKEN_SECONDS,))
    row = connection.execute("SELECT request FROM transaction_tokens WHERE token = ?", (token,)).fetchone()
    if row is None:
        connection.execute("INSERT INTO transaction_tokens VALUES (?, ?, ?)", (token, digest, now))
        return False
    if row[0] != digest:
        raise DynamoDBError(
            "IdempotentParameterMismatchException",
            "The request uses the same client token as a previous, but non-identical request.",
        )
    return True


def transact_get_items(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Up to 100 items, all of one moment."""
    prepared = [_get(context, member["Get"]) for member in request["TransactItems"]]
    gets = [get for get in prepared if not isinstance(get, DynamoDBError)]
    if len(gets) < len(prepared):
        raise _cancelled([_reason(get) for get in prepared])
    _check_distinct([(table.id, place) for table, place, _projection in gets])
    responses: list[dict[str, Any]] = []
    with context.store.read() as connection:
        for table, place, projection in gets:
            stored = rows.get(connection, table, place)
            size = stored.size if stored else 0
            context.meter.add(table.schema.name, read=2 * read_units(size, consistent=True))
            if stored is None:
                responses.append({})
                continue
            context.meter.returned(table.schema.name, 1)
            responses.append(
                {"Item": stored.item if projection is None else project(stored.item, projection)}
            )
    return _answer(context, Responses=responses)


def _get(
    context: Context, get: dict[str, Any]
) -> tuple[OpenTable, Position, tuple[Path, ...] | None] | DynamoDBError:
    table = context.table(get["TableName"])
    try:
        key = canonical_item(get["Key"])
        check_key(table.schema.keys, key)
        return table, position(table.schema.keys, key), projection_of(table.schema, get)
    except SchemaMismatch as error:
        return error


def _answer(context: Context, **members: Any) -> dict[str, Any]:
    consumed = context.meter.consumed()
    if consumed:
        members["ConsumedCapacity"] = consumed
    return members
