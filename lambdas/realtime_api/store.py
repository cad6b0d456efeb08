"""All DynamoDB calls of the realtime API.

IAM, exactly: dynamodb:Query on the index ActivityIndex of the sessions table, on the index EventTypeIndex of the
events table, and on the state table; dynamodb:GetItem is not needed. ActivityIndex has to project site, visitor,
visitor_before, last_event, last_seen, current_page, source, country and device.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from realtime_api.live import LiveSession
from shared import keys
from shared.block import Minutes
from shared.cache import Cache
from shared.dynamo import DynamoDB, Item
from shared.event import MalformedEvent, StoredEvent, from_item
from shared.metrics import ACTIVITY_STEP_MS, UNKNOWN
from shared.rollups import Rollups
from shared.settings import Settings

MOST_SITES = 100
_MOST_SESSION_PAGES = 20
LARGEST_FEED = 300
_FEED_MARGIN = 5  # for events that are not shown, such as those of the health check
# Beyond them DynamoDB leaves out other sites, so that a load or a busy site does not hide a quiet one.
DEEPER_READS = 3
DEEPER_LIMIT = 1000  # events that a read looks at, some 50 read units
_REGISTRY_SECONDS = 30.0


class RealtimeStore:
    """Live sessions, current blocks and the newest events in DynamoDB."""

    def __init__(self, dynamodb: DynamoDB, settings: Settings) -> None:
        self._dynamodb = dynamodb
        self._sessions_table = settings.sessions_table
        self._events_table = settings.events_table
        self._rollups = Rollups(dynamodb, settings.state_table)
        self._cache = Cache(_REGISTRY_SECONDS)

    def sites(self) -> tuple[list[str], bool]:
        """All known sites, and whether there are more than are read."""
        found: dict[str, str] = self._cache.get("sites", lambda: self._rollups.sites(MOST_SITES + 1))
        return list(found)[:MOST_SITES], len(found) > MOST_SITES

    def live_sessions(self, since: int) -> tuple[list[LiveSession], bool]:
        """Sessions of all sites with activity at or after `since`, newest first, and whether that is all of them."""
        sessions: list[LiveSession] = []
        is_complete = True
        for page in self._dynamodb.query(
            max_pages=_MOST_SESSION_PAGES,
            TableName=self._sessions_table,
            IndexName="ActivityIndex",
            KeyConditionExpression="is_active = :active AND last_activity >= :since",
            ExpressionAttributeValues={
                ":active": {"S": "true"},
                ":since": {"N": str(since - since % ACTIVITY_STEP_MS)},
            },
            ScanIndexForward=False,
        ):
            found = (_live_session(item) for item in page["Items"])
            sessions += [session for session in found if session.last_event >= since]
            is_complete = "LastEvaluatedKey" not in page
        return sessions, is_complete

    def blocks(self, site: str, first: int, last: int) -> list[tuple[int, Minutes]]:
        """Minutes of the clock hours from one moment to another, each with its hour's start."""
        return self._rollups.minutes(site, first, last)

    def newest_events(
        self, event_type: str, since: int, wanted: int, site: str, hidden: frozenset[str]
    ) -> Iterator[tuple[list[StoredEvent], bool]]:
        """The newest events of a type, newest first, and whether there are more.

        Read as they are asked for: a little more than `wanted` at once, then the rest of 300, of all sites; then some
        thousands, of which only those of `site`, or of none that is `hidden`, come back. A feed is no archive.
        """
        size = min(wanted + _FEED_MARGIN, LARGEST_FEED)
        request: dict[str, Any] = {
            "KeyConditionExpression": "event_type = :type AND #timestamp >= :since",
            "ExpressionAttributeNames": {"#timestamp": "timestamp"},
            "ExpressionAttributeValues": {
                ":type": {"S": event_type},
                ":since": {"N": str(keys.event_timestamp(since, 0))},
            },
            "ScanIndexForward": False,
        }
        deeper = _of_site(request, site, hidden)
        reads = [(request, size), (request, LARGEST_FEED - size), *[(deeper, DEEPER_LIMIT)] * DEEPER_READS]
        begin: dict[str, Any] = {}
        for asked, limit in reads:
            page = self._dynamodb.call(
                "Query",
                TableName=self._events_table,
                IndexName="EventTypeIndex",
                Limit=limit,
                **asked,
                **begin,
            )
            has_more = "LastEvaluatedKey" in page
            yield _readable(page["Items"]), has_more
            if not has_more:
                return
            begin = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def _of_site(request: dict[str, Any], site: str, hidden: frozenset[str]) -> dict[str, Any]:
    """The same Query of events of a site, or where it is empty of all sites but the hidden ones."""
    names = [site] if site else sorted(hidden)
    values = {f":site{number}": {"S": name} for number, name in enumerate(names)}
    is_one_of = f"site IN ({', '.join(values)})"
    return request | {
        "FilterExpression": is_one_of if site else f"NOT {is_one_of}",
        "ExpressionAttributeValues": request["ExpressionAttributeValues"] | values,
    }


def _readable(items: list[Item]) -> list[StoredEvent]:
    events = []
    for item in items:
        with suppress(MalformedEvent):
            events.append(from_item(item))
    return events


def _live_session(item: Item) -> LiveSession:
    def text(name: str, default: str = "") -> str:
        return str(item[name]["S"]) if name in item else default

    return LiveSession(
        site=text("site"),
        visitor=text("visitor"),
        visitor_before=text("visitor_before"),
        last_event=int(item["last_event"]["N"]),
        last_seen=int(item["last_seen"]["N"]) if "last_seen" in item else 0,
        page=text("current_page"),
        source=text("source"),
        country=text("country", UNKNOWN),
        device=text("device"),
    )
