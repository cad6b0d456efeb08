"""Filter criteria of event source mappings: EventBridge's patterns, tested against one record."""

import json
from collections.abc import Callable, Sequence
from typing import Any

_MISSING = object()


class InvalidFilter(Exception):
    """A pattern that Lambda would refuse."""


def compile_filters(patterns: Sequence[str]) -> Callable[[dict[str, Any]], bool]:
    """A record passes when any pattern matches it, or when there are none. Raises InvalidFilter."""
    compiled = [_parse(pattern) for pattern in patterns]
    return lambda record: not compiled or any(_matches(pattern, record) for pattern in compiled)


def _parse(pattern: str) -> dict[str, Any]:
    try:
        parsed = json.loads(pattern)
    except ValueError as error:
        raise InvalidFilter(f"not JSON: {pattern}") from error
    if not isinstance(parsed, dict):
        raise InvalidFilter(f"not an object: {pattern}")
    _check(parsed)
    return parsed


def _check(pattern: dict[str, Any]) -> None:
    for name, rule in pattern.items():
        if name == "$or" and isinstance(rule, list):
            for alternative in rule:
                _check(alternative)
        elif isinstance(rule, dict):
            _check(rule)
        elif not isinstance(rule, list):
            raise InvalidFilter(f"{name} must be an object or a list")
        else:
            for test in rule:
                _test(test, _MISSING)  # raises for what does not exist


def _matches(pattern: dict[str, Any], value: Any) -> bool:
    for name, rule in pattern.items():
        if name == "$or" and isinstance(rule, list):
            if not any(_matches(alternative, value) for alternative in rule):
                return False
            continue
        found = value.get(name, _MISSING) if isinstance(value, dict) else _MISSING
        if isinstance(rule, dict):
            members = found if isinstance(found, list) else [found]
            if not any(_matches(rule, member) for member in members):
                return False
        elif not any(_test(test, found) for test in rule):
            return False
    return True


def _test(test: Any, found: Any) -> bool:
    if isinstance(found, list) and not (isinstance(test, dict) and "exists" in test):
        return any(_test(test, member) for member in found)
    if not isinstance(test, dict):
        return _equal(test, found)
    if len(test) != 1:
        raise InvalidFilter(f"one operator is possible: {test}")
    (operator, operand), *_ = test.items()
    if operator not in _OPERATORS:
        raise InvalidFilter(f"no operator {operator}")
    return _OPERATORS[operator](operand, found)


def _equal(wanted: Any, found: Any) -> bool:
    return (
        found is not _MISSING
        and type(wanted) in _COMPARABLE.get(type(found), (type(found),))
        and wanted == found
    )


def _exists(wanted: Any, found: Any) -> bool:
    is_leaf = found is not _MISSING and not isinstance(found, dict)
    return is_leaf is bool(wanted)


def _numeric(comparisons: Any, found: Any) -> bool:
    if not isinstance(comparisons, list) or len(comparisons) % 2:
        raise InvalidFilter(f"numeric needs pairs of an operator and a number: {comparisons}")
    pairs = list(zip(comparisons[::2], comparisons[1::2], strict=True))
    if any(operator not in _NUMERIC for operator, _ in pairs):
        raise InvalidFilter(f"numeric has no such operator: {comparisons}")
    if isinstance(found, bool) or not isinstance(found, int | float):
        return False
    return all(_NUMERIC[operator](found, number) for operator, number in pairs)


def _anything_but(unwanted: Any, found: Any) -> bool:
    if found is _MISSING:
        return False
    tests = unwanted if isinstance(unwanted, list) else [unwanted]
    return not any(_test(test, found) for test in tests)


_COMPARABLE: dict[type, tuple[type, ...]] = {int: (int, float), float: (int, float)}
_NUMERIC: dict[str, Callable[[float, float], bool]] = {
    "=": lambda found, number: found == number,
    "<": lambda found, number: found < number,
    "<=": lambda found, number: found <= number,
    ">": lambda found, number: found > number,
    ">=": lambda found, number: found >= number,
}
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "prefix": lambda prefix, found: isinstance(found, str) and found.startswith(prefix),
    "suffix": lambda suffix, found: isinstance(found, str) and found.endswith(suffix),
    "equals-ignore-case": lambda text, found: isinstance(found, str) and found.lower() == text.lower(),
    "exists": _exists,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
