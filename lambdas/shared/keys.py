"""Every key format of the three tables, and nothing else that knows one.

The state table holds visitors, salts, the registry of sites, hour blocks, day blocks and the visit log, told apart by
the first word of `pk`. Days are UTC days written `2026-11-23`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
_SUFFIXES = 10**9
SALTS = "salts"
SITES = "sites"
VISIT_LOG = "visit-log"
VISIT_LOG_SITE = "site#"


@dataclass(frozen=True, slots=True)
class Key:
    """Primary key of an item of the state table."""

    pk: str
    sk: str

    def attributes(self) -> dict[str, dict[str, str]]:
        """The key as DynamoDB writes it."""
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


def event_suffix(event_id: str) -> int:
    """The last nine digits of an event's sort key: the same event sent again lands on the same key."""
    return int.from_bytes(blake2b(event_id.encode(), digest_size=8).digest(), "big") % _SUFFIXES


def event_timestamp(epoch_ms: int, suffix: int) -> int:
    """Sort key of an event: 22 digits, well inside DynamoDB's 38, and far beyond what JavaScript can hold."""
    return epoch_ms * _SUFFIXES + suffix


def epoch_ms_of(timestamp: int) -> int:
    """The time back out of a sort key."""
    return timestamp // _SUFFIXES


def visitor(site: str, identity: str, *, is_bot: bool = False) -> Key:
    """The row that is the authority on a visitor's running session; bots have rows of their own."""
    return Key(f"{'bot' if is_bot else 'visitor'}#{site}#{identity}", "row")


def own_session(site: str, session_id: str) -> Key:
    """The same for a caller that numbers its sessions itself."""
    return Key(f"session#{site}#{session_id}", "row")


def salt(day: str) -> Key:
    """The random salt of one UTC day."""
    return Key(SALTS, day)


def site(name: str) -> Key:
    """An entry of the registry of known sites."""
    return Key(SITES, name)


def hour_blocks(site: str, day: str) -> str:
    """Partition of all hour blocks of one site and UTC day."""
    return f"hours#{site}#{day}"


def hour_block(site: str, hour_ms: int, shard: str) -> Key:
    """One rollup block: a site, a clock hour, a shard of the events stream."""
    return Key(hour_blocks(site, day_of(hour_ms)), f"{hour_ms % DAY_MS // HOUR_MS:02d}#{shard}")


def day_blocks(site: str, month: str) -> str:
    """Partition of all day blocks of one site and month (`2026-11`)."""
    return f"days#{site}#{month}"


def day_block(site: str, day: str) -> Key:
    """The folded day, or only the mark that something of that day arrived late."""
    return Key(day_blocks(site, day[:7]), day)


def visit_log_hour(site: str, hour_ms: int, number: int) -> Key:
    """One item of the visits of a site and clock hour; more than one where they do not fit into one."""
    day = day_of(hour_ms)
    return Key(f"visits#{site}#{day[:7]}", f"{day}T{hour_ms % DAY_MS // HOUR_MS:02d}#{number}")


def visit_log_hour_of(sk: str) -> int:
    """The hour back out of the sort key, epoch ms."""
    return start_of_day(sk[:10]) + int(sk[11:13]) * HOUR_MS


def visit_log_day(day: str) -> Key:
    """Which hours of a UTC day are in the visit log, of all sites."""
    return Key(VISIT_LOG, day)


def visit_log_site(site: str) -> Key:
    """From when to when a site's past was written into the visit log."""
    return Key(VISIT_LOG, VISIT_LOG_SITE + site)


def visit_key(day: str) -> Key:
    """The random key of the visits that began on a UTC day; among the salts, and it goes as they do."""
    return Key(SALTS, f"visits#{day}")


def day_of(epoch_ms: int) -> str:
    """The UTC day of a moment."""
    return date.fromordinal(719_163 + epoch_ms // DAY_MS).isoformat()


def start_of_day(day: str) -> int:
    """Epoch ms at which a UTC day begins."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * 1000


def hours_by_day(start: int, end: int) -> dict[str, tuple[int, int]]:
    """The UTC days of [start, end), epoch ms, each with the first of its hours in there and the one after the last."""
    days: dict[str, tuple[int, int]] = {}
    at = start
    while at < end:
        midnight = at - at % DAY_MS
        until = min(midnight + DAY_MS, end)
        days[day_of(at)] = ((at - midnight) // HOUR_MS, -((midnight - until) // HOUR_MS))
        at = until
    return days


def hour_start(epoch_ms: int) -> int:
    """Epoch ms at which the clock hour of a moment begins."""
    return epoch_ms - epoch_ms % HOUR_MS
