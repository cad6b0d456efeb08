"""Builds the functions' zips. Any machine, at any time, makes the same bytes of the same sources.

Files are stored, not compressed: what zlib makes of a file differs between its versions, and Terraform compares bytes.
"""

import base64
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.core.build import (
    DUMMY,
    FILE_MODE,
    PACKAGES,
    SHARED,
    Build,
    BuiltFunction,
    SourceFile,
    belongs_into_zip,
    content_digest,
)
from liveinsight_cli.errors import ComparisonFailed, PreconditionError

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold
UNIX = 3
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Packager:
    """Builds from `sources` (one package per function and `shared`) into `target`."""

    sources: Path
    target: Path
    is_dummy: bool = False

    def of_dummies(self) -> "Packager":
        """Return the one that puts a dummy in the place of every function."""
        return replace(self, target=self.target / DUMMY, is_dummy=True)

    def build(self) -> Build:
        """Return the zips of all functions; one whose content did not change is left as it is."""
        known = self._known()
        with unwritable(self.target):
            self.target.mkdir(parents=True, exist_ok=True)
            functions = tuple(self._one(function, known) for function in sorted(PACKAGES))
            self._remember(functions)
        return Build(functions, self.is_dummy)

    def check(self, build: Build) -> None:
        """Build every zip once more, in memory; raises ComparisonFailed when the bytes differ from those on disk."""
        for built in build.functions:
            if _zipped(self._files(built.function)) != Path(built.path).read_bytes():
                raise ComparisonFailed(f"Two builds of {built.function} differ.", code="build_differs")

    def _one(self, function: str, known: dict[str, Any]) -> BuiltFunction:
        files = self._files(function)
        digest = content_digest(SourceFile(name, _sha256(content)) for name, content in files)
        path = self.target / f"{function}.zip"
        entry = known.get(function, {})
        there = path.read_bytes() if os.access(path, os.R_OK) and path.is_file() else b""
        cached = entry.get("digest") == digest and _sha256(there) == entry.get("zip_sha256")
        content = there if cached else _zipped(files)
        if not cached:
            write_atomically(path, content)
        return BuiltFunction(function, digest, len(content), str(path), cached, _code_sha256(content))

    def _files(self, function: str) -> list[tuple[str, bytes]]:
        """Return (name in the zip, content) of a function's files, sorted."""
        found: list[tuple[str, bytes]] = []
        own = PACKAGES[function]
        for package, source in ((own, DUMMY if self.is_dummy else own), (SHARED, SHARED)):
            root = self.sources / source
            if not (root / "__init__.py").is_file():
                raise PreconditionError(
                    f"The sources of {function} are incomplete: {root} is not a package.",
                    hint="Install liveinsight again.",
                )
            for path in root.rglob("*"):
                name = PurePosixPath(package, path.relative_to(root).as_posix())
                if path.is_file() and belongs_into_zip(name):
                    found.append((str(name), path.read_bytes()))
        return sorted(found)

    def _known(self) -> dict[str, Any]:
        try:
            manifest = json.loads((self.target / MANIFEST).read_text(encoding="utf-8"))
            return dict(manifest["functions"])
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def _remember(self, functions: Iterable[BuiltFunction]) -> None:
        entries = {
            built.function: {
                "digest": built.digest,
                "size_bytes": built.size_bytes,
                "zip": Path(built.path).name,
                "zip_sha256": _sha256(Path(built.path).read_bytes()),
                "files": {name: _sha256(content) for name, content in self._files(built.function)},
            }
            for built in functions
        }
        text = json.dumps({"schema": 1, "functions": entries}, indent=2, sort_keys=True) + "\n"
        path = self.target / MANIFEST
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text.encode())


def _zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = UNIX
            info.external_attr = (0o100000 | FILE_MODE) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def _code_sha256(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
