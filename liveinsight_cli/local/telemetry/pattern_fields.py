"""Filter patterns over space-delimited messages: `[ip, user, ..., status = 4*, bytes > 1000]`."""

import re
from collections.abc import Callable

from liveinsight_cli.local.telemetry.pattern_syntax import (
    Conditions,
    InvalidPattern,
    Tokens,
    compare_number,
    compare_text,
    number,
)

_FIELD = re.compile(r'\[([^\]]*)\]|"([^"]*)"|(\S+)')
_SPLIT = re.compile(r'\s*((?:[^,"%]|"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)+%|%)*)(?:,|$)')
_TOKEN = re.compile(
    r"""\s*(?: && | \|\| | [()] | !=|<=|>=|=|<|> | "(?:[^"\\]|\\.)*" | %(?:[^%\\]|\\.)+% | [^\s=!<>()&|"%]+ )""",
    re.VERBOSE,
)
_NAME = re.compile(r"\w+")
Test = Callable[[str], bool]


def compile_fields(text: str) -> Callable[[str], bool]:
    """The test of a message: as many fields as named, or any number where `...` stands. Raises InvalidPattern."""
    if not text.endswith("]"):
        raise InvalidPattern("Invalid filter pattern: a space-delimited pattern ends with ]")
    fields = _split(text[1:-1])
    if fields.count("...") > 1:
        raise InvalidPattern("Invalid filter pattern: only one ... is possible")
    if "..." not in fields:
        tests = [_field(field) for field in fields]
        return lambda message: _all(tests, _values(message), exact=True)
    middle = fields.index("...")
    head, tail = [_field(f) for f in fields[:middle]], [_field(f) for f in fields[middle + 1 :]]

    def matches(message: str) -> bool:
        values = _values(message)
        if len(values) < len(head) + len(tail):
            return False
        return _all(head, values) and _all(tail, values[len(values) - len(tail) :])

    return matches


def _split(text: str) -> list[str]:
    fields, position = [], 0
    while position < len(text):
        match = _SPLIT.match(text, position)
        if match is None or not match[1].strip():
            raise InvalidPattern(f"Invalid filter pattern at {text[position:]!r}")
        fields.append(match[1].strip())
        position = match.end()
    return fields


def _values(message: str) -> list[str]:
    return [match[match.lastindex or 0] for match in _FIELD.finditer(message)]


def _all(tests: list[Test], values: list[str], exact: bool = False) -> bool:
    if exact and len(tests) != len(values):
        return False
    return all(test(value) for test, value in zip(tests, values, strict=False))


def _field(text: str) -> Test:
    """A field is a name, alone (anything goes) or with conditions on it."""
    tokens = Tokens.of(text, _TOKEN)
    if len(tokens.items) == 1:
        _check_name(tokens.items[0])
        return lambda _value: True
    test = Conditions[str](_condition).parse(tokens)
    if tokens.peek():
        raise InvalidPattern(f"Invalid filter pattern at {tokens.peek()!r}")
    return test


def _condition(tokens: Tokens) -> Test:
    _check_name(tokens.take())
    operator, wanted = tokens.take(), tokens.take()
    as_number = number(wanted)
    if as_number is not None and operator in ("=", "!=", "<", "<=", ">", ">="):
        return compare_number(operator, as_number)
    if operator not in ("=", "!="):
        raise InvalidPattern(f"Invalid filter pattern: {operator} {wanted}")
    equal = compare_text(wanted)
    return equal if operator == "=" else lambda value: not equal(value)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise InvalidPattern(f"Invalid field name {name}")
