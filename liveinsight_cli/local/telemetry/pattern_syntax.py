"""What the JSON and the space-delimited patterns share: conditions joined by && and ||, and how a value compares."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Subject = TypeVar("Subject")
Test = Callable[[Subject], bool]
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


class InvalidPattern(Exception):
    """A filter pattern that CloudWatch would refuse."""


@dataclass
class Tokens:
    """The tokens of a pattern and how far they were read."""

    items: list[str]
    position: int = 0

    @classmethod
    def of(cls, text: str, token: re.Pattern[str]) -> "Tokens":
        """Split a text; whatever is neither white space nor a token is an error."""
        items, position = [], 0
        while position < len(text):
            match = token.match(text, position)
            if match is None:
                if not text[position:].strip():
                    break
                raise InvalidPattern(f"Invalid filter pattern at {text[position:].strip()!r}")
            items.append(match[0].strip())
            position = match.end()
        return cls(items)

    def peek(self) -> str:
        """The next token, empty at the end."""
        return self.items[self.position] if self.position < len(self.items) else ""

    def take(self, expected: str | None = None) -> str:
        """Read the next token, which must be the expected one."""
        token = self.peek()
        if not token or (expected is not None and token != expected):
            raise InvalidPattern(
                f"Invalid filter pattern: expected {expected or 'more'}, found {token or 'its end'}"
            )
        self.position += 1
        return token


class Conditions(Generic[Subject]):
    """Reads `a && b || (c)`; && binds closer than ||."""

    def __init__(self, condition: Callable[[Tokens], Test[Subject]]) -> None:
        self._condition = condition

    def parse(self, tokens: Tokens) -> Test[Subject]:
        """The test for everything up to the first token that cannot go on."""
        tests = [self._all(tokens)]
        while tokens.peek() == "||":
            tokens.take()
            tests.append(self._all(tokens))
        return tests[0] if len(tests) == 1 else lambda subject: any(test(subject) for test in tests)

    def _all(self, tokens: Tokens) -> Test[Subject]:
        tests = [self._one(tokens)]
        while tokens.peek() == "&&":
            tokens.take()
            tests.append(self._one(tokens))
        return tests[0] if len(tests) == 1 else lambda subject: all(test(subject) for test in tests)

    def _one(self, tokens: Tokens) -> Test[Subject]:
        if tokens.peek() != "(":
            return self._condition(tokens)
        tokens.take("(")
        test = self.parse(tokens)
        tokens.take(")")
        return test


def number(text: object) -> float | None:
    """The number a text or a JSON number says, None for anything else."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        return float(text)
    if isinstance(text, str) and _NUMBER.fullmatch(text):
        return float(text)
    return None


def compare_number(operator: str, wanted: float) -> Callable[[object], bool]:
    """A test of a value that must be a number."""
    compare: dict[str, Callable[[float], bool]] = {
        "=": lambda found: found == wanted,
        "!=": lambda found: found != wanted,
        "<": lambda found: found < wanted,
        "<=": lambda found: found <= wanted,
        ">": lambda found: found > wanted,
        ">=": lambda found: found >= wanted,
    }
    test = compare[operator]

    def matches(value: object) -> bool:
        found = number(value)
        return test(found) if found is not None else operator == "!="

    return matches


def compare_text(wanted: str) -> Callable[[str], bool]:
    """A test of a text: quoted, with `*` as a wildcard, or a %regular expression%."""
    if len(wanted) >= 2 and wanted[0] == wanted[-1] == "%":
        try:
            found = re.compile(wanted[1:-1]).search
        except re.error as error:
            raise InvalidPattern(f"Invalid regular expression {wanted}: {error}") from error
        return lambda text: found(text) is not None
    if len(wanted) >= 2 and wanted[0] == wanted[-1] == '"':
        wanted = re.sub(r"\\(.)", r"\1", wanted[1:-1])
    glob = re.compile(".*".join(map(re.escape, wanted.split("*"))), re.DOTALL)
    return lambda text: glob.fullmatch(text) is not None
