"""CloudWatch's filter patterns (terms, JSON properties, space-delimited fields), compiled to a test of a message."""

import re
from collections.abc import Callable
from functools import lru_cache

from liveinsight_cli.local.telemetry.pattern_fields import compile_fields
from liveinsight_cli.local.telemetry.pattern_json import compile_json
from liveinsight_cli.local.telemetry.pattern_syntax import InvalidPattern

__all__ = ["InvalidPattern", "compile_pattern"]

Matches = Callable[[str], bool]
_TERM = re.compile(
    r"""\s*(?P<sign>[?-]?)
        (?: "(?P<phrase>(?:[^"\\]|\\.)*)" | %(?P<regex>(?:[^%\\]|\\.)+)% | (?P<word>[^\s"%]+) )(?=\s|$)""",
    re.VERBOSE,
)
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Matches:
    """The test a pattern stands for; an empty one is true of everything.

    Raises InvalidPattern where CloudWatch would refuse the pattern.
    """
    text = pattern.strip()
    if not text:
        return lambda _message: True
    if text.startswith("{"):
        return compile_json(text)
    if text.startswith("["):
        return compile_fields(text)
    return _compile_terms(text)


def _compile_terms(text: str) -> Matches:
    """All plain terms and no `-` term; `?` terms (any of them) count only when there is nothing else."""
    wanted: list[Matches] = []
    unwanted: list[Matches] = []
    either: list[Matches] = []
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise InvalidPattern(f"Invalid filter pattern at {text[position:]!r}")
        {"": wanted, "-": unwanted, "?": either}[term["sign"]].append(_term(term))
        position = term.end()
    if either and not wanted and not unwanted:
        return lambda message: any(test(message) for test in either)
    return lambda message: (
        all(test(message) for test in wanted) and not any(test(message) for test in unwanted)
    )


def _term(term: re.Match[str]) -> Matches:
    if term["regex"] is not None:
        return _search(term["regex"])
    if term["phrase"] is not None:
        return _contains(re.sub(r"\\(.)", r"\1", term["phrase"]))
    if not _WORD.fullmatch(term["word"]):
        raise InvalidPattern(f"Invalid character(s) in term '{term['word']}'")
    return _contains(term["word"])


def _contains(text: str) -> Matches:
    return lambda message: text in message


def _search(expression: str) -> Matches:
    try:
        found = re.compile(expression).search
    except re.error as error:
        raise InvalidPattern(f"Invalid regular expression '{expression}': {error}") from error
    return lambda message: found(message) is not None
