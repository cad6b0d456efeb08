"""Figures counted anew from raw events: of the visits that filters choose, and of the last thirty minutes.

The events go through the same fold and the same summary as everywhere else, only into blocks that nobody stores.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared import keys
from shared.block import Block, Lists
from shared.event import StoredEvent
from shared.fold import fold_event, fold_session
from shared.stored_tallies import StoredTallies
from stats_api.events import Found, RecentEvents
from stats_api.ranges import Range
from stats_api.summary import Summary
from stats_api.visits import Visit, visits_of

MOST_LOOKED_UP = 100


@dataclass(slots=True)
class Chosen:
    """Events of the visits that pass, and how many visits nobody can tell of any more."""

    events: list[StoredEvent]
    untold: int = 0


def choose(reader: RecentEvents, found: Found, filters: Mapping[str, str], start: int, oldest: int) -> Chosen:
    """The visits with events from `start` on that pass all filters; raw events are kept since `oldest`, epoch ms.

    A visit that began before what was found is looked up by its session, as far as it is still there.
    """
    chosen = Chosen([])
    looked_up = 0
    for visit in visits_of(found.events):
        if not any(event.at >= start for event in visit.events):
            continue
        visit.is_whole = visit.start >= found.start
        passes = visit.passes(filters)
        if passes is None and looked_up < MOST_LOOKED_UP:
            looked_up += 1
            visit = _looked_up(reader, visit, oldest)
            passes = visit.passes(filters)
        if passes:
            chosen.events += visit.events
        elif passes is None:
            chosen.untold += 1
    found.looked_at += looked_up
    return chosen


def _looked_up(reader: RecentEvents, visit: Visit, oldest: int) -> Visit:
    site = visit.events[0].site
    known = {event.timestamp: event for event in visit.events}
    known |= {
        event.timestamp: event
        for event in reader.of_session(visit.session_id, oldest)
        if event.site == site and not event.bot
    }
    return Visit(list(known.values()), is_whole=visit.start >= oldest)


def summarize(events: Iterable[StoredEvent], asked: Range, start: int) -> Summary:
    """Fold the events, and those visits that began, from `start` to the end of the range into its summary."""
    width = asked.block_ms
    blocks: dict[tuple[str, int], Block] = {}

    def block_of(event: StoredEvent, at: int) -> Block:
        return blocks.setdefault((event.site, at - at % width), Block())

    for event in events:
        at, began = event.at, event.before.start
        if start <= at < asked.end:
            if event.bot:
                bots = block_of(event, at).bots
                bots[event.bot] = bots.get(event.bot, 0) + 1
            else:
                fold_event(block_of(event, at), event)
        if start <= began < asked.end and not event.bot:
            fold_session(block_of(event, began), event)
    summary = Summary(asked.steps(), asked.end)
    by_day: dict[tuple[str, str], list[tuple[int, Block]]] = {}
    for (site, at), block in blocks.items():
        by_day.setdefault((site, keys.day_of(at)), []).append((at, block))
    for of_day in by_day.values():
        summary.add_blocks((at, _lists(block), block.visitors) for at, block in of_day)
    return summary


def _lists(block: Block) -> Lists:
    tallies = StoredTallies.of(block.tallies)
    return Lists(block.totals, tallies, block.bots, block.visitors.count(), block.newest)
