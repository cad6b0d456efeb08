"""The note of an apply that has not come to a good end: what it may have created without writing it into the state.

Written before the apply begins, so that nothing has to be done in time by a process that is killed.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.core.recovery import begun_creations
from liveinsight_cli.core.terraform_events import Event, parse_event

SCHEMA = 1


@dataclass(frozen=True)
class Unfinished:
    """The note in the file `path`; the raw streams it names are in `logs`."""

    path: Path
    logs: Path

    def creations(self) -> frozenset[str]:
        """Return the addresses of what may have been created since the last apply that came to a good end."""
        log = self.log
        if log is None:
            return frozenset()
        try:
            return frozenset(map(str, self._read()["creations"])) | begun_creations(_events(log))
        except (KeyError, TypeError):
            return frozenset()

    @property
    def log(self) -> Path | None:
        """The raw stream of the apply that was begun last, which must be kept as long as the note."""
        name = self._read().get("log")
        return None if name is None else self.logs / str(name)

    def begin(self, log: Path) -> None:
        """Note that an apply begins, whose stream goes into `log`; what earlier ones left stays on the note."""
        note = {"schema": SCHEMA, "creations": sorted(self.creations()), "log": log.name}
        with unwritable(self.path):
            write_atomically(self.path, json.dumps(note, indent=2).encode() + b"\n")

    def end(self) -> None:
        """Note that nothing is missing from the state any more."""
        with unwritable(self.path):
            self.path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            return dict(json.loads(self.path.read_bytes()))
        except (OSError, ValueError, TypeError):
            return {}


def _events(log: Path) -> Iterator[Event]:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        event = parse_event(line)
        if event is not None:
            yield event
