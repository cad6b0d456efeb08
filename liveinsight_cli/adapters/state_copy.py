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


def mend(path: Path, say: Callable[[str], None]) -> None:
    """Put the newest copy into the place of a state file that a killed Terraform left torn.

    Only for a directory where an apply was killed: elsewhere somebody should look at it first. What the copy does not
    hold yet is found in AWS. Without a copy nothing had been written down before.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return
    if read_state(content).is_readable:
        return
    found = [one for one in (_copy(path), path.with_name(f"{path.name}.backup")) if one.is_file()]
    copies = [(read_state(one.read_bytes()).serial, one) for one in found]
    serial, best = max(copies, default=(-1, path))
    with unwritable(path):
        if serial < 0:
            path.unlink()
            return
        write_atomically(path, best.read_bytes(), mode=0o600)
    say("The Terraform state was torn when the last deploy was killed: took the copy that was made before.")


def _copy(path: Path) -> Path:
    return path.with_name(f"{path.name}.copy")
