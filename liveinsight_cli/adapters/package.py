"""Builds the functions' zips. Any machine, at any time, makes the same bytes of the same sources and locks.

Files are stored, not compressed: what zlib makes of a file differs between its versions, and Terraform compares bytes.
"""

import base64
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.binaries import this_machine
from liveinsight_cli.adapters.contents import Contents, Named, require_fit
from liveinsight_cli.adapters.dependencies import DependencyCache
from liveinsight_cli.adapters.files import unwritable, write_atomically, write_if_changed
from liveinsight_cli.adapters.installer import Installer
from liveinsight_cli.adapters.lock_files import LockFiles
from liveinsight_cli.adapters.source_tree import read_package
from liveinsight_cli.adapters.zip_file import zipped
from liveinsight_cli.core.build import (
    DUMMY,
    PACKAGES,
    SHARED,
    Build,
    BuiltFunction,
    content_digest,
)
from liveinsight_cli.core.lambda_platform import LAMBDA, Platform
from liveinsight_cli.core.requirements import RUNTIME_BRINGS
from liveinsight_cli.errors import ComparisonFailed

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Packager:
    """Builds from `sources` (one package per function and `shared`) into `target`, for `platform`.

    Dependencies are kept in `cache`, beside the zips where none is given.
    """

    sources: Path
    target: Path
    platform: Platform = LAMBDA
    cache: Path | None = None
    is_dummy: bool = False
    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    say: Callable[[str], None] = lambda _: None

    def of_dummies(self) -> "Packager":
        """Return the one that puts a dummy in the place of every function."""
        return replace(self, target=self.target / DUMMY, cache=self._cache, is_dummy=True)

    def lock(self) -> tuple[Path, ...]:
        """Resolve the functions' requirements and write their locks; returns those."""
        return LockFiles(self.sources).write(self._installer)

    def build(self) -> Build:
        """Return the zips of all functions; one whose content did not change is left as it is."""
        known = self._known()
        with unwritable(self.target):
            self.target.mkdir(parents=True, exist_ok=True)
        contents = self._contents()
        with unwritable(self.target):
            functions = tuple(self._one(one, known.get(one.function, {})) for one in contents)
            self._remember(functions, contents)
        return Build(functions, self.is_dummy)

    def check(self, build: Build) -> None:
        """Build every zip once more, in memory; raises ComparisonFailed when the bytes differ from those on disk."""
        for built, contents in zip(build.functions, self._contents(), strict=True):
            if self._zipped(contents) != Path(built.path).read_bytes():
                raise ComparisonFailed(f"Two builds of {built.function} differ.", code="build_differs")

    def needless(self) -> dict[str, tuple[str, ...]]:
        """Return function -> locked dependencies that the runtime has anyway."""
        locks = {function: LockFiles(self.sources).of(PACKAGES[function]) for function in sorted(PACKAGES)}
        found = {
            function: tuple(pin.name for pin in lock.pins if pin.name in RUNTIME_BRINGS)
            for function, lock in locks.items()
            if lock
        }
        return {function: names for function, names in found.items() if names}

    @property
    def _cache(self) -> Path:
        return self.cache or self.target / "dependencies"

    @property
    def _installer(self) -> Installer:
        return Installer(self.variables, this_machine())

    @property
    def _dependencies(self) -> DependencyCache:
        return DependencyCache(self._cache, self.platform, self._installer, self.say)

    def _contents(self) -> tuple[Contents, ...]:
        shared = read_package(self.sources / SHARED, SHARED)
        return tuple(self._content(function, shared) for function in sorted(PACKAGES))

    def _content(self, function: str, shared: Named) -> Contents:
        package = PACKAGES[function]
        source = DUMMY if self.is_dummy else package
        own = sorted([*read_package(self.sources / source, package), *shared])
        lock = LockFiles(self.sources).of(source)
        contents = Contents(function, own, lock, self._dependencies.get(lock) if lock else None)
        require_fit(contents, self.platform)
        return contents

    def _one(self, contents: Contents, known: Mapping[str, Any]) -> BuiltFunction:
        function, digest = contents.function, content_digest(contents.files)
        path = self.target / f"{function}.zip"
        sha256 = _sha256_of(path)
        cached = known.get("digest") == digest and sha256.hex() == known.get("zip_sha256")
        if not cached:
            content = self._zipped(contents)
            write_atomically(path, content)
            sha256 = hashlib.sha256(content).digest()
        code_sha256 = base64.b64encode(sha256).decode()
        dependencies = len(contents.lock.pins) if contents.lock else 0
        return BuiltFunction(
            function, digest, path.stat().st_size, str(path), cached, code_sha256, dependencies
        )

    def _zipped(self, contents: Contents) -> bytes:
        others = self._dependencies.contents(contents.lock) if contents.lock else []
        return zipped([*contents.own, *others])

    def _known(self) -> dict[str, Any]:
        try:
            manifest = json.loads((self.target / MANIFEST).read_text(encoding="utf-8"))
            return {name: dict(entry) for name, entry in manifest["functions"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def _remember(self, functions: Iterable[BuiltFunction], contents: Iterable[Contents]) -> None:
        entries = {
            built.function: {
                "digest": built.digest,
                "size_bytes": built.size_bytes,
                "zip": Path(built.path).name,
                "zip_sha256": base64.b64decode(built.code_sha256).hex(),
                "code_sha256": built.code_sha256,
                "lock": one.lock.digest if one.lock else None,
                "dependencies": {pin.name: pin.version for pin in one.lock.pins} if one.lock else {},
                "files": {file.path: file.sha256 for file in one.files},
            }
            for built, one in zip(functions, contents, strict=True)
        }
        platform = {"python": self.platform.python_version, "architecture": self.platform.architecture}
        manifest = {"schema": 1, "platform": platform, "functions": entries}
        write_if_changed(
            self.target / MANIFEST, (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode()
        )


def _sha256_of(path: Path) -> bytes:
    """Return a file's SHA-256; of what is not there, or not a file, nothing."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return b""
