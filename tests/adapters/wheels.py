"""Makes small wheels by hand, and places for pip and uv to find them without a network."""

import base64
import hashlib
import struct
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

HERE = f"cp{sys.version_info[0]}{sys.version_info[1]}"
MACHINES = {"arm64": 183, "x86_64": 62}


def elf(architecture: str) -> bytes:
    """Return a shared library of nothing but its header."""
    identity = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    return identity + struct.pack(
        "<HHIQQQIHHHHHH", 3, MACHINES[architecture], 1, 0, 0, 0, 0, 64, 56, 0, 64, 0, 0
    )


def wheel(
    directory: Path,
    name: str,
    files: Mapping[str, bytes],
    tag: str = "py3-none-any",
    requires: str = "",
    version: str = "1.0",
) -> Path:
    """Write a wheel with a command of its own into a directory."""
    directory.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    wants = f"Requires-Dist: {requires}\n" if requires else ""
    everything = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{wants}".encode(),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n".encode(),
    }
    rows = [f"{path},{_recorded(content)},{len(content)}" for path, content in everything.items()]
    everything[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,"]).encode()
    target = directory / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in everything.items():
            archive.writestr(path, content)
    return target


def offline(wheels: Path, path: Path) -> dict[str, str]:
    """Return an environment in which uv and pip know these wheels only, and programs are found in `path` only."""
    return {
        "PATH": str(path),
        "HOME": str(path),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_NO_CACHE_DIR": "1",
        "UV_NO_CONFIG": "1",
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(wheels),
        "UV_NO_CACHE": "1",
    }


def _recorded(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
