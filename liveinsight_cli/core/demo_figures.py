"""What the APIs must answer for a demo, counted the slow way from the list of what was sent."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from liveinsight_cli.core.demo import DAY_MS, HOUR_MS, DemoEvent, DemoSpec, Visitor
from liveinsight_cli.core.demo_catalogue import ORIGINS, Origin

GAP_MS = 1_800_000
_ORIGINS = {(origin.referrer, origin.query): origin for origin, _ in ORIGINS}


@dataclass(frozen=True)
class Expected:
    """The figures, and the whole hours (epoch ms) that hold all of them."""

    site: str
    from_ms: int
    to_ms: int
    totals: Mapping[str, float | None]
    top: Mapping[str, Mapping[str, int]]
    bots: int


@dataclass
class _Visit:
    visitor: Visitor
    events: list[DemoEvent] = field(default_factory=list)

    @property
    def views(self) -> list[DemoEvent]:
        return [event for event in self.events if event.kind == "page_view"]

    @property
    def is_bounce(self) -> bool:
        return len(self.views) < 2 and not any(event.interactive for event in self.events)


def expected(spec: DemoSpec, anchor_ms: int, seen: Iterable[Visitor]) -> Expected:
    """Count everything; bots are in `bots` only, and a request that is sent twice happened once."""
    everybody = list(seen)
    people = [one for one in everybody if not one.is_bot]
    visits = [visit for one in people for visit in _visits(one)]
    events = [event for visit in visits for event in visit.events]
    views = [event for event in events if event.kind == "page_view"]
    durations = sum(visit.events[-1].at - visit.events[0].at for visit in visits)
    known = {(one.number, at // DAY_MS) for one in people for at in _moments(one, spec, anchor_ms)}
    start = anchor_ms - spec.days * DAY_MS
    sessions = len(visits)
    return Expected(
        site=spec.site,
        from_ms=start - start % HOUR_MS,
        to_ms=anchor_ms - anchor_ms % HOUR_MS + HOUR_MS,
        totals={
            "pageviews": len(views),
            "visitors": len(known),
            "sessions": sessions,
            "events": len(events),
            "bounce_rate": _ratio(sum(visit.is_bounce for visit in visits), sessions, 4),
            "avg_duration_s": _ratio(durations / 1000, sessions, 3),
            "views_per_session": _ratio(len(views), sessions, 4),
            "engaged_s": sum(event.engaged_ms for event in events) / 1000,
        },
        top=_top(visits, views, events),
        bots=sum(len(request.events) for one in everybody if one.is_bot for request in one.requests),
    )


def _moments(one: Visitor, spec: DemoSpec, anchor_ms: int) -> list[int]:
    """When a visitor's events happen. What goes by the API happens now, less the delay that its request tells."""
    return [
        event.at if spec.via == "table" else anchor_ms - (request.received_at - event.at)
        for request in one.requests
        for event in request.events
    ]


def _events(one: Visitor) -> list[DemoEvent]:
    return [event for request in one.requests for event in request.events]


def _visits(one: Visitor) -> list[_Visit]:
    visits: list[_Visit] = []
    for event in _events(one):
        if not visits or event.at - visits[-1].events[-1].at > GAP_MS:
            visits.append(_Visit(one))
        visits[-1].events.append(event)
    return visits


def _top(visits: list[_Visit], views: list[DemoEvent], events: list[DemoEvent]) -> dict[str, dict[str, int]]:
    origins = [_ORIGINS[visit.events[0].referrer, visit.events[0].query] for visit in visits]
    lists: dict[str, Counter[str]] = {
        "pages": Counter(view.page for view in views),
        "entry_pages": Counter(visit.events[0].page for visit in visits),
        "exit_pages": Counter(visit.views[-1].page for visit in visits),
        "sources": Counter(origin.source for origin in origins),
        "referrers": Counter(origin.referrer_shown for origin in origins if origin.referrer_shown),
        **{name: _campaigns(origins, name) for name in ("utm_source", "utm_medium", "utm_campaign")},
        "countries": Counter(visit.visitor.country for visit in visits),
        "devices": Counter(visit.visitor.program.device for visit in visits),
        "browsers": Counter(visit.visitor.program.browser for visit in visits),
        "os": Counter(visit.visitor.program.os for visit in visits),
        "event_types": Counter(event.kind for event in events),
    }
    return {name: dict(counts) for name, counts in lists.items()}


def _campaigns(origins: Iterable[Origin], name: str) -> Counter[str]:
    named = (dict(parse_qsl(origin.query)).get(name) for origin in origins)
    return Counter(one for one in named if one)


def _ratio(part: float, whole: int, digits: int) -> float | None:
    return round(part / whole, digits) if whole else None


@dataclass(frozen=True)
class Comparison:
    """One metric: what it must be, what was answered."""

    metric: str
    expected: Any
    answered: Any
    ok: bool


VISITOR_ERROR = 0.05  # three standard errors of the sketch


def compare(wanted: Expected, answer: Mapping[str, Any]) -> tuple[Comparison, ...]:
    """Hold an answer of `GET /api/stats` (limit 100) against the figures; only estimated visitors may differ."""
    exact = bool(answer["meta"]["exact"])
    rows = [
        _compared(name, value, answer["totals"].get(name), exact) for name, value in wanted.totals.items()
    ]
    for name, counts in wanted.top.items():
        answered = {row["name"]: row["count"] for row in answer["top"].get(name, ())}
        rows += [
            Comparison(
                f"{name}: {one}",
                counts.get(one, 0),
                answered.get(one, 0),
                counts.get(one, 0) == answered.get(one, 0),
            )
            for one in sorted(counts.keys() | answered.keys(), key=lambda key: (-counts.get(key, 0), key))
        ]
    bots = sum(answer["meta"].get("bots", {}).values())
    return (*rows, Comparison("bots", wanted.bots, bots, wanted.bots == bots))


def _compared(name: str, wanted: float | None, answered: Any, exact: bool) -> Comparison:
    if name == "visitors" and not exact and wanted is not None and answered is not None:
        return Comparison(name, wanted, answered, abs(answered - wanted) <= VISITOR_ERROR * wanted)
    return Comparison(name, wanted, answered, wanted == answered)
