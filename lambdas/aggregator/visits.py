"""Writes the visit log: hour by hour, once no event of an hour can arrive any more, as long as raw events are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from aggregator.store import MAX_SITES, AggregatorStore
from shared import keys
from shared.event import StoredEvent
from shared.keys import DAY_MS, HOUR_MS, hour_start
from shared.metrics import BOT, ENGAGEMENT, PAGE_VIEW
from shared.parts import Keys, parts_of
from shared.raw_events import without_collection
from shared.settings import RESERVED_SITES
from shared.tallies import OTHER
from shared.visit_log import SETTLING_MS

_PATIENCE_MS = 4 * HOUR_MS  # so long before raw events go, nobody waits for the stream any more
MOST_EVENTS = 30_000  # of an hour: some fifteen seconds and 100 MB
_ENOUGH_EVENTS = 10_000  # after so many a run begins no other hour
_MOST_SITES_LOOKED_UP = 300


class _StreamIsBehind(Exception):
    """There are events that no block has counted yet: event types may be missing that only those have."""


class _TooManyEvents(Exception):
    """More than a run has time and memory for, or more event types than blocks can name."""


def log_visits(
    store: AggregatorStore, now_ms: int, has_time: Callable[[], bool] = lambda: True
) -> dict[str, int]:
    """Write the hours that are due, oldest first. What there is no time for is left to the next run."""
    coverage = store.visit_log.coverage(now_ms)
    first, end = hour_start(now_ms - DAY_MS) + HOUR_MS, hour_start(now_ms - SETTLING_MS)
    known = coverage.hours | coverage.skipped
    due = [hour for hour in range(first, end, HOUR_MS) if hour not in known]
    done = Counter(visit_hours_written=0, visit_hours_left=len(due))
    sites = store.rollups.sites(MAX_SITES) if due else {}
    events = 0
    for hour in due:
        if events > _ENOUGH_EVENTS or not has_time():
            break
        try:
            with without_collection():
                events += _write(store, hour, sites, is_patient=hour > now_ms - DAY_MS + _PATIENCE_MS)
        except _StreamIsBehind:
            break
        except _TooManyEvents:
            store.visit_log.mark(hour, coverage, is_skipped=True)
            done["visit_hours_skipped"] += 1
        else:
            store.visit_log.mark(hour, coverage)
            done["visit_hours_written"] += 1
        done["visit_hours_left"] -= 1
    return dict(done)


def _write(store: AggregatorStore, hour: int, sites: Iterable[str], *, is_patient: bool) -> int:
    """Write all sites' visits of an hour; how many events they have."""
    common = [event for name in (PAGE_VIEW, ENGAGEMENT) for event in _events(store, name, hour)]
    asked = set(sites)
    if len(asked) > _MOST_SITES_LOOKED_UP:
        asked &= {event.site for event in common}
    types: Counter[str] = Counter()
    counted = 0
    number = hour % DAY_MS // HOUR_MS
    for site in asked:
        for lists in store.rollups.hour_lists(site, keys.day_of(hour), number, number + 1):
            counted += lists.totals.events
            types.update(lists.tallies.counts("event_types"))
    if counted > MOST_EVENTS or OTHER in types:
        raise _TooManyEvents
    for name in types.keys() - {PAGE_VIEW, ENGAGEMENT, BOT}:
        common += _events(store, name, hour)
    if len(common) > counted and is_patient:
        raise _StreamIsBehind
    by_site: dict[str, list[StoredEvent]] = {}
    for event in common:
        by_site.setdefault(event.site, []).append(event)
    names = Keys(store.visit_log.made_key_of_day)
    for site, events in by_site.items():
        store.visit_log.write_hour(site, hour, parts_of(events, HOUR_MS, names.of))
    return len(common)


def _events(store: AggregatorStore, event_type: str, hour: int) -> list[StoredEvent]:
    found: list[StoredEvent] = []
    for event in store.events_of(event_type, hour, hour + HOUR_MS):
        if event.site not in RESERVED_SITES:
            found.append(event)
            if len(found) > MOST_EVENTS:
                raise _TooManyEvents
    return found
