"""The words of a query, read one after the other; each knows its place, for errors to point at."""

import re
from dataclasses import dataclass

_BLANK = re.compile(r"(?:\s+|#[^\n]*)*")
_TOKEN = re.compile(
    r"""(?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
    |(?P<quoted>`[^`]+`)
    |(?P<duration>\d+(?:ms|[smhdw])\b)
    |(?P<number>\d+(?:\.\d+)?\b)
    |(?P<name>@?[A-Za-z_]\w*(?:\.[\w@]+)*)
    |(?P<sign>=~|!=|<=|>=|[|,()\[\]=<>+\-*/^%])""",
    re.VERBOSE,
)
_REGEX = re.compile(r"/((?:\\.|[^/\\])+)/")
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")
END = "end"


class Malformed(Exception):
    """A query that cannot be run, and from where to where it is wrong (offsets of characters)."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


@dataclass(frozen=True)
class Token:
    """A word: its kind, its text as it means something, and where it is."""

    kind: str
    text: str
    start: int
    end: int

    def says(self, *words: str) -> bool:
        """Whether it is one of these keywords or signs, in upper or lower case."""
        return self.kind in ("name", "sign") and self.text.lower() in words


class Reader:
    """Reads a query. A regular expression is one only where the grammar asks for it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self._next: Token | None = None

    def peek(self) -> Token:
        """The next word, which stays the next one."""
        if self._next is None:
            self._next = self._read()
        return self._next

    def take(self) -> Token:
        """The next word."""
        token = self.peek()
        self.position, self._next = token.end, None
        return token

    def accept(self, *words: str) -> Token | None:
        """The next word if it is one of these."""
        return self.take() if self.peek().says(*words) else None

    def expect(self, *words: str) -> Token:
        """The next word, which must be one of these."""
        return self.accept(*words) or self.refuse(f"{' or '.join(words)} expected")

    def take_kind(self, *kinds: str) -> Token:
        """The next word, which must be of one of these kinds."""
        if self.peek().kind not in kinds:
            self.refuse(f"{' or '.join(kinds)} expected")
        return self.take()

    def take_regex(self) -> re.Pattern[str] | None:
        """A regular expression between slashes, if there is one."""
        found = _REGEX.match(self.text, self._after_blanks())
        if found is None:
            return None
        self.position, self._next = found.end(), None
        try:
            return re.compile(_NAMED_GROUP.sub("(?P<", found[1]))
        except re.error as error:
            raise Malformed(f"invalid regular expression: {error}", found.start(), found.end()) from error

    def refuse(self, reason: str) -> Token:
        """Raise Malformed about the next word."""
        token = self.peek()
        found = "the end of the query" if token.kind == END else repr(self.text[token.start : token.end])
        raise Malformed(f"unexpected {found}: {reason}", token.start, token.end)

    def since(self, start: int) -> str:
        """What was read from a place on, as it was written."""
        return self.text[start : self.position].strip()

    def _read(self) -> Token:
        start = self._after_blanks()
        if start >= len(self.text):
            return Token(END, "", start, start)
        found = _TOKEN.match(self.text, start)
        if found is None or found.lastgroup is None:
            raise Malformed(f"unexpected symbol {self.text[start]!r}", start, start + 1)
        text = found[0]
        if found.lastgroup == "string":
            text = re.sub(r"\\(.)", r"\1", text[1:-1])
        if found.lastgroup == "quoted":
            text = text[1:-1]
        return Token(found.lastgroup, text, start, found.end())

    def _after_blanks(self) -> int:
        blank = _BLANK.match(self.text, self.position)
        return blank.end() if blank else self.position
