"""What is installed for the functions, kept by lock and platform: a second build starts neither uv nor pip.

An entry of the cache is a directory of files and an index of what of them goes into a zip. It appears in one step.
"""

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from liveinsight_cli.adapters.files import unwritable
from liveinsight_cli.adapters.installed import InstalledFile, survey
from liveinsight_cli.adapters.installer import Installer
from liveinsight_cli.core.lambda_platform import Platform
from liveinsight_cli.core.requirements import Lock
from liveinsight_cli.errors import PreconditionError

INDEX = "index.json"
FILES = "files"
FORMAT = 1  # of the index, and of what is left out; another one makes other entries
KEPT_SECONDS = 30 * 86_400.0
SCRATCH_SECONDS = 86_400.0
SCRATCH = ".new-"


@dataclass(frozen=True)
class Dependencies:
    """What of an installation goes into a zip; `root` is where the files are."""

    root: Path
    files: tuple[InstalledFile, ...]


@dataclass(frozen=True)
class DependencyCache:
    """Installations below `root`, for one platform."""

    root: Path
    platform: Platform
    installer: Installer
    say: Callable[[str], None]

    def get(self, lock: Lock) -> Dependencies:
        """Return what is installed for a lock, after installing it when it is not there."""
        entry = self._entry(lock)
        found = _read(entry)
        if found is None:
            self._install(lock, entry)
            found = _read(entry)
        if found is None:
            raise PreconditionError(
                f"{entry} cannot be read.", code="unwritable", hint=f"Remove {self.root}."
            )
        return found

    def contents(self, lock: Lock) -> list[tuple[str, bytes]]:
        """Return (path, content) of all files; when one is not what it was, all of them are installed anew."""
        try:
            return _contents(self.get(lock))
        except _Damaged:
            shutil.rmtree(self._entry(lock), ignore_errors=True)
            return _contents(self.get(lock))

    def _entry(self, lock: Lock) -> Path:
        key = f"{FORMAT} {self.platform.key} {lock.digest}"
        return self.root / hashlib.sha256(key.encode()).hexdigest()[:32]

    def _install(self, lock: Lock, entry: Path) -> None:
        self.say(
            f"Installing {len(lock.pins)} dependencies for {self.platform.name} with {self.installer.tool}"
        )
        with unwritable(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            self._tidy()
            scratch = Path(tempfile.mkdtemp(dir=self.root, prefix=SCRATCH))
        try:
            target = scratch / FILES
            target.mkdir()
            self.installer.install(lock, self.platform, target)
            index = [asdict(file) for file in survey(target, self.platform)]
            with unwritable(scratch):
                (scratch / INDEX).write_text(json.dumps(index), encoding="utf-8")
                _appear(scratch, entry)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _tidy(self) -> None:
        """Remove what no build has used for long, and what a killed one left."""
        for entry in self.root.iterdir():
            is_scratch = entry.name.startswith(SCRATCH)
            used, kept = (entry, SCRATCH_SECONDS) if is_scratch else (entry / INDEX, KEPT_SECONDS)
            with suppress(OSError):
                if used.stat().st_mtime < time.time() - kept:
                    shutil.rmtree(entry, ignore_errors=True)


class _Damaged(Exception):
    """A file of an entry is gone or has another content."""


def _appear(scratch: Path, entry: Path) -> None:
    if _read(entry) is None:  # not there, or damaged
        shutil.rmtree(entry, ignore_errors=True)
    try:
        scratch.rename(entry)
    except OSError:
        if not entry.is_dir():  # another build was first, with the same
            raise


def _read(entry: Path) -> Dependencies | None:
    index = entry / INDEX
    try:
        files = tuple(InstalledFile(**one) for one in json.loads(index.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    with suppress(OSError):
        index.touch()  # in use
    return Dependencies(entry / FILES, files)


def _contents(dependencies: Dependencies) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for file in dependencies.files:
        try:
            content = (dependencies.root / file.path).read_bytes()
        except OSError as error:
            raise _Damaged from error
        if hashlib.sha256(content).hexdigest() != file.sha256:
            raise _Damaged
        found.append((file.path, content))
    return found
