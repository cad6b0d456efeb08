"""What `GET /api/realtime` answers: figures of the sessions that are alive and of the last thirty minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.block import Minutes, merged
from shared.event import StoredEvent
from shared.keys import DAY_MS, MINUTE_MS
from shared.metrics import ACTIVE_VISITOR_MS, AFTER_MIDNIGHT_MS, REALTIME_MINUTES, SESSION_GAP_MS


@dataclass(frozen=True, slots=True)
class LiveSession:
    """What ActivityIndex tells about a session."""

    site: str
    visitor: str
    visitor_before: str
    last_event: int
    last_seen: int
    page: str
    source: str
    country: str
    device: str

    def passes(self, filters: Iterable[tuple[str, str]]) -> bool:
        """Whether it is what all of the filters ask for."""
        facts = {"source": self.source, "country": self.country, "device": self.device}
        return all(facts[name] == value for name, value in filters)


def window_start(now: int) -> int:
    """Where the first of the thirty minutes begins; the last one is the minute of `now`."""
    return now - now % MINUTE_MS - (REALTIME_MINUTES - 1) * MINUTE_MS


def earliest_needed(now: int) -> int:
    """The oldest activity that any figure looks at."""
    return min(window_start(now), now - SESSION_GAP_MS)


def live_figures(sessions: list[LiveSession], now: int, limit: int) -> dict[str, Any]:
    """Figures and lists that come from the sessions."""
    alive = [session for session in sessions if session.last_event >= now - SESSION_GAP_MS]
    in_window = {_person(session, now) for session in sessions if session.last_event >= window_start(now)}
    active = {_person(session, now) for session in sessions if session.last_seen > now - ACTIVE_VISITOR_MS}
    return {
        "active_visitors": len(active),
        "active_sessions": len(alive),
        "visitors_30m": len(in_window),
        "top": {
            "pages": _top((session.page for session in alive), limit),
            "sources": _top((session.source for session in alive), limit),
            "countries": _top((session.country for session in alive), limit),
            "devices": _top((session.device for session in alive), limit),
        },
    }


def series(blocks: Iterable[tuple[int, Minutes]], now: int) -> tuple[list[dict[str, Any]], bool]:
    """Thirty minutes, oldest first, gaps filled, and whether all are exact. Each block comes with its hour's start."""
    minutes = merged(blocks, window_start(now), REALTIME_MINUTES)
    shown = [
        {
            "t": at,
            "pageviews": minute.pageviews,
            "events": minute.events,
            "visitors": minute.visitors.count(),
            "partial": at + MINUTE_MS > now,
        }
        for at, minute in minutes.items()
    ]
    return shown, all(minute.visitors.is_exact for minute in minutes.values())


def shown_event(event: StoredEvent) -> dict[str, Any]:
    """An event of the feed. The raw sort key stays here: it is beyond what JavaScript can hold."""
    browser, system, device = (*event.user_agent.split("/"), "", "", "")[:3]
    return {
        "epoch_ms": event.at,
        "event_type": event.event_type,
        "site": event.site,
        "page_url": event.page_url,
        "title": event.texts.get("title"),
        "referrer": event.referrer or None,
        "country": event.texts.get("country"),
        "device": device or None,
        "browser": browser or None,
        "os": system or None,
        "session": event.session_id[:8],
    }


def is_shown(event: StoredEvent, site: str, since: int, sites: Mapping[str, object] | None) -> bool:
    """Whether an event belongs into the feed: of the site, recent by time, no bot."""
    is_of_site = event.site == site if site else sites is None or event.site in sites
    return is_of_site and event.at >= since and not event.bot


def _person(session: LiveSession, now: int) -> str:
    """The visitor's hash; in the first 45 minutes of a day the one of the day before, if there is one.

    Salts change at midnight: only under the old one can sessions from both sides of it be told apart.
    """
    is_past_midnight = now % DAY_MS <= AFTER_MIDNIGHT_MS
    return (session.visitor_before if is_past_midnight else "") or session.visitor


def _top(names: Iterable[str], limit: int) -> list[dict[str, Any]]:
    ranked = sorted(Counter(name for name in names if name).items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"name": name, "count": count} for name, count in ranked[:limit]]
