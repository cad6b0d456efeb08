"""Goes through a fresh installation: what of it is shipped, what each file came with, and whether it could be loaded.

What is shipped depends on the wheels alone, not on the tool or the machine that installed them.
"""

import csv
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from liveinsight_cli.adapters.binaries import is_binary, refusals
from liveinsight_cli.core.build import file_mode
from liveinsight_cli.core.lambda_platform import Platform
from liveinsight_cli.errors import PreconditionError

# Written by the installer, not by the wheel; and RECORD lists those.
INSTALLERS_OWN = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"})
SHOWN = 5


@dataclass(frozen=True)
class InstalledFile:
    """A file that is shipped; `distribution` is the name and version of what it came with."""

    path: str
    sha256: str
    size_bytes: int
    mode: int
    distribution: str


def survey(root: Path, platform: Platform) -> list[InstalledFile]:
    """Return what is shipped of an installation; raises PreconditionError for what could not be loaded, by name."""
    owners = _owners(root)
    found: list[InstalledFile] = []
    compiled: list[tuple[str, bytes]] = []
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and _is_shipped(
            PurePosixPath(name), has_bin_package=(root / "bin/__init__.py").exists()
        ):
            content = path.read_bytes()
            owner = owners.get(name.as_posix(), "an unknown distribution")
            digest = hashlib.sha256(content).hexdigest()
            found.append(InstalledFile(name.as_posix(), digest, len(content), file_mode(content), owner))
            if is_binary(content):
                compiled.append((name.as_posix(), content))
    refuse(
        [f"{line} ({owners.get(line.partition(': ')[0], '?')})" for line in refusals(compiled, platform)],
        platform,
    )
    return found


def refuse(lines: list[str], platform: Platform) -> None:
    """Raise PreconditionError for compiled files that the platform cannot load, unless there are none."""
    if not lines:
        return
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    raise PreconditionError(
        f"{platform.name} cannot load what a function would bring along:\n"
        + "\n".join([*lines[:SHOWN], *more]),
        code="wrong_binary",
        hint="Take a version that has a wheel for this platform, or build the file for it.",
    )


def _is_shipped(path: PurePosixPath, *, has_bin_package: bool) -> bool:
    if path.suffix == ".pyc" or "__pycache__" in path.parts:
        return False
    if len(path.parts) == 1 and path.name.startswith("."):  # uv leaves a lock
        return False
    if (
        path.parts[0] == "bin" and not has_bin_package
    ):  # commands, with the path of this machine's Python in them
        return False
    return not (path.parts[0].endswith(".dist-info") and path.name in INSTALLERS_OWN and len(path.parts) == 2)


def _owners(root: Path) -> dict[str, str]:
    """Return path -> distribution; raises PreconditionError where two bring the same path with different contents."""
    owners: dict[str, tuple[str, str]] = {}
    for record in sorted(root.glob("*.dist-info/RECORD")):
        distribution = record.parent.name.removesuffix(".dist-info").replace("-", " ", 1)
        for path, digest in _recorded(record):
            other, its_digest = owners.setdefault(path, (distribution, digest))
            if its_digest != digest:
                raise PreconditionError(
                    f"{other} and {distribution} both bring {path}, with different contents.",
                    code="dependencies_clash",
                    hint="Leave one of them out: which of the two a function would get is chance.",
                )
    return {path: distribution for path, (distribution, _) in owners.items()}


def _recorded(record: Path) -> Iterator[tuple[str, str]]:
    with record.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if row and not row[0].startswith("..") and not row[0].startswith("bin/"):
                yield row[0], row[1] if len(row) > 1 else ""
