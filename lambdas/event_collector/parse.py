"""From a request's bytes to checked events: pure, total, and never repeating what the caller sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from event_collector.address import BadAddress, Page, read_site
from event_collector.fields import READERS, BadEvent, moment, shown_name, text
from shared.http import HttpError

LARGEST_BODY_BYTES = 64 * 1024
LARGEST_BATCH = 25
_ENVELOPE_KEYS = frozenset({"site", "sent_at", "screen", "lang"})


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


def parse(body: bytes, kept_parameters: frozenset[str] = frozenset()) -> Submission:
    """Check a body; raises HttpError when nothing of it can be used as a request.

    Of the queries of page addresses nothing stays but the campaign values and `kept_parameters`.
    """
    if len(body) > LARGEST_BODY_BYTES:
        raise HttpError(413, "body_too_large", f"The body may have at most {LARGEST_BODY_BYTES} bytes.")
    document = _json_object(body)
    if "events" in document:
        sent_events = document.pop("events")
        unknown = document.keys() - _ENVELOPE_KEYS
        if unknown:
            raise HttpError(
                400, "unknown_field", "The envelope has an unknown field.", shown_name(min(unknown))
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
    return _checked(envelope, sent_events, kept_parameters)


def _checked(envelope: dict[str, Any], sent_events: list[Any], kept_parameters: frozenset[str]) -> Submission:
    try:
        site = read_site(envelope["site"]) if "site" in envelope else None
        sent_at = moment(envelope, "sent_at")
        screen = text(envelope, "screen", 32) or ""
        lang = text(envelope, "lang", 35) or ""
    except BadAddress as error:
        raise HttpError(400, "invalid_field", str(error), "site") from error
    except BadEvent as error:
        raise HttpError(400, error.code, error.message, error.field) from error
    events: list[ClientEvent] = []
    rejected: list[Rejection] = []
    known_ids: set[str] = set()
    for index, sent in enumerate(sent_events):
        try:
            event = parse_event(index, sent, kept_parameters)
            if event.event_id in known_ids:
                raise BadEvent("duplicate_event_id", "Another event of this request has this id.", "event_id")
        except BadEvent as reason:
            rejected.append(Rejection(index, reason))
            continue
        known_ids |= {event.event_id} if event.event_id else set()
        events.append(event)
    return Submission(events, rejected, site, sent_at, screen, lang)


def parse_event(index: int, sent: Any, kept_parameters: frozenset[str]) -> ClientEvent:
    """Check one event; raises BadEvent with the first thing that is wrong."""
    if not isinstance(sent, dict):
        raise BadEvent("invalid_event", "An event must be a JSON object.")
    unknown = sent.keys() - READERS.keys()
    if unknown:
        raise BadEvent("unknown_field", "The event has an unknown field.", shown_name(min(unknown)))
    for name in ("event_type", "page_url"):
        if sent.get(name) is None:
            raise BadEvent("missing_field", f"{name} is required.", name)
    read = {name: reader(sent, name) for name, reader in READERS.items() if sent.get(name) is not None}
    return ClientEvent(
        index=index,
        event_id=read.get("event_id"),
        event_type=read["event_type"],
        page=read["page_url"].keeping(kept_parameters),
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
