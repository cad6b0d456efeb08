"""What `GET /api/stats` answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from shared.distinct import MINUTE_VISITORS, VISITORS
from shared.filters import DIMENSIONS, read_filters
from shared.http import HttpError
from shared.keys import DAY_MS
from shared.query import read_limit, read_site
from shared.reasons import Reason, shown
from shared.settings import Settings
from shared.visit_log import KEPT_DAYS
from stats_api.chosen import Sites
from stats_api.events import MOST_EVENTS
from stats_api.figures import Figures, from_minutes, from_rollups, from_visits
from stats_api.ranges import Range, read_range
from stats_api.store import MOST_SITES, StatsStore
from stats_api.summary import Summary, change
from stats_api.zones import read_zone

LARGEST_LIMIT = 1000
_SHORTEST_SECONDS, _LONGEST_SECONDS = 5.0, 60.0


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query. `site` empty means all known sites."""

    site: str
    range_name: str
    range: Range
    timezone: str
    compare: bool
    limit: int
    filters: tuple[tuple[str, str], ...] = ()

    @property
    def needs_events(self) -> bool:
        """Whether rollups cannot answer it."""
        return bool(self.filters) or self.range.step == "minute"

    @classmethod
    def of(
        cls, parameters: Mapping[str, str], settings: Settings, now: int, repeated: Collection[str] = ()
    ) -> Query:
        """Check the query string; raises HttpError naming the parameter that is wrong."""
        timezone = parameters.get("timezone") or "UTC"
        compare = parameters.get("compare", "")
        if compare not in ("", "previous"):
            raise HttpError(400, "invalid_field", "compare must be previous.", "compare")
        name = parameters.get("range") or "24h"
        asked = read_range(name, now, read_zone(timezone))
        filters = read_filters(parameters, repeated, DIMENSIONS)
        if filters and asked.start < now - KEPT_DAYS * DAY_MS:
            message = f"Filters reach back {KEPT_DAYS} days."
            raise HttpError(400, "filter_out_of_reach", message, "range")
        return cls(
            site=read_site(parameters, settings),
            range_name=name,
            range=asked,
            timezone=timezone,
            compare=compare == "previous",
            limit=read_limit(parameters, default=10, largest=LARGEST_LIMIT),
            filters=tuple(filters.items()),
        )


def report(store: StatsStore, query: Query, settings: Settings, now: int) -> dict[str, Any]:
    """The answer to a query."""
    known, has_more_sites = store.sites()
    known = {site: day for site, day in known.items() if _is_allowed(site, settings)}
    sites = {query.site: known.get(query.site)} if query.site else {**known}
    figures = _figures(store, query, sites, now)
    summary = figures.summary
    answer: dict[str, Any] = {
        "query": _query_shown(query, figures, sorted(sites), sorted(known)),
        "totals": summary.totals_shown(),
        "series": summary.series_shown(now),
        "top": summary.top_shown(query.limit),
    }
    if figures.past:
        before, past = figures.past
        answer["comparison"] = {
            "from": before.shown(before.start),
            "to": before.shown(before.end),
            "totals": past.totals_shown(),
            "change": change(answer["totals"], past.totals_shown()),
            "series": past.series_shown(now),
        }
    answer["meta"] = _meta(query, figures, len(sites), has_more_sites and not query.site)
    return answer


def _figures(store: StatsStore, query: Query, sites: Sites, now: int) -> Figures:
    if query.filters:
        return from_visits(store, query.range, dict(query.filters), sites, now, compare=query.compare)
    if query.range.step == "minute":
        return from_minutes(store, query.range, sites, now, compare=query.compare)
    return from_rollups(store, query.range, sites, now, compare=query.compare)


def seconds_to_remember(answer: Mapping[str, Any]) -> float:
    """For how long an answer may be given again: the longer, the more had to be read for it."""
    events: int = answer["meta"].get("events_read", 0)
    return min(_LONGEST_SECONDS, max(_SHORTEST_SECONDS, _LONGEST_SECONDS * events / MOST_EVENTS))


def _is_allowed(site: str, settings: Settings) -> bool:
    return not settings.allowed_sites or site in settings.allowed_sites


def _query_shown(query: Query, figures: Figures, sites: list[str], known: list[str]) -> dict[str, Any]:
    asked = query.range
    return {
        "site": query.site or None,
        "sites": sites,
        "known_sites": known,
        "range": query.range_name if "," not in query.range_name else "custom",
        "timezone": query.timezone,
        "from": asked.shown(figures.start),
        "to": asked.shown(asked.end),
        "from_ms": figures.start,
        "to_ms": asked.end,
        "step": asked.step,
        "limit": query.limit,
        "filters": dict(query.filters),
    }


def _meta(query: Query, figures: Figures, sites: int, has_more_sites: bool) -> dict[str, Any]:
    summary = figures.summary
    reasons = _reasons(summary, figures.range, sites, has_more_sites) + figures.missing + figures.reasons
    return {
        "fresh_to": summary.newest or None,
        "complete": not (has_more_sites or figures.missing),
        "exact": not (summary.is_sketched or summary.is_cut or summary.has_estimated_minutes),
        **shown(reasons),
        "bots": dict(sorted(summary.bots.items())),
        **({"events_read": figures.looked_at} if query.needs_events else {}),
    }


def _reasons(summary: Summary, asked: Range, sites: int, has_more_sites: bool) -> list[Reason]:
    reasons = []
    if asked.start // DAY_MS != (asked.end - 1) // DAY_MS:
        reasons.append(Reason("days_summed", "visitors are distinct per UTC day, summed over the days"))
    if sites > 1:
        reasons.append(Reason("sites_summed", "visitors are distinct within a site, summed over the sites"))
    if asked.is_snapped:
        reasons.append(Reason("range_widened", "the range was widened to full clock hours"))
    if summary.has_estimated_minutes:
        error = MINUTE_VISITORS.standard_error
        text = f"visitors of a minute are estimated, with a standard error of {error:.1%}"
        reasons.append(Reason("minute_visitors_estimated", text, {"error": round(error, 4)}))
    if summary.is_sketched:
        error = VISITORS.standard_error
        text = f"visitors are estimated, with a standard error of {error:.1%}"
        reasons.append(Reason("visitors_estimated", text, {"error": round(error, 4)}))
    if summary.is_cut:
        text = "a top list has more names than are kept; the rest is under (other)"
        reasons.append(Reason("list_cut", text))
    if has_more_sites:
        text = f"there are more sites than are read together ({MOST_SITES})"
        reasons.append(Reason("more_sites", text, {"read": MOST_SITES}))
    return reasons
