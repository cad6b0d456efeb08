"""Writes a site's past into the visit log, from raw events that are older than the aggregator looks back for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import urandom

from shared import keys
from shared.event import StoredEvent
from shared.keys import DAY_MS, HOUR_MS, hour_start
from shared.parts import Keys, parts_of
from shared.visit_log import VisitLog


def log_past(log: VisitLog, site: str, events: Iterable[StoredEvent], first: int, end: int) -> int:
    """Write the hours [first, end) of a site, all at once; how many have visits.

    Visits of days whose keys would be gone get keys that nobody keeps: they know each other, and nobody knows them.
    """
    by_hour: dict[int, list[StoredEvent]] = {}
    for event in events:
        if event.site == site and first <= event.at < end:
            by_hour.setdefault(hour_start(event.at), []).append(event)
    names = Keys(_key_source(log, keys.day_of(end - 2 * DAY_MS)))
    for hour, of_hour in sorted(by_hour.items()):
        log.write_hour(site, hour, parts_of(of_hour, HOUR_MS, names.of))
    log.mark_site(site, first, end)
    return len(by_hour)


def _key_source(log: VisitLog, oldest_day: str) -> Callable[[str], bytes]:
    forgotten: dict[str, bytes] = {}

    def key_of(day: str) -> bytes:
        if day >= oldest_day:
            return log.made_key_of_day(day)
        return forgotten.setdefault(day, urandom(32))

    return key_of
