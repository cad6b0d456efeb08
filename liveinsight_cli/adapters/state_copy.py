"""A second copy of a state file while an apply goes on: Terraform writes its own by emptying it first.

Killed in between, with everything else, it leaves a file that is empty or ends in the middle. Terraform takes an empty
one for no state at all, and would create everything a second time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.core.state import read_state

BETWEEN_SECONDS = 1.0


@dataclass
class StateCopy:
    """Copies the state in the file `path`, where it is one, each second at most."""

    path: Path
    monotonic: Callable[[], float] = time.monotonic
    _copied_at: float = float("-inf")

    def begin(self) -> None:
        """Copy the state as it is before the apply; a copy of earlier times says nothing any more."""
        self.remove()
        self.refresh()

    def refresh(self) -> None:
        """Copy the state as it is now; one that is just being written waits for the next time."""
        if self.monotonic() - self._copied_at < BETWEEN_SECONDS:
            return
        try:
            content = self.path.read_bytes()
        except OSError:
            return
        if read_state(content).is_readable:
            with unwritable(self.path):
                write_atomically(_copy(self.path), content, mode=0o600)
            self._copied_at = self.monotonic()

    def remove(self) -> None:
        """Remove the copy: the apply has come to its end, and the file is whole."""
        _copy(self.path).unlink(missing_ok=True)


def mend(path: Path, note: Path, say: Callable[[str], None]) -> None:
    """Put the newest copy into the place of a state file that a killed Terraform left torn.

    Only where `note` says that an apply was killed: elsewhere somebody should look at it first. What the copy does not
    hold yet is found in AWS. Without a copy nothing had been written down before. The torn file is kept beside it.
    """
    if not note.exists():
        return
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    if read_state(content).is_readable:
        return
    best = _best(path, note)
    with unwritable(path):
        if content:
            write_atomically(path.with_name(f"{path.name}.torn"), content, mode=0o600)
        if best is None:
            path.unlink()
            return
        write_atomically(path, best, mode=0o600)
    say("The Terraform state was torn when the last deploy was killed: took the copy that was made before.")


def _best(path: Path, note: Path) -> bytes | None:
    """Return the newest of our copy and Terraform's own backup, if that is of the same state and of our times.

    A backup from before the apply began is of a state that was not there any more when it began.
    """
    ours, backup = _copy(path), path.with_name(f"{path.name}.backup")
    found = ours.read_bytes() if ours.is_file() else b""
    known, other = read_state(found), b""
    if backup.is_file() and (known.is_readable or backup.stat().st_mtime_ns >= note.stat().st_mtime_ns):
        other = backup.read_bytes()
    theirs = read_state(other)
    is_same = not known.is_readable or theirs.lineage == known.lineage
    if is_same and theirs.serial > known.serial:
        return other
    return found if known.is_readable else None


def _copy(path: Path) -> Path:
    return path.with_name(f"{path.name}.copy")
