"""One command at a time changes an environment: the others are told who is at it, and since when.

Terraform's own lock covers one of its runs; this one covers a whole deploy, with what comes before and after Terraform.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters.no_turn import holder, opened
from liveinsight_cli.adapters.releases import who
from liveinsight_cli.adapters.terraform_leftovers import settle
from liveinsight_cli.context import Clock
from liveinsight_cli.core.terraform_errors import age_in_words
from liveinsight_cli.errors import StateLocked

ATTEMPTS = 30
BETWEEN_SECONDS = 0.1


@contextmanager
def turn(
    path: Path, command: str, variables: Mapping[str, str], clock: Clock, say: Callable[[str], None]
) -> Iterator[None]:
    """Hold the lock at `path` while the block runs; raises StateLocked when somebody else goes on holding it.

    The kernel gives the lock back when the process ends, however it ends. Where it was killed, the turn begins when
    its terraform, in the directory `stack` beside `path`, has ended too; `say` hears of that.
    """
    handle = opened(path)
    try:
        _take(handle, clock)
        left = os.pread(handle, 4096, 0)
        _set_aside(path, left, clock.now())
        note = {"pid": os.getpid(), "who": who(variables), "command": command, "since": clock.now()}
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps(note).encode(), 0)
        if left:
            settle(path.with_name("stack"), _dead(left), say, clock)
        try:
            yield
        finally:
            if _is_unfinished(path):  # its terraform may have been killed, and have left a lock in S3
                _set_aside(path, json.dumps(note).encode(), clock.now())
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


@dataclass(frozen=True)
class Abandoned:
    """A command that was killed, or its terraform: at work from `since`, and dead by `found_at`."""

    since: float
    found_at: float


def abandoned(path: Path) -> Abandoned | None:
    """Return the last command that came to no good end at `path`; None when there is none."""
    try:
        found = json.loads(_aside(path).read_bytes())
        return Abandoned(float(found["since"]), float(found["found_at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _set_aside(path: Path, note: bytes, now: float) -> None:
    """Keep the note of a command that came to no good end: it tells whose lock is left in S3.

    Of several in a row, none of which came to a good end, the first may have left it.
    """
    try:
        found = json.loads(note)
        before = abandoned(path)
        if before is not None and _is_unfinished(path):
            found["since"] = min(float(found["since"]), before.since)
        _aside(path).write_text(json.dumps({**found, "found_at": now}))
    except (OSError, ValueError, KeyError, TypeError):
        return


def _is_unfinished(path: Path) -> bool:
    return path.with_name("unfinished.json").exists()


def _aside(path: Path) -> Path:
    return path.with_name("abandoned.json")


def _take(handle: int, clock: Clock) -> None:
    for _ in range(ATTEMPTS):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            clock.sleep(BETWEEN_SECONDS)
    raise StateLocked(
        f"Another command changes this environment: {_holder(os.pread(handle, 4096, 0), clock.now())}.",
        hint="Wait until it has ended, or end it (kill <process>), then run this again.",
    )


def _dead(note: bytes) -> str:
    """Return in words which command did not live to take its note away."""
    try:
        found = json.loads(note)
        return f"liveinsight {found['command']} by {found['who']}"
    except (ValueError, KeyError, TypeError):
        return "An earlier command"


def _holder(note: bytes, now: float) -> str:
    """Return who holds the lock, in words."""
    try:
        found = json.loads(note)
        return f"{holder(note)}, for {age_in_words(max(0.0, now - float(found['since'])))}"
    except (ValueError, KeyError, TypeError):
        return holder(note)
