"""`GET /api/stats`, recounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.lambdas.oracle_calendar import Span, span
from tests.lambdas.oracle_traffic import DAY, HOUR, Seen, Visit

if TYPE_CHECKING:
    from tests.lambdas.oracle import Oracle


@dataclass(frozen=True)
class Query:
    """The parameters, with their defaults."""

    site: str = ""
    range: str = "24h"
    timezone: str = "UTC"
    compare: str = ""
    limit: int = 10
    filters: tuple[tuple[str, str], ...] = ()
    is_logged: bool = False  # whether the visit log has every hour that is over


def stats(oracle: Oracle, now: int, query: Query) -> dict[str, Any]:
    """The whole answer."""
    asked = span(query.range, now, query.timezone)
    known = oracle.sites()
    sites = [query.site] if query.site else known
    reasons = _reasons(asked, sites)
    before = asked.before() if query.compare else None
    if before and not query.is_logged and query.filters and not _is_kept(oracle, before, sites, now):
        before = None
        reasons.append(("comparison_out_of_reach", "the range before reaches too far back"))
    if query.filters:
        oracle = oracle.narrowed(lambda visit: all(passes(visit, *pair) for pair in query.filters))
    events = [event for event in oracle.events if event.at in asked and event.site in sites]
    visits = _visits(oracle, asked, sites)
    totals = _totals(oracle, asked, sites)
    answer: dict[str, Any] = {
        "query": {
            "site": query.site or None,
            "sites": sites,
            "known_sites": known,
            "range": "custom" if "," in query.range else query.range,
            "timezone": query.timezone,
            "from": asked.shown(asked.start),
            "to": asked.shown(asked.end),
            "from_ms": asked.start,
            "to_ms": asked.end,
            "step": asked.step,
            "limit": query.limit,
            "filters": dict(query.filters),
        },
        "totals": totals,
        "series": [_point(oracle, step, sites, now) for step in asked.steps()],
        "top": {name: top(names, query.limit) for name, names in _lists(events, visits).items()},
        "meta": {
            "fresh_to": max((event.at for event in events), default=None),
            "complete": True,
            "exact": True,
            "warnings": [text for _, text in reasons],
            "reasons": [{"code": code} for code, _ in reasons],
            "bots": dict(
                Counter(reason for reason, bot in oracle.bots if bot.at in asked and bot.site in sites)
            ),
        },
    }
    if before:
        answer["comparison"] = {
            "from": before.shown(before.start),
            "to": before.shown(before.end),
            "totals": _totals(oracle, before, sites),
            "change": _change(totals, _totals(oracle, before, sites)),
            "series": [_point(oracle, step, sites, now) for step in before.steps()],
        }
    return answer


def top(names: Iterable[str], limit: int) -> list[dict[str, Any]]:
    """The most frequent names, those of the same count in the order of the alphabet."""
    counts = Counter(name for name in names if name)
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    return [{"name": name, "count": counts[name]} for name in ranked[:limit]]


def passes(visit: Visit, name: str, value: str) -> bool:
    """Whether a visit is what a filter asks for."""
    if name == "page":
        return value in [view.path for view in visit.views]
    if name == "event_type":
        return value in [event.kind for event in visit.events]
    lists = {
        "entry_page": "entry_pages",
        "exit_page": "exit_pages",
        "source": "sources",
        "referrer": "referrers",
    }
    lists |= {"country": "countries", "device": "devices", "browser": "browsers"}
    return _lists([], [visit])[lists.get(name, name)] == [value]


def _is_kept(oracle: Oracle, asked: Span, sites: list[str], now: int) -> bool:
    """Whether raw events tell all of a range: they are kept for a day, and there are none before a site's first day."""
    seen = [(visit.row.site, event.at) for visit in oracle.visits for event in visit.events]
    seen += [(bot.site, bot.at) for _, bot in oracle.bots]
    first_days = {site: min(at for place, at in seen if place == site) // DAY for site, _ in seen}
    forgotten = [hour for hour in range(asked.start, asked.end, HOUR) if hour < now - DAY]
    return all(hour // DAY < first_days.get(site, now) for hour in forgotten for site in sites)


def _visits(oracle: Oracle, asked: Span, sites: list[str]) -> list[Visit]:
    return [visit for visit in oracle.visits if visit.first.at in asked and visit.row.site in sites]


def _totals(oracle: Oracle, asked: Span, sites: list[str]) -> dict[str, Any]:
    events = [event for event in oracle.events if event.at in asked and event.site in sites]
    visits = _visits(oracle, asked, sites)
    views = [event for event in events if event.kind == "page_view"]
    lengths_ms = [visit.last - visit.first.at for visit in visits]
    return {
        "pageviews": len(views),
        "visitors": len({event.visitor for event in events}),
        "sessions": len(visits),
        "events": len(events),
        "bounce_rate": _ratio(len([visit for visit in visits if visit.is_bounce]), len(visits)),
        "avg_duration_s": _ratio(sum(lengths_ms) / 1000, len(visits), digits=3),
        "views_per_session": _ratio(len(views), len(visits)),
        "engaged_s": sum(event.engaged_ms for event in events) / 1000,
    }


def _point(oracle: Oracle, step: Span, sites: list[str], now: int) -> dict[str, Any]:
    totals = _totals(oracle, step, sites)
    shown = ("pageviews", "visitors", "sessions", "events", "bounce_rate")
    return {"t": step.start, **{name: totals[name] for name in shown}, "partial": step.end > now}


def _lists(events: list[Seen], visits: list[Visit]) -> dict[str, list[str]]:
    firsts = [visit.first for visit in visits]
    utm = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
    return {
        "pages": [event.path for event in events if event.kind == "page_view"],
        "entry_pages": [first.path for first in firsts],
        "exit_pages": [visit.exit_page for visit in visits],
        "sources": [visit.source for visit in visits],
        "referrers": [visit.referrer for visit in visits],
        **{name: [first.campaign.get(name, "") for first in firsts] for name in utm},
        "countries": [first.sender.country or "(unknown)" for first in firsts],
        "devices": [first.sender.agent.device for first in firsts],
        "browsers": [first.sender.agent.browser for first in firsts],
        "os": [first.sender.agent.os for first in firsts],
        "event_types": [event.kind for event in events],
    }


def _reasons(asked: Span, sites: list[str]) -> list[tuple[str, str]]:
    reasons = {
        ("days_summed", "visitors are distinct per UTC day, summed over the days"): asked.spans_utc_days,
        ("sites_summed", "visitors are distinct within a site, summed over the sites"): len(sites) > 1,
        ("range_widened", "the range was widened to full clock hours"): asked.is_widened,
    }
    return [reason for reason, is_due in reasons.items() if is_due]


def _change(now: dict[str, Any], before: dict[str, Any]) -> dict[str, float | None]:
    known = {name: value for name, value in now.items() if before[name] and value is not None}
    return {
        name: round((known[name] - before[name]) / before[name], 4) if name in known else None for name in now
    }


def _ratio(part: float, whole: int, digits: int = 4) -> float | None:
    return round(part / whole, digits) if whole else None
