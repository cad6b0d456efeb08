"""GetItem, Query and Scan."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from contextlib import closing
from typing import Any

from . import rows
from .capacity import read_units
from .context import Context
from .errors import DynamoDBError, validation
from .expressions.key_conditions import KeyCondition, KeyExpression, parse_key_condition
from .expressions.paths import Path, check_key_paths
from .expressions.placeholders import placeholders_of
from .expressions.projections import parse_projection, project
from .keys import check_key, position, sortable
from .pages import PageRequest, answer_members, page_request, read_page
from .schema import TableSchema
from .tables import OpenTable
from .values import Item, canonical_item

_BAD_START = "The provided starting key is invalid"


def get_item(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """One item by its key."""
    table = context.table(request["TableName"])
    projection = projection_of(table.schema, request)
    key = canonical_item(request["Key"])
    check_key(table.schema.keys, key)
    with context.store.read() as connection:
        stored = rows.get(connection, table, position(table.schema.keys, key))
    consistent = bool(request.get("ConsistentRead", False))
    context.meter.add(table.schema.name, read=read_units(stored.size if stored else 0, consistent=consistent))
    if stored is None:
        return context.answer()
    context.meter.returned(table.schema.name, 1)
    return context.answer(Item=stored.item if projection is None else project(stored.item, projection))


def projection_of(schema: TableSchema, request: dict[str, Any]) -> tuple[Path, ...] | None:
    """The parsed ProjectionExpression of a request that has no other expression."""
    placeholders = placeholders_of(request, "ProjectionExpression")
    expression = request.get("ProjectionExpression")
    projection = None if expression is None else parse_projection(expression, placeholders)
    placeholders.check_all_used()
    check_key_paths(schema, projection or ())
    return projection


def query(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Items of one partition, in order."""
    if request.get("KeyConditionExpression") is None:
        raise validation("The KeyConditionExpression parameter must be specified in the request.")
    placeholders = placeholders_of(
        request, "ProjectionExpression", "FilterExpression", "KeyConditionExpression"
    )
    expression = parse_key_condition(request["KeyConditionExpression"], placeholders)
    table = context.table(request["TableName"])
    wanted = page_request(table.schema, request, placeholders)
    condition = expression.on(wanted.keys)
    _check_filter(wanted)
    bounds = rows.Bounds(
        partition=condition.partition,
        low=condition.low,
        high=condition.high,
        after=_query_start(wanted, condition, expression, request),
        forward=request.get("ScanIndexForward", True),
    )
    return _read(context, table, wanted, bounds, lambda _item: True)


def scan(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """All items, or one segment of them."""
    placeholders = placeholders_of(request, "ProjectionExpression", "FilterExpression")
    table = context.table(request["TableName"])
    wanted = page_request(table.schema, request, placeholders)
    belongs = _segment(wanted, request)
    bounds = rows.Bounds(after=_start(wanted, request))
    return _read(context, table, wanted, bounds, belongs)


def _read(
    context: Context,
    table: OpenTable,
    wanted: PageRequest,
    bounds: rows.Bounds,
    belongs: Callable[[Item], bool],
) -> dict[str, Any]:
    with context.store.read() as connection:
        stored = (
            rows.in_table(connection, table, bounds)
            if wanted.index is None
            else rows.in_index(connection, table, wanted.index, bounds)
        )
        # A statement left open would hold this moment's state for whoever gets the connection next.
        with closing(stored):
            page = read_page(stored, wanted, belongs)
    units = read_units(page.size, consistent=wanted.consistent)
    context.meter.add(table.schema.name, read=units, index=wanted.index)
    context.meter.returned(table.schema.name, len(page.items))
    return context.answer(**answer_members(page, wanted))


def _check_filter(wanted: PageRequest) -> None:
    heads = {path[0] for path in wanted.filter.paths} if wanted.filter else set()
    for key in wanted.keys:
        if key.name in heads:
            raise validation(
                "Filter Expression can only contain non-primary key attributes: "
                f"Primary key attribute: {key.name}"
            )


def _segment(wanted: PageRequest, request: dict[str, Any]) -> Callable[[Item], bool]:
    segment, total = request.get("Segment"), request.get("TotalSegments")
    if segment is None and total is None:
        return lambda _item: True
    if segment is None or total is None:
        missing = "Segment" if segment is None else "TotalSegments"
        given = "TotalSegments" if segment is None else "Segment"
        raise validation(
            f"The {missing} parameter is required but was not present in the request when {given} "
            "parameter is present"
        )
    if segment >= total:
        raise validation(
            "The Segment parameter is zero-based and must be less than parameter TotalSegments: "
            f"Segment: {segment} is not less than TotalSegments: {total}"
        )
    partition = wanted.keys[0].name
    return lambda item: zlib.crc32(sortable(item[partition])) % total == segment


def _start(wanted: PageRequest, request: dict[str, Any]) -> tuple[bytes, ...] | None:
    """Where the page begins, as the columns of the order; None at the very start."""
    if request.get("ExclusiveStartKey") is None:
        return None
    start = _checked_start(wanted, request["ExclusiveStartKey"])
    own = position(wanted.keys, start)
    if wanted.index is None:
        return own.partition, own.sort
    item = position(wanted.schema.keys, start)
    return own.partition, own.sort, item.partition, item.sort


def _checked_start(wanted: PageRequest, given: dict[str, Any]) -> Item:
    try:
        start = canonical_item(given)
    except DynamoDBError as error:
        if error.code != "ValidationException":
            raise
        raise validation(f"{_BAD_START}: {error.message}") from error
    if set(start) != set(wanted.start_key_names):
        raise validation(_BAD_START)
    for keys in (wanted.schema.keys, wanted.keys):
        try:
            check_key(keys, {key.name: start[key.name] for key in keys})
        except DynamoDBError as error:
            raise validation(f"{_BAD_START}: {error.message}") from error
    return start


def _query_start(
    wanted: PageRequest, condition: KeyCondition, expression: KeyExpression, request: dict[str, Any]
) -> tuple[bytes, ...] | None:
    start = _start(wanted, request)
    if start is None:
        return None
    has_range = len(expression.terms) > 1
    if has_range and not condition.admits(start[1]):
        raise validation("The provided starting key does not match the range key predicate")
    if start[0] != condition.partition:
        raise validation(
            "The query can return at most one row and cannot be restarted"
            if has_range
            else "The provided starting key is outside query boundaries based on provided conditions"
        )
    return start
