"""Splits an expression into tokens, and reads them one by one with AWS's wording for what does not belong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from liveinsight_cli.local.dynamodb.errors import DynamoDBError, validation

from .paths import Path
from .placeholders import Placeholders
from .reserved import is_reserved

MAX_EXPRESSION_BYTES = 4096
MAX_PATH_DEPTH = 32

TokenKind = Literal["word", "name", "value", "index", "symbol", "end"]
_TOKEN = re.compile(
    r"(?P<word>[A-Za-z_][A-Za-z0-9_]*)|(?P<name>#[A-Za-z0-9_]+)|(?P<value>:[A-Za-z0-9_]+)"
    r"|(?P<index>[0-9]+)|(?P<symbol><>|<=|>=|[=<>()\[\],.+\-])"
)
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it stands."""

    kind: TokenKind
    text: str
    start: int


@lru_cache(maxsize=1024)
def tokenize(text: str) -> tuple[tuple[Token, ...], int | None]:
    """The tokens up to the first character that begins none, and where that character stands."""
    tokens: list[Token] = []
    at = _SPACE.match(text).end()  # type: ignore[union-attr]  # matches the empty string too
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return tuple(tokens), at
        tokens.append(Token(match.lastgroup, match.group(), at))  # type: ignore[arg-type]
        at = _SPACE.match(text, match.end()).end()  # type: ignore[union-attr]
    return (*tokens, Token("end", "<EOF>", len(text))), None


class TokenReader:
    """Walks over the tokens of one expression; `paths` collects every document path it reads."""

    def __init__(self, kind: str, text: str, placeholders: Placeholders) -> None:
        self.kind = kind
        self.text = text
        self.placeholders = placeholders
        self.paths: list[Path] = []
        self._at = 0
        if not text.strip():
            raise self.invalid("The expression can not be empty;")
        if len(text.encode()) > MAX_EXPRESSION_BYTES:
            raise self.invalid(
                "Expression size has exceeded the maximum allowed size; expression size: "
                f"{len(text.encode())}"
            )
        self._tokens, stray = tokenize(text)
        if stray is not None:
            raise self._syntax_error(text[stray], text[max(0, stray - 8) : stray + 8])

    def invalid(self, reason: str) -> DynamoDBError:
        """The error for this expression."""
        return validation(f"Invalid {self.kind}: {reason}")

    @property
    def token(self) -> Token:
        """The next token."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """The next token, consumed."""
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def accept(self, symbol: str) -> bool:
        """Consumes a symbol if it is next."""
        if self.token.kind == "symbol" and self.token.text == symbol:
            self._at += 1
            return True
        return False

    def expect(self, symbol: str) -> None:
        """Consumes a symbol that must be next."""
        if not self.accept(symbol):
            raise self.unexpected()

    def keyword(self) -> str:
        """The next word in upper case, "" if none is next; not consumed."""
        return self.token.text.upper() if self.token.kind == "word" else ""

    def accept_keyword(self, keyword: str) -> bool:
        """Consumes a keyword, in any case, if it is next."""
        if self.keyword() == keyword:
            self._at += 1
            return True
        return False

    def function_name(self) -> str | None:
        """The name of the function called next; consumes the name and the parenthesis."""
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        if self.token.kind == "word" and following.text == "(":
            name = self.take().text
            self.take()
            return name
        return None

    def end(self) -> None:
        """Nothing may follow."""
        if self.token.kind != "end":
            raise self.unexpected()

    def path(self) -> Path:
        """A document path: `a`, `#n.b[3]`."""
        parts: list[str | int] = [self._path_name()]
        while True:
            if self.accept("."):
                parts.append(self._path_name())
            elif self.accept("["):
                if self.token.kind != "index":
                    raise self.unexpected()
                parts.append(int(self.take().text))
                self.expect("]")
            else:
                break
        if len(parts) > MAX_PATH_DEPTH:
            raise self.invalid("The document path has too many nesting elements")
        path = tuple(parts)
        self.paths.append(path)
        return path

    def _path_name(self) -> str:
        token = self.token
        if token.kind == "name":
            self.take()
            return self.placeholders.name(self.kind, token.text)
        if token.kind != "word":
            raise self.unexpected()
        self.take()
        if is_reserved(token.text):
            raise self.invalid(f"Attribute name is a reserved keyword; reserved keyword: {token.text}")
        return token.text

    def unexpected(self) -> DynamoDBError:
        """The syntax error at the next token."""
        token = self.token
        before = self._tokens[self._at - 1].start if self._at else token.start
        after = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        near = self.text[before : after.start + (0 if after.kind == "end" else len(after.text))]
        return self._syntax_error(token.text, near)

    def _syntax_error(self, token: str, near: str) -> DynamoDBError:
        return self.invalid(f'Syntax error; token: "{token}", near: "{near.strip()}"')
