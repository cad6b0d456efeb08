"""For what must not run beside a command that changes the environment, and changes nothing of it itself.

It shares the lock of adapters/turns.py with its like, and leaves no note: nothing is to be recovered when it is killed.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liveinsight_cli.adapters.files import unwritable
from liveinsight_cli.errors import StateLocked


@contextmanager
def while_nobody_has_the_turn(path: Path) -> Iterator[None]:
    """Keep the turn at `path` from being taken while the block runs; raises StateLocked where somebody has it."""
    handle = opened(path)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            raise StateLocked(
                f"A command is at work on this environment: {holder(os.pread(handle, 4096, 0))}.",
                hint="It goes by the zips as they are. Wait until it has ended, then run this again.",
            ) from error
        yield
    finally:
        os.close(handle)


def opened(path: Path) -> int:
    """Return the descriptor of the lock's file, which is made where it is missing."""
    with unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)


def holder(note: bytes) -> str:
    """Return in words who wrote the note in the lock's file."""
    try:
        found = json.loads(note)
        return f"liveinsight {found['command']} by {found['who']}, process {found['pid']}"
    except (ValueError, KeyError, TypeError):
        return "which one is not known"
