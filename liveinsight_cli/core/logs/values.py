"""Values found in log lines, which may be anything: numbers that can be reckoned with, text, lines of text."""

import json
import re
from typing import Any

_LARGEST = 1e15
_BREAK = re.compile(
    r"\r\n|[\r\n]"
)  # in text format Lambda writes what has several lines with carriage returns


def number(value: object) -> int | float | None:
    """Return a number of a size that can be shown and counted, None for all else."""
    kind = value.__class__
    if (kind is float or kind is int) and -_LARGEST < value < _LARGEST:  # type: ignore[operator]
        return value  # type: ignore[return-value]
    return None


def number_in(text: object) -> float | None:
    """Return the number that a text is, None when it is not."""
    try:
        return number(float(str(text)))
    except ValueError:
        return None


def in_words(value: object) -> str:
    """Return a value as text: a string as it is, anything else as compact JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except RecursionError:
        return "{...}" if isinstance(value, dict) else "[...]"


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text, whatever ends them."""
    return tuple(_BREAK.split(text)) if "\n" in text or "\r" in text else (text,)


def first_line(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the first line of a text, and the others."""
    if "\n" not in text and "\r" not in text:
        return text, ()
    first, *rest = _BREAK.split(text)
    return first, tuple(rest)


def key_count(value: dict[str, Any] | list[Any]) -> int:
    """Return how many keys there are in all objects of a parsed JSON text."""
    parts = value.values() if isinstance(value, dict) else value
    count = len(value) if isinstance(value, dict) else 0
    return count + sum([key_count(part) for part in parts if part.__class__ in (dict, list)])


def doubled_keys(text: str) -> bool:
    """Whether an object in a JSON text has a key twice: then the parsed one does not say all."""
    found = False

    def look(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        known = dict(pairs)
        found = found or len(known) != len(pairs)
        return known

    json.loads(text, object_pairs_hook=look)
    return found
