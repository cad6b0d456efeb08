"""Resources kept as documents on SQLite: what was written is what is read back."""

import json
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCHEMA = """
create table if not exists documents (
    kind text not null, id text not null, body text not null, etag integer not null,
    created real not null, modified real not null, primary key (kind, id)
) without rowid
"""
SELECT_ONE = "select * from documents where kind = ? and id = ?"


@dataclass(frozen=True)
class Document:
    """One resource: its JSON body, a revision that grows with each write, and two times in epoch seconds."""

    kind: str
    id: str
    body: dict[str, Any]
    revision: int
    created: float
    modified: float


class Documents:
    """A table of documents, by kind and id. Every write is on disk when the call returns."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.execute(SCHEMA)

    def put(self, kind: str, id: str, body: dict[str, Any]) -> Document:  # noqa: A002
        """Create the document or replace its body."""
        now = time.time()
        with self._lock:
            self._db.execute(
                "insert into documents values (?, ?, ?, 1, ?, ?) on conflict (kind, id) do update "
                "set body = excluded.body, etag = etag + 1, modified = excluded.modified",
                (kind, id, json.dumps(body), now, now),
            )
            return _document(self._db.execute(SELECT_ONE, (kind, id)).fetchone())

    def get(self, kind: str, id: str) -> Document | None:  # noqa: A002
        """Return a document, or None."""
        with self._lock:
            row = self._db.execute(SELECT_ONE, (kind, id)).fetchone()
        return None if row is None else _document(row)

    def all(self, kind: str) -> list[Document]:
        """Return every document of a kind, oldest first."""
        with self._lock:
            rows = self._db.execute("select * from documents where kind = ? order by created, id", (kind,))
            return [_document(row) for row in rows]

    def delete(self, kind: str, id: str) -> None:  # noqa: A002
        """Remove a document; nothing happens when it is not there."""
        with self._lock:
            self._db.execute("delete from documents where kind = ? and id = ?", (kind, id))

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()


def _document(row: tuple[Any, ...]) -> Document:
    kind, id_, body, revision, created, modified = row
    return Document(kind, id_, json.loads(body), revision, created, modified)
