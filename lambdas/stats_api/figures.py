"""The figures of a query, from whatever knows them: rollups, or raw events where it has filters or minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.block import merged
from shared.keys import MINUTE_MS
from shared.metrics import BOT, ENGAGEMENT, LONGEST_CLIENT_DELAY_MS, PAGE_VIEW, REALTIME_MINUTES
from shared.reasons import Reason
from shared.tallies import OTHER
from stats_api.events import KEPT_MS, MOST_TYPES
from stats_api.ranges import Range
from stats_api.recount import Chosen, choose, summarize
from stats_api.store import StatsStore
from stats_api.summary import Summary

Sites = Mapping[str, str | None]


@dataclass(slots=True)
class Figures:
    """A summary of `range`, which has figures from `start` on, epoch ms, and the one of the range before it, if any.

    `missing` are the reasons why the figures are not complete, `reasons` other ones; `looked_at` is how many raw events
    DynamoDB had to read.
    """

    range: Range
    start: int
    summary: Summary
    past: tuple[Range, Summary] | None = None
    reasons: list[Reason] = field(default_factory=list)
    missing: list[Reason] = field(default_factory=list)
    looked_at: int = 0


def from_rollups(store: StatsStore, asked: Range, sites: Sites, now: int, *, compare: bool) -> Figures:
    """The figures of clock hours, whatever the traffic."""
    figures = Figures(asked, asked.start, _added_up(store, asked, sites, now, has_lists=True))
    if compare:
        before = asked.previous()
        figures.past = before, _added_up(store, before, sites, now, has_lists=False)
    return figures


def _added_up(store: StatsStore, asked: Range, sites: Sites, now: int, *, has_lists: bool) -> Summary:
    summary = Summary(asked.steps(), asked.end, has_lists=has_lists)
    for site, first_day in sites.items():
        store.add(summary, site, asked, now, first_day)
    return summary


def from_events(
    store: StatsStore, asked: Range, filters: Mapping[str, str], sites: Sites, now: int, *, compare: bool
) -> Figures:
    """The figures of the visits that pass the filters, or of all; as far as raw events reach."""
    oldest, before = now - KEPT_MS, asked.previous()
    has_past = compare and before.start >= oldest
    since = before.start if has_past else asked.start
    # What a visit did while its first event was still on its way is older than that event.
    read_from = max(oldest, since - LONGEST_CLIENT_DELAY_MS)
    types, has_all_types = _types(store, sites, read_from, now)
    found = store.events.read(types if filters else [*types, BOT], sites, read_from, now)
    start = max(since, _full_minute(found.start)) if found.is_cut else since
    covered = max(asked.start, min(start, asked.end))
    chosen = choose(store.events, found, filters, start, oldest) if filters else Chosen(found.events)
    if filters:
        asked = asked.since(covered)
    figures = Figures(
        range=asked,
        start=covered if filters else asked.start,
        summary=summarize(chosen.events, asked, covered),
        looked_at=found.looked_at,
    )
    if not filters:
        minutes = [block for site in sites for block in store.minutes(site, asked.start, now)]
        figures.summary.take_minutes(merged(minutes, asked.start, REALTIME_MINUTES))
    if has_past and start <= before.start:
        figures.past = before, summarize(chosen.events, before, before.start)
    elif compare:
        figures.reasons.append(Reason("comparison_out_of_reach", "the range before reaches too far back"))
    figures.missing = _missing(
        cut_at=start if start > asked.start else None,
        known=len(found.events),
        untold=chosen.untold,
        has_all_types=has_all_types,
        has_filters=bool(filters),
    )
    return figures


def _full_minute(at: int) -> int:
    return -(-at // MINUTE_MS) * MINUTE_MS


def _types(store: StatsStore, sites: Sites, since: int, now: int) -> tuple[list[str], bool]:
    """The event types that there were, and whether that is all of them. Rollups may be seconds behind events."""
    counts = Counter({PAGE_VIEW: 1, ENGAGEMENT: 1})
    for site in sites:
        counts.update(store.event_types(site, since, now))
    named = [name for name, _ in counts.most_common() if name not in (OTHER, BOT)]
    return named[:MOST_TYPES], len(named) <= MOST_TYPES and OTHER not in counts


def _missing(
    *, cut_at: int | None, known: int, untold: int, has_all_types: bool, has_filters: bool
) -> list[Reason]:
    missing = []
    if cut_at is not None:
        what = "figures" if has_filters else "sessions, visitors and lists"
        text = f"{what} are from the newest {known} events only"
        code = "filter_cut" if has_filters else "lists_cut"
        missing.append(Reason(code, text, {"events": known, "from_ms": cut_at}))
    if untold:
        text = f"{untold} visits began too long ago to be told whether the filters choose them"
        missing.append(Reason("filter_untold", text, {"visits": untold}))
    if not has_all_types:
        text = f"there are more event types than are read together ({MOST_TYPES})"
        missing.append(Reason("event_types_cut", text, {"read": MOST_TYPES}))
    return missing
