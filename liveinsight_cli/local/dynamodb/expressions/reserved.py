"""DynamoDB's reserved words, which an expression may not use as attribute names."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _words() -> frozenset[str]:
    listed = files("moto").joinpath("dynamodb", "parsing", "reserved_keywords.txt").read_text("utf-8")
    return frozenset(listed.upper().split())


def is_reserved(name: str) -> bool:
    """Whether a word is reserved, in any case."""
    return name.upper() in _words()
