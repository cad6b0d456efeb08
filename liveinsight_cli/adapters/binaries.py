"""Looks into compiled files: would the platform that a function runs on load them? Nothing is run to find out."""

import io
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, cast

from liveinsight_cli.core.build import ELF
from liveinsight_cli.core.lambda_platform import LAMBDA, Architecture, GlibcVersion, Platform

MACH_O = b"\xcf\xfa\xed\xfe"  # 64 bits, little endian: every Mac of today
ELF_MACHINES = {"EM_AARCH64": "arm64", "EM_X86_64": "x86_64"}
# DT_RELR came with a version name of its own, in glibc 2.36.
NAMED_VERSIONS: dict[str, GlibcVersion] = {"GLIBC_ABI_DT_RELR": (2, 36)}
VERSIONS_AT_MOST = 10_000  # the biggest programs name some hundred
EXTENSION = re.compile(r"(?P<module>.+?)\.(cpython-(?P<python>\d+)[a-z]*(-[^.]+)?|(?P<stable>abi3))?\.?so$")


def this_machine() -> Platform:
    """Return what functions run on in the embedded AWS: this Python, on this machine."""
    by_machine = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64", "AMD64": "x86_64"}
    architecture = by_machine.get(platform.machine(), LAMBDA.architecture)
    library, version = platform.libc_ver()
    found = re.match(r"(\d+)\.(\d+)", version) if library == "glibc" else None
    glibc = (int(found[1]), int(found[2])) if found else None
    return Platform(sys.version_info[:2], cast(Architecture, architecture), glibc, is_this_machine=True)


def is_binary(content: bytes) -> bool:
    """Tell whether a file is compiled, by its first bytes."""
    return content.startswith((ELF, MACH_O))


def refusals(files: Iterable[tuple[str, bytes]], where: Platform) -> list[str]:
    """Return one line for each compiled file that `where` cannot load. `files` are (path, content) of compiled ones."""
    if where.glibc is None:
        return []
    found = list(files)
    lines = [f"{path}: {why}" for path, content in found for why in _refusal(path, content, where)]
    return sorted([*lines, *_wrong_python((path for path, _ in found), where)])


def _refusal(path: str, content: bytes, where: Platform) -> Iterator[str]:
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    if content.startswith(MACH_O):
        yield "is for macOS"
        return
    try:
        elf: Any = ELFFile(io.BytesIO(content))
        if elf.header.e_type not in ("ET_EXEC", "ET_DYN"):  # an object file is data to whoever ships it
            return
        machine = ELF_MACHINES.get(elf.header.e_machine, elf.header.e_machine.removeprefix("EM_").lower())
        if machine != where.architecture:
            yield f"is for {machine}"
        elif any("musl" in name for name in (path.rpartition("/")[2], *_libraries(elf))):
            yield "is for musl, not for glibc"
        elif (needed := max(_glibc_versions(elf), default=(0, 0))) > (where.glibc or needed):
            yield f"needs glibc {needed[0]}.{needed[1]}"
    except (ELFError, ValueError, LookupError, AttributeError, OverflowError, AssertionError) as error:
        yield f"is damaged ({error})"


def _libraries(elf: Any) -> Iterator[str]:
    """The loader and the libraries that the file names."""
    for segment in elf.iter_segments():
        if segment.header.p_type == "PT_INTERP":
            yield segment.get_interp_name()
        elif segment.header.p_type == "PT_DYNAMIC":
            yield from (tag.needed for tag in segment.iter_tags("DT_NEEDED"))


def _glibc_versions(elf: Any) -> Iterator[GlibcVersion]:
    from elftools.elf.gnuversions import GNUVerNeedSection

    seen = 0
    for section in elf.iter_sections():
        if not isinstance(section, GNUVerNeedSection):
            continue
        for _, needed in section.iter_versions():
            for version in needed:
                seen += 1
                if seen > VERSIONS_AT_MOST:  # a damaged count would keep us busy for hours
                    raise ValueError("it names too many versions")
                name = version.name
                found = re.fullmatch(r"GLIBC_(\d+)\.(\d+)(\.\d+)?", name)
                if found:
                    yield int(found[1]), int(found[2])
                elif name in NAMED_VERSIONS:
                    yield NAMED_VERSIONS[name]


def _wrong_python(paths: Iterable[str], where: Platform) -> Iterator[str]:
    """Yield the modules that are there for other Pythons only: nothing could import them."""
    wanted = f"{where.python[0]}{where.python[1]}"
    pythons: dict[str, dict[str, str]] = {}
    for path in paths:
        found = EXTENSION.fullmatch(path)
        if found:
            python = found["python"] or wanted  # abi3 and plain names fit every Python 3
            pythons.setdefault(found["module"], {})[python] = path
    for there in pythons.values():
        if wanted not in there:
            python, path = max(there.items())
            yield f"{path}: is for Python {python[0]}.{python[1:]}"
