"""The SQLite file: its tables, one writing connection, and a pool of reading ones.

Write-ahead logging lets reads go on beside a write, and a killed process loses nothing that was committed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS tables (
    id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, keys TEXT NOT NULL, ttl_attribute TEXT,
    items INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS items (
    table_id INTEGER NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL,
    body TEXT NOT NULL, size INTEGER NOT NULL, expires_at INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS items_by_key ON items (table_id, pk, sk);
CREATE INDEX IF NOT EXISTS items_by_expiry ON items (table_id, expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS indexes (
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, name TEXT NOT NULL, keys TEXT NOT NULL,
    UNIQUE (table_id, name)
);
CREATE TABLE IF NOT EXISTS entries (
    index_id INTEGER NOT NULL, pk BLOB NOT NULL, sk BLOB NOT NULL, item_pk BLOB NOT NULL, item_sk BLOB NOT NULL,
    PRIMARY KEY (index_id, pk, sk, item_pk, item_sk)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stream_records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL, label TEXT NOT NULL,
    created_at REAL NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS stream_records_by_table ON stream_records (table_id, sequence);
CREATE TABLE IF NOT EXISTS transaction_tokens (
    token TEXT PRIMARY KEY, request TEXT NOT NULL, created_at REAL NOT NULL
);
"""


class Store:
    """Connections to one database file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._write_lock = threading.RLock()
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._writer = self._connect()
        self._writer.executescript(_SCHEMA)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction that commits when the block ends and leaves nothing behind when it raises."""
        with self._write_lock:
            if self._writer.in_transaction:  # a nested step of the same thread joins in
                yield self._writer
                return
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the database for the whole block."""
        connection = self._borrow()
        try:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")
        finally:
            with self._pool_lock:
                self._idle.append(connection)

    def close(self) -> None:
        """Closes every connection; no request may be under way."""
        with self._write_lock, self._pool_lock, suppress(sqlite3.ProgrammingError):
            for connection in (*self._idle, self._writer):
                connection.close()
            self._idle.clear()

    def _borrow(self) -> sqlite3.Connection:
        with self._pool_lock:
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -16000")
        return connection
