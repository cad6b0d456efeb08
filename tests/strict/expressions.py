"""Expressions as far as AWS refuses them before looking at an item: words, placeholders, lengths, operators.

Sources: developer guide, "Reserved words", "Expression attribute names", "Constraints" (expression parameters).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from tests.strict.values import refuse_unless, size_of

LONGEST_EXPRESSION = 4096
MOST_OPERATORS = 300
MOST_IN_OPERANDS = 100
LONGEST_PLACEHOLDER = 255
LARGEST_VALUE = 2 * 1024 * 1024
_TOKEN = re.compile(r"\s*(#\w+|:\w+|[A-Za-z_]\w*|\d+|<>|<=|>=|[=<>()\[\],.+\-])")
_FUNCTIONS = frozenset(
    {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"}
    | {"if_not_exists", "list_append"}
)
_CONDITION_WORDS = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN"})
_OPERATORS = _FUNCTIONS | _CONDITION_WORDS | {"=", "<>", "<", "<=", ">", ">=", "+", "-"}
_UPDATE_CLAUSES = frozenset({"SET", "REMOVE", "ADD", "DELETE"})
_GRAMMAR = {"UpdateExpression": _UPDATE_CLAUSES, "ProjectionExpression": frozenset[str]()}


@dataclass(frozen=True)
class Expression:
    """One expression of a request in tokens; attribute names come out of it with their placeholders resolved."""

    parameter: str
    tokens: tuple[str, ...]
    names: Mapping[str, str]

    def paths(self) -> Iterator[str]:
        """The top-level attribute of every document path, once for each mention."""
        for before, token, after in zip(
            ("", *self.tokens), self.tokens, (*self.tokens[1:], ""), strict=False
        ):
            if before != "." and after != "(" and self._is_attribute(token):
                yield self.names.get(token, token)

    def words(self) -> Iterator[str]:
        """Attribute names that stand bare, in any place of a path."""
        for token, after in zip(self.tokens, (*self.tokens[1:], ""), strict=True):
            if after != "(" and token[0] not in "#:" and self._is_attribute(token):
                yield token

    def actions(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """What an update changes: each top-level attribute, with the tokens of what it becomes.

        Those of a nested path begin with its dots and brackets.
        """
        depth, name, operand = 0, "", []
        for token in (*self.tokens, ","):
            depth += (token == "(") - (token == ")")
            if depth == 0 and (token == "," or token.upper() in _UPDATE_CLAUSES):
                if name:
                    yield self.names.get(name, name), tuple(operand)
                name, operand = "", []
            elif name:
                operand.append(token)
            else:
                name = token

    def _is_attribute(self, token: str) -> bool:
        if token.startswith("#"):
            return True
        grammar = _GRAMMAR.get(self.parameter, _CONDITION_WORDS)
        return (token[0].isalpha() or token[0] == "_") and token.upper() not in grammar


def expressions_of(request: Mapping[str, Any]) -> list[Expression]:
    """All expressions of a request, checked together with their placeholders; raises Refused."""
    names = request.get("ExpressionAttributeNames", {})
    values = request.get("ExpressionAttributeValues", {})
    found = []
    for parameter, text in request.items():
        if parameter.endswith("Expression"):
            refuse_unless(len(text) > 0, f"{parameter} is empty")
            refuse_unless(len(text.encode()) <= LONGEST_EXPRESSION, f"{parameter} is longer than 4 KB")
            found.append(Expression(parameter, _checked_tokens(parameter, text), names))
    used = {token for expression in found for token in expression.tokens if token[0] in "#:"}
    declared = {*names, *values}
    refuse_unless(used <= declared, f"undefined placeholders: {sorted(used - declared)}")
    refuse_unless(declared <= used, f"unused placeholders: {sorted(declared - used)}")
    refuse_unless(all(len(name) <= LONGEST_PLACEHOLDER for name in declared), "a placeholder is too long")
    refuse_unless("ExpressionAttributeNames" not in request or names, "ExpressionAttributeNames is empty")
    refuse_unless("ExpressionAttributeValues" not in request or values, "ExpressionAttributeValues is empty")
    refuse_unless(all(size_of(v) <= LARGEST_VALUE for v in values.values()), "a value is larger than 2 MB")
    return found


@lru_cache(maxsize=1024)
def _checked_tokens(parameter: str, text: str) -> tuple[str, ...]:
    expression = Expression(parameter, tuple(_tokens(text)), {})
    operators = [token for token in expression.tokens if token in _OPERATORS or token.upper() in _OPERATORS]
    refuse_unless(len(operators) <= MOST_OPERATORS, f"{parameter} has more than 300 operators")
    for word in expression.words():
        refuse_unless(word.upper() not in _reserved(), f"reserved word in {parameter}: {word}")
    for operands in re.findall(r"\bIN \(([^)]*)\)", " ".join(expression.tokens), re.IGNORECASE):
        refuse_unless(operands.count(",") < MOST_IN_OPERANDS, "IN has more than 100 operands")
    return expression.tokens


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        refuse_unless(found is not None, f"not a token: {text[at : at + 20]!r}")
        assert found is not None
        yield found[1]
        at = found.end()


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    listed = files("moto").joinpath("dynamodb", "parsing", "reserved_keywords.txt").read_text("utf-8")
    return frozenset(listed.upper().split())
