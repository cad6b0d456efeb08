"""Attribute values: what AWS takes as one, and how many bytes it counts for it.

Sources: developer guide, "Constraints" (numbers, sets, nesting) and "DynamoDB item sizes and formats".
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as BrokenBase64
from decimal import Decimal, InvalidOperation
from typing import Any

MOST_DIGITS = 38
LARGEST_EXPONENT, SMALLEST_EXPONENT = 125, -130
DEEPEST = 32
_SETS = {"SS": "S", "NS": "N", "BS": "B"}


class Refused(AssertionError):
    """AWS would refuse the request, or ought to: it is a mistake in any case. Nothing in the functions catches it."""


def refuse_unless(holds: bool, reason: str) -> None:
    """Raise Refused with the reason when something does not hold."""
    if not holds:
        raise Refused(reason)


def type_of(value: Any) -> str:
    """The one type name of a value."""
    refuse_unless(isinstance(value, dict) and len(value) == 1, "a value has exactly one type")
    return str(next(iter(value)))


def size_of(value: Any, depth: int = 1) -> int:
    """Bytes of a value; raises Refused for what is none."""
    kind = type_of(value)
    content = value[kind]
    if kind == "S":
        refuse_unless(isinstance(content, str), "S is no text")
        return len(content.encode())  # half of a surrogate pair raises here
    if kind in _SETS:
        return _size_of_set(kind, content, depth)
    if kind in ("L", "M"):
        return _size_of_document(content, depth, is_map=kind == "M")
    if kind == "N":
        return _size_of_number(content)
    if kind == "B":
        return len(_decoded(content))
    refuse_unless(kind in ("BOOL", "NULL"), f"there is no type {kind}")
    refuse_unless(content is True or (kind == "BOOL" and content is False), f"{kind} is no truth value")
    return 1


def size_of_item(item: dict[str, Any], depth: int = 1) -> int:
    """Bytes of an item: names and values."""
    return sum(len(name.encode()) + size_of(value, depth) for name, value in item.items())


def comparable(value: dict[str, Any]) -> tuple[str, Any]:
    """A key value so that equal keys are equal: 1 and 1.0 are the same number."""
    kind = type_of(value)
    return kind, Decimal(value["N"]).normalize() if kind == "N" else value[kind]


def _size_of_document(content: Any, depth: int, *, is_map: bool) -> int:
    refuse_unless(depth <= DEEPEST, f"documents nest at most {DEEPEST} deep")
    refuse_unless(isinstance(content, dict if is_map else list), "a document of the wrong form")
    if is_map:
        return 3 + len(content) + size_of_item(content, depth + 1)
    return 3 + sum(1 + size_of(element, depth + 1) for element in content)


def _size_of_set(kind: str, content: Any, depth: int) -> int:
    refuse_unless(isinstance(content, list) and len(content) > 0, f"an {kind} may not be empty")
    elements = [{_SETS[kind]: element} for element in content]
    sizes = [size_of(element, depth) for element in elements]
    distinct = {comparable(element) for element in elements}
    refuse_unless(len(distinct) == len(elements), f"an {kind} holds nothing twice")
    return sum(sizes)


def _size_of_number(content: Any) -> int:
    refuse_unless(isinstance(content, str), "a number travels as text")
    try:
        number = Decimal(content)
    except InvalidOperation as error:
        raise Refused("N is no number") from error
    refuse_unless(number.is_finite(), "N is no number")
    if not number:
        return 1
    digits = str(content).lower().partition("e")[0].strip("+-").replace(".", "").strip("0")
    refuse_unless(len(digits) <= MOST_DIGITS, f"a number has at most {MOST_DIGITS} significant digits")
    is_in_range = SMALLEST_EXPONENT <= number.adjusted() <= LARGEST_EXPONENT
    refuse_unless(is_in_range, "the number is out of range")
    return 1 + (len(digits) + 1) // 2 + (number < 0)


def _decoded(content: Any) -> bytes:
    refuse_unless(isinstance(content, str), "a binary travels as base64")
    try:
        decoded = b64decode(content, validate=True)
    except BrokenBase64 as error:
        raise Refused("B is no base64") from error
    refuse_unless(b64encode(decoded).decode() == content, "B is no base64 in its one form")
    return decoded
