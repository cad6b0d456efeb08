"""From a request's bytes to checked events: pure, total, and never repeating what the caller sent."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from event_collector.address import BadAddress, Page, read_page, read_referrer, read_site
from shared.http import HttpError

LARGEST_BODY_BYTES = 64 * 1024
LARGEST_BATCH = 25
_ENVELOPE_KEYS = frozenset({"site", "sent_at", "screen", "lang"})
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


@dataclass(frozen=True, slots=True)
class ClientEvent:
    """An event as the client sent it, checked; `event_id` None when it sent none. `props`, `vitals` are JSON texts."""

    index: int
    event_id: str | None
    event_type: str
    page: Page
    referrer: str
    client_time: float | None
    session_id: str | None
    interactive: bool
    texts: dict[str, str]
    numbers: dict[str, int]


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event of the request that was not taken."""

    index: int
    reason: BadEvent

    def answer(self) -> dict[str, Any]:
        """Its entry in the answer's `rejected`."""
        return {"index": self.index, "error": self.reason.error()}


@dataclass(frozen=True, slots=True)
class Submission:
    """A whole request: the good events, and the others with their reasons."""

    events: list[ClientEvent]
    rejected: list[Rejection]
    site: str | None
    sent_at: float | None
    screen: str
    lang: str


def parse(body: bytes) -> Submission:
    """Check a body; raises HttpError when nothing of it can be used as a request."""
    if len(body) > LARGEST_BODY_BYTES:
        raise HttpError(413, "body_too_large", f"The body may have at most {LARGEST_BODY_BYTES} bytes.")
    document = _json_object(body)
    if "events" in document:
        sent_events = document.pop("events")
        unknown = document.keys() - _ENVELOPE_KEYS
        if unknown:
            raise HttpError(
                400, "unknown_field", "The envelope has an unknown field.", _field_name(min(unknown))
            )
        envelope = document
    else:
        envelope = {name: document.pop(name) for name in _ENVELOPE_KEYS & document.keys()}
        sent_events = [document]
    if not isinstance(sent_events, list) or not sent_events:
        raise HttpError(400, "invalid_field", "events must be a list of 1 to 25 events.", "events")
    if len(sent_events) > LARGEST_BATCH:
        raise HttpError(
            400, "too_many_events", f"A request may have at most {LARGEST_BATCH} events.", "events"
        )
    return _checked(envelope, sent_events)


def _checked(envelope: dict[str, Any], sent_events: list[Any]) -> Submission:
    try:
        site = read_site(envelope["site"]) if "site" in envelope else None
        sent_at = _number(envelope, "sent_at")
        screen = _text(envelope, "screen", 32) or ""
        lang = _text(envelope, "lang", 35) or ""
    except BadAddress as error:
        raise HttpError(400, "invalid_field", str(error), "site") from error
    except BadEvent as error:
        raise HttpError(400, error.code, error.message, error.field) from error
    events: list[ClientEvent] = []
    rejected: list[Rejection] = []
    known_ids: set[str] = set()
    for index, sent in enumerate(sent_events):
        try:
            event = parse_event(index, sent)
            if event.event_id in known_ids:
                raise BadEvent("duplicate_event_id", "Another event of this request has this id.", "event_id")
        except BadEvent as reason:
            rejected.append(Rejection(index, reason))
            continue
        known_ids |= {event.event_id} if event.event_id else set()
        events.append(event)
    return Submission(events, rejected, site, sent_at, screen, lang)


def parse_event(index: int, sent: Any) -> ClientEvent:
    """Check one event; raises BadEvent with the first thing that is wrong."""
    if not isinstance(sent, dict):
        raise BadEvent("invalid_event", "An event must be a JSON object.")
    unknown = sent.keys() - _READERS.keys()
    if unknown:
        raise BadEvent("unknown_field", "The event has an unknown field.", _field_name(min(unknown)))
    for name in ("event_type", "page_url"):
        if sent.get(name) is None:
            raise BadEvent("missing_field", f"{name} is required.", name)
    read = {name: reader(sent, name) for name, reader in _READERS.items() if sent.get(name) is not None}
    return ClientEvent(
        index=index,
        event_id=read.get("event_id"),
        event_type=read["event_type"],
        page=read["page_url"],
        referrer=read.get("referrer", ""),
        client_time=read.get("timestamp"),
        session_id=read.get("session_id"),
        interactive=read.get("interactive", False),
        texts={name: read[name] for name in ("title", "user_id", "props", "vitals") if read.get(name)},
        numbers={name: read[name] for name in ("engaged_ms", "scroll_depth") if name in read},
    )


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise HttpError(400, "invalid_json", "The body is not valid JSON in UTF-8.") from error
    if not isinstance(document, dict):
        raise HttpError(400, "invalid_body", "The body must be an event or an object with events.")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _field_name(name: str) -> str:
    """An unknown key is named, unless it is not a name but something made up to be shown."""
    return name if _PRINTABLE_NAME.fullmatch(name) else "(unprintable)"


def _invalid(name: str, rule: str) -> BadEvent:
    return BadEvent("invalid_field", f"{name} must be {rule}.", name)


def _text(source: dict[str, Any], name: str, longest: int, shortest: int = 0) -> str | None:
    value = source.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not shortest <= len(value) <= longest or not _is_encodable(value):
        raise _invalid(name, f"a text of {shortest} to {longest} characters")
    return value


def _is_encodable(text: str) -> bool:
    """Half of a surrogate pair passes as JSON but cannot be written as UTF-8."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _number(source: dict[str, Any], name: str) -> float | None:
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
    return lambda sent, name: _text(sent, name, longest)


def _event_type(sent: dict[str, Any], name: str) -> str:
    value = _text(sent, name, 64, shortest=1) or ""
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
        return read_page(_text(sent, name, 2048, shortest=1) or "")
    except BadAddress as error:
        raise _invalid(name, "an http or https URL of at most 2048 characters") from error


def _referrer(sent: dict[str, Any], name: str) -> str:
    return read_referrer(_text(sent, name, 2048) or "")


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


_READERS: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "event_id": _matching(_EVENT_ID, "8 to 64 of A-Z a-z 0-9 _ -"),
    "event_type": _event_type,
    "page_url": _page_url,
    "referrer": _referrer,
    "title": _up_to(512),
    "timestamp": _number,
    "session_id": _matching(_SESSION_ID, "8 to 64 printable ASCII characters without spaces"),
    "user_id": _up_to(128),
    "props": _props,
    "engaged_ms": _whole(_LONGEST_ENGAGED_MS),
    "scroll_depth": _whole(100),
    "interactive": _flag,
    "vitals": _vitals,
}
