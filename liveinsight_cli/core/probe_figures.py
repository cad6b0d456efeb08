"""What the APIs must answer for the visits of a probe, counted the slow way from the list of what was sent.

When an event arrived is known only as well as a request and its answer tell: where a figure depends on that, it is a
span, and where an hour or a minute does, it is left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from liveinsight_cli.core.demo import DAY_MS, HOUR_MS
from liveinsight_cli.core.demo_figures import Comparison
from liveinsight_cli.core.probe import ENGAGEMENT, PAGE_VIEW, Act, Person

ACTIVE_MS = 300_000
MINUTE_MS = 60_000


@dataclass(frozen=True)
class Seen:
    """An event that was accepted, and the span in which it happened, epoch ms on the server's clock."""

    person: Person
    act: Act
    earliest: float
    latest: float

    @property
    def is_view(self) -> bool:
        """Whether it is a page view."""
        return self.act.kind == PAGE_VIEW

    def within(self, milliseconds: int) -> int | None:
        """Return the clock hour or minute it happened in, epoch ms; None where it may be one of two."""
        first, last = (int(at // milliseconds) * milliseconds for at in (self.earliest, self.latest))
        return first if first == last else None


@dataclass(frozen=True)
class Sent:
    """What a run sent: events of people, in the order of each person's acts, and the bot's."""

    seen: tuple[Seen, ...]
    bots: int
    with_countries: bool = True

    @property
    def people(self) -> list[list[Seen]]:
        """The events of each person, which are one visit."""
        found: dict[str, list[Seen]] = {}
        for one in self.seen:
            found.setdefault(one.person.name, []).append(one)
        return list(found.values())

    @property
    def span(self) -> tuple[int, int]:
        """The clock hours that hold all of it, epoch ms: the first, and the end of the last."""
        first = min(one.earliest for one in self.seen)
        last = max(one.latest for one in self.seen)
        return int(first // HOUR_MS) * HOUR_MS, int(last // HOUR_MS + 1) * HOUR_MS


Wanted = float | tuple[float, float] | None


def compare_stats(sent: Sent, answer: Mapping[str, Any]) -> Iterable[Comparison]:
    """Hold an answer of `GET /api/stats` (limit 100) against what was sent: totals, lists, series, bots."""
    for name, wanted in _totals(sent).items():
        yield _row(name, wanted, answer["totals"].get(name))
    for name, counts in _lists(sent).items():
        yield from _list_rows(name, counts, answer["top"].get(name, ()))
    if not sent.with_countries:
        placed = sum(row["count"] for row in answer["top"].get("countries", ()))
        yield _row("countries, together", len(sent.people), placed)
    yield from _series_rows(sent, answer["series"])
    yield _row("bots", sent.bots, sum(answer["meta"].get("bots", {}).values()))


def compare_realtime(sent: Sent, answer: Mapping[str, Any]) -> Iterable[Comparison]:
    """Hold an answer of `GET /api/realtime` against what was sent at most half an hour ago."""
    now, people = int(answer["now"]), sent.people
    deeds = [one for one in sent.seen if one.act.kind != ENGAGEMENT]
    surely = len({one.person.name for one in deeds if one.earliest > now - ACTIVE_MS})
    perhaps = len({one.person.name for one in deeds if one.latest > now - ACTIVE_MS})
    yield _row("realtime active_visitors", _span(surely, perhaps), answer["active_visitors"])
    yield _row("realtime active_sessions", len(people), answer["active_sessions"])
    yield _row("realtime visitors_30m", len(people), answer["visitors_30m"])
    yield _row("realtime pageviews_30m", sum(one.is_view for one in sent.seen), answer["pageviews_30m"])
    yield from _minute_rows(sent, answer["series"])
    lists = {
        "pages": Counter(visit[-1].act.page for visit in people),
        "sources": Counter(visit[0].person.source for visit in people),
        "devices": Counter(visit[0].person.device for visit in people),
    }
    if sent.with_countries:
        lists["countries"] = Counter(visit[0].person.country for visit in people)
    for name, counts in lists.items():
        yield from _list_rows(f"realtime {name}", counts, answer["top"].get(name, ()))


def compare_feed(sent: Sent, recent: Sequence[Mapping[str, Any]], since_ms: float) -> Iterable[Comparison]:
    """Hold the feed of page views against what was sent; bots are not in it."""
    shown = Counter(
        "/" + str(one["page_url"]).split("/", 3)[-1] for one in recent if int(one["epoch_ms"]) >= since_ms
    )
    rows = [{"name": name, "count": count} for name, count in shown.items()]
    yield from _list_rows("feed", Counter(one.act.page for one in sent.seen if one.is_view), rows)


def _totals(sent: Sent) -> dict[str, Wanted]:
    visits, views = sent.people, sum(one.is_view for one in sent.seen)
    shortest = sum(max(0.0, visit[-1].earliest - visit[0].latest) for visit in visits if _is_long(visit))
    longest = sum(visit[-1].latest - visit[0].earliest for visit in visits if _is_long(visit))
    exact = sum((visit[0].act.ago_s - visit[-1].act.ago_s) * 1000 for visit in visits if not _is_long(visit))
    durations = [round((some + exact) / 1000 / len(visits), 3) for some in (shortest, longest)]
    return {
        "pageviews": views,
        "visitors": _visitors(visits),
        "sessions": len(visits),
        "events": len(sent.seen),
        "bounce_rate": round(sum(map(_is_bounce, visits)) / len(visits), 4),
        "avg_duration_s": _span(*durations),
        "views_per_session": round(views / len(visits), 4),
        "engaged_s": sum(one.act.engaged_ms for one in sent.seen) / 1000,
    }


def _is_long(visit: Sequence[Seen]) -> bool:
    """Tell whether a visit took several requests: then its length depends on when they arrived."""
    return len(visit[0].person.requests) > 1


def _is_bounce(visit: Sequence[Seen]) -> bool:
    return sum(one.is_view for one in visit) < 2 and not any(one.act.interactive for one in visit)


def _visitors(visits: Iterable[Sequence[Seen]]) -> Wanted:
    """Return the distinct people of each UTC day, summed over the days."""
    first = last = 0
    for visit in visits:
        first += len({one.earliest // DAY_MS for one in visit})
        last += len({one.latest // DAY_MS for one in visit})
    return _span(min(first, last), max(first, last))


def _lists(sent: Sent) -> dict[str, Counter[str]]:
    visits = sent.people
    views = [[one for one in visit if one.is_view] for visit in visits]
    lists = {
        "pages": Counter(one.act.page for one in sent.seen if one.is_view),
        "entry_pages": Counter(visit[0].act.page for visit in visits),
        "exit_pages": Counter(of_visit[-1].act.page for of_visit in views),
        "sources": Counter(visit[0].person.source for visit in visits),
        "referrers": Counter(one for one in (visit[0].person.referrer_shown for visit in visits) if one),
        "devices": Counter(visit[0].person.device for visit in visits),
        "browsers": Counter(visit[0].person.browser for visit in visits),
        "os": Counter(visit[0].person.os for visit in visits),
        "event_types": Counter(one.act.kind for one in sent.seen),
    }
    for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"):
        lists[name] = Counter(one for one in (visit[0].person.utm.get(name) for visit in visits) if one)
    if sent.with_countries:
        lists["countries"] = Counter(visit[0].person.country for visit in visits)
    return lists


def _list_rows(
    name: str, wanted: Mapping[str, int], answered: Iterable[Mapping[str, Any]]
) -> Iterable[Comparison]:
    found = {str(row["name"]): row["count"] for row in answered}
    for one in sorted(wanted.keys() | found.keys(), key=lambda key: (-wanted.get(key, 0), key)):
        yield _row(f"{name}: {one}", wanted.get(one, 0), found.get(one, 0))


def _series_rows(sent: Sent, series: Sequence[Mapping[str, Any]]) -> Iterable[Comparison]:
    """Yield the sums over the hours, and each hour where it is certain what belongs into it."""
    begun = [visit[0] for visit in sent.people]
    wanted = {
        "pageviews": [one for one in sent.seen if one.is_view],
        "events": [*sent.seen],
        "sessions": begun,
    }
    for name, counted in wanted.items():
        yield _row(f"series, {name}", len(counted), sum(step[name] for step in series))
        yield from _steps(f"series: {name}", counted, HOUR_MS, series, name)
    yield from _visitor_steps("series: visitors", sent, HOUR_MS, series)
    if all(one.within(HOUR_MS) is not None for one in begun):
        for step in series:
            visits = [visit for visit in sent.people if visit[0].within(HOUR_MS) == step["t"]]
            rate = round(sum(map(_is_bounce, visits)) / len(visits), 4) if visits else None
            yield _row(f"series: bounce_rate {_clock(step['t'])}", rate, step["bounce_rate"])


def _minute_rows(sent: Sent, series: Sequence[Mapping[str, Any]]) -> Iterable[Comparison]:
    views = [one for one in sent.seen if one.is_view]
    yield _row("realtime series, events", len(sent.seen), sum(step["events"] for step in series))
    yield _row("realtime series, pageviews", len(views), sum(step["pageviews"] for step in series))
    yield from _steps("realtime series: events", sent.seen, MINUTE_MS, series, "events")
    yield from _steps("realtime series: pageviews", views, MINUTE_MS, series, "pageviews")
    yield from _visitor_steps("realtime series: visitors", sent, MINUTE_MS, series)


def _steps(
    title: str, counted: Sequence[Seen], length_ms: int, series: Iterable[Mapping[str, Any]], name: str
) -> Iterable[Comparison]:
    places = [one.within(length_ms) for one in counted]
    if None not in places:
        by_place = Counter(places)
        for step in series:
            yield _row(f"{title} {_clock(step['t'])}", by_place[step["t"]], step[name])


def _visitor_steps(
    title: str, sent: Sent, length_ms: int, series: Iterable[Mapping[str, Any]]
) -> Iterable[Comparison]:
    pairs = {(one.within(length_ms), one.person.name) for one in sent.seen}
    if all(place is not None for place, _ in pairs):
        by_place = Counter(place for place, _ in pairs)
        for step in series:
            yield _row(f"{title} {_clock(step['t'])}", by_place[step["t"]], step["visitors"])


def _clock(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%H:%M")


def _span(least: float, most: float) -> Wanted:
    return least if least == most else (least, most)


def _row(name: str, wanted: Wanted, answered: Any) -> Comparison:
    if isinstance(wanted, tuple):
        is_within = isinstance(answered, int | float) and wanted[0] <= answered <= wanted[1]
        return Comparison(name, list(wanted), answered, is_within)
    return Comparison(name, wanted, answered, wanted == answered)
