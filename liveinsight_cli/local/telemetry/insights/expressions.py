"""Expressions of a query: fields, constants, functions, arithmetic, comparisons, and/or/not."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from liveinsight_cli.local.telemetry.insights.functions import FUNCTIONS, UNIT_MS, bin_start, is_time
from liveinsight_cli.local.telemetry.insights.tokens import Malformed, Reader, Token
from liveinsight_cli.local.telemetry.insights.values import Row, Value, equal, number, order, text

Compute = Callable[[Row], Value]
COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": lambda left, right: order(left) < order(right),
    "<=": lambda left, right: order(left) <= order(right),
    ">": lambda left, right: order(left) > order(right),
    ">=": lambda left, right: order(left) >= order(right),
}
ARITHMETIC: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else None,
    "%": lambda left, right: left % right if right else None,
    "^": lambda left, right: left**right,
}


@dataclass(frozen=True)
class Expression:
    """What to compute of a row; `name` is the column's, as it was written. `is_time` are epoch milliseconds."""

    name: str
    compute: Compute
    is_time: bool = False


def expression(reader: Reader) -> Expression:
    """Read one expression; or binds weakest."""
    start = reader.peek().start
    found = _any_of(reader)
    return Expression(reader.since(start).replace("`", ""), found.compute, found.is_time)


def _any_of(reader: Reader) -> Expression:
    parts = [_all_of(reader)]
    while reader.accept("or"):
        parts.append(_all_of(reader))
    if len(parts) == 1:
        return parts[0]
    return Expression("", lambda row: any(part.compute(row) for part in parts))


def _all_of(reader: Reader) -> Expression:
    parts = [_negation(reader)]
    while reader.accept("and"):
        parts.append(_negation(reader))
    if len(parts) == 1:
        return parts[0]
    return Expression("", lambda row: all(part.compute(row) for part in parts))


def _negation(reader: Reader) -> Expression:
    if reader.accept("not"):
        inner = _negation(reader)
        return Expression("", lambda row: not inner.compute(row))
    return _comparison(reader)


def _comparison(reader: Reader) -> Expression:
    left = _sum(reader)
    if sign := reader.accept(*COMPARISONS):
        return _compared(left, COMPARISONS[sign.text], _sum(reader))
    if reader.accept("=~"):
        return _like(reader, left, negated=False)
    negated = reader.accept("not") is not None
    if reader.accept("like"):
        return _like(reader, left, negated=negated)
    if reader.accept("in"):
        return _among(reader, left, negated=negated)
    if negated:
        reader.refuse("like or in expected")
    return left


def _compared(left: Expression, holds: Callable[[Value, Value], bool], right: Expression) -> Expression:
    """A comparison with nothing never holds."""

    def compute(row: Row) -> bool:
        one, other = left.compute(row), right.compute(row)
        return one is not None and other is not None and holds(one, other)

    return Expression("", compute)


def _like(reader: Reader, left: Expression, *, negated: bool) -> Expression:
    pattern = reader.take_regex() or re.compile(re.escape(reader.take_kind("string").text))

    def compute(row: Row) -> bool:
        value = left.compute(row)
        return value is not None and (pattern.search(text(value)) is None) is negated

    return Expression("", compute)


def _among(reader: Reader, left: Expression, *, negated: bool) -> Expression:
    reader.expect("[")
    choices = [_sum(reader)]
    while reader.accept(","):
        choices.append(_sum(reader))
    reader.expect("]")

    def compute(row: Row) -> bool:
        value = left.compute(row)
        return value is not None and any(equal(value, one.compute(row)) for one in choices) is not negated

    return Expression("", compute)


def _sum(reader: Reader) -> Expression:
    left = _product(reader)
    while sign := reader.accept("+", "-"):
        left = _calculated(left, sign, _product(reader))
    return left


def _product(reader: Reader) -> Expression:
    left = _power(reader)
    while sign := reader.accept("*", "/", "%"):
        left = _calculated(left, sign, _power(reader))
    return left


def _power(reader: Reader) -> Expression:
    left = _atom(reader)
    if sign := reader.accept("^"):
        return _calculated(left, sign, _power(reader))
    return left


def _calculated(left: Expression, sign: Token, right: Expression) -> Expression:
    operation = ARITHMETIC[sign.text]

    def compute(row: Row) -> Value:
        one, other = number(left.compute(row)), number(right.compute(row))
        return None if one is None or other is None else operation(one, other)

    return Expression("", compute)


def _atom(reader: Reader) -> Expression:
    if reader.accept("("):
        inner = _any_of(reader)
        reader.expect(")")
        return inner
    if reader.accept("-"):
        inner = _atom(reader)
        return Expression(
            "", lambda row: -value if (value := number(inner.compute(row))) is not None else None
        )
    token = reader.take_kind("string", "number", "name", "quoted")
    if token.kind == "string":
        return Expression("", lambda _: token.text)
    if token.kind == "number":
        constant = float(token.text)
        return Expression("", lambda _: constant)
    if token.kind == "name" and reader.accept("("):
        return _call(reader, token)
    return Expression(token.text, lambda row: row.get(token.text), is_time(token.text))


def _call(reader: Reader, token: Token) -> Expression:
    name = token.text.lower()
    if name in ("bin", "datefloor"):
        return _binned(reader, name)
    if name not in FUNCTIONS:
        raise Malformed(f"the embedded AWS knows no function {token.text}", token.start, token.end)
    function, least, most = FUNCTIONS[name]
    given = arguments(reader)
    if not least <= len(given) <= most:
        reader.refuse(f"{name} takes {least} arguments" + (" or more" if most > least else ""))
    times = name == "coalesce" and all(one.is_time for one in given)
    return Expression("", lambda row: function([one.compute(row) for one in given]), times)


def arguments(reader: Reader) -> list[Expression]:
    """Read `a, b)` after an opening parenthesis."""
    found: list[Expression] = []
    while not reader.accept(")"):
        if found:
            reader.expect(",")
        found.append(_any_of(reader))
    return found


def _binned(reader: Reader, name: str) -> Expression:
    """`bin(5m)` is the beginning of the event's five minutes, `datefloor(field, 5m)` that of a field's."""
    source: Compute = lambda row: row.get("@timestamp")  # noqa: E731
    if name == "datefloor":
        source = _any_of(reader).compute
        reader.expect(",")
    length = reader.take_kind("duration").text
    reader.expect(")")
    unit = length.lstrip("0123456789")
    period = int(length.removesuffix(unit)) * UNIT_MS[unit]
    return Expression("", lambda row: bin_start(source(row), period), is_time=True)
