"""Unpacked code and the directory of libraries that AWS's runtime brings along."""

import hashlib
import importlib.util
import io
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

RUNTIME_PACKAGES = (
    "awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py",
    "boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six",
)  # fmt: skip
MAX_UNPACKED_BYTES = 262_144_000  # Lambda's limit


class UnusablePackage(Exception):
    """A deployed zip that Lambda could not have unpacked."""


class CodeCache:
    """Directories of unpacked code, one for each content, under one root."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def unpacked(self, code: bytes) -> Path:
        """The directory that holds the zip's files; unpacked at most once.

        Raises UnusablePackage.
        """
        target = self._root / "code" / hashlib.sha256(code).hexdigest()[:32]
        if not target.exists():
            _install(target, lambda directory: _unzip(code, directory))
        return target

    def libraries(self) -> Path:
        """A directory in which only the runtime's own libraries can be imported."""
        origins = {name: _origin(name) for name in RUNTIME_PACKAGES}
        found = {path.name: path for path in origins.values() if path is not None}
        digest = hashlib.sha256("\n".join(f"{name} {path}" for name, path in sorted(found.items())).encode())
        target = self._root / "libraries" / digest.hexdigest()[:16]
        if not target.exists():
            _install(target, lambda directory: _link(found, directory))
        return target


def _install(target: Path, fill: Callable[[Path], None]) -> None:
    """Fill a directory beside the target and move it there in one step: nobody sees it half done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    directory = Path(tempfile.mkdtemp(dir=target.parent, prefix=".new-"))
    try:
        fill(directory)
        directory.chmod(0o755)
        directory.rename(target)
    except OSError:
        if not target.is_dir():  # another thread may have been first
            raise
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _unzip(code: bytes, directory: Path) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(code)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise UnusablePackage(f"Unzipped size must be smaller than {MAX_UNPACKED_BYTES} bytes")
            for member in archive.infolist():
                _extract(archive, member, directory)
    except zipfile.BadZipFile as error:
        raise UnusablePackage(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from error


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, directory: Path) -> None:
    name = PurePosixPath(member.filename)
    mode = member.external_attr >> 16
    if name.is_absolute() or ".." in name.parts or "\\" in member.filename or stat.S_ISLNK(mode):
        raise UnusablePackage(f"The package holds a path outside of itself: {member.filename}")
    target = directory.joinpath(*name.parts)
    if member.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(archive.read(member))
    target.chmod(0o755 if mode & 0o100 else 0o644)


def _origin(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return origin.parent if spec.submodule_search_locations else origin


def _link(found: dict[str, Path], directory: Path) -> None:
    for name, origin in found.items():
        (directory / name).symlink_to(origin)
