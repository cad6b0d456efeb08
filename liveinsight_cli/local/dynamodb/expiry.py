"""Time to live: deletes expired items as DynamoDB's own service would, and trims streams."""

from __future__ import annotations

import json
import sqlite3

from . import rows
from .store import Store
from .stream_records import RETENTION_SECONDS, SERVICE
from .tables import OpenTable

BATCH = 200
# DynamoDB leaves items alone whose expiry lies more than five years back.
OLDEST_EXPIRY_SECONDS = 5 * 365 * 24 * 3600


def sweep(store: Store, table: OpenTable, now: float) -> int:
    """Deletes every expired item of a table, in short transactions; answers how many there were."""
    deleted = 0
    while True:
        with store.write() as connection:
            expired = _expired(connection, table, now)
            for stored in expired:
                rows.replace(connection, table, rows.change_of(stored, None), now, SERVICE)
        deleted += len(expired)
        if len(expired) < BATCH:
            return deleted


def _expired(connection: sqlite3.Connection, table: OpenTable, now: float) -> list[rows.Stored]:
    found = connection.execute(
        "SELECT body, size FROM items WHERE table_id = ? AND expires_at < ? AND expires_at > ? LIMIT ?",
        (table.id, int(now), int(now) - OLDEST_EXPIRY_SECONDS, BATCH),
    )
    return [rows.Stored(json.loads(body), size) for body, size in found.fetchall()]


def trim_streams(store: Store, now: float) -> None:
    """Removes stream records older than 24 hours."""
    with store.write() as connection:
        connection.execute("DELETE FROM stream_records WHERE created_at <= ?", (now - RETENTION_SECONDS,))
