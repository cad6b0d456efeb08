"""Answers as the deployed APIs give them, and a platform as CloudWatch tells it, small enough to know by heart."""

from typing import Any

from liveinsight_cli.core.stats import Live, Period, Stats
from liveinsight_cli.core.stats_platform import ApiFigures, FunctionFigures, Platform, TableFigures

NOW = 1_795_470_030_000  # 2026-11-23 21:40:30 UTC
MINUTE, HOUR = 60_000, 3_600_000


def realtime(*, fresh_to: int | None = NOW - 4000, filtered: bool = False) -> dict[str, Any]:
    """The answer of GET /api/realtime: ever more views in each of thirty minutes."""
    warnings = ["series, pageviews_30m and recent are of all visits"] if filtered else []
    reasons = [{"code": "series_unfiltered"}] if filtered else []
    first = NOW // MINUTE * MINUTE - 29 * MINUTE
    series = [
        {"t": first + n * MINUTE, "pageviews": n, "events": 2 * n, "visitors": n // 2, "partial": n == 29}
        for n in range(30)
    ]
    return {
        "site": None,
        "now": NOW,
        "active_visitors": 34,
        "active_sessions": 1120,
        "visitors_30m": 412,
        "pageviews_30m": 435,
        "series": series,
        "top": {"pages": [], "sources": [], "countries": [], "devices": []},
        "recent": [],
        "meta": {
            "fresh_to": fresh_to,
            "complete": True,
            "exact": True,
            "warnings": warnings,
            "reasons": reasons,
        },
    }


def totals(**changed: Any) -> dict[str, Any]:
    """The totals of an answer."""
    return {
        "pageviews": 12345,
        "visitors": 2730,
        "sessions": 3050,
        "events": 20001,
        "bounce_rate": 0.328,
        "avg_duration_s": 96.4,
        "views_per_session": 4.05,
        "engaged_s": 7777.5,
        **changed,
    }


def stats(**changed: Any) -> dict[str, Any]:
    """The answer of GET /api/stats?compare=previous."""
    top: dict[str, Any] = {
        "pages": [("/", 5000), ("/pricing", 2500), ("/docs/한국어", 40), ("/blog/" + "long-" * 20, 1)],
        "sources": [("(direct)", 1500), ("google.com", 750)],
        "devices": [("desktop", 2000), ("mobile", 1050)],
        "countries": [("KR", 3000), ("US", 50)],
        "utm_campaign": [("=HYPERLINK(1)", 7), ("\x1b[2Jspring\u202e", 3)],
    }
    return {
        "query": {
            "site": None,
            "sites": ["shop.example"],
            "range": "24h",
            "timezone": "UTC",
            "from": "2026-11-22T22:00:00+00:00",
            "to": "2026-11-23T22:00:00+00:00",
            "from_ms": NOW - 24 * HOUR,
            "to_ms": NOW,
            "step": "hour",
            "limit": 10,
        },
        "totals": totals(),
        "comparison": {
            "from": "2026-11-21T22:00:00+00:00",
            "to": "2026-11-22T22:00:00+00:00",
            "totals": totals(pageviews=10000, visitors=3000),
            "change": {
                **dict.fromkeys(totals(), 0.0),
                "pageviews": 0.2345,
                "visitors": -0.09,
                "bounce_rate": 0.1,
                "avg_duration_s": None,
                "views_per_session": 11.0,
            },
        },
        "series": [
            {
                "t": NOW // HOUR * HOUR - (23 - hour) * HOUR,
                "pageviews": (hour * 7) % 24 * 40,
                "visitors": hour * 3,
                "sessions": hour * 4,
                "events": hour * 60,
                "bounce_rate": None,
                "partial": hour == 23,
            }
            for hour in range(24)
        ],
        "top": {name: [{"name": n, "count": c} for n, c in rows] for name, rows in top.items()},
        "meta": {
            "fresh_to": NOW - 4000,
            "complete": True,
            "exact": True,
            "warnings": ["visitors are distinct per UTC day, summed over the days"],
            "reasons": [{"code": "days_summed"}],
            "bots": {"search": 4},
        },
        **changed,
    }


def half_an_hour(**changed: Any) -> dict[str, Any]:
    """The answer of GET /api/stats?range=30m&compare=previous&page=/pricing&country=KR."""
    answer = stats()
    end = NOW // MINUTE * MINUTE + MINUTE
    query = {"range": "30m", "from": "2026-11-23T21:11:00+00:00", "to": "2026-11-23T21:41:00+00:00"}
    query |= {"from_ms": end - 30 * MINUTE, "to_ms": end, "step": "minute"}
    query["filters"] = {"page": "/pricing", "country": "KR"}
    step = {"sessions": 0, "events": 0, "bounce_rate": None}
    series = [
        {"t": end - (30 - n) * MINUTE, "pageviews": n % 7, "visitors": n % 3, "partial": n == 29, **step}
        for n in range(30)
    ]
    before = [{**one, "t": one["t"] - 30 * MINUTE, "partial": False} for one in series]
    return {
        **answer,
        "query": {**answer["query"], **query},
        "series": series,
        "comparison": {**answer["comparison"], "series": before},
        "meta": {**answer["meta"], "warnings": [], "reasons": [], "bots": {}},
        **changed,
    }


def platform(**changed: Any) -> Platform:
    """An hour in which the aggregator had an error and stats-api was not called."""
    functions = (
        FunctionFigures("aggregator", 1200, 1, 0, 11.4, 1271.2, 1321.9, 1),
        FunctionFigures("event-collector", 98765, 0, 2, 7.52, 13.1, 574.0, 12),
        FunctionFigures("stats-api", None, None, None, None, None, None, None),
    )
    figures: dict[str, Any] = {
        "window_seconds": 3600,
        "begin": NOW - HOUR,
        "end": NOW,
        "asked_at": NOW,
        "fresh_to": NOW // MINUTE * MINUTE,
        "functions": functions,
        "api": ApiFigures(51000, 510, 0, 9.4, 80.1, 210.0),
        "tables": (TableFigures("events", None, 1752, 0), TableFigures("state", 371.5, 1253, 3)),
        "iterator_age_ms": 7039,
        "dead_letters": None,
        "step_seconds": 60,
        "requests": tuple(None if minute < 6 else 500 + minute * 11 % 240 * 3 for minute in range(60)),
    }
    return Platform(**{**figures, **changed})


def look(**changed: Any) -> Stats:
    """One look with all of the above."""
    parts: dict[str, Any] = {
        "environment": "local",
        "taken_at": NOW + 500,
        "by": (),
        "live": Live.read(realtime()),
        "period": Period.read(stats()),
        "platform": platform(),
    }
    return Stats(**{**parts, **changed})
