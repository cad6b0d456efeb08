"""The indexes project what the realtime API reads from them: enough for the same answer, and nothing beside it."""

from typing import Any

import hcl2
import pytest
from hcl2 import SerializationOptions

from aggregator.projection import SessionFacts, SessionView
from aggregator.store import AggregatorStore
from realtime_api.live import shown_event
from realtime_api.store import RealtimeStore
from shared.dynamo import DynamoDB, Item
from shared.event import StoredEvent, from_item, to_item
from shared.metrics import after, begin
from shared.settings import Settings
from tests.conftest import REPOSITORY

SETTINGS = Settings(events_table="events", sessions_table="sessions", state_table="state")
EVENT = StoredEvent(
    session_id="s" * 16,
    timestamp=1_764_000_000_000_000_000_123,
    event_id="e" * 16,
    event_type="page_view",
    page_url="https://shop.example/",
    user_agent="Firefox/Linux/desktop",
    referrer="https://news.example/",
    site="shop.example",
    visitor="v",
    before=begin("s" * 16, 1_764_000_000_000),
    texts={"title": "Shop", "country": "KR", "props": '{"a":1}', "user_id": "u", "utm_source": "mail"},
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


def projected(item: Item, table: str, without: str = "") -> Item:
    of = index(table)
    kept = {*of["table_keys"], of["hash_key"], of["range_key"], *of["non_key_attributes"]} - {without}
    return {name: value for name, value in item.items() if name in kept}


class OneSession:
    """A client that takes the aggregator's writes and answers the realtime API's Query with the item they made."""

    def __init__(self) -> None:
        self.item: Item = {}
        self.without = ""

    def update_item(self, **request: Any) -> dict[str, Any]:
        names = {placeholder.removeprefix(":") for placeholder in request["ExpressionAttributeValues"]}
        self.item = request["Key"] | {
            name: request["ExpressionAttributeValues"][f":{name}"] for name in names
        }
        return {}

    def query(self, **request: Any) -> dict[str, Any]:
        assert request["IndexName"] == "ActivityIndex"
        return {
            "Items": [projected(self.item, "sessions", self.without) if self.without != "-" else self.item]
        }


@pytest.fixture
def client() -> OneSession:
    """A session as the aggregator writes it."""
    client = OneSession()
    facts = SessionFacts("https://news.example/", "news.example", "/", "KR", "mobile")
    running = after(begin("s" * 16, 1_764_000_000_000), 1_764_000_060_000, "page_view", False, "/cart")
    view = SessionView("shop.example", "v", "u", running, facts)
    AggregatorStore(DynamoDB(client), SETTINGS).project(view, is_active=True)
    return client


def live(client: OneSession, without: str = "") -> Any:
    client.without = without
    return RealtimeStore(DynamoDB(client), SETTINGS).live_sessions(0)


def test_the_feed_shows_the_same_from_the_index_as_from_the_table() -> None:
    item = to_item(EVENT, 1)
    assert projected(item, "events") != item
    assert shown_event(from_item(projected(item, "events"))) == shown_event(from_item(item))


def test_live_sessions_are_the_same_from_the_index_as_from_the_table(client: OneSession) -> None:
    assert projected(client.item, "sessions") != client.item
    assert live(client) == live(client, without="-")


@pytest.mark.parametrize("attribute", index("sessions")["non_key_attributes"])
def test_every_projected_attribute_of_a_session_is_read(client: OneSession, attribute: str) -> None:
    assert live(client, without=attribute) != live(client)
