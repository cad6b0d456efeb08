"""What a zip is made of, and the digest that says whether two are the same: its content, never the zip's bytes."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

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
LEFT_OUT_DIRECTORIES = frozenset({"__pycache__", "tests"})
LEFT_OUT_SUFFIXES = frozenset({".pyc", ".pyo", ".orig", ".rej", ".swp"})


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
    def code_sha256(self) -> dict[str, str]:
        """Function -> hash of its zip, as Lambda reports it."""
        return {built.function: built.code_sha256 for built in self.functions}


def belongs_into_zip(path: PurePosixPath) -> bool:
    """Tell whether a file below a package is shipped: no bytecode, tests, or hidden and editors' files."""
    hidden = any(part.startswith(".") for part in path.parts)
    left_out = bool(LEFT_OUT_DIRECTORIES & set(path.parts[:-1])) or path.suffix in LEFT_OUT_SUFFIXES
    return not (hidden or left_out or path.name.endswith("~"))


def content_digest(files: Iterable[SourceFile]) -> str:
    """Return the hex SHA-256 over path, mode and content hash of each file, in the order of the paths."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda one: one.path):
        digest.update(f"{file.path}\0{file.mode:o}\0{file.sha256}\n".encode())
    return digest.hexdigest()
