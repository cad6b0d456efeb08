"""Why an answer is not all that was asked for, in words for people and in codes for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code, the same in English, and the numbers that it mentions."""

    code: str
    text: str
    numbers: dict[str, float | int] = field(default_factory=dict)


def shown(reasons: Sequence[Reason]) -> dict[str, Any]:
    """The two lists of an answer's `meta`, in the same order and of the same length."""
    return {
        "warnings": [reason.text for reason in reasons],
        "reasons": [{"code": reason.code, **reason.numbers} for reason in reasons],
    }
