"""The indexes project what the two reads take from them: enough for the same answer, and nothing beside it."""

from collections.abc import Mapping
from typing import Any

import hcl2
from hcl2 import SerializationOptions

from aggregator.projection import sessions_of
from aggregator.store import AggregatorStore
from realtime_api.live import shown_event
from realtime_api.store import RealtimeStore
from shared.block import Block
from shared.dynamo import DynamoDB, Item
from shared.event import StoredEvent, from_item, to_item
from shared.fold import fold
from shared.keys import hour_start
from shared.metrics import begin
from shared.raw_events import READ
from shared.settings import Settings
from tests.conftest import REPOSITORY

SETTINGS = Settings(events_table="events", sessions_table="sessions", state_table="state")
EVENT = StoredEvent(
    session_id="s" * 16,
    timestamp=1_764_000_000_000_000_000_123,
    event_id="e" * 16,
    event_type="page_view",
    page_url="https://shop.example/cart",
    user_agent="Firefox/Linux/desktop",
    referrer="https://news.example/",
    site="shop.example",
    visitor="0123456789abcdef",
    before=begin("s" * 16, 1_764_000_000_000),
    texts={
        "title": "Shop",
        "country": "KR",
        "source": "news.example",
        "visitor_before": "fedcba9876543210",
        "user_id": "u",
        "props": '{"a":1}',
        "utm_source": "mail",
    },
    numbers={"engaged_ms": 5},
)


def index(table: str) -> dict[str, Any]:
    options = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
    with (REPOSITORY / "terraform" / "dynamodb.tf").open(encoding="utf-8") as file:
        tables = hcl2.load(file, serialization_options=options)["resource"]
    found: dict[str, Any] = next(
        block["aws_dynamodb_table"][table] for block in tables if table in block["aws_dynamodb_table"]
    )
    return {**found["global_secondary_index"][0], "table_keys": [found["hash_key"], found.get("range_key")]}


def kept(table: str) -> set[str]:
    of = index(table)
    return {*of["table_keys"], of["hash_key"], of["range_key"], *of["non_key_attributes"]}


class Watched(dict[str, Any]):
    """An item that remembers which of its attributes were asked for."""

    def __init__(self, item: Item) -> None:
        super().__init__(item)
        self.read: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self.read.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


class OneSession:
    """Takes the aggregator's writes and answers the realtime API's Query with the item they made."""

    def __init__(self) -> None:
        self.item = Watched({})

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "Query":
            assert request["IndexName"] == "ActivityIndex"
            return {"Items": [self.item]}
        values = {
            name.removeprefix(":"): value for name, value in request["ExpressionAttributeValues"].items()
        }
        self.item = Watched(request["Key"] | values)
        return {}


def test_the_feed_shows_the_same_from_the_index_as_from_the_table() -> None:
    item = to_item(EVENT, 1)
    projected = {name: value for name, value in item.items() if name in kept("events")}
    assert projected != item
    assert shown_event(from_item(projected)) == shown_event(from_item(item))


def test_chosen_visits_count_the_same_from_the_index_as_from_the_table() -> None:
    item = to_item(EVENT, 1)
    read = {name: value for name, value in item.items() if name in kept("events") and name in READ}
    hour = hour_start(EVENT.at)
    from_index, from_table = Block(), Block()
    fold(from_index, hour, from_item(read))
    fold(from_table, hour, from_item(item))
    assert from_index == from_table
    assert from_index.totals.as_list() == [1, 1, 1, 1, 0, 5]


def test_the_index_projects_nothing_that_neither_read_takes() -> None:
    assert set(READ) <= kept("events")
    assert kept("events") - set(READ) == {"title"}


def test_a_live_session_is_read_from_exactly_what_the_index_projects() -> None:
    client = OneSession()
    (view,) = sessions_of([EVENT])
    AggregatorStore(DynamoDB(client), SETTINGS).project(view, is_active=True)
    ((session,), is_complete) = RealtimeStore(DynamoDB(client), SETTINGS).live_sessions(0)
    assert (session.visitor, is_complete) == (EVENT.visitor, True)
    assert client.item.read - {"last_activity"} == set(index("sessions")["non_key_attributes"])


def test_a_session_has_every_attribute_that_is_projected() -> None:
    client = OneSession()
    (view,) = sessions_of([EVENT])
    AggregatorStore(DynamoDB(client), SETTINGS).project(view, is_active=True)
    assert kept("sessions") - {None} <= client.item.keys()
