"""`GET /api/realtime`, recounted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.lambdas.oracle_stats import passes, top
from tests.lambdas.oracle_traffic import DAY, HOUR, Seen, Visit

if TYPE_CHECKING:
    from tests.lambdas.oracle import Oracle

MINUTE = 60 * 1000
GAP = 1800 * 1000


def realtime(
    oracle: Oracle, now: int, site: str, limit: int, filters: tuple[tuple[str, str], ...]
) -> dict[str, Any]:
    """The answer without its feed."""
    sites = [site] if site else oracle.sites()
    events = [event for event in oracle.events if event.site in sites]
    visits = [visit for visit in oracle.visits if visit.row.site in sites]
    visits = [visit for visit in visits if all(passes(visit, *pair) for pair in filters)]
    window = (now // MINUTE - 29) * MINUTE
    alive = [visit for visit in visits if now - visit.last <= GAP]
    active = [visit for visit in visits if now - visit.seen < 300 * 1000]
    recent = [visit for visit in visits if visit.last >= window]
    # The blocks of the window's hours know everybody; sessions that are looked at may go further back.
    fresh = [event.at for event in events if event.at >= window // HOUR * HOUR]
    fresh += [visit.last for visit in visits if visit.last >= min(window, now - GAP)]
    return {
        "site": site or None,
        "now": now,
        "active_visitors": len({_person(visit) for visit in active}),
        "active_sessions": len(alive),
        "visitors_30m": len({_person(visit) for visit in recent}),
        "pageviews_30m": len([event for event in events if event.at >= window and event.kind == "page_view"]),
        "series": [_minute(events, window + index * MINUTE, now) for index in range(30)],
        "top": {
            "pages": top([visit.exit_page for visit in alive], limit),
            "sources": top([visit.source for visit in alive], limit),
            "countries": top([visit.first.sender.country or "(unknown)" for visit in alive], limit),
            "devices": top([visit.first.sender.agent.device for visit in alive], limit),
        },
        "meta": {
            "fresh_to": max(fresh, default=None),
            "complete": True,
            "exact": True,
            "warnings": ["series, pageviews_30m and recent are of all visits"] if filters else [],
            "reasons": [{"code": "series_unfiltered"}] if filters else [],
        },
    }


def feed(oracle: Oracle, now: int, site: str, event_type: str) -> list[dict[str, Any]]:
    """All events that the feed may show, newest first."""
    sites = [site] if site else oracle.sites()
    shown = [
        _shown(number, event)
        for number, visit in enumerate(oracle.visits)
        for event in visit.events
        if event.kind == event_type and event.site in sites and event.at >= now - DAY
    ]
    return sorted(shown, key=lambda row: -row["epoch_ms"])


def _person(visit: Visit) -> tuple[str, str, str]:
    """A session's visitor: of a session that its caller numbers, whoever sent its newest event. Midnight or not."""
    sender = visit.events[-1].sender
    return (visit.row.site, sender.ip, sender.user_agent)


def _minute(events: list[Seen], start: int, now: int) -> dict[str, Any]:
    inside = [event for event in events if start <= event.at < start + MINUTE]
    return {
        "t": start,
        "pageviews": len([event for event in inside if event.kind == "page_view"]),
        "events": len(inside),
        "visitors": len({event.visitor for event in inside}),
        "partial": start + MINUTE > now,
    }


def _shown(visit_number: int, event: Seen) -> dict[str, Any]:
    agent = event.sender.agent
    return {
        "epoch_ms": event.at,
        "event_type": event.kind,
        "site": event.site,
        "page_url": event.page,
        "title": event.title or None,
        "referrer": event.referrer or None,
        "country": event.sender.country or None,
        "device": agent.device,
        "browser": agent.browser,
        "os": agent.os,
        "session": visit_number,
    }
