"""What `GET /api/stats` answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.distinct import VISITORS
from shared.http import HttpError
from shared.keys import DAY_MS
from shared.query import read_limit, read_site
from shared.reasons import Reason, shown
from shared.settings import Settings
from stats_api.ranges import Range, read_range
from stats_api.store import MOST_SITES, StatsStore
from stats_api.summary import Summary, change
from stats_api.zones import read_zone

LARGEST_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Query:
    """A checked query. `site` empty means all known sites."""

    site: str
    range_name: str
    range: Range
    timezone: str
    compare: bool
    limit: int

    @classmethod
    def of(cls, parameters: Mapping[str, str], settings: Settings, now: int) -> Query:
        """Check the query string; raises HttpError naming the parameter that is wrong."""
        timezone = parameters.get("timezone") or "UTC"
        compare = parameters.get("compare", "")
        if compare not in ("", "previous"):
            raise HttpError(400, "invalid_field", "compare must be previous.", "compare")
        name = parameters.get("range") or "24h"
        return cls(
            site=read_site(parameters, settings),
            range_name=name,
            range=read_range(name, now, read_zone(timezone)),
            timezone=timezone,
            compare=compare == "previous",
            limit=read_limit(parameters, default=10, largest=LARGEST_LIMIT),
        )


def report(store: StatsStore, query: Query, settings: Settings, now: int) -> dict[str, Any]:
    """The answer to a query."""
    known, has_more_sites = store.sites()
    known = {site: day for site, day in known.items() if _is_allowed(site, settings)}
    sites = {query.site: known.get(query.site)} if query.site else {**known}
    summary = _summary(store, query.range, sites, now)
    answer: dict[str, Any] = {
        "query": _query_shown(query, sorted(sites), sorted(known)),
        "totals": summary.totals_shown(),
        "series": summary.series_shown(now),
        "top": summary.top_shown(query.limit),
    }
    if query.compare:
        before = query.range.previous()
        past = _summary(store, before, sites, now, has_lists=False)
        answer["comparison"] = {
            "from": before.shown(before.start),
            "to": before.shown(before.end),
            "totals": past.totals_shown(),
            "change": change(answer["totals"], past.totals_shown()),
            "series": past.series_shown(now),
        }
    answer["meta"] = _meta(summary, query.range, len(sites), has_more_sites and not query.site)
    return answer


def _is_allowed(site: str, settings: Settings) -> bool:
    return not settings.allowed_sites or site in settings.allowed_sites


def _summary(
    store: StatsStore, asked: Range, sites: Mapping[str, str | None], now: int, *, has_lists: bool = True
) -> Summary:
    summary = Summary(asked.steps(), asked.end, has_lists=has_lists)
    for site, first_day in sites.items():
        store.add(summary, site, asked, now, first_day)
    return summary


def _query_shown(query: Query, sites: list[str], known: list[str]) -> dict[str, Any]:
    asked = query.range
    return {
        "site": query.site or None,
        "sites": sites,
        "known_sites": known,
        "range": query.range_name if "," not in query.range_name else "custom",
        "timezone": query.timezone,
        "from": asked.shown(asked.start),
        "to": asked.shown(asked.end),
        "from_ms": asked.start,
        "to_ms": asked.end,
        "step": asked.step,
        "limit": query.limit,
    }


def _meta(summary: Summary, asked: Range, sites: int, has_more_sites: bool) -> dict[str, Any]:
    return {
        "fresh_to": summary.newest or None,
        "complete": not has_more_sites,
        "exact": not (summary.is_sketched or summary.is_cut),
        **shown(_reasons(summary, asked, sites, has_more_sites)),
        "bots": dict(sorted(summary.bots.items())),
    }


def _reasons(summary: Summary, asked: Range, sites: int, has_more_sites: bool) -> list[Reason]:
    reasons = []
    if asked.start // DAY_MS != (asked.end - 1) // DAY_MS:
        reasons.append(Reason("days_summed", "visitors are distinct per UTC day, summed over the days"))
    if sites > 1:
        reasons.append(Reason("sites_summed", "visitors are distinct within a site, summed over the sites"))
    if asked.is_snapped:
        reasons.append(Reason("range_widened", "the range was widened to full clock hours"))
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
