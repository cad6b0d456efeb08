"""Key condition expressions: one partition key value, and optionally one range of sort keys."""

from __future__ import annotations

from dataclasses import dataclass

from liveinsight_cli.local.dynamodb.errors import validation
from liveinsight_cli.local.dynamodb.keys import sortable
from liveinsight_cli.local.dynamodb.schema import KeyAttribute
from liveinsight_cli.local.dynamodb.values import AttributeValue, type_of

from .conditions import parse_condition
from .paths import Path
from .placeholders import Placeholders
from .tree import (
    And,
    Between,
    Call,
    Compare,
    Condition,
    In,
    Not,
    Operand,
    Or,
    PathOperand,
    SizeOperand,
    ValueOperand,
)

_KIND = "KeyConditionExpression"
MAX_TERMS = 2
_MIRRORED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class KeyCondition:
    """The partition to read, and bounds on the sort key as sortable bytes: (bytes, inclusive)."""

    partition: bytes
    low: tuple[bytes, bool] | None = None
    high: tuple[bytes, bool] | None = None

    def admits(self, sort: bytes) -> bool:
        """Whether a sort key lies within the bounds."""
        above = self.low is None or sort > self.low[0] or (self.low[1] and sort == self.low[0])
        below = self.high is None or sort < self.high[0] or (self.high[1] and sort == self.high[0])
        return above and below


@dataclass(frozen=True, slots=True)
class _Term:
    """One condition on one attribute: operator and values."""

    operator: str
    values: tuple[AttributeValue, ...]


@dataclass(frozen=True, slots=True)
class KeyExpression:
    """A parsed key condition, not yet held against a table's or index's keys."""

    terms: dict[str, _Term]
    paths: tuple[Path, ...]

    def on(self, keys: tuple[KeyAttribute, ...]) -> KeyCondition:
        """The condition for these keys."""
        partition, sort = keys[0], keys[1] if len(keys) > 1 else None
        if sort is None and len(self.terms) > 1:
            raise validation("Query key condition not supported")
        if partition.name not in self.terms:
            raise validation(f"Query condition missed key schema element: {partition.name}")
        if len(self.terms) > 1 and (sort is None or sort.name not in self.terms):
            raise validation(f"Query condition missed key schema element: {sort.name if sort else ''}")
        for key in keys:
            _check_types(key, self.terms.get(key.name))
        if self.terms[partition.name].operator != "=":
            raise validation("Query key condition not supported")
        low, high = _bounds(self.terms[sort.name]) if sort and sort.name in self.terms else (None, None)
        return KeyCondition(sortable(self.terms[partition.name].values[0]), low, high)


def parse_key_condition(expression: str, placeholders: Placeholders) -> KeyExpression:
    """Parses a KeyConditionExpression; refuses every form that is not a key condition."""
    parsed = parse_condition(_KIND, expression, placeholders)
    terms: dict[str, _Term] = {}
    _collect(parsed.condition, terms)
    if len(terms) > MAX_TERMS:
        raise validation("Conditions can be of length 1 or 2 only")
    return KeyExpression(terms, parsed.paths)


def _collect(node: Condition, terms: dict[str, _Term]) -> None:
    if isinstance(node, And):
        _collect(node.left, terms)
        _collect(node.right, terms)
        return
    name, term = _term(node)
    if name in terms:
        raise validation("KeyConditionExpressions must only contain one condition per key")
    terms[name] = term


def _term(node: Condition) -> tuple[str, _Term]:
    if isinstance(node, Or | Not | In):
        raise _invalid_operator(type(node).__name__.upper())
    if isinstance(node, Compare):
        if node.comparator == "<>":
            raise _invalid_operator("<>")
        if isinstance(node.right, PathOperand) and not isinstance(node.left, PathOperand):
            return _named(node.right, _MIRRORED[node.comparator], (node.left,))
        return _named(node.left, node.comparator, (node.right,))
    if isinstance(node, Between):
        _require_first(node.operand, "BETWEEN")
        return _named(node.operand, "BETWEEN", (node.low, node.high))
    if isinstance(node, Call) and node.name == "begins_with":
        _require_first(node.arguments[0], "begins_with")
        return _named(node.arguments[0], "begins_with", node.arguments[1:])
    raise _invalid_operator(node.name if isinstance(node, Call) else type(node).__name__)


def _invalid_operator(name: str) -> Exception:
    return validation(f"Invalid operator used in KeyConditionExpression: {name}")


def _require_first(operand: Operand, name: str) -> None:
    if not isinstance(operand, PathOperand):
        raise validation(
            f"Invalid condition in KeyConditionExpression: {name} operator must have the key attribute "
            "as its first operand"
        )


def _named(attribute: Operand, operator: str, others: tuple[Operand, ...]) -> tuple[str, _Term]:
    if any(isinstance(operand, SizeOperand) for operand in (attribute, *others)):
        raise validation("KeyConditionExpressions cannot contain nested operations")
    if not isinstance(attribute, PathOperand):
        raise validation("Invalid condition in KeyConditionExpression: No key attribute specified")
    if any(isinstance(operand, PathOperand) for operand in others):
        raise validation(
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
        )
    if len(attribute.path) > 1:
        raise validation("KeyConditionExpressions cannot have conditions on nested attributes")
    values = tuple(operand.value for operand in others if isinstance(operand, ValueOperand))
    return str(attribute.path[0]), _Term(operator, values)


def _check_types(key: KeyAttribute, term: _Term | None) -> None:
    for value in term.values if term else ():
        if type_of(value) != key.type:
            raise validation(
                "One or more parameter values were invalid: Condition parameter type does not match schema type"
            )
        if not value[key.type] and term and term.operator != "begins_with":
            kind = "binary" if key.type == "B" else "string"
            raise validation(
                "One or more parameter values are not valid. The AttributeValue for a key attribute "
                f"cannot contain an empty {kind} value. Key: {key.name}"
            )


_Bound = tuple[bytes, bool] | None


def _bounds(term: _Term) -> tuple[_Bound, _Bound]:
    first = sortable(term.values[0])
    if term.operator == "=":
        return (first, True), (first, True)
    if term.operator in ("<", "<="):
        return None, (first, term.operator == "<=")
    if term.operator in (">", ">="):
        return (first, term.operator == ">="), None
    if term.operator == "BETWEEN":
        return (first, True), (sortable(term.values[1]), True)
    return (first, True), _after_prefix(first)


def _after_prefix(prefix: bytes) -> _Bound:
    """The first key after all that begin with a prefix; none if the prefix is all high bytes."""
    stem = prefix.rstrip(b"\xff")
    return (stem[:-1] + bytes([stem[-1] + 1]), False) if stem else None
