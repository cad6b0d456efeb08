"""What one event adds to a block: event figures in the hour of the event, session figures where the session began."""

from __future__ import annotations

from shared import metrics
from shared.block import Block
from shared.event import UTM_PARAMETERS, StoredEvent
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
            _fold_event(block, event, at)
    if not event.bot and hour_start(event.before.start) == hour:
        _fold_session(block, event, at)


def _fold_event(block: Block, event: StoredEvent, at: int) -> None:
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


def _fold_session(block: Block, event: StoredEvent, at: int) -> None:
    before = event.before
    path = metrics.path_of(event.page_url)
    after = metrics.after(before, at, event.event_type, event.interactive, path)
    block.totals.bounces += after.is_bounce - before.is_bounce
    block.totals.duration_ms += after.duration_ms - before.duration_ms
    _move_exit(block, before, after)
    if event.is_entry:
        _fold_entry(block, event, path)


def _move_exit(block: Block, before: Running, after: Running) -> None:
    if before.page == after.page:
        return
    if before.page:
        block.count("exit_pages", before.page, -1)
    block.count("exit_pages", after.page)


def _fold_entry(block: Block, event: StoredEvent, path: str) -> None:
    block.totals.sessions += 1
    block.count("entry_pages", path)
    block.count("sources", event.texts.get("source", metrics.DIRECT))
    block.count("countries", event.texts.get("country", metrics.UNKNOWN))
    browser, system, device = (*event.user_agent.split("/"), *[metrics.UNKNOWN] * 3)[:3]
    block.count("browsers", browser)
    block.count("os", system)
    block.count("devices", device)
    host = metrics.host_of(event.referrer)
    if host and host not in (event.site, metrics.host_of(event.page_url)):
        block.count("referrers", host + metrics.path_of(event.referrer).rstrip("/"))
    for name in UTM_PARAMETERS:
        if name in event.texts:
            block.count(name, event.texts[name])
