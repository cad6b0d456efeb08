"""PutItem, UpdateItem and DeleteItem."""

from __future__ import annotations

from typing import Any

from .actions import Action, prepare_delete, prepare_put, prepare_update
from .context import Context
from .errors import validation
from .expressions.paths import Path
from .expressions.projections import project
from .rows import Change
from .values import Item


def put_item(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Creates or replaces an item."""
    _check_return_values(request)
    change = _perform(context, prepare_put(context.table(request["TableName"]), request))
    return _answer(context, change.old if request.get("ReturnValues") == "ALL_OLD" else None)


def delete_item(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Deletes an item if there is one."""
    _check_return_values(request)
    change = _perform(context, prepare_delete(context.table(request["TableName"]), request))
    return _answer(context, change.old if request.get("ReturnValues") == "ALL_OLD" else None)


def update_item(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Changes an item, or creates it."""
    action = prepare_update(context.table(request["TableName"]), request)
    change = _perform(context, action)
    targets = action.update.targets if action.update else ()
    return _answer(context, _shown(request.get("ReturnValues", "NONE"), change, targets))


def _check_return_values(request: dict[str, Any]) -> None:
    if request.get("ReturnValues", "NONE") not in ("NONE", "ALL_OLD"):
        raise validation("Return values set to invalid value")


def _perform(context: Context, action: Action) -> Change:
    with context.store.write() as connection:
        return action.perform(connection, context.meter, context.clock())


def _shown(return_values: str, change: Change, targets: tuple[Path, ...]) -> Item | None:
    if return_values == "NONE":
        return None
    item = change.old if return_values.endswith("OLD") else change.new
    if item is None or return_values.startswith("ALL"):
        return item
    return project(item, targets)


def _answer(context: Context, attributes: Item | None) -> dict[str, Any]:
    return context.answer(Attributes=attributes) if attributes else context.answer()
