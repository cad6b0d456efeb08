"""CloudWatch metric math: expressions over series of numbers, parsed and evaluated."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from liveinsight_cli.local.telemetry.expression_functions import FUNCTIONS, Grid, Keyword, Series, Value

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z_]\w*)|\"(?P<text>[^\"]*)\"|'(?P<text2>[^']*)'"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[-+*/^<>(),]))"
)
_REFUSED = ("SEARCH", "SELECT", "ANOMALY_DETECTION_BAND", "LAMBDA", "INSIGHT_RULE_METRIC", "DB_PERF_INSIGHTS")
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||", "OR"), ("&&", "AND"), ("==", "!=", "<", "<=", ">", ">="), ("+", "-"), ("*", "/"), ("^",),
)  # fmt: skip


class InvalidExpression(Exception):
    """An expression that CloudWatch would refuse, or that this store cannot evaluate (the text says which)."""


@dataclass(frozen=True)
class Scope:
    """What an expression can refer to: the other queries' series by id, and the periods of the answer."""

    series: Mapping[str, Value]
    grid: Grid


Node: TypeAlias = Callable[[Scope], Value]


def evaluate(expression: str, scope: Scope) -> Value:
    """The value of an expression. Raises InvalidExpression."""
    value = parse(expression)(scope)
    if isinstance(value, str | Keyword):
        raise InvalidExpression(f"The expression {expression!r} is no series")
    return value


def parse(expression: str) -> Node:
    """An expression ready to be evaluated. Raises InvalidExpression."""
    parser = _Parser(_tokens(expression))
    node = parser.level(0)
    parser.expect("", "")
    return node


def references(expression: str) -> set[str]:
    """The ids an expression refers to: names that begin in lower case. Raises InvalidExpression."""
    return {text for kind, text in _tokens(expression) if kind == "name" and text[0].islower()}


def _tokens(expression: str) -> list[tuple[str, str]]:
    for name in _REFUSED:
        if re.search(rf"\b{name}\b", expression):
            raise InvalidExpression(f"{name} is not supported by the embedded AWS")
    tokens, position = [], 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if match is None:
            raise InvalidExpression(f"Error in expression: unexpected {expression[position:].strip()!r}")
        kind = str(match.lastgroup)
        tokens.append(("text" if kind == "text2" else kind, match[kind]))
        position = match.end()
    return tokens


class _Parser:
    """Precedence climbing over the levels of operators, loosest first."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self._tokens = [*tokens, ("", "")]
        self._position = 0

    def expect(self, kind: str, text: str) -> None:
        if self._tokens[self._position] != (kind, text):
            found = self._tokens[self._position][1] or "its end"
            raise InvalidExpression(f"Error in expression: expected {text or 'its end'}, found {found}")
        self._position += 1

    def level(self, depth: int) -> Node:
        if depth == len(_LEVELS):
            return self._unary()
        node = self.level(depth + 1)
        while self._tokens[self._position][1] in _LEVELS[depth] and self._tokens[self._position][0] != "text":
            symbol = self._take()[1]
            node = _binary(symbol, node, self.level(depth if symbol == "^" else depth + 1))
        return node

    def _take(self) -> tuple[str, str]:
        token = self._tokens[self._position]
        self._position += 1
        return token

    def _unary(self) -> Node:
        kind, text = self._take()
        if (kind, text) == ("operator", "-"):
            inner = self._unary()
            return lambda scope: _pointwise(lambda _, value: -value, 0.0, inner(scope))
        if (kind, text) == ("operator", "("):
            node = self.level(0)
            self.expect("operator", ")")
            return node
        if kind == "number":
            constant = float(text)
            return lambda _scope: constant
        if kind == "text":
            return lambda _scope: text
        if kind == "name":
            return self._name(text)
        raise InvalidExpression(f"Error in expression: unexpected {text or 'end'}")

    def _name(self, name: str) -> Node:
        if self._tokens[self._position] == ("operator", "("):
            return self._call(name)
        if name in Keyword.__members__:
            return lambda _scope: Keyword[name]
        return lambda scope: _lookup(scope, name)

    def _call(self, name: str) -> Node:
        self.expect("operator", "(")
        arguments: list[Node] = []
        while self._tokens[self._position] != ("operator", ")"):
            arguments.append(self.level(0))
            if self._tokens[self._position] != ("operator", ")"):
                self.expect("operator", ",")
        self.expect("operator", ")")
        if name == "METRICS":
            return lambda scope: _metrics(scope, [argument(scope) for argument in arguments])
        function = FUNCTIONS.get(name)
        if function is None:
            raise InvalidExpression(f"The function {name} is not supported by the embedded AWS")

        def call(scope: Scope) -> Value:
            try:
                return function(scope.grid, *(argument(scope) for argument in arguments))
            except TypeError as error:
                raise InvalidExpression(f"{name} does not take these arguments") from error

        return call


def _lookup(scope: Scope, name: str) -> Value:
    if name not in scope.series:
        raise InvalidExpression(f"Error in expression: no metric with the id {name}")
    return scope.series[name]


def _metrics(scope: Scope, texts: list[Value]) -> Value:
    part = texts[0] if texts and isinstance(texts[0], str) else ""
    return [series for name, series in scope.series.items() if part in name and isinstance(series, dict)]


def _binary(symbol: str, left: Node, right: Node) -> Node:
    compute = _OPERATORS[symbol]
    return lambda scope: _pointwise(compute, left(scope), right(scope))


def _pointwise(compute: Callable[[float, float], float | None], left: Value, right: Value) -> Value:
    """At each point in time that both have; a number stands for itself at every point; no point where undefined."""
    if isinstance(left, list):
        return [_series(_pointwise(compute, series, right)) for series in left]
    if isinstance(right, list):
        return [_series(_pointwise(compute, left, series)) for series in right]
    if isinstance(left, str | Keyword) or isinstance(right, str | Keyword):
        raise InvalidExpression("Error in expression: a text is no number")
    if not isinstance(left, dict) and not isinstance(right, dict):
        result = compute(left, right)
        if result is None:
            raise InvalidExpression("Error in expression: division by zero")
        return result
    times = (
        left.keys() & right.keys()
        if isinstance(left, dict) and isinstance(right, dict)
        else _times(left, right)
    )
    pairs = ((at, compute(_at(left, at), _at(right, at))) for at in sorted(times))
    return {at: value for at, value in pairs if value is not None}


def _times(left: Value, right: Value) -> set[int]:
    return set(left if isinstance(left, dict) else right if isinstance(right, dict) else ())


def _at(value: "Series | float", at: int) -> float:
    return value[at] if isinstance(value, dict) else value


def _series(value: Value) -> Series:
    if not isinstance(value, dict):
        raise InvalidExpression("Error in expression: a list of series was expected")
    return value


def _divide(left: float, right: float) -> float | None:
    return left / right if right else None


def _power(left: float, right: float) -> float | None:
    try:
        result = left**right
    except (OverflowError, ZeroDivisionError):
        return None
    return None if isinstance(result, complex) else float(result)


_OPERATORS: dict[str, Callable[[float, float], float | None]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "^": _power,
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "&&": lambda left, right: float(bool(left) and bool(right)),
    "||": lambda left, right: float(bool(left) or bool(right)),
}
_OPERATORS |= {"AND": _OPERATORS["&&"], "OR": _OPERATORS["||"]}
