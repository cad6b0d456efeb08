"""The scheduled tasks: ending silent sessions, deleting old salts, folding days. Each may be repeated at will."""

from __future__ import annotations

from aggregator.store import MAX_SITES, AggregatorStore
from shared import keys
from shared.day import fold_day
from shared.keys import DAY_MS
from shared.metrics import SESSION_GAP_MS

FOLDED_DAYS = 39
# A batch that began before midnight does not mark the day; it must be through before the day is folded.
_SETTLING_MS = 600_000


def sweep(store: AggregatorStore, now_ms: int) -> dict[str, int]:
    """Take `is_active` off sessions that have been silent for 1800 s, and delete salts after their 48 hours."""
    cutoff = now_ms - SESSION_GAP_MS
    silent = list(store.silent_sessions(cutoff))
    ended = sum(store.end_session(session_id, cutoff) for session_id in silent)
    return {"sessions_ended": ended, "salts_deleted": store.delete_expired_salts(now_ms // 1000)}


def fold_days(store: AggregatorStore, now_ms: int) -> dict[str, int]:
    """Fold every day that is over and has no fold, or one that late arrivals have overtaken."""
    folded = 0
    first = keys.day_of(now_ms - FOLDED_DAYS * DAY_MS)
    last = keys.day_of(now_ms - DAY_MS - _SETTLING_MS)
    for site, first_seen in store.rollups.sites(MAX_SITES).items():
        entries = store.rollups.days(site, first, last)
        for day in _days(first, last):
            entry = entries.get(day)
            if (entry is None and day < first_seen) or (entry is not None and entry.is_current):
                continue
            blocks = store.rollups.hour_blocks(site, day, consistent=True)
            folded += store.write_day(site, day, fold_day(blocks), entry.marks if entry else 0)
    return {"days_folded": folded}


def _days(first: str, last: str) -> list[str]:
    return [keys.day_of(at) for at in range(keys.start_of_day(first), keys.start_of_day(last) + 1, DAY_MS)]
