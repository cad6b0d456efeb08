"""The sessions table as a projection: absolute values taken from the newest stamp that has been seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared import metrics
from shared.event import StoredEvent
from shared.metrics import Running


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What a session's first event told about it."""

    referrer: str
    source: str
    entry_page: str
    country: str
    device: str


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session after its newest event in a batch; `facts` when the batch has its first event."""

    site: str
    visitor: str
    visitor_before: str
    user_id: str
    now: Running
    facts: SessionFacts | None


def sessions_of(events: Iterable[StoredEvent]) -> list[SessionView]:
    """One view for each session that the events belong to; bots have none."""
    newest: dict[str, StoredEvent] = {}
    facts: dict[str, SessionFacts] = {}
    users: dict[str, str] = {}
    for event in events:
        if event.bot:
            continue
        known = newest.get(event.session_id)
        if known is None or event.before.events > known.before.events:
            newest[event.session_id] = event
        if event.is_entry:
            facts[event.session_id] = _facts(event)
        if "user_id" in event.texts:
            users[event.session_id] = event.texts["user_id"]
    return [
        SessionView(
            site=event.site,
            visitor=event.visitor,
            visitor_before=event.texts.get("visitor_before", ""),
            user_id=users.get(session_id, ""),
            now=_after(event),
            facts=facts.get(session_id),
        )
        for session_id, event in newest.items()
    ]


def _after(event: StoredEvent) -> Running:
    path = metrics.path_of(event.page_url)
    return metrics.after(event.before, event.at, event.event_type, event.interactive, path)


def _facts(event: StoredEvent) -> SessionFacts:
    return SessionFacts(
        referrer=event.referrer,
        source=event.texts.get("source", metrics.DIRECT),
        entry_page=metrics.path_of(event.page_url),
        country=event.texts.get("country", metrics.UNKNOWN),
        device=event.user_agent.rpartition("/")[2],
    )
