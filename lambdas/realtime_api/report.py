"""Puts the answer of `GET /api/realtime` together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from realtime_api import live
from realtime_api.store import DEEPER_LIMIT, DEEPER_READS, LARGEST_FEED, MOST_SITES, RealtimeStore
from shared.distinct import MINUTE_VISITORS
from shared.event import StoredEvent
from shared.filters import read_filters
from shared.http import HttpError
from shared.keys import DAY_MS
from shared.metrics import PAGE_VIEW
from shared.query import read_limit, read_site
from shared.reasons import Reason, shown
from shared.settings import RESERVED_SITES, Settings

LARGEST_LIMIT = 100
FILTERS = ("source", "country", "device")  # what live sessions tell of themselves


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query. `site` empty means all known sites; `event_type` is what the feed shows, and no filter."""

    site: str
    event_type: str
    limit: int
    filters: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, parameters: Mapping[str, str], settings: Settings, repeated: Collection[str] = ()) -> Query:
        """Check the query string; raises HttpError naming the parameter that is wrong."""
        event_type = parameters.get("event_type") or PAGE_VIEW
        if len(event_type) > 64 or not event_type.isprintable():
            raise HttpError(
                400, "invalid_field", "event_type must be a text of 1 to 64 characters.", "event_type"
            )
        limit = read_limit(parameters, default=20, largest=LARGEST_LIMIT)
        dimensions = {name: text for name, text in parameters.items() if name != "event_type"}
        filters = read_filters(dimensions, repeated, FILTERS)
        return cls(read_site(parameters, settings), event_type, limit, tuple(filters.items()))


def report(store: RealtimeStore, query: Query, settings: Settings, now: int) -> dict[str, Any]:
    """The answer to a query."""
    sites, has_more_sites = ([query.site], False) if query.site else store.sites()
    if settings.allowed_sites:
        sites = [site for site in sites if site in settings.allowed_sites]
    sessions, has_all_sessions = store.live_sessions(live.earliest_needed(now))
    if query.site or settings.allowed_sites:
        sessions = [session for session in sessions if session.site in sites]
    if not query.site:
        sessions = [session for session in sessions if session.site not in RESERVED_SITES]
    sessions = [session for session in sessions if session.passes(query.filters)]
    blocks = [block for site in sites for block in store.blocks(site, live.window_start(now), now)]
    series, is_exact = live.series(blocks, now)
    recent, is_feed_cut = _recent(store, query, settings, now)
    figures = live.live_figures(sessions, now, query.limit)
    newest = max(
        [block.newest for _, block in blocks] + [session.last_event for session in sessions], default=0
    )
    return {
        "site": query.site or None,
        "now": now,
        "active_visitors": figures["active_visitors"],
        "active_sessions": figures["active_sessions"],
        "visitors_30m": figures["visitors_30m"],
        "pageviews_30m": sum(minute["pageviews"] for minute in series),
        "series": series,
        "top": figures["top"],
        "recent": recent,
        "meta": {
            "fresh_to": newest or None,
            "complete": has_all_sessions and not has_more_sites and not is_feed_cut,
            "exact": is_exact,
            **shown(_reasons(query, is_exact, has_all_sessions, has_more_sites, is_feed_cut)),
        },
    }


def _recent(
    store: RealtimeStore, query: Query, settings: Settings, now: int
) -> tuple[list[dict[str, Any]], bool]:
    """The feed, and whether there may be events that belong into it and were not looked at."""
    since = now - DAY_MS
    wanted = dict.fromkeys(settings.allowed_sites) if settings.allowed_sites else None
    hidden = frozenset[str]() if query.site else RESERVED_SITES
    found: list[StoredEvent] = []
    is_cut = False
    for events, has_more in store.newest_events(query.event_type, since, query.limit, query.site, hidden):
        found += [
            event
            for event in events
            if event.site not in hidden and live.is_shown(event, query.site, since, wanted)
        ]
        is_cut = has_more and len(found) < query.limit
        if not is_cut:
            break
    return [live.shown_event(event) for event in found[: query.limit]], is_cut


def _reasons(
    query: Query, is_exact: bool, has_all_sessions: bool, has_more_sites: bool, is_feed_cut: bool
) -> list[Reason]:
    reasons = []
    if not is_exact:
        error = MINUTE_VISITORS.standard_error
        text = f"visitors of a minute are estimated, with a standard error of {error:.1%}"
        reasons.append(Reason("minute_visitors_estimated", text, {"error": round(error, 4)}))
    if not has_all_sessions:
        reasons.append(Reason("more_sessions", "there are more live sessions than are read"))
    if has_more_sites:
        text = f"there are more sites than are read together ({MOST_SITES})"
        reasons.append(Reason("more_sites", text, {"read": MOST_SITES}))
    if is_feed_cut:
        read = LARGEST_FEED + DEEPER_READS * DEEPER_LIMIT
        text = f"recent looks through the newest {read} events of all sites only"
        reasons.append(Reason("feed_cut", text, {"read": read}))
    if query.filters:
        text = "series, pageviews_30m and recent are of all visits"
        reasons.append(Reason("series_unfiltered", text))
    return reasons
