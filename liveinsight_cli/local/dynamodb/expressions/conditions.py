"""Parser of condition, filter and key condition expressions, as strict as AWS about operands."""

from __future__ import annotations

from dataclasses import dataclass

from liveinsight_cli.local.dynamodb.values import TYPES, ordered, type_of

from .paths import Path, text
from .placeholders import Placeholders
from .tokens import TokenReader
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

MAX_IN_CHOICES = 100
_COMPARATORS = ("=", "<>", "<", "<=", ">", ">=")
_OPERANDS_OF = {
    "attribute_exists": 1,
    "attribute_not_exists": 1,
    "attribute_type": 2,
    "begins_with": 2,
    "contains": 2,
    "size": 1,
}


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """A condition and the document paths it speaks of."""

    condition: Condition
    paths: tuple[Path, ...]

    def holds(self, item: dict[str, dict[str, object]]) -> bool:
        """Whether the condition holds for an item."""
        return self.condition.holds(item)


def parse_condition(kind: str, expression: str, placeholders: Placeholders) -> ParsedCondition:
    """Parses an expression; `kind` is the request's parameter, for the messages."""
    reader = _ConditionReader(kind, expression, placeholders)
    condition = reader.condition(reader.disjunction())
    reader.end()
    return ParsedCondition(condition, tuple(reader.paths))


_Node = Condition | Operand


class _ConditionReader(TokenReader):
    def disjunction(self) -> _Node:
        node = self._conjunction()
        while self.accept_keyword("OR"):
            node = Or(self.condition(node), self.condition(self._conjunction()))
        return node

    def _conjunction(self) -> _Node:
        node = self._negation()
        while self.accept_keyword("AND"):
            node = And(self.condition(node), self.condition(self._negation()))
        return node

    def _negation(self) -> _Node:
        if self.accept_keyword("NOT"):
            return Not(self.condition(self._negation()))
        return self._comparison()

    def condition(self, node: _Node) -> Condition:
        """The node as a condition; an operand that stands alone is none."""
        if isinstance(node, SizeOperand):
            raise self._misused("size")
        if isinstance(node, PathOperand | ValueOperand):
            raise self.unexpected()
        return node  # type: ignore[return-value]  # what is no operand is a condition

    def _operand(self, node: _Node) -> Operand:
        if isinstance(node, Call):
            raise self._misused(node.name)
        if isinstance(node, PathOperand | ValueOperand | SizeOperand):
            return node
        raise self.unexpected()

    def _comparison(self) -> _Node:
        node = self._primary()
        token = self.token
        if token.kind == "symbol" and token.text in _COMPARATORS:
            self.take()
            return self._compare(token.text, self._operand(node), self._operand(self._primary()))
        keyword = self.keyword()
        if keyword == "BETWEEN":
            self.take()
            low = self._operand(self._primary())
            if not self.accept_keyword("AND"):
                raise self.unexpected()
            return self._between(self._operand(node), low, self._operand(self._primary()))
        if keyword == "IN":
            self.take()
            return self._in(self._operand(node))
        return node

    def _primary(self) -> _Node:
        if self.token.kind == "symbol" and self.token.text == "(":
            return self._parenthesised()
        if self.token.kind == "value":
            return ValueOperand(self.placeholders.value(self.kind, self.take().text))
        name = self.function_name()
        if name is not None:
            return self._call(name)
        return PathOperand(self.path())

    def _parenthesised(self) -> _Node:
        self.take()
        doubled = self.token.text == "(" and self.token.kind == "symbol"
        start = self._at
        node = self.disjunction()
        if doubled and self._closes_at(start) == self._at - 1 and self.token.text == ")":
            raise self.invalid("The expression has redundant parentheses;")
        self.expect(")")
        return node

    def _closes_at(self, opening: int) -> int:
        depth = 0
        for place in range(opening, len(self._tokens)):
            depth += {"(": 1, ")": -1}.get(self._tokens[place].text, 0)
            if depth == 0:
                return place
        return -1

    def _call(self, name: str) -> _Node:
        arguments = self._arguments()
        if name not in _OPERANDS_OF:
            raise self.invalid(f"Invalid function name; function: {name}")
        if len(arguments) != _OPERANDS_OF[name]:
            raise self.invalid(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(arguments)}"
            )
        self._check_distinct(name, arguments)
        self._check_call(name, arguments)
        return SizeOperand(arguments[0]) if name == "size" else Call(name, arguments)

    def _arguments(self) -> tuple[Operand, ...]:
        arguments = [self._operand(self._primary())]
        while self.accept(","):
            arguments.append(self._operand(self._primary()))
        self.expect(")")
        return tuple(arguments)

    def _check_call(self, name: str, arguments: tuple[Operand, ...]) -> None:
        first = arguments[0]
        if name in ("attribute_exists", "attribute_not_exists") and not isinstance(first, PathOperand):
            raise self.invalid(f"Operator or function requires a document path; operator or function: {name}")
        if name == "begins_with":
            self._check_types(name, arguments, frozenset("SB"))
        if name == "size":
            self._check_types(name, arguments, TYPES - {"N", "BOOL", "NULL"})
        if name == "attribute_type":
            self._check_type_name(arguments[1])

    def _check_type_name(self, operand: Operand) -> None:
        if not isinstance(operand, ValueOperand):
            raise self._wrong_type("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
        self._check_types("attribute_type", (operand,), frozenset("S"))
        if operand.value["S"] not in TYPES:
            raise self.invalid(
                f"Invalid attribute type name found; type: {operand.value['S']}, "
                "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
            )

    def _compare(self, comparator: str, left: Operand, right: Operand) -> Condition:
        self._check_distinct(comparator, (left, right))
        if comparator not in ("=", "<>"):
            self._check_types(comparator, (left, right), frozenset("SNB"))
        return Compare(comparator, left, right)

    def _between(self, operand: Operand, low: Operand, high: Operand) -> Condition:
        self._check_types("BETWEEN", (operand, low, high), frozenset("SNB"))
        if isinstance(low, ValueOperand) and isinstance(high, ValueOperand):
            one, two = ordered(low.value), ordered(high.value)
            bounds = f"lower bound operand: {_shown(low)}, upper bound operand: {_shown(high)}"
            if one is not None and two is not None and one[0] != two[0]:
                raise self.invalid(
                    f"The BETWEEN operator requires same data type for lower and upper bounds; {bounds}"
                )
            if one is not None and two is not None and one[1] > two[1]:
                raise self.invalid(
                    "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                    f"{bounds}"
                )
        return Between(operand, low, high)

    def _in(self, operand: Operand) -> Condition:
        self.expect("(")
        choices = self._arguments()
        if len(choices) > MAX_IN_CHOICES:
            raise self.invalid(
                "Invalid number of operands for operator or function; operator or function: IN, "
                f"number of operands: {len(choices) + 1}"
            )
        return In(operand, choices)

    def _check_distinct(self, name: str, operands: tuple[Operand, ...]) -> None:
        if len(operands) != 2 or not all(isinstance(operand, PathOperand) for operand in operands):
            return
        if operands[0] == operands[1]:
            raise self.invalid(
                "The first operand must be distinct from the remaining operands for this operator or "
                f"function; operator: {name}, first operand: {text(operands[0].path)}"  # type: ignore[attr-defined]
            )

    def _check_types(self, name: str, operands: tuple[Operand, ...], allowed: frozenset[str]) -> None:
        for operand in operands:
            found = (
                type_of(operand.value)
                if isinstance(operand, ValueOperand)
                else "N"
                if isinstance(operand, SizeOperand)
                else None
            )
            if found is not None and found not in allowed:
                raise self._wrong_type(name, found)

    def _wrong_type(self, name: str, found: str) -> Exception:
        return self.invalid(
            "Incorrect operand type for operator or function; "
            f"operator or function: {name}, operand type: {found}"
        )

    def _misused(self, name: str) -> Exception:
        return self.invalid(
            f"The function is not allowed to be used this way in an expression; function: {name}"
        )


def _shown(operand: ValueOperand) -> str:
    (name, content) = next(iter(operand.value.items()))
    return f"AttributeValue: {{{name}:{content}}}"
