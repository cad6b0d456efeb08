"""Raw events of the last 24 hours: what filters and the last thirty minutes are counted from. Every read is bounded.

IAM, exactly: dynamodb:Query on the events table and on its index EventTypeIndex. The index has to project what is read
of an event here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from typing import Any

from shared import keys
from shared.dynamo import DynamoDB, Item
from shared.event import StoredEvent
from shared.keys import DAY_MS, MINUTE_MS
from shared.metrics import LONGEST_CLIENT_DELAY_MS
from shared.raw_events import NAMES, PROJECTION, readable, without_collection

MOST_EVENTS = 25_000  # about 16 MB, some 2000 read units, and ten seconds at 256 MB
KEPT_MS = DAY_MS
# Events: each type has a turn, and then none gets far ahead. A page for which the connection waits too long would be
# a failure, and 300 KB are soon read.
FIRST_TURN, TURN = 250, 500
_UNREAD = 10**30  # beyond every sort key
_REREAD_MS = 300_000
_LATE_MS = LONGEST_CLIENT_DELAY_MS + 60_000  # events may be so late, and the index a little later


@dataclass(slots=True)
class Found:
    """Events of the sites from `start` on, epoch ms, and how many DynamoDB looked at for them."""

    start: int
    events: list[StoredEvent] = field(default_factory=list)
    looked_at: int = 0
    is_cut: bool = False

    @property
    def first_minute(self) -> int:
        """From when on there are whole minutes of them, epoch ms."""
        return -(-self.start // MINUTE_MS) * MINUTE_MS

    def updated(self, news: Found, since: int) -> Found:
        """These events without those before `since`, and with all that `news` begins with replaced by it."""
        kept = [event for event in self.events if since <= event.at < news.start]
        is_cut = self.is_cut and self.start > since
        return Found(self.start if is_cut else since, kept + news.events, news.looked_at, is_cut)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """What was found last, when all of it was read, when it was brought up to date, and of what it is."""

    found: Found
    read_at: int
    updated_at: int
    types: frozenset[str]
    sites: frozenset[str]

    def serves(self, types: Collection[str], sites: Collection[str], since: int, now: int) -> bool:
        """Whether nothing but news has to be read for a question."""
        has_start = self.found.is_cut or self.found.start <= since
        is_small = len(self.found.events) <= MOST_EVENTS + TURN
        is_of_them = self.sites == frozenset(sites) and self.types >= frozenset(types)
        return is_of_them and has_start and is_small and now - self.read_at < _REREAD_MS


@dataclass(slots=True)
class _Reading:
    """The events of a type, of which those with a sort key from `reached` on have been read."""

    event_type: str
    reached: int = _UNREAD
    after: Item | None = None

    def __lt__(self, other: _Reading) -> bool:
        """The one that has come the least far back goes first."""
        return self.reached > other.reached


class RecentEvents:
    """The events table, as far as it reaches back."""

    def __init__(self, dynamodb: DynamoDB, events_table: str) -> None:
        self._dynamodb = dynamodb
        self._events_table = events_table
        self._remembered: _Remembered | None = None

    def read(self, types: Collection[str], sites: Collection[str], since: int, now: int) -> Found:
        """Events of these types and sites since a moment, or the newest of them.

        Who looks at them looks again, or at others of their visits: then only what is new is read, and what may have
        arrived late. What was deleted meanwhile is noticed when all is read anew, after five minutes.
        """
        last, self._remembered = self._remembered, None
        if last and last.serves(types, sites, since, now):
            news = self._read(last.types, sites, max(since, last.updated_at - _LATE_MS))
            if not news.is_cut:
                found = last.found.updated(news, since)
                self._remembered = replace(last, found=found, updated_at=now)
                return found
        last = None  # two of them may be more than there is memory for
        found = self._read(types, sites, since)
        self._remembered = _Remembered(found, now, now, frozenset(types), frozenset(sites))
        return found

    def _read(self, types: Collection[str], sites: Collection[str], since: int) -> Found:
        """Read the newest first, until `since` or until enough have been looked at.

        The types take turns: it is always that of which the least is known that is read on. So whenever reading ends,
        everything from some moment on is there, and the answer says which.
        """
        found = Found(since)
        waiting = [_Reading(name) for name in types] if sites else []
        while waiting and (waiting[0].after is None or found.looked_at < MOST_EVENTS):
            reading = heappop(waiting)
            with without_collection():
                page = self._page(reading, sites, since, MOST_EVENTS - found.looked_at)
                found.events += [event for event in readable(page["Items"]) if event.site in sites]
            found.looked_at += page["ScannedCount"]
            if "LastEvaluatedKey" in page:
                last = page["LastEvaluatedKey"]
                heappush(waiting, _Reading(reading.event_type, int(last["timestamp"]["N"]), last))
        if waiting:
            found.is_cut = True
            found.start = keys.epoch_ms_of(waiting[0].reached) + 1
        return found

    def _page(self, reading: _Reading, sites: Collection[str], since: int, most: int) -> dict[str, Any]:
        values = {f":site{number}": {"S": site} for number, site in enumerate(sorted(sites))}
        return self._dynamodb.call(
            "Query",
            TableName=self._events_table,
            IndexName="EventTypeIndex",
            KeyConditionExpression="#event_type = :type AND #timestamp >= :since",
            FilterExpression=f"#site IN ({', '.join(values)})",
            ExpressionAttributeValues={
                ":type": {"S": reading.event_type},
                ":since": {"N": str(keys.event_timestamp(since, 0))},
                **values,
            },
            ScanIndexForward=False,
            Limit=min(most, TURN) if reading.after else FIRST_TURN,
            ProjectionExpression=PROJECTION,
            ExpressionAttributeNames=NAMES,
            **({"ExclusiveStartKey": reading.after} if reading.after else {}),
        )

    def of_session(self, session_id: str, since: int) -> list[StoredEvent]:
        """A session's events that are still kept; one page of them is more than any visit has."""
        page = self._dynamodb.call(
            "Query",
            TableName=self._events_table,
            KeyConditionExpression="#session_id = :session AND #timestamp >= :since",
            ExpressionAttributeValues={
                ":session": {"S": session_id},
                ":since": {"N": str(keys.event_timestamp(since, 0))},
            },
            ProjectionExpression=PROJECTION,
            ExpressionAttributeNames=NAMES,
        )
        return readable(page["Items"])
