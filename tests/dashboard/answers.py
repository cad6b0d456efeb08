"""Answers of the two reads, in the contract's shapes, computed from a made-up day."""

import math
from typing import Any

NOW_MS = 1_770_000_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


def meta(**changes: Any) -> dict[str, Any]:
    """How fresh and complete an answer is: three seconds behind and whole, unless told otherwise."""
    return {
        "fresh_to": NOW_MS - 3_000,
        "complete": True,
        "exact": True,
        "warnings": [],
        "reasons": [],
        **changes,
    }


def realtime(**changes: Any) -> dict[str, Any]:
    """A busy half hour."""
    first = NOW_MS - NOW_MS % MINUTE_MS - 29 * MINUTE_MS
    views = [round(14 + 9 * math.sin(index / 4) + (index * 7) % 5) for index in range(30)]
    series = [
        {
            "t": first + index * MINUTE_MS,
            "pageviews": count,
            "events": count + 3,
            "visitors": count * 2 // 3,
            "partial": index == 29,
        }
        for index, count in enumerate(views)
    ]
    answer: dict[str, Any] = {
        "site": None,
        "now": NOW_MS,
        "active_visitors": 42,
        "active_sessions": 47,
        "visitors_30m": 131,
        "pageviews_30m": sum(views),
        "series": series,
        "top": {"pages": [], "sources": [], "countries": [], "devices": []},
        "recent": [
            recent_event(4, "/pricing", "https://news.ycombinator.com/item", "KR", "desktop"),
            recent_event(9, "/pricing", None, "DE", "mobile"),
            recent_event(21, "/docs/getting-started", "https://www.google.com/", "US", "desktop"),
            recent_event(58, "/", None, None, "tablet"),
        ],
        "meta": meta(),
    }
    return {**answer, **changes}


def recent_event(
    age_s: int,
    path: str,
    referrer: str | None,
    country: str | None,
    device: str,
    event_type: str = "page_view",
) -> dict[str, Any]:
    """One line of the feed."""
    return {
        "epoch_ms": NOW_MS - age_s * 1_000,
        "event_type": event_type,
        "site": "example.com",
        "page_url": f"https://example.com{path}",
        "title": "A page",
        "referrer": referrer,
        "country": country,
        "device": device,
        "browser": "Firefox",
        "os": "Linux",
        "session": "5f0c1a2b",
    }


def stats(**changes: Any) -> dict[str, Any]:
    """A day with its night."""
    first = NOW_MS - NOW_MS % HOUR_MS - 23 * HOUR_MS
    views = [round(260 + 210 * math.sin((index - 4) / 3.8) + (index * 37) % 40) for index in range(24)]
    series = [
        {
            "t": first + index * HOUR_MS,
            "pageviews": count,
            "visitors": count * 5 // 11,
            "sessions": count // 2,
            "events": count + 30,
            "bounce_rate": 0.4,
            "partial": index == 23,
        }
        for index, count in enumerate(views)
    ]
    answer: dict[str, Any] = {
        "query": {
            "site": None,
            "sites": ["example.com"],
            "known_sites": ["example.com"],
            "range": "24h",
            "timezone": "Asia/Seoul",
            "from": "2026-02-01T12:00:00+09:00",
            "to": "2026-02-02T12:00:00+09:00",
            "from_ms": first,
            "to_ms": first + 24 * HOUR_MS,
            "step": "hour",
            "limit": 9,
            "filters": {},
        },
        "totals": {
            "pageviews": sum(views),
            "visitors": 2_764,
            "sessions": 3_021,
            "events": sum(views) + 812,
            "bounce_rate": 0.417,
            "avg_duration_s": 134.2,
            "views_per_session": 2.14,
            "engaged_s": 40_210.5,
        },
        "series": series,
        "top": {
            **{name: [] for name in LISTS},
            "entry_pages": top({"/": 1804, "/blog/why-we-left": 611}),
            "referrers": top({"https://news.ycombinator.com/item": 402}),
            "os": top({"Windows": 1402, "macOS": 911}),
            "pages": top(
                {"/": 2210, "/pricing": 1422, "/docs/getting-started": 980, "/blog/why-we-left": 411}
            ),
            "sources": top(
                {"(direct)": 1204, "google.com": 833, "news.ycombinator.com": 402, "newsletter": 190}
            ),
            "devices": top({"desktop": 1804, "mobile": 1102, "tablet": 115}),
            "countries": top({"KR": 1412, "US": 640, "DE": 301, "(unknown)": 288}),
            "browsers": top({"Chrome": 1702, "Safari": 911, "Firefox": 280, "(other)": 128}),
            "event_types": top({"page_view": sum(views), "signup": 214, "video_played": 96}),
        },
        "meta": meta(
            warnings=["visitors are distinct per UTC day, summed over the days"],
            reasons=[{"code": "days_summed"}],
        ),
    }
    return {**answer, **changes}


def comparison() -> dict[str, Any]:
    """The day before: a quarter fewer page views, more bounces, and no engagement to compare with."""
    busy = stats()
    before = {**busy["totals"], "pageviews": 4_953, "bounce_rate": 0.379, "engaged_s": 0.0}
    return {
        "from": "2026-01-31T12:00:00+09:00",
        "to": "2026-02-01T12:00:00+09:00",
        "totals": before,
        "change": {**dict.fromkeys(before, 0.0), "pageviews": 0.25, "bounce_rate": 0.1, "engaged_s": None},
        "series": [
            {**hour, "t": hour["t"] - 24 * HOUR_MS, "pageviews": hour["pageviews"] * 4 // 5, "partial": False}
            for hour in busy["series"]
        ],
    }


LISTS = (
    *("pages", "entry_pages", "exit_pages", "sources", "referrers", "utm_source", "utm_medium"),
    *("utm_campaign", "utm_term", "utm_content", "countries", "devices", "browsers", "os", "event_types"),
)


def top(counts: dict[str, int]) -> list[dict[str, Any]]:
    """A top list, largest first."""
    return [{"name": name, "count": count} for name, count in counts.items()]


def silent_realtime() -> dict[str, Any]:
    """Nobody has ever come."""
    busy = realtime()
    quiet = [{**minute, "pageviews": 0, "visitors": 0} for minute in busy["series"]]
    return {**busy, "active_visitors": 0, "active_sessions": 0, "visitors_30m": 0, "pageviews_30m": 0} | {
        "series": quiet,
        "recent": [],
        "meta": meta(fresh_to=None),
    }


def silent_stats() -> dict[str, Any]:
    """A day without an event."""
    busy = stats()
    totals = {
        **dict.fromkeys(busy["totals"], 0),
        "bounce_rate": None,
        "avg_duration_s": None,
        "views_per_session": None,
    }
    quiet = [{**hour, "pageviews": 0, "visitors": 0, "sessions": 0, "events": 0} for hour in busy["series"]]
    return {
        **busy,
        "query": {**busy["query"], "sites": [], "known_sites": []},
        "totals": totals,
        "series": quiet,
        "top": {name: [] for name in busy["top"]},
        "meta": meta(fresh_to=None),
    }
