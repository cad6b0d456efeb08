"""Parsed conditions: operands that resolve against an item, and nodes that hold for it or do not."""

from __future__ import annotations

import base64
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from liveinsight_cli.local.dynamodb.values import AttributeValue, Item, ordered, type_of

from .paths import Path, resolve


class Operand(Protocol):
    """A path, a value or a size."""

    def resolve(self, item: Item) -> AttributeValue | None:
        """The operand's value for an item; None if the item has none."""


@dataclass(frozen=True, slots=True)
class PathOperand:
    """A document path."""

    path: Path

    def resolve(self, item: Item) -> AttributeValue | None:
        """What the item holds there."""
        return resolve(self.path, item)


@dataclass(frozen=True, slots=True)
class ValueOperand:
    """An expression attribute value."""

    value: AttributeValue

    def resolve(self, item: Item) -> AttributeValue | None:
        """The value itself."""
        return self.value


@dataclass(frozen=True, slots=True)
class SizeOperand:
    """`size(operand)`: characters (UTF-16, as Java counts them), bytes or elements."""

    of: Operand

    def resolve(self, item: Item) -> AttributeValue | None:
        """The size as a number; None for types without one."""
        value = self.of.resolve(item)
        if value is None:
            return None
        name, content = next(iter(value.items()))
        if name in ("N", "BOOL", "NULL"):
            return None
        if name == "S":
            return {"N": str(len(content.encode("utf-16-le")) // 2)}
        return {"N": str(len(base64.b64decode(content) if name == "B" else content))}


class Condition(Protocol):
    """Something that holds for an item or does not."""

    def holds(self, item: Item) -> bool:
        """Whether it holds."""


@dataclass(frozen=True, slots=True)
class And:
    """Both hold."""

    left: Condition
    right: Condition

    def holds(self, item: Item) -> bool:
        """Whether both hold."""
        return self.left.holds(item) and self.right.holds(item)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one holds."""

    left: Condition
    right: Condition

    def holds(self, item: Item) -> bool:
        """Whether at least one holds."""
        return self.left.holds(item) or self.right.holds(item)


@dataclass(frozen=True, slots=True)
class Not:
    """The other does not hold."""

    negated: Condition

    def holds(self, item: Item) -> bool:
        """Whether the other does not hold."""
        return not self.negated.holds(item)


_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Compare:
    """`left = right` and its five siblings."""

    comparator: str
    left: Operand
    right: Operand

    def holds(self, item: Item) -> bool:
        """Values of different types are never equal and have no order; what is missing equals nothing."""
        left, right = self.left.resolve(item), self.right.resolve(item)
        if self.comparator == "=":
            return left is not None and left == right
        if self.comparator == "<>":
            return left is None or left != right
        return _in_order(self.comparator, left, right)


def _in_order(comparator: str, left: AttributeValue | None, right: AttributeValue | None) -> bool:
    if left is None or right is None or type_of(left) != type_of(right):
        return False
    one, two = ordered(left), ordered(right)
    return one is not None and two is not None and _ORDERINGS[comparator](one[1], two[1])


@dataclass(frozen=True, slots=True)
class Between:
    """`operand BETWEEN low AND high`, bounds included."""

    operand: Operand
    low: Operand
    high: Operand

    def holds(self, item: Item) -> bool:
        """Whether the value lies in the range."""
        value = self.operand.resolve(item)
        return _in_order(">=", value, self.low.resolve(item)) and _in_order(
            "<=", value, self.high.resolve(item)
        )


@dataclass(frozen=True, slots=True)
class In:
    """`operand IN (choices)`."""

    operand: Operand
    choices: tuple[Operand, ...]

    def holds(self, item: Item) -> bool:
        """Whether the value is one of them."""
        value = self.operand.resolve(item)
        return value is not None and any(choice.resolve(item) == value for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Call:
    """A function that is a condition of its own."""

    name: str
    arguments: tuple[Operand, ...]

    def holds(self, item: Item) -> bool:
        """Whether the function answers true."""
        return _FUNCTIONS[self.name](*(argument.resolve(item) for argument in self.arguments))


def _attribute_type(value: AttributeValue | None, wanted: AttributeValue | None) -> bool:
    return value is not None and wanted is not None and type_of(value) == wanted.get("S")


def _begins_with(value: AttributeValue | None, prefix: AttributeValue | None) -> bool:
    if value is None or prefix is None or type_of(value) != type_of(prefix):
        return False
    if "S" in value:
        return bool(value["S"].startswith(prefix["S"]))
    return "B" in value and base64.b64decode(value["B"]).startswith(base64.b64decode(prefix["B"]))


def _contains(value: AttributeValue | None, part: AttributeValue | None) -> bool:
    if value is None or part is None:
        return False
    name, content = next(iter(value.items()))
    part_type, part_content = next(iter(part.items()))
    if name == "L":
        return part in content
    if name == part_type + "S":
        return part_content in content
    if name == part_type == "S":
        return part_content in content
    return name == part_type == "B" and base64.b64decode(part_content) in base64.b64decode(content)


_FUNCTIONS: dict[str, Callable[..., bool]] = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "attribute_type": _attribute_type,
    "begins_with": _begins_with,
    "contains": _contains,
}
