"""Figures counted anew: of the visits that filters choose, and from raw events for the last thirty minutes.

All goes through the same fold and the same summary as everywhere else, only into blocks that nobody stores.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared import keys
from shared.block import Block, Lists
from shared.event import StoredEvent
from shared.fold import fold_event, fold_session
from shared.parts import Part
from shared.stored_tallies import StoredTallies
from stats_api.ranges import Range
from stats_api.summary import Summary


class _Blocks:
    """A block for each site and hour, or minute, of a range."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._blocks: dict[tuple[str, int], Block] = {}

    def of(self, site: str, at: int) -> Block:
        return self._blocks.setdefault((site, at - at % self._width), Block())

    def summary(self, asked: Range) -> Summary:
        summary = Summary(asked.steps(), asked.end)
        by_day: dict[tuple[str, str], list[tuple[int, Block]]] = {}
        for (site, at), block in self._blocks.items():
            by_day.setdefault((site, keys.day_of(at)), []).append((at, block))
        for of_day in by_day.values():
            summary.add_blocks((at, _lists(block), block.visitors) for at, block in of_day)
        return summary


def summarize(parts: Iterable[Part], asked: Range, start: int) -> Summary:
    """Add up parts, and those visits that began, from `start` to the end of the range."""
    blocks = _Blocks(asked.block_ms)
    for part in parts:
        if start <= part.at < asked.end:
            part.add_events(blocks.of(part.site, part.at))
        if start <= part.start < asked.end:
            part.add_session(blocks.of(part.site, part.start))
    return blocks.summary(asked)


def summarize_events(events: Iterable[StoredEvent], asked: Range, start: int) -> Summary:
    """The same of raw events, bots among them."""
    blocks = _Blocks(asked.block_ms)
    for event in events:
        at, began = event.at, event.before.start
        if start <= at < asked.end:
            fold_event(blocks.of(event.site, at), event)
        if start <= began < asked.end and not event.bot:
            fold_session(blocks.of(event.site, began), event)
    return blocks.summary(asked)


def _lists(block: Block) -> Lists:
    tallies = StoredTallies.of(block.tallies)
    return Lists(block.totals, tallies, block.bots, block.visitors.count(), block.newest)
