"""What one event adds to a block: event figures in the hour of the event, session figures where the session began."""

from __future__ import annotations

from shared import metrics
from shared.block import Block
from shared.event import StoredEvent
from shared.facts import facts_of
from shared.keys import HOUR_MS, MINUTE_MS, hour_start
from shared.metrics import PAGE_VIEW, Running


def hours_of(event: StoredEvent) -> set[int]:
    """The hours whose blocks an event changes, epoch ms."""
    if event.bot:
        return {hour_start(event.at)}
    return {hour_start(event.at), hour_start(event.before.start)}


def fold(block: Block, hour: int, event: StoredEvent) -> None:
    """Add the event's share to the block of one hour."""
    at = event.at
    if hour_start(at) == hour:
        if event.bot:
            block.bots[event.bot] = block.bots.get(event.bot, 0) + 1
        else:
            fold_event(block, event)
    if not event.bot and hour_start(event.before.start) == hour:
        fold_session(block, event)


def fold_event(block: Block, event: StoredEvent) -> None:
    """Add what the event is by itself to the block of its own time."""
    at = event.at
    block.newest = max(block.newest, at)
    totals = block.totals
    is_view = event.event_type == PAGE_VIEW
    totals.events += 1
    totals.engaged_ms += event.numbers.get("engaged_ms", 0)
    block.count("event_types", event.event_type)
    if is_view:
        totals.pageviews += 1
        block.count("pages", metrics.path_of(event.page_url))
    visitor = int(event.visitor, 16)
    block.visitors.add(visitor)
    minute = block.minutes[at % HOUR_MS // MINUTE_MS]
    minute.pageviews += is_view
    minute.events += 1
    minute.visitors.add(visitor)


def fold_session(block: Block, event: StoredEvent) -> None:
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


def _move_exit(block: Block, before: Running, after: Running) -> None:
    if before.page == after.page:
        return
    if before.page:
        block.count("exit_pages", before.page, -1)
    block.count("exit_pages", after.page)
