"""Parser of update expressions."""

from __future__ import annotations

from typing import cast

from liveinsight_cli.local.dynamodb.values import type_of

from .paths import Path, clash
from .placeholders import Placeholders
from .tokens import TokenReader
from .updates import (
    Action,
    Arithmetic,
    Attribute,
    Clause,
    Expression,
    IfNotExists,
    ListAppend,
    Literally,
    Update,
)

_KIND = "UpdateExpression"
_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")
_LONG_NAMES = {
    "S": "STRING",
    "N": "NUMBER",
    "B": "BINARY",
    "NULL": "NULL",
    "BOOL": "BOOLEAN",
    "L": "LIST",
    "M": "MAP",
}


def parse_update(expression: str, placeholders: Placeholders) -> Update:
    """Parses an UpdateExpression."""
    reader = _UpdateReader(_KIND, expression, placeholders)
    actions = reader.clauses()
    problem = clash(action.path for action in actions)
    if problem:
        raise reader.invalid(problem)
    return Update(tuple(actions), tuple(reader.paths))


class _UpdateReader(TokenReader):
    def clauses(self) -> list[Action]:
        actions: list[Action] = []
        seen: set[str] = set()
        while self.token.kind != "end":
            clause = self.keyword()
            if clause not in _CLAUSES:
                raise self.unexpected()
            self.take()
            if clause in seen:
                raise self.invalid(f'The "{clause}" section can only be used once in an update expression;')
            seen.add(clause)
            actions.append(self._action(cast(Clause, clause)))
            while self.accept(","):
                actions.append(self._action(cast(Clause, clause)))
        return actions

    def _action(self, clause: Clause) -> Action:
        path = self.path()
        if clause == "SET":
            self.expect("=")
            return Action(clause, path, self._sum())
        if clause == "REMOVE":
            return Action(clause, path)
        if self.token.kind != "value":
            raise self.unexpected()
        value = self.placeholders.value(self.kind, self.take().text)
        name = type_of(value)
        if name not in ("SS", "NS", "BS") and not (clause == "ADD" and name == "N"):
            raise self.invalid(
                f"Incorrect operand type for operator or function; operator: {clause}, "
                f"operand type: {_LONG_NAMES[name]}, typeSet: "
                f"ALLOWED_FOR_{clause}_OPERAND"
            )
        return Action(clause, path, Literally(value))

    def _sum(self) -> Expression:
        left = self._operand()
        for operator in ("+", "-"):
            if self.accept(operator):
                right = self._operand()
                self._check_immediate(operator, "N", (left, right))
                return Arithmetic(operator, left, right)
        return left

    def _operand(self) -> Expression:
        if self.accept("("):
            inner = self._sum()
            self.expect(")")
            return inner
        if self.token.kind == "value":
            return Literally(self.placeholders.value(self.kind, self.take().text))
        name = self.function_name()
        if name is None:
            return Attribute(self.path())
        return self._function(name)

    def _function(self, name: str) -> Expression:
        arguments = [self._operand()]
        while self.accept(","):
            arguments.append(self._operand())
        self.expect(")")
        if name not in ("if_not_exists", "list_append"):
            raise self.invalid(f"Invalid function name; function: {name}")
        if len(arguments) != 2:
            raise self.invalid(
                "Incorrect number of operands for operator or function; "
                f"operator or function: {name}, number of operands: {len(arguments)}"
            )
        if name == "list_append":
            self._check_immediate(name, "L", tuple(arguments))
            return ListAppend(*arguments)
        return IfNotExists(self._path_of(arguments[0], name), arguments[1])

    def _path_of(self, argument: Expression, name: str) -> Path:
        if isinstance(argument, Attribute):
            return argument.path
        raise self.invalid(f"Operator or function requires a document path; operator or function: {name}")

    def _check_immediate(self, name: str, wanted: str, operands: tuple[Expression, ...]) -> None:
        for operand in operands:
            if isinstance(operand, Literally) and type_of(operand.content) != wanted:
                raise self.invalid(
                    "Incorrect operand type for operator or function; "
                    f"operator or function: {name}, operand type: {type_of(operand.content)}"
                )
