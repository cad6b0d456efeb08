"""Update expressions: parsed into actions, whose values are all taken from the item before any of them acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from liveinsight_cli.local.dynamodb import decimals
from liveinsight_cli.local.dynamodb.errors import validation
from liveinsight_cli.local.dynamodb.values import AttributeValue, Item, set_of, type_of

from .paths import Path, resolve

_WRONG_TYPE = "An operand in the update expression has an incorrect data type"
_MISSING = "The provided expression refers to an attribute that does not exist in the item"

Clause = Literal["SET", "REMOVE", "ADD", "DELETE"]


class Expression(Protocol):
    """The right side of a SET."""

    def value(self, item: Item) -> AttributeValue:
        """The value for an item as it was before the update."""


@dataclass(frozen=True, slots=True)
class Literally:
    """An expression attribute value."""

    content: AttributeValue

    def value(self, item: Item) -> AttributeValue:
        """The value itself."""
        return self.content


@dataclass(frozen=True, slots=True)
class Attribute:
    """What the item holds at a path."""

    path: Path

    def value(self, item: Item) -> AttributeValue:
        """The value there; it must exist."""
        found = resolve(self.path, item)
        if found is None:
            raise validation(_MISSING)
        return found


@dataclass(frozen=True, slots=True)
class IfNotExists:
    """`if_not_exists(path, default)`."""

    path: Path
    default: Expression

    def value(self, item: Item) -> AttributeValue:
        """What the item holds at the path, else the default."""
        found = resolve(self.path, item)
        return self.default.value(item) if found is None else found


@dataclass(frozen=True, slots=True)
class ListAppend:
    """`list_append(first, second)`."""

    first: Expression
    second: Expression

    def value(self, item: Item) -> AttributeValue:
        """The two lists joined."""
        first, second = self.first.value(item), self.second.value(item)
        if "L" not in first or "L" not in second:
            raise validation(_WRONG_TYPE)
        return {"L": [*first["L"], *second["L"]]}


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left + right` or `left - right`."""

    operator: str
    left: Expression
    right: Expression

    def value(self, item: Item) -> AttributeValue:
        """The exact result."""
        left, right = self.left.value(item), self.right.value(item)
        if "N" not in left or "N" not in right:
            raise validation(_WRONG_TYPE)
        compute = decimals.total if self.operator == "+" else decimals.difference
        return {"N": compute(left["N"], right["N"])}


@dataclass(frozen=True, slots=True)
class Action:
    """One action on one path; REMOVE has no expression."""

    clause: Clause
    path: Path
    expression: Expression | None = None

    @property
    def known_type(self) -> str | None:
        """The type the action's value has whatever the item holds; None if that depends on the item."""
        return _known_type(self.expression)


def _known_type(expression: Expression | None) -> str | None:
    if isinstance(expression, Literally):
        return type_of(expression.content)
    if isinstance(expression, Arithmetic):
        return "N"
    if isinstance(expression, ListAppend):
        return "L"
    return _known_type(expression.default) if isinstance(expression, IfNotExists) else None


@dataclass(frozen=True, slots=True)
class Update:
    """A parsed update expression. `paths` are all it reads or writes."""

    actions: tuple[Action, ...]
    paths: tuple[Path, ...] = ()

    @property
    def targets(self) -> tuple[Path, ...]:
        """The paths it changes."""
        return tuple(action.path for action in self.actions)

    def apply(self, item: Item) -> Item:
        """The item after the update; the given one stays as it is."""
        values = [action.expression.value(item) if action.expression else None for action in self.actions]
        changed = _copied({"M": item})
        for action, value in zip(self.actions, values, strict=True):
            _act(changed, action, value)
        result: Item = _closed(changed)["M"]
        return result


_REMOVED: AttributeValue = {"removed": True}


def _copied(value: AttributeValue) -> AttributeValue:
    """A copy in which maps and lists can be changed; scalars and sets are only ever replaced."""
    if "M" in value:
        return {"M": {name: _copied(entry) for name, entry in value["M"].items()}}
    if "L" in value:
        return {"L": [_copied(element) for element in value["L"]]}
    return value


def _closed(value: AttributeValue) -> AttributeValue:
    """Closes the gaps that removed list elements left: indexes meant the list as it was."""
    if "M" in value:
        return {"M": {name: _closed(entry) for name, entry in value["M"].items()}}
    if "L" in value:
        return {"L": [_closed(element) for element in value["L"] if element is not _REMOVED]}
    return value


def _act(root: AttributeValue, action: Action, value: AttributeValue | None) -> None:
    parent = _parent(root, action.path)
    part = action.path[-1]
    if action.clause == "REMOVE" or value is None:
        _put(parent, part, None)
    elif action.clause == "SET":
        _put(parent, part, _copied(value))
    elif action.clause == "ADD":
        _put(parent, part, _added(_get(parent, part), value))
    elif (existing := _get(parent, part)) is not None:
        _put(parent, part, _without(existing, value))


def _parent(root: AttributeValue, path: Path) -> AttributeValue:
    parent: AttributeValue | None = root
    for part in path[:-1]:
        parent = _get(parent, part) if parent is not None else None
    if parent is None or ("L" if isinstance(path[-1], int) else "M") not in parent:
        raise validation("The document path provided in the update expression is invalid for update")
    return parent


def _get(parent: AttributeValue, part: str | int) -> AttributeValue | None:
    if isinstance(part, int):
        elements: list[AttributeValue] = parent.get("L", [])
        found = elements[part] if part < len(elements) else None
        return None if found is _REMOVED else found
    entries: dict[str, AttributeValue] = parent.get("M", {})
    return entries.get(part)


def _put(parent: AttributeValue, part: str | int, value: AttributeValue | None) -> None:
    """Sets or (None) removes; an index past the end appends."""
    if isinstance(part, str):
        if value is None:
            parent["M"].pop(part, None)
        else:
            parent["M"][part] = value
    elif part < len(parent["L"]):
        parent["L"][part] = _REMOVED if value is None else value
    elif value is not None:
        parent["L"].append(value)


def _added(existing: AttributeValue | None, value: AttributeValue) -> AttributeValue:
    if existing is None:
        return value
    name = type_of(value)
    if type_of(existing) != name:
        raise validation(_WRONG_TYPE)
    if name == "N":
        return {"N": decimals.total(existing["N"], value["N"])}
    return set_of(name, {*existing[name], *value[name]})


def _without(existing: AttributeValue, value: AttributeValue) -> AttributeValue | None:
    name = type_of(value)
    if type_of(existing) != name:
        raise validation(_WRONG_TYPE)
    rest = set(existing[name]) - set(value[name])
    return set_of(name, rest) if rest else None
