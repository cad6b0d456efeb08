"""The three tables with everything that touches them: collector, stream, aggregator and reads, over moto."""

from __future__ import annotations

from typing import Any

EVENTS, SESSIONS, STATE = "liveinsight-events-test", "liveinsight-sessions-test", "liveinsight-state-test"

ENVIRONMENT = {
    "EVENTS_TABLE": EVENTS,
    "SESSIONS_TABLE": SESSIONS,
    "STATE_TABLE": STATE,
    "ENVIRONMENT": "test",
    "READ_TOKEN_SHA256": "",
    "PUBLIC_DASHBOARD": "true",
}


def create_tables(client: Any) -> None:
    """The tables as product.md draws them."""
    for name, keys, index in (
        (EVENTS, [("session_id", "S"), ("timestamp", "N")], ("EventTypeIndex", [("event_type", "S"), ("timestamp", "N")])),
        (SESSIONS, [("session_id", "S")], ("ActivityIndex", [("is_active", "S"), ("last_activity", "N")])),
        (STATE, [("pk", "S"), ("sk", "S")], None),
    ):
        attributes = dict(keys) | (dict(index[1]) if index else {})
        request: dict[str, Any] = {
            "TableName": name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": _schema(keys),
            "AttributeDefinitions": [
                {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in attributes.items()
            ],
        }
        if index:
            projection = {"ProjectionType": "ALL"}
            request["GlobalSecondaryIndexes"] = [
                {"IndexName": index[0], "KeySchema": _schema(index[1]), "Projection": projection}
            ]
        client.create_table(**request)


def _schema(keys: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for (key, _), kind in zip(keys, ("HASH", "RANGE"), strict=False)]
