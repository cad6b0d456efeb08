"""Looks at the data files before the parts open them: a damaged one is named, with what is lost without it."""

import contextlib
import sqlite3
from pathlib import Path

HELD = {
    "dynamodb.db": "the tables' items",
    "documents.db": "CloudFront's distributions",
    "telemetry.db": "logs and metrics",
}


class DataUnusable(Exception):
    """A data file that is no database any more, or cannot be opened."""


def require_usable(home: Path) -> None:
    """Raise DataUnusable for the first data file that cannot be used."""
    for name, held in HELD.items():
        path = home / name
        if not path.exists():
            continue
        try:
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute("PRAGMA schema_version").fetchone()
                database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise DataUnusable(f"{path}, which holds {held}, cannot be used: {error}.") from error
