"""What is read of raw events. EventTypeIndex has to project all of it."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from shared import keys
from shared.dynamo import DynamoDB, Item
from shared.event import UTM_PARAMETERS, MalformedEvent, StoredEvent, from_item

READ = (
    "session_id", "timestamp", "event_id", "event_type", "page_url", "user_agent", "referrer", "site", "visitor",
    "before", "bot", "interactive", "country", "source", "engaged_ms", *UTM_PARAMETERS,
)  # fmt: skip
PROJECTION = ", ".join(f"#{name}" for name in READ)
PAGE = 500  # events: one for which the connection waits too long would be a failure, and 300 KB are soon read
NAMES = {f"#{name}": name for name in READ}


@contextmanager
def without_collection() -> Iterator[None]:
    """A page is some 30,000 small dictionaries, none of them in a circle: looking for one takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def readable(items: Iterable[Item]) -> list[StoredEvent]:
    """The events among items."""
    events = []
    for item in items:
        with suppress(MalformedEvent):
            events.append(from_item(item))
    return events


def events_between(
    dynamodb: DynamoDB, events_table: str, event_type: str, start: int, end: int
) -> Iterator[StoredEvent]:
    """Events of a type in [start, end), epoch ms, of all sites: dynamodb:Query on EventTypeIndex."""
    for page in dynamodb.query(
        TableName=events_table,
        IndexName="EventTypeIndex",
        KeyConditionExpression="#event_type = :type AND #timestamp BETWEEN :start AND :end",
        ExpressionAttributeValues={
            ":type": {"S": event_type},
            ":start": {"N": str(keys.event_timestamp(start, 0))},
            ":end": {"N": str(keys.event_timestamp(end, 0) - 1)},
        },
        ProjectionExpression=PROJECTION,
        ExpressionAttributeNames=NAMES,
        Limit=PAGE,
    ):
        yield from readable(page["Items"])
