"""What one event adds to a block: event figures in the hour of the event, session figures where the session began."""

from __future__ import annotations

from typing import Protocol

from shared import metrics
from shared.block import Block, Totals
from shared.event import StoredEvent
from shared.facts import facts_of
from shared.keys import HOUR_MS, MINUTE_MS, hour_start
from shared.metrics import PAGE_VIEW, Running


class Sums(Protocol):
    """What can be added up: a block, or less than one."""

    totals: Totals
    newest: int

    def count(self, dimension: str, name: str, count: int = 1) -> None:
        """Count a name of a dimension."""
        ...


def hours_of(event: StoredEvent) -> set[int]:
    """The hours whose blocks an event changes, epoch ms."""
    if event.bot:
        return {hour_start(event.at)}
    return {hour_start(event.at), hour_start(event.before.start)}


def fold(block: Block, hour: int, event: StoredEvent) -> None:
    """Add the event's share to the block of one hour."""
    if hour_start(event.at) == hour:
        fold_event(block, event)
    if not event.bot and hour_start(event.before.start) == hour:
        fold_session(block, event)


def fold_event(block: Block, event: StoredEvent) -> None:
    """Add what the event is by itself to the block of its own time; a bot's is only counted."""
    if event.bot:
        block.bots[event.bot] = block.bots.get(event.bot, 0) + 1
        return
    fold_figures(block, event)
    visitor = int(event.visitor, 16)
    block.visitors.add(visitor)
    minute = block.minutes[event.at % HOUR_MS // MINUTE_MS]
    minute.pageviews += event.event_type == PAGE_VIEW
    minute.events += 1
    minute.visitors.add(visitor)


def fold_figures(block: Sums, event: StoredEvent) -> None:
    """Add that of it which can be added up."""
    block.newest = max(block.newest, event.at)
    totals = block.totals
    totals.events += 1
    totals.engaged_ms += event.numbers.get("engaged_ms", 0)
    block.count("event_types", event.event_type)
    if event.event_type == PAGE_VIEW:
        totals.pageviews += 1
        block.count("pages", metrics.path_of(event.page_url))


def fold_session(block: Sums, event: StoredEvent) -> None:
    """Add what the event changes about its session to the block in which the session began."""
    before, at = event.before, event.at
    path = metrics.path_of(event.page_url)
    after = metrics.after(before, at, event.event_type, event.interactive, path)
    block.totals.bounces += after.is_bounce - before.is_bounce
    block.totals.duration_ms += after.duration_ms - before.duration_ms
    _move_exit(block, before, after)
    if event.is_entry:
        block.totals.sessions += 1
        for dimension, name in facts_of(event).items():
            block.count(dimension, name)


def _move_exit(block: Sums, before: Running, after: Running) -> None:
    if before.page == after.page:
        return
    if before.page:
        block.count("exit_pages", before.page, -1)
    block.count("exit_pages", after.page)
