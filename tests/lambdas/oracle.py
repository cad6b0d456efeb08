"""Every metric computed the slow way from the list of requests. Shares no code with the functions, on purpose.

Sessions are decided in the order in which requests arrive, as product.md defines them; everything else is
recounted from the whole list for every question.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

GAP = 1800 * 1000
DAY = 24 * 3600 * 1000
HOUR = 3600 * 1000


@dataclass
class Seen:
    """One accepted event."""

    at: int
    order: int
    kind: str
    person: tuple[str, str]
    site: str
    page: str
    referrer: str
    query: dict[str, str]
    interactive: bool
    engaged_ms: int
    country: str

    @property
    def visitor(self) -> tuple[Any, ...]:
        return (self.site, self.person, self.at // DAY)


@dataclass
class Visit:
    start: int
    events: list[Seen] = field(default_factory=list)

    @property
    def last(self) -> int:
        return max(event.at for event in self.events)

    @property
    def views(self) -> list[Seen]:
        return [event for event in self.events if event.kind == "page_view"]

    @property
    def is_bounce(self) -> bool:
        custom = [e for e in self.events if e.kind not in ("page_view", "engagement") and e.interactive]
        return len(self.views) < 2 and not custom

    @property
    def source(self) -> str:
        first = self.events[0]
        for name in ("utm_source", "source", "ref"):
            if name in first.query:
                return first.query[name]
        host = (urlsplit(first.referrer).hostname or "").removeprefix("www.")
        return host if host and host != first.site else "(direct)"


class Oracle:
    """Told of every request once (a retry is not another request), asked for figures afterwards."""

    def __init__(self) -> None:
        self.events: list[Seen] = []
        self.visits: dict[tuple[Any, ...], list[Visit]] = {}
        self.bots: Counter[int] = Counter()

    def tell(
        self,
        received_at: int,
        events: list[dict[str, Any]],
        ip: str,
        user_agent: str,
        country: str = "",
        sent_at: int | None = None,
        is_bot: bool = False,
    ) -> None:
        seen = []
        for sent in events:
            at = received_at
            if "timestamp" in sent:
                delay = (sent_at if sent_at is not None else received_at) - sent["timestamp"]
                if 0 <= delay <= 15 * 60 * 1000:
                    at = received_at - delay
            if is_bot:
                self.bots[at // HOUR] += 1
                continue
            parts = urlsplit(sent["page_url"])
            site = (parts.hostname or "").removeprefix("www.")
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            one = Seen(
                at,
                len(self.events) + len(seen),
                sent["event_type"],
                (ip, user_agent),
                site,
                parts.path,
                sent.get("referrer", ""),
                query,
                sent.get("interactive", False),
                sent.get("engaged_ms", 0),
                country,
            )
            seen.append((sent.get("session_id"), one))
        groups: dict[tuple[Any, ...], list[Seen]] = {}
        for own_id, one in seen:
            key = (one.site, "own", own_id) if own_id else (one.site, ip, user_agent)
            groups.setdefault(key, []).append(one)
        for key, group in groups.items():
            group.sort(key=lambda event: event.at)
            visits = self.visits.setdefault(key, [])
            first = group[0].at
            fits = visits and (
                key[1] == "own" or (first - visits[-1].last <= GAP and first - visits[-1].start <= DAY)
            )
            if not fits:
                visits.append(Visit(first))
            visits[-1].events += group
            self.events += group

    def stats(self, start: int, end: int, site: str = "") -> dict[str, Any]:
        events = [e for e in self.events if start <= e.at < end and site in ("", e.site)]
        visits = [
            visit
            for (visit_site, *_), all_visits in self.visits.items()
            for visit in all_visits
            if start <= visit.start < end and site in ("", visit_site)
        ]
        views = [event for event in events if event.kind == "page_view"]
        bounces = [visit for visit in visits if visit.is_bounce]
        durations = [visit.last - visit.start for visit in visits]
        return {
            "totals": {
                "pageviews": len(views),
                "visitors": len({event.visitor for event in events}),
                "sessions": len(visits),
                "events": len(events),
                "bounce_rate": len(bounces) / len(visits) if visits else None,
                "avg_duration_s": sum(durations) / 1000 / len(visits) if visits else None,
                "views_per_session": len(views) / len(visits) if visits else None,
                "engaged_s": sum(event.engaged_ms for event in events) / 1000,
            },
            "top": {
                "pages": Counter(event.page for event in views),
                "event_types": Counter(event.kind for event in events),
                "entry_pages": Counter(visit.events[0].page for visit in visits),
                "exit_pages": Counter(_exit_page(visit) for visit in visits if visit.views),
                "sources": Counter(visit.source for visit in visits),
                "countries": Counter(visit.events[0].country or "(unknown)" for visit in visits),
                "utm_source": Counter(
                    visit.events[0].query["utm_source"]
                    for visit in visits
                    if "utm_source" in visit.events[0].query
                ),
            },
        }

    def realtime(self, now: int, site: str = "") -> dict[str, Any]:
        events = [event for event in self.events if site in ("", event.site)]
        minute_of_now = now // 60_000
        series = []
        for minute in range(minute_of_now - 29, minute_of_now + 1):
            inside = [event for event in events if event.at // 60_000 == minute]
            views = [event for event in inside if event.kind == "page_view"]
            series.append((minute * 60_000, len(views), len({event.visitor for event in inside})))
        window = [event for event in events if event.at // 60_000 > minute_of_now - 30]
        active = [e for e in events if now - 300_000 < e.at <= now and e.kind != "engagement"]
        visits = [v for (s, *_), all_visits in self.visits.items() for v in all_visits if site in ("", s)]
        return {
            "series": series,
            "pageviews_30m": len([event for event in window if event.kind == "page_view"]),
            "visitors_30m": len({(event.site, event.person) for event in window}),
            "active_visitors": len({(event.site, event.person) for event in active}),
            "active_sessions": len([visit for visit in visits if now - visit.last <= GAP]),
        }


def _exit_page(visit: Visit) -> str:
    latest = max(view.at for view in visit.views)
    return [view.page for view in visit.views if view.at == latest][-1]
