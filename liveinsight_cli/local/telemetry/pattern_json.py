"""Filter patterns over JSON messages: `{ $.status >= 500 && $.route = "/api/*" }`."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from liveinsight_cli.local.telemetry.pattern_syntax import (
    Conditions,
    InvalidPattern,
    Tokens,
    compare_number,
    compare_text,
    number,
)

_TOKEN = re.compile(
    r"""\s*(?: \$(?:\.?\[[^\]]*\]|\.[^\s=!<>()&|.\[]+)* | && | \|\| | [()] | !=|<=|>=|=|<|>
        | "(?:[^"\\]|\\.)*" | %(?:[^%\\]|\\.)+% | [^\s=!<>()&|"%]+ )""",
    re.VERBOSE,
)
_STEP = re.compile(r"""\.?\[(?:(?P<index>\d+|\*)|["'](?P<quoted>[^"']*)["'])\]|\.(?P<name>[^.\[]+)""")
_OPERATORS = {"=", "!=", "<", "<=", ">", ">="}
Test = Callable[[Any], bool]


def compile_json(text: str) -> Callable[[str], bool]:
    """The test of a message; a message that is not a JSON object never matches. Raises InvalidPattern."""
    if not text.endswith("}"):
        raise InvalidPattern("Invalid filter pattern: a JSON pattern ends with }")
    tokens = Tokens.of(text[1:-1], _TOKEN)
    test = Conditions[Any](_condition).parse(tokens)
    if tokens.peek():
        raise InvalidPattern(f"Invalid filter pattern at {tokens.peek()!r}")

    def matches(message: str) -> bool:
        try:
            document = json.loads(message)
        except ValueError:
            return False
        return isinstance(document, dict) and test(document)

    return matches


def _condition(tokens: Tokens) -> Test:
    select = _selector(tokens.take())
    operator = tokens.take().upper()
    if operator == "IS":
        return _is(select, tokens.take().upper())
    if operator == "NOT":
        tokens.take("EXISTS")
        return lambda document: not any(True for _ in select(document))
    if operator == "EXISTS":
        return lambda document: any(True for _ in select(document))
    if operator not in _OPERATORS:
        raise InvalidPattern(f"Invalid filter pattern: no operator {operator}")
    value = _value(operator, tokens.take())
    return lambda document: any(value(found) for found in select(document))


def _is(select: Callable[[Any], Iterator[Any]], wanted: str) -> Test:
    constants: dict[str, object] = {"NULL": None, "TRUE": True, "FALSE": False}
    if wanted not in constants:
        raise InvalidPattern(f"Invalid filter pattern: IS {wanted}")
    constant = constants[wanted]
    return lambda document: any(found is constant for found in select(document))


def _value(operator: str, wanted: str) -> Test:
    as_number = number(wanted)
    if as_number is not None:
        return compare_number(operator, as_number)
    if operator not in ("=", "!="):
        raise InvalidPattern(f"Invalid filter pattern: {operator} needs a number, not {wanted}")
    equal = compare_text(wanted)
    if operator == "!=":
        return lambda found: not (isinstance(found, str | int | float | bool) and equal(_text(found)))
    return lambda found: isinstance(found, str | int | float | bool) and equal(_text(found))


def _text(found: object) -> str:
    return found if isinstance(found, str) else json.dumps(found)


def _selector(text: str) -> Callable[[Any], Iterator[Any]]:
    if not text.startswith("$"):
        raise InvalidPattern(f"Invalid filter pattern: a property begins with $, not {text}")
    steps: list[str | int | None] = []
    position = 1
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            raise InvalidPattern(f"Invalid property selector {text}")
        index = step["index"]
        steps.append(None if index == "*" else int(index) if index else step["quoted"] or step["name"])
        position = step.end()
    return lambda document: _walk(document, steps)


def _walk(found: Any, steps: list[str | int | None]) -> Iterator[Any]:
    if not steps:
        yield found
        return
    step, rest = steps[0], steps[1:]
    if step is None or step == "*":
        members = found if isinstance(found, list) else found.values() if isinstance(found, dict) else ()
        for member in members:
            yield from _walk(member, rest)
    elif isinstance(step, int):
        if isinstance(found, list) and step < len(found):
            yield from _walk(found[step], rest)
    elif isinstance(found, dict) and step in found:
        yield from _walk(found[step], rest)
