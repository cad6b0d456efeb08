"""What a zip is made of, and the digest that says whether two are the same: its content, never the zip's bytes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from liveinsight_cli.core.requirements import LOCK, REQUIREMENTS

# Function -> its package. `shared` goes into every zip; docs/architecture.md, "Contract: functions".
PACKAGES: Mapping[str, str] = {
    "event-collector": "event_collector",
    "realtime-api": "realtime_api",
    "stats-api": "stats_api",
    "aggregator": "aggregator",
}
SHARED = "shared"
DUMMY = "dummy"  # stands in for every function's own package
FILE_MODE = 0o644
PROGRAM_MODE = 0o755
ELF = b"\x7fELF"
LEFT_OUT_DIRECTORIES = frozenset({"__pycache__", "tests"})
LEFT_OUT_SUFFIXES = frozenset({".pyc", ".pyo", ".orig", ".rej", ".swp"})
UNPACKED_LIMIT = 262_144_000  # bytes; Lambda's, whatever the zip's own size is as long as it comes through S3


@dataclass(frozen=True)
class SourceFile:
    """One file of a zip; `path` is its name inside, with slashes."""

    path: str
    sha256: str
    mode: int = FILE_MODE


@dataclass(frozen=True)
class BuiltFunction:
    """A zip on disk. `cached` says that it was there already; `code_sha256` is what Lambda calls CodeSha256."""

    function: str
    digest: str
    size_bytes: int
    path: str
    cached: bool
    code_sha256: str
    dependencies: int = 0


@dataclass(frozen=True)
class Build:
    """The zips of all functions, sorted by name; or of dummies in their place."""

    functions: tuple[BuiltFunction, ...]
    is_dummy: bool = False

    @property
    def digests(self) -> dict[str, str]:
        """Function -> content digest."""
        return {built.function: built.digest for built in self.functions}

    @property
    def zips(self) -> dict[str, str]:
        """Function -> path of its zip."""
        return {built.function: built.path for built in self.functions}

    @property
    def code_sha256(self) -> dict[str, str]:
        """Function -> hash of its zip, as Lambda reports it."""
        return {built.function: built.code_sha256 for built in self.functions}


def belongs_into_zip(path: PurePosixPath) -> bool:
    """Tell whether a file below a package is shipped: no bytecode, tests, requirements, hidden and editors' files.

    `path` begins with the package.
    """
    hidden = any(part.startswith(".") for part in path.parts)
    left_out = bool(LEFT_OUT_DIRECTORIES & set(path.parts[:-1])) or path.suffix in LEFT_OUT_SUFFIXES
    required = len(path.parts) == 2 and path.name in (REQUIREMENTS, LOCK)
    return not (hidden or left_out or required or path.name.endswith("~"))


def file_mode(content: bytes) -> int:
    """Return a file's mode in the zip: by what it is, as checkouts and umasks do not agree on modes."""
    return PROGRAM_MODE if content.startswith((ELF, b"#!")) else FILE_MODE


def content_digest(files: Iterable[SourceFile]) -> str:
    """Return the hex SHA-256 over path, mode and content hash of each file, in the order of the paths."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda one: one.path):
        digest.update(f"{file.path}\0{file.mode:o}\0{file.sha256}\n".encode())
    return digest.hexdigest()


def same_but_for_case(paths: Iterable[str]) -> tuple[str, str] | None:
    """Return two paths that a file system without case would take for one; sorted input."""
    seen: dict[str, str] = {}
    for path in paths:
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            return other, path
    return None


def name_clash(dependencies: Mapping[str, str], packages: Iterable[str]) -> str | None:
    """Say which dependency (path -> distribution) would lie over, or behind, one of our own packages."""
    taken = {package.casefold() for package in packages}
    for path, distribution in sorted(dependencies.items()):
        if path.partition("/")[0].partition(".")[0].casefold() in taken:
            return f"{distribution} brings {path}, a name that is taken by the function's own packages"
    return None


def too_big(sizes: Mapping[str, int]) -> str | None:
    """Say by how much the parts of a zip (name -> bytes) exceed what Lambda unpacks, and which are the biggest."""
    total = sum(sizes.values())
    if total <= UNPACKED_LIMIT:
        return None
    biggest = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))[:5]
    parts = ", ".join(f"{name} {mebibytes(size)}" for name, size in biggest)
    return (
        f"{mebibytes(total)} unpacked, {mebibytes(total - UNPACKED_LIMIT)} more than Lambda takes "
        f"({UNPACKED_LIMIT // 2**20} MiB). The biggest parts: {parts}."
    )


def mebibytes(size: int) -> str:
    """Return a size in words."""
    return f"{size / 2**20:.1f} MiB"
