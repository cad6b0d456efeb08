"""Writes below `.liveinsight/`: whole or not at all, and a clear error where nothing can be written."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from liveinsight_cli.errors import PreconditionError

# State, working copy, raw streams and the embedded AWS's data of a deploy come to about 6 MiB.
NEEDED_BYTES = 20 * 2**20


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """Turn an OSError about files into the error a user can act on; `path` is named when the OSError names none."""
    try:
        yield
    except OSError as error:
        raise PreconditionError(
            f"{error.filename or path} cannot be written: {error.strerror or error}.",
            code="unwritable",
            hint="Run the command in a directory of your own, with space left on its disk.",
        ) from error


def require_space(directory: Path) -> None:
    """Raise PreconditionError where the disk is nearly full: Terraform would lose its state on it half-way."""
    with unwritable(directory):
        free = shutil.disk_usage(directory).free
    if free < NEEDED_BYTES:
        raise PreconditionError(
            f"Only {free / 2**20:.1f} MiB are left on the disk of {directory}; {NEEDED_BYTES // 2**20} MiB are needed.",
            code="disk_full",
            hint="Make room there, or work in a directory on another disk. Nothing was changed.",
        )


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file whole: a reader, or a crash, sees the old content or the new one."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(scratch).chmod(mode)
        Path(scratch).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(scratch).unlink()
        raise


def write_if_changed(path: Path, content: bytes, mode: int = 0o644) -> bool:
    """Write a file unless it holds just that; return whether it was written."""
    try:
        if path.read_bytes() == content:
            return False
    except OSError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content, mode)
    return True


def make_private_home(work: Path, *below: Path) -> None:
    """Make `.liveinsight/` and directories below it; git leaves it alone from the start."""
    with unwritable(work):
        for directory in (work, *below):
            directory.mkdir(parents=True, exist_ok=True)
        ignore = work / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n")
