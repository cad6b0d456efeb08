"""The scheduled tasks: ending silent sessions, deleting old salts, folding days. Each may be repeated at will."""

from __future__ import annotations

from collections.abc import Callable

from aggregator.store import MAX_SITES, AggregatorStore
from shared import keys
from shared.day import fold_day
from shared.keys import DAY_MS, HOUR_MS
from shared.metrics import SESSION_GAP_MS

FOLDED_DAYS = 39
# A batch that began before midnight does not mark the day; it must be through before the day is folded.
_SETTLING_MS = 600_000


def _always() -> bool:
    return True


def sweep(store: AggregatorStore, now_ms: int, has_time: Callable[[], bool] = _always) -> dict[str, int]:
    """Delete salts after their 48 hours, and take `is_active` off sessions that have been silent for 1800 s.

    The salts come first: however many sessions there are, a promise about privacy does not wait for them.
    """
    salts = store.delete_expired_salts(now_ms // 1000)
    cutoff = now_ms - SESSION_GAP_MS
    ended = 0
    for session_id in store.silent_sessions(cutoff):
        if not has_time():
            break
        ended += store.end_session(session_id, cutoff)
    return {"sessions_ended": ended, "salts_deleted": salts}


def fold_days(store: AggregatorStore, now_ms: int, has_time: Callable[[], bool] = _always) -> dict[str, int]:
    """Fold every day that is over and has no fold, or one that late arrivals have overtaken.

    What there is no time for is left to a later run: until then the hour blocks answer, only slower.
    """
    folded = 0
    first = keys.day_of(now_ms - FOLDED_DAYS * DAY_MS)
    last = keys.day_of(now_ms - DAY_MS - _SETTLING_MS)
    for site, first_seen in _rotated(store.rollups.sites(MAX_SITES), now_ms // HOUR_MS):
        if not has_time():
            break
        entries = store.rollups.fold_marks(site, first, last)
        for day in _days(first, last):
            entry = entries.get(day)
            if (entry is None and day < first_seen) or (entry is not None and entry.is_current):
                continue
            if not has_time():
                break
            blocks = store.rollups.hour_blocks(site, day, consistent=True)
            folded += store.write_day(site, day, fold_day(blocks), entry.marks if entry else 0)
    return {"days_folded": folded}


def _rotated(sites: dict[str, str], hour: int) -> list[tuple[str, str]]:
    """The sites, every hour begun a little further on: what one run does not reach comes first in another."""
    ordered = sorted(sites.items())
    step = -(-len(ordered) // 24)
    start = hour * step % len(ordered) if ordered else 0
    return ordered[start:] + ordered[:start]


def _days(first: str, last: str) -> list[str]:
    return [keys.day_of(at) for at in range(keys.start_of_day(first), keys.start_of_day(last) + 1, DAY_MS)]
