"""Reads a package's own files for a zip: the same from any checkout, or an error that says which file."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from liveinsight_cli.core.build import belongs_into_zip
from liveinsight_cli.errors import PreconditionError


def read_package(root: Path, name: str) -> list[tuple[str, bytes]]:
    """Return (name in the zip, content) of what is shipped of the package at `root`, called `name` in the zip.

    A link to a file counts as the file: some installers make nothing but links. Raises PreconditionError.
    """
    if not (root / "__init__.py").is_file():
        raise PreconditionError(
            f"The sources of the functions are incomplete: {root} is not a package.",
            hint="Install liveinsight again.",
        )
    return sorted((_readable(path), content) for path, content in _files(root, PurePosixPath(name)))


def _files(directory: Path, name: PurePosixPath) -> Iterator[tuple[PurePosixPath, bytes]]:
    with os.scandir(directory) as entries:
        for entry in entries:
            inside = name / entry.name
            if not belongs_into_zip(inside / "_" if entry.is_dir() else inside):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), inside)
            elif entry.is_file():
                yield inside, Path(entry.path).read_bytes()
            else:
                raise _unshippable(entry)


def _unshippable(entry: "os.DirEntry[str]") -> PreconditionError:
    if not entry.is_symlink():
        what = "neither a file nor a directory"
    else:
        what = "a link to a directory" if entry.is_dir() else "a link to nothing"
    return PreconditionError(
        f"{_printable(entry.path)} is {what}; a function's zip holds files only.",
        code="unshippable_file",
        hint="Remove it, or put real files in its place.",
    )


def _readable(path: PurePosixPath) -> str:
    """Return the name as it is in UTF-8, whatever the locale, in one of the two ways that systems write accents."""
    try:
        name = os.fsencode(str(path)).decode()
    except UnicodeDecodeError as error:
        raise PreconditionError(
            f"The name of {_printable(str(path))} is not UTF-8; a zip cannot hold it.",
            code="unshippable_file",
            hint="Rename the file.",
        ) from error
    return unicodedata.normalize("NFC", name)


def _printable(path: str) -> str:
    return os.fsencode(path).decode(errors="backslashreplace")
