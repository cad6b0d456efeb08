"""Answers of a busy month: what the pictures in the documentation show, and what the page has to bear."""

import math
from typing import Any

from tests.dashboard.answers import HOUR_MS, NOW_MS, comparison, meta, realtime, recent_event, stats, top

ESTIMATED = meta(
    exact=False,
    warnings=["visitors of a minute are estimated, with a standard error of 6.5%"],
    reasons=[{"code": "minute_visitors_estimated", "error": 0.065}],
)
DAY_MS = 24 * HOUR_MS
ZONE_OFFSET_MS = 9 * HOUR_MS  # Asia/Seoul, where the tests' browser is
NAMES: dict[str, list[str]] = {
    "pages": [
        *(
            "/",
            "/pricing",
            "/docs/getting-started",
            "/blog/why-we-left-a-hosted-analytics-service-and-what-it-cost",
        ),
        *("/docs/deploying", "/download", "/blog", "/about/team", "/docs/metrics", "/changelog"),
    ],
    "sources": [
        *("(direct)", "google.com", "news.ycombinator.com", "newsletter", "naver.com", "github.com"),
        *("duckduckgo.com", "reddit.com", "bing.com", "linkedin.com"),
    ],
    "countries": ["KR", "US", "DE", "JP", "GB", "FR", "IN", "BR", "(unknown)", "CA"],
    "devices": ["desktop", "mobile", "tablet"],
    "browsers": ["Chrome", "Safari", "Firefox", "Edge", "Samsung Internet", "(other)"],
    "os": ["Windows", "iOS", "macOS", "Android", "Linux"],
    "event_types": ["page_view", "signup", "file_download", "outbound_link", "video_played", "checkout"],
    "utm_source": ["newsletter", "conference"],
    "utm_campaign": ["autumn-launch"],
}


def month_series(days: int, *, back: int = 0) -> list[dict[str, Any]]:
    """Weeks with their weekends, slowly growing; the last day is not over. `back`: how many days earlier it ends."""
    last = NOW_MS - (NOW_MS + ZONE_OFFSET_MS) % DAY_MS - back * DAY_MS
    series = []
    for index in range(days):
        at = last - (days - 1 - index) * DAY_MS
        is_weekend = (at // DAY_MS + 4) % 7 in (0, 6)
        views = round(
            (2_300 + 38 * index - 6 * back) * (0.55 if is_weekend else 1) * (1 + math.sin(index * 1.7) / 9)
        )
        series.append(
            {
                "t": at,
                "pageviews": views,
                "visitors": views * 4 // 9,
                "sessions": views * 10 // 21,
                "events": views * 5 // 4,
                "bounce_rate": 0.41 + math.sin(index) / 25,
                "partial": back == 0 and index == days - 1,
            }
        )
    return series


def busy_stats(days: int = 30, *, is_compared: bool = True) -> dict[str, Any]:
    """Statistics of so many days, every list filled."""
    series = month_series(days)
    totals = {
        name: sum(day[name] for day in series) for name in ("pageviews", "visitors", "sessions", "events")
    }
    totals |= {
        "bounce_rate": 0.417,
        "avg_duration_s": 134.2,
        "views_per_session": totals["pageviews"] / totals["sessions"],
        "engaged_s": 2_640_210.5,
    }
    answer = stats(totals=totals, series=series)
    answer["query"] |= {
        "range": f"{days}d",
        "step": "day",
        "from_ms": series[0]["t"],
        "to_ms": NOW_MS,
        "known_sites": ["example.com", "shop.example.com"],
    }
    answer["top"] |= {name: shares(names, totals["sessions"]) for name, names in NAMES.items()}
    for name in ("entry_pages", "exit_pages"):
        answer["top"][name] = shares(NAMES["pages"], totals["sessions"])
    if is_compared:
        before = {**totals, "pageviews": 61_240, "visitors": 27_871, "sessions": 29_703, "events": 78_310}
        before |= {
            "bounce_rate": 0.448,
            "avg_duration_s": 127.9,
            "views_per_session": 2.06,
            "engaged_s": 2_213_400.0,
        }
        change = {name: totals[name] / before[name] - 1 for name in totals}
        answer["comparison"] = comparison() | {
            "totals": before,
            "change": change,
            "series": month_series(days, back=days),
        }
    return answer


def shares(names: list[str], total: int) -> list[dict[str, Any]]:
    """Each name has about two thirds of the one before; what is summed up comes last."""
    counts = {name: round(total * 0.4 * 0.66**rank) for rank, name in enumerate(names)}
    return top(
        {
            **{name: count for name, count in counts.items() if name != "(other)"},
            **{n: c for n, c in counts.items() if n == "(other)"},
        }
    )


def busy_realtime() -> dict[str, Any]:
    """A thousand events a minute."""
    answer = realtime(active_visitors=1_284, active_sessions=1_317, meta=ESTIMATED)
    for index, minute in enumerate(answer["series"]):
        views = round(640 + 180 * math.sin(index / 5) + (index * 53) % 90)
        minute |= {
            "pageviews": views if index < 29 else views // 3,
            "events": views * 3 // 2,
            "visitors": views * 4 // 9,
        }
    answer["pageviews_30m"] = sum(minute["pageviews"] for minute in answer["series"])
    answer["visitors_30m"] = 5_120
    lines = [
        ("/pricing", "https://news.ycombinator.com/item", "KR", "desktop"),
        ("/docs/getting-started", None, "DE", "mobile"),
        ("/", "https://www.google.com/", "US", "desktop"),
        (
            "/blog/why-we-left-a-hosted-analytics-service-and-what-it-cost",
            "https://github.com/",
            "JP",
            "desktop",
        ),
        ("/download", None, None, "tablet"),
    ]
    answer["recent"] = [recent_event(1 + nth * 2, *lines[nth % len(lines)]) for nth in range(20)]
    return answer


HOSTILE = [
    "/" + "a-very-long-path-without-a-single-space-" * 12,
    "/" + "W" * 300,
    "/مرحبا/بالعالم/صفحة-طويلة-جدا-" + "كلمة-" * 40,
    "/👩‍👩‍👧‍👦/🇰🇷/" + "🎉" * 120,
    "<img src=x onerror=alert(1)>",
    "/긴-한국어-주소-" + "띄어쓰기없는" * 60,
    "\u202eevil/\u202c",
    "/" + "ẑ̸̢̛͉͎̲̯̈́" * 60,
]


def hostile_stats() -> dict[str, Any]:
    """Names as visitors can make them, and counts as large as they get."""
    answer = busy_stats()
    for name in answer["top"]:
        answer["top"][name] = top({text: 1_234_567_890 // (rank + 1) for rank, text in enumerate(HOSTILE)})
    answer["totals"] |= {"pageviews": 1_234_567_890, "engaged_s": 9e9, "avg_duration_s": 86_399.0}
    answer["series"] = [{**day, "pageviews": day["pageviews"] * 400_000} for day in answer["series"]]
    return answer


def hostile_realtime() -> dict[str, Any]:
    """The same in the feed."""
    answer = busy_realtime()
    answer["recent"] = [
        recent_event(nth, text, f"https://{'sub.' * 40}example.com/", "KR", "desktop", text[:64])
        for nth, text in enumerate(HOSTILE)
    ]
    return answer
