"""How far each event source mapping has come, kept on disk so that a restart goes on from there."""

import json
from dataclasses import dataclass, field
from typing import Any

from liveinsight_cli.local.telemetry.database import Database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS checkpoints (
  mapping TEXT PRIMARY KEY, after TEXT NOT NULL, window INTEGER, state TEXT NOT NULL) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Checkpoint:
    """Everything up to `after` is done; `window` is the start of the open tumbling window and `state` what it has."""

    after: int
    window: int | None = None
    state: dict[str, Any] = field(default_factory=dict)


class Checkpoints:
    """Checkpoints in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.define(_SCHEMA)

    def load(self, mapping: str) -> Checkpoint | None:
        """None for a mapping that has not read anything yet."""
        rows = self._database.read(
            "SELECT after, window, state FROM checkpoints WHERE mapping = ?", (mapping,)
        )
        return Checkpoint(int(rows[0][0]), rows[0][1], json.loads(rows[0][2])) if rows else None

    def save(self, mapping: str, checkpoint: Checkpoint) -> None:
        """Sequence numbers are longer than SQLite's integers, hence text."""
        row = (mapping, str(checkpoint.after), checkpoint.window, json.dumps(checkpoint.state))
        with self._database.write() as cursor:
            cursor.execute("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?)", row)
