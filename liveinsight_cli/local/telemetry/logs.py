"""CloudWatch Logs' data: streams and their events. Groups and retention stay with the control plane."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.patterns import compile_pattern

PAGE_EVENTS = 10_000
PAGE_BYTES = 1 << 20
EVENT_OVERHEAD_BYTES = 26  # what CloudWatch counts for an event beside its text
MAX_AGE_DAYS = 14
MAX_AHEAD_SECONDS = 2 * 3600
SCAN_ROWS = 2_000
SCAN_LIMIT = 50_000  # events looked at for one page; then an empty page with a token, as AWS does
MAX_MILLIS = (1 << 62) - 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log_streams (
  log_group TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL,
  first INTEGER, last INTEGER, ingested INTEGER, bytes INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (log_group, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT, log_group TEXT NOT NULL, stream TEXT NOT NULL,
  at INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_events_by_group ON log_events (log_group, at, id);
CREATE INDEX IF NOT EXISTS log_events_by_stream ON log_events (log_group, stream, at, id);
"""


@dataclass(frozen=True)
class LogEvent:
    """One event; `at` and `ingested` are epoch milliseconds."""

    id: int
    stream: str
    at: int
    ingested: int
    message: str


@dataclass(frozen=True)
class LogStream:
    """A stream and the span of its events; None where it has none yet."""

    name: str
    created: int
    first: int | None
    last: int | None
    ingested: int | None
    bytes: int


@dataclass(frozen=True)
class FilterQuery:
    """What FilterLogEvents asks for; both ends of the time span are included."""

    group: str
    pattern: str = ""
    streams: tuple[str, ...] = ()
    prefix: str = ""
    start: int = 0
    end: int = MAX_MILLIS
    limit: int = PAGE_EVENTS
    newest_first: bool = False


@dataclass(frozen=True)
class Position:
    """A place between events in the order (time, arrival)."""

    at: int
    id: int


@dataclass(frozen=True)
class Page:
    """Events in the order asked for, and where to go on; `next` is None when nothing is left."""

    events: list[LogEvent]
    next: Position | None


class LogStore:
    """Log events on disk, in time order, searchable with CloudWatch's filter patterns."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        database.define(_SCHEMA)

    def put(self, group: str, stream: str, events: Iterable[tuple[int, str]]) -> None:
        """Append events (epoch milliseconds, message); the stream is created when it is new."""
        now = int(self._clock() * 1000)
        rows = [(group, stream, at, now, message) for at, message in events]
        if not rows:
            return
        times = [row[2] for row in rows]
        size = sum(len(row[4].encode()) + EVENT_OVERHEAD_BYTES for row in rows)
        with self._database.write() as cursor:
            cursor.executemany(
                "INSERT INTO log_events (log_group, stream, at, ingested, message) VALUES (?, ?, ?, ?, ?)",
                rows,
            )
            cursor.execute(
                "INSERT INTO log_streams VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
                "first = min(coalesce(first, excluded.first), excluded.first), "
                "last = max(coalesce(last, excluded.last), excluded.last), "
                "ingested = excluded.ingested, bytes = bytes + excluded.bytes",
                (group, stream, now, min(times), max(times), now, size),
            )

    def accepted(self, events: list[tuple[int, str]]) -> tuple[list[tuple[int, str]], dict[str, int]]:
        """The events that are neither too old nor in the future, and what PutLogEvents says of the others."""
        now = self._clock() * 1000
        oldest, newest = now - MAX_AGE_DAYS * 86_400_000, now + MAX_AHEAD_SECONDS * 1000
        accepted = [event for event in events if oldest <= event[0] <= newest]
        rejected: dict[str, int] = {}
        too_old = sum(event[0] < oldest for event in events)
        if too_old:
            rejected["tooOldLogEventEndIndex"] = too_old
        if too_old + len(accepted) < len(events):
            rejected["tooNewLogEventStartIndex"] = too_old + len(accepted)
        return accepted, rejected

    def create_stream(self, group: str, stream: str) -> bool:
        """Whether the stream is new."""
        with self._database.write() as cursor:
            cursor.execute(
                "INSERT OR IGNORE INTO log_streams (log_group, name, created) VALUES (?, ?, ?)",
                (group, stream, int(self._clock() * 1000)),
            )
            return cursor.rowcount == 1

    def delete_stream(self, group: str, stream: str) -> bool:
        """Whether there was such a stream; its events go with it."""
        with self._database.write() as cursor:
            cursor.execute("DELETE FROM log_events WHERE log_group = ? AND stream = ?", (group, stream))
            cursor.execute("DELETE FROM log_streams WHERE log_group = ? AND name = ?", (group, stream))
            return cursor.rowcount == 1

    def delete_group(self, group: str) -> None:
        """Forget everything written to the group."""
        with self._database.write() as cursor:
            cursor.execute("DELETE FROM log_events WHERE log_group = ?", (group,))
            cursor.execute("DELETE FROM log_streams WHERE log_group = ?", (group,))

    def stream(self, group: str, name: str) -> LogStream | None:
        """One stream by its exact name."""
        found = self._streams("log_group = ? AND name = ?", [group, name])
        return found[0] if found else None

    def streams(
        self,
        group: str,
        prefix: str = "",
        order: Literal["name", "last"] = "name",
        newest_first: bool = False,
    ) -> list[LogStream]:
        """A group's streams by name or by the time of their last event."""
        found = self._streams("log_group = ? AND substr(name, 1, ?) = ?", [group, len(prefix), prefix])
        if order == "last":
            return sorted(found, key=lambda s: (s.last or s.created, s.name), reverse=newest_first)
        return sorted(found, key=lambda s: s.name, reverse=newest_first)

    def stored_bytes(self, group: str) -> int:
        """What CloudWatch would bill as stored."""
        rows = self._database.read(
            "SELECT coalesce(sum(bytes), 0) FROM log_streams WHERE log_group = ?", (group,)
        )
        return int(rows[0][0])

    def read(
        self,
        group: str,
        stream: str,
        *,
        start: int = 0,
        end: int = MAX_MILLIS,
        limit: int = PAGE_EVENTS,
        after: Position | None = None,
        before: Position | None = None,
    ) -> list[LogEvent]:
        """A stream's events, oldest first, with start <= time < end: the first ones after a position, or else the last
        ones before it (before the end when no position is given)."""
        where = "log_group = ? AND stream = ? AND at >= ? AND at < ?"
        parameters: list[object] = [group, stream, start, end]
        if after is not None:
            where += " AND (at, id) > (?, ?)"
            parameters += [after.at, after.id]
        if before is not None:
            where += " AND (at, id) < (?, ?)"
            parameters += [before.at, before.id]
        direction = "ASC" if after is not None else "DESC"
        events = _fit(self._events(where, parameters, direction, limit))
        return events if after is not None else events[::-1]

    def filter(self, query: FilterQuery, after: Position | None = None) -> Page:
        """One page of the events that match, all streams interleaved in time order.

        Raises InvalidPattern. A page may be short or empty and still have a `next`.
        """
        matches = compile_pattern(query.pattern)
        found: list[LogEvent] = []
        size = scanned = 0
        while scanned < SCAN_LIMIT:
            batch = self._scan(query, after)
            for event in batch:
                if matches(event.message):
                    size += len(event.message) + EVENT_OVERHEAD_BYTES
                    if found and size > PAGE_BYTES:
                        return Page(found, after)
                    found.append(event)
                after = Position(event.at, event.id)
                if len(found) >= query.limit:
                    return Page(found, after if self._scan(query, after, 1) else None)
            scanned += len(batch)
            if len(batch) < SCAN_ROWS:
                return Page(found, None)
        return Page(found, after)

    def last_id(self) -> int:
        """The number of the event that arrived last."""
        return int(self._database.read("SELECT coalesce(max(id), 0) FROM log_events")[0][0])

    def arrived(self, groups: Sequence[str], after_id: int, limit: int) -> list[tuple[str, LogEvent]]:
        """What arrived in some groups after the event of that number, in the order of arrival, with its group."""
        chosen = ", ".join("?" * len(groups))
        rows = self._database.read(
            "SELECT log_group, id, stream, at, ingested, message FROM log_events WHERE id > ? "  # noqa: S608
            f"AND log_group IN ({chosen}) ORDER BY id LIMIT ?",
            [after_id, *groups, limit],
        )
        return [(row[0], LogEvent(*row[1:])) for row in rows]

    def expire(self, retention_days: Mapping[str, int]) -> None:
        """Drop events older than their group's retention; groups that are not named keep theirs."""
        now = self._clock()
        with self._database.write() as cursor:
            for group, days in retention_days.items():
                oldest = int((now - days * 86_400) * 1000)
                cursor.execute("DELETE FROM log_events WHERE log_group = ? AND at < ?", (group, oldest))
                if cursor.rowcount:
                    cursor.execute(
                        "DELETE FROM log_streams WHERE log_group = ? AND last IS NOT NULL AND last < ?",
                        (group, oldest),
                    )

    def _scan(self, query: FilterQuery, after: Position | None, rows: int = SCAN_ROWS) -> list[LogEvent]:
        where, parameters = "log_group = ? AND at >= ? AND at <= ?", [query.group, query.start, query.end]
        if query.streams:
            where += f" AND stream IN ({', '.join('?' * len(query.streams))})"
            parameters += query.streams
        if query.prefix:
            where += " AND substr(stream, 1, ?) = ?"
            parameters += [len(query.prefix), query.prefix]
        if after is not None:
            where += f" AND (at, id) {'<' if query.newest_first else '>'} (?, ?)"
            parameters += [after.at, after.id]
        return self._events(where, parameters, "DESC" if query.newest_first else "ASC", rows)

    def _events(self, where: str, parameters: list[object], direction: str, limit: int) -> list[LogEvent]:
        rows = self._database.read(
            f"SELECT id, stream, at, ingested, message FROM log_events WHERE {where} "  # noqa: S608 (own constants)
            f"ORDER BY at {direction}, id {direction} LIMIT ?",
            [*parameters, limit],
        )
        return [LogEvent(*row) for row in rows]

    def _streams(self, where: str, parameters: list[object]) -> list[LogStream]:
        rows = self._database.read(
            f"SELECT name, created, first, last, ingested, bytes FROM log_streams WHERE {where}",  # noqa: S608 (own constants)
            parameters,
        )
        return [LogStream(*row) for row in rows]


def _fit(events: list[LogEvent]) -> list[LogEvent]:
    """As many of the events as fit in one page, at least one."""
    size = 0
    for index, event in enumerate(events):
        size += len(event.message) + EVENT_OVERHEAD_BYTES
        if index and size > PAGE_BYTES:
            return events[:index]
    return events
