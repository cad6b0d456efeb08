"""Raw events of the last 24 hours: what filters and the last thirty minutes are counted from. Every read is bounded.

IAM, exactly: dynamodb:Query on the events table and on its index EventTypeIndex. The index has to project what is read
of an event here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from shared import keys
from shared.dynamo import DynamoDB, Item
from shared.event import UTM_PARAMETERS, MalformedEvent, StoredEvent, from_item
from shared.keys import DAY_MS

MOST_EVENTS = 25_000  # about 16 MB, some 2000 read units, and six seconds at 256 MB
KEPT_MS = DAY_MS
MOST_TYPES = 40
_FIRST_PAGE = 250  # of each type, so that all of them get their turn
_UNREAD = 10**30  # beyond every sort key
READ = (
    "session_id", "timestamp", "event_id", "event_type", "page_url", "user_agent", "referrer", "site", "visitor",
    "before", "bot", "interactive", "country", "source", "engaged_ms", *UTM_PARAMETERS,
)  # fmt: skip
_PROJECTED = {
    "ProjectionExpression": ", ".join(f"#{name}" for name in READ),
    "ExpressionAttributeNames": {f"#{name}": name for name in READ},
}


@dataclass(slots=True)
class Found:
    """Events of the sites from `start` on, epoch ms, and how many DynamoDB looked at for them."""

    start: int
    events: list[StoredEvent] = field(default_factory=list)
    looked_at: int = 0
    is_cut: bool = False


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

    def read(self, event_types: Iterable[str], sites: Collection[str], since: int) -> Found:
        """Events of these types and sites, the newest first, until `since` or until enough have been looked at.

        The types take turns: it is always that of which the least is known that is read on. So whenever reading ends,
        everything from some moment on is there, and the answer says which.
        """
        found = Found(since)
        waiting = [_Reading(name) for name in event_types] if sites else []
        while waiting and found.looked_at < MOST_EVENTS:
            reading = heappop(waiting)
            page = self._page(reading, sites, since, MOST_EVENTS - found.looked_at)
            found.looked_at += page["ScannedCount"]
            found.events += [event for event in readable(page["Items"]) if event.site in sites]
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
            Limit=min(most, MOST_EVENTS if reading.after else _FIRST_PAGE),
            **_PROJECTED,
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
            **_PROJECTED,
        )
        return readable(page["Items"])


def readable(items: Iterable[Item]) -> list[StoredEvent]:
    """The events among items."""
    events = []
    for item in items:
        with suppress(MalformedEvent):
            events.append(from_item(item))
    return events
