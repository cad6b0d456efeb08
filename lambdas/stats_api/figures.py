"""The figures of a query, from whatever knows them: rollups, visits where it has filters, or raw events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.block import merged
from shared.metrics import BOT, LONGEST_CLIENT_DELAY_MS, REALTIME_MINUTES
from shared.reasons import Reason
from stats_api import chosen as chosen_visits
from stats_api.chosen import Chosen, Reader, Sites, types_of
from stats_api.events import KEPT_MS
from stats_api.ranges import Range
from stats_api.recount import summarize, summarize_events
from stats_api.store import StatsStore
from stats_api.summary import Summary


@dataclass(slots=True)
class Figures:
    """A summary of `range`, which has figures from `start` on, epoch ms, and the one of the range before it, if any.

    `missing` are the reasons why the figures are not complete, `reasons` other ones; `looked_at` is how many raw events
    and entries of the visit log had to be read.
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


def from_minutes(store: StatsStore, asked: Range, sites: Sites, now: int, *, compare: bool) -> Figures:
    """The figures of the last thirty minutes: views from blocks, all else from raw events as far as they are read."""
    oldest, before = now - KEPT_MS, asked.previous()
    since = before.start if compare else asked.start
    # What a visit did while its first event was still on its way is older than that event.
    read_from = max(oldest, since - LONGEST_CLIENT_DELAY_MS)
    types, has_all_types = types_of(store, sites, read_from, now)
    found = store.events.read([*types, BOT], sites, read_from, now)
    start = max(since, found.first_minute) if found.is_cut else since
    covered = max(asked.start, min(start, asked.end))
    figures = Figures(asked, asked.start, summarize_events(found.events, asked, covered))
    figures.looked_at = found.looked_at
    minutes = [block for site in sites for block in store.minutes(site, asked.start, now)]
    figures.summary.take_minutes(merged(minutes, asked.start, REALTIME_MINUTES))
    if compare and start <= before.start:
        figures.past = before, summarize_events(found.events, before, before.start)
    elif compare:
        figures.reasons.append(_NO_COMPARISON)
    if start > asked.start:
        known = len(found.events)
        text = f"sessions, visitors and lists are from the newest {known} events only"
        figures.missing.append(Reason("lists_cut", text, {"events": known, "from_ms": start}))
    if not has_all_types:
        figures.missing.append(_types_cut())
    return figures


def from_visits(
    store: StatsStore, asked: Range, filters: Mapping[str, str], sites: Sites, now: int, *, compare: bool
) -> Figures:
    """The figures of the visits that pass the filters, as far as the visit log and raw events reach."""
    chosen = Reader(store, asked, filters, sites, now).choose(compare=compare)
    before, asked = asked.previous(), asked.since(min(chosen.start, asked.end - 1))
    start = max(asked.start, chosen.start)
    figures = Figures(asked, start, summarize(chosen.parts, asked, start))
    figures.looked_at = chosen.looked_at + chosen.logged
    if chosen.has_past:
        figures.past = before, summarize(chosen.parts, before, before.start)
    elif compare:
        figures.reasons.append(_NO_COMPARISON)
    figures.missing = _missing(chosen, before.end)
    return figures


_NO_COMPARISON = Reason("comparison_out_of_reach", "the range before reaches too far back")


def _types_cut() -> Reason:
    text = f"there are more event types than are read together ({chosen_visits.MOST_TYPES})"
    return Reason("event_types_cut", text, {"read": chosen_visits.MOST_TYPES})


def _missing(chosen: Chosen, asked_from: int) -> list[Reason]:
    missing = []
    since: dict[str, float | int] = {"from_ms": chosen.start}
    if chosen.is_cut:
        text = f"figures are from the newest {chosen.events} events only"
        missing.append(Reason("filter_cut", text, {"events": chosen.events, **since}))
    elif chosen.is_log_cut:
        text = f"figures are from the newest {chosen.logged} entries of the visit log only"
        missing.append(Reason("filter_log_cut", text, {"entries": chosen.logged, **since}))
    elif chosen.start > asked_from:
        missing.append(Reason("filter_log_begins", "filters do not reach the beginning of the range", since))
    if chosen.gaps:
        text = f"visits of {chosen.gaps} hours are not in the visit log"
        missing.append(Reason("filter_log_gaps", text, {"hours": chosen.gaps}))
    if chosen.untold:
        text = f"{chosen.untold} visits began too long ago to be told whether the filters choose them"
        missing.append(Reason("filter_untold", text, {"visits": chosen.untold}))
    if not chosen.has_all_types:
        missing.append(_types_cut())
    return missing
