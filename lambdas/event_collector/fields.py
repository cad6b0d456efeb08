"""The fields of an event, each with its own check: what a client may send, and the words in which it is refused."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from event_collector.address import BadAddress, Page, read_page, read_referrer

_EVENT_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SESSION_ID = re.compile(r"[\x21-\x7e]{8,64}")
_PRINTABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_VITALS = frozenset({"lcp", "inp", "cls", "fcp", "ttfb"})
_LONGEST_ENGAGED_MS = 86_400_000


class BadEvent(Exception):
    """Why one event cannot be taken."""

    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def error(self) -> dict[str, str]:
        """The error object of the answer."""
        error = {"code": self.code, "message": self.message}
        return error if self.field is None else {**error, "field": self.field}


def shown_name(name: str) -> str:
    """An unknown key is named, unless it is not a name but something made up to be shown."""
    return name if _PRINTABLE_NAME.fullmatch(name) else "(unprintable)"


def _invalid(name: str, rule: str) -> BadEvent:
    return BadEvent("invalid_field", f"{name} must be {rule}.", name)


def text(source: dict[str, Any], name: str, longest: int, shortest: int = 0) -> str | None:
    """A text of the allowed length, None when there is none; raises BadEvent otherwise."""
    value = source.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not shortest <= len(value) <= longest or not _is_encodable(value):
        raise _invalid(name, f"a text of {shortest} to {longest} characters")
    return value


def _is_encodable(text: str) -> bool:
    """Half of a surrogate pair passes as JSON but cannot be written as UTF-8."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def moment(source: dict[str, Any], name: str) -> float | None:
    """A time in epoch ms, None when there is none; raises BadEvent otherwise."""
    value = source.get(name)
    if value is None:
        return None
    if not _is_number(value) or abs(value) > 1e15:
        raise _invalid(name, "a time in epoch milliseconds")
    return float(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, int) or math.isfinite(value)


def _up_to(longest: int) -> Callable[[dict[str, Any], str], str | None]:
    return lambda sent, name: text(sent, name, longest)


def _event_type(sent: dict[str, Any], name: str) -> str:
    value = text(sent, name, 64, shortest=1) or ""
    if not value.isprintable():
        raise _invalid(name, "a printable text of 1 to 64 characters")
    return value


def _matching(pattern: re.Pattern[str], rule: str) -> Callable[[dict[str, Any], str], str]:
    def read(sent: dict[str, Any], name: str) -> str:
        value = sent[name]
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _invalid(name, rule)
        return value

    return read


def _page_url(sent: dict[str, Any], name: str) -> Page:
    try:
        return read_page(text(sent, name, 2048, shortest=1) or "")
    except BadAddress as error:
        raise _invalid(name, "an http or https URL of at most 2048 characters") from error


def _referrer(sent: dict[str, Any], name: str) -> str:
    return read_referrer(text(sent, name, 2048) or "")


def _whole(largest: int) -> Callable[[dict[str, Any], str], int]:
    def read(sent: dict[str, Any], name: str) -> int:
        value = sent[name]
        if not _is_number(value) or not 0 <= value <= largest:
            raise _invalid(name, f"a number from 0 to {largest}")
        return int(value)

    return read


def _flag(sent: dict[str, Any], name: str) -> bool:
    if not isinstance(sent[name], bool):
        raise _invalid(name, "true or false")
    return bool(sent[name])


def _props(sent: dict[str, Any], name: str) -> str:
    props = sent[name]
    if not isinstance(props, dict) or len(props) > 30:
        raise _invalid(name, "an object of at most 30 scalar values")
    for key, value in props.items():
        is_text = isinstance(value, str) and len(value) <= 512 and _is_encodable(value)
        is_scalar = (
            value is None or isinstance(value, bool) or is_text or (_is_number(value) and abs(value) < 1e15)
        )
        if not is_scalar or not 1 <= len(key) <= 64 or not _is_encodable(key):
            raise _invalid(
                name, "scalar values (texts up to 512 characters) under names of 1 to 64 characters"
            )
    return json.dumps(props, separators=(",", ":"), ensure_ascii=False) if props else ""


def _vitals(sent: dict[str, Any], name: str) -> str:
    vitals = sent[name]
    is_complete = isinstance(vitals, dict) and vitals.keys() <= _VITALS
    if not is_complete or not all(_is_number(value) and 0 <= value <= 1e7 for value in vitals.values()):
        raise _invalid(name, "an object of non-negative numbers named lcp, inp, cls, fcp or ttfb")
    return json.dumps(vitals, separators=(",", ":")) if vitals else ""


READERS: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "event_id": _matching(_EVENT_ID, "8 to 64 of A-Z a-z 0-9 _ -"),
    "event_type": _event_type,
    "page_url": _page_url,
    "referrer": _referrer,
    "title": _up_to(512),
    "timestamp": moment,
    "session_id": _matching(_SESSION_ID, "8 to 64 printable ASCII characters without spaces"),
    "user_id": _up_to(128),
    "props": _props,
    "engaged_ms": _whole(_LONGEST_ENGAGED_MS),
    "scroll_depth": _whole(100),
    "interactive": _flag,
    "vitals": _vitals,
}
