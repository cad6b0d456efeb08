"""One SQLite file for everything CloudWatch holds; shared by the log store and the metric store."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = tuple[Any, ...]


class Database:
    """A connection that any thread may use, one at a time.

    Write-ahead logging without a sync at each commit: a killed process loses nothing, a power cut
    at most the last moments.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.RLock()
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def define(self, script: str) -> None:
        """Create tables and indexes; the script must tolerate that they exist."""
        with self._lock:
            self._connection.executescript(script)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Cursor]:
        """A transaction: all of it, or, when the body raises, nothing."""
        with self._lock:
            cursor = self._connection.cursor()
            cursor.execute("BEGIN IMMEDIATE")
            try:
                yield cursor
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            cursor.execute("COMMIT")

    def read(self, query: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """All rows of a query."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        with self._lock:
            self._connection.close()
