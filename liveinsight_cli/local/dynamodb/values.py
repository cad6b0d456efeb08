"""Attribute values in wire form (`{"S": "x"}`): checking, one canonical form, sizes, order.

Canonical means that equal values are equal dictionaries: numbers without exponents, sets sorted, base64 padded.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from . import decimals
from .errors import serialization, validation

AttributeValue = dict[str, Any]
Item = dict[str, AttributeValue]

MAX_ITEM_BYTES = 400 * 1024
MAX_DEPTH = 32
_INVALID = "One or more parameter values were invalid: "


def canonical(value: Any, depth: int = 1) -> AttributeValue:
    """The checked, canonical copy of a wire value."""
    if not isinstance(value, dict):
        raise serialization("Unexpected value type in payload")
    typed = [(name, content) for name, content in value.items() if name in _CANONICAL and content is not None]
    if not typed:
        raise validation(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
        )
    if len(typed) > 1:
        raise validation(
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    name, content = typed[0]
    return {name: _CANONICAL[name](content, depth)}


def canonical_item(item: dict[str, Any]) -> Item:
    """Every attribute of an item or key, checked and canonical."""
    if "" in item:
        raise validation(f"{_INVALID}An attribute name may not be empty")
    return {name: canonical(value) for name, value in item.items()}


def _string(content: Any, _depth: int) -> str:
    if not isinstance(content, str):
        raise serialization(f"{_token(content)} cannot be converted to String")
    if not content.isascii():
        try:
            content.encode()
        except UnicodeEncodeError as error:  # half of a surrogate pair
            raise serialization("Invalid UTF-8 in a String value") from error
    return content


def _token(content: Any) -> str:
    if isinstance(content, bool):
        return "TRUE_VALUE" if content else "FALSE_VALUE"
    if isinstance(content, int):
        return "NUMBER_VALUE"
    if isinstance(content, float):
        return "DECIMAL_VALUE"
    if isinstance(content, str):
        return "STRING_VALUE"
    return "START_OBJECT" if isinstance(content, dict) else "START_ARRAY"


def _number(content: Any, depth: int) -> str:
    return decimals.canonical(_string(content, depth))


def _binary(content: Any, _depth: int) -> str:
    if not isinstance(content, str):
        raise serialization("only base-64-encoded strings are convertible to bytes")
    try:
        decoded = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise serialization("Invalid base64 in a Binary value") from error
    return base64.b64encode(decoded).decode()


def _boolean(content: Any, _depth: int) -> bool:
    if isinstance(content, bool):
        return content
    raise serialization(f"{_token(content)} cannot be converted to Boolean")


def _null(content: Any, depth: int) -> bool:
    if not _boolean(content, depth):
        raise validation(f"{_INVALID}Null attribute value types must have the value of true")
    return True


def _list(content: Any, depth: int) -> list[AttributeValue]:
    _check_depth(depth)
    return [canonical(element, depth + 1) for element in _array(content)]


def _map(content: Any, depth: int) -> Item:
    _check_depth(depth)
    if not isinstance(content, dict):
        raise serialization("Unexpected field type")
    return {name: canonical(value, depth + 1) for name, value in content.items()}


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise validation(
            "Nesting Levels have exceeded supported limits: "
            "Attributes in the item have nested levels beyond supported limit"
        )


def _array(content: Any) -> list[Any]:
    if isinstance(content, list):
        return content
    raise serialization("Unexpected field type")


def _set(
    empty: str, element: Callable[[Any, int], str], order: Callable[[str], Any], duplicates: str
) -> Callable[[Any, int], list[str]]:
    def check(content: Any, depth: int) -> list[str]:
        elements = [element(member, depth) for member in _array(content)]
        if not elements:
            raise validation(_INVALID + empty)
        if len(set(elements)) != len(elements):
            raise validation(duplicates.format(f"[{', '.join(elements)}]"))
        return sorted(elements, key=order)

    return check


_CANONICAL: dict[str, Callable[[Any, int], Any]] = {
    "S": _string,
    "N": _number,
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "L": _list,
    "M": _map,
    "SS": _set(
        "An string set  may not be empty", _string, str, _INVALID + "Input collection {} contains duplicates."
    ),
    "NS": _set("An number set  may not be empty", _number, Decimal, "Input collection contains duplicates"),
    "BS": _set(
        "Binary sets should not be empty",
        _binary,
        base64.b64decode,
        _INVALID + "Input collection {}of type BS contains duplicates.",
    ),
}
TYPES = frozenset(_CANONICAL)


def type_of(value: AttributeValue) -> str:
    """The one type name of a wire value."""
    return next(iter(value))


def set_of(type_name: str, elements: set[str]) -> AttributeValue:
    """A set value from elements that are canonical already."""
    order: dict[str, Callable[[str], Any]] = {"SS": str, "NS": Decimal, "BS": base64.b64decode}
    return {type_name: sorted(elements, key=order[type_name])}


def ordered(value: AttributeValue) -> tuple[str, Any] | None:
    """Type and something that compares as DynamoDB compares values of that type; None for types without order."""
    (name, content) = next(iter(value.items()))
    if name == "N":
        return name, Decimal(content)
    if name == "S":  # code points order as UTF-8 bytes do
        return name, content
    if name == "B":
        return name, base64.b64decode(content)
    return None


def size(value: AttributeValue) -> int:
    """Bytes of a canonical value as AWS counts them (developer guide, "Item sizes and formats")."""
    (name, content) = next(iter(value.items()))
    if name == "S":
        return len(str(content).encode())
    if name == "N":
        return decimals.stored_size(content)
    if name == "B":
        return len(str(content)) // 4 * 3 - str(content).count("=")
    if name in ("BOOL", "NULL"):
        return 1
    if name == "L":
        return 3 + sum(1 + size(element) for element in content)
    if name == "M":
        entries: Item = content
        return 3 + len(entries) + item_size(entries)
    return sum(size({name[0]: element}) for element in content)


def item_size(item: Item) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + size(value) for name, value in item.items())
