"""`requirements.txt` and `requirements.lock` beside the functions: read, found current or not, and written."""

from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters.files import unwritable, write_if_changed
from liveinsight_cli.adapters.installer import Installer
from liveinsight_cli.core.build import DUMMY, PACKAGES, SHARED
from liveinsight_cli.core.requirements import (
    LOCK,
    REQUIREMENTS,
    Lock,
    UnusableLine,
    parse_lock,
    requirement_lines,
    requirements_digest,
)
from liveinsight_cli.errors import PreconditionError

HINT = "Write it, and keep it in git: liveinsight build --lock"


@dataclass(frozen=True)
class LockFiles:
    """The locks of the packages in `sources`: one for each, over its own requirements and those of `shared`."""

    sources: Path

    def of(self, package: str) -> Lock | None:
        """Return what is locked for a package, None when it asks for nothing; raises where the lock is not current."""
        lines, path = self._wanted(package), self._path(package)
        if not lines and not path.exists():
            return None
        if not path.exists():
            raise PreconditionError(f"{path} is missing.", code="lock_missing", hint=HINT)
        try:
            lock = parse_lock(path.read_text(encoding="utf-8"))
        except UnusableLine as error:
            raise _unusable(path, error) from error
        if lock.requirements_digest != requirements_digest(lines):
            raise PreconditionError(
                f"{path} was made from other requirements than there are now.", code="lock_stale", hint=HINT
            )
        return lock

    def write(self, installer: Installer) -> tuple[Path, ...]:
        """Resolve the requirements of every package anew; returns the locks there are now."""
        written: list[Path] = []
        resolved: dict[str, Lock] = {}
        for package in (*sorted(PACKAGES.values()), DUMMY):
            lines, path = self._wanted(package), self._path(package)
            with unwritable(path):
                if lines:
                    digest = requirements_digest(lines)
                    if digest not in resolved:
                        resolved[digest] = Lock(digest, installer.resolve(lines))
                    write_if_changed(path, resolved[digest].text.encode())
                    written.append(path)
                else:
                    path.unlink(missing_ok=True)
        return tuple(written)

    def _path(self, package: str) -> Path:
        return self.sources / package / LOCK

    def _wanted(self, package: str) -> tuple[str, ...]:
        found: list[str] = []
        for one in (package, SHARED):
            path = self.sources / one / REQUIREMENTS
            if path.is_file():
                try:
                    found += requirement_lines(path.read_text(encoding="utf-8"))
                except UnusableLine as error:
                    raise _unusable(path, error) from error
        return tuple(found)


def _unusable(path: Path, error: UnusableLine) -> PreconditionError:
    return PreconditionError(f"{path}:{error.number}: {error}.", code="unlockable")
