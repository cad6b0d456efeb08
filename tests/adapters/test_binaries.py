"""Compiled files are looked into: architecture, C library, Python."""

import importlib.util
import struct
from pathlib import Path

import pytest

from liveinsight_cli.adapters.binaries import is_binary, refusals, this_machine
from liveinsight_cli.core.lambda_platform import LAMBDA, Platform
from tests.adapters.wheels import elf

pytestmark = pytest.mark.skipif(this_machine().glibc is None, reason="needs binaries for glibc")


def real_extension() -> bytes:
    spec = importlib.util.find_spec("psutil._psutil_linux")
    assert spec is not None
    return Path(str(spec.origin)).read_bytes()


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("a/fast.so", elf("arm64"), None),
        ("a/fast.so", elf("x86_64"), "a/fast.so: is for x86_64"),
        ("bin/tool", elf("x86_64"), "bin/tool: is for x86_64"),
        ("a/fast.cpython-311-aarch64-linux-gnu.so", elf("arm64"), None),
        ("a/fast.abi3.so", elf("arm64"), None),
        (
            "a/fast.cpython-312-aarch64-linux-gnu.so",
            elf("arm64"),
            "a/fast.cpython-312-aarch64-linux-gnu.so: is for Python 3.12",
        ),
        (
            "a/fast.cpython-311-aarch64-linux-musl.so",
            elf("arm64"),
            "a/fast.cpython-311-aarch64-linux-musl.so: is for musl, not for glibc",
        ),
        ("a/fast.so", b"\xcf\xfa\xed\xfe" + bytes(60), "a/fast.so: is for macOS"),
    ],
)
def test_what_lambda_would_not_load_is_named(path: str, content: bytes, said: str | None) -> None:
    assert is_binary(content)
    assert refusals([(path, content)], LAMBDA) == ([said] if said else [])


def test_half_a_file_is_named() -> None:
    (line,) = refusals([("a/fast.so", elf("arm64")[:40])], LAMBDA)
    assert line.startswith("a/fast.so: is damaged")


def test_a_module_for_several_pythons_is_fine_when_one_of_them_is_right() -> None:
    found = [(f"a/fast.cpython-{version}-aarch64-linux-gnu.so", elf("arm64")) for version in (310, 311, 312)]
    assert refusals(found, LAMBDA) == []


def test_a_real_extension_of_this_python_runs_here_and_not_with_an_older_c_library() -> None:
    here, content = this_machine(), real_extension()
    assert refusals([("real.so", content)], here) == []
    (line,) = refusals([("real.so", content)], Platform(here.python, here.architecture, (2, 1)))
    assert line.startswith("real.so: needs glibc 2.")


def test_offsets_and_counts_that_cannot_be_are_damage() -> None:
    far = bytearray(elf("arm64"))
    far[0x20:0x28], far[0x38] = b"\xff" * 8, 1  # one program header, beyond everything
    (line,) = refusals([("a/fast.so", bytes(far))], LAMBDA)
    assert line.startswith("a/fast.so: is damaged")
    (line,) = refusals([("a/fast.so", endless())], LAMBDA)
    assert line == "a/fast.so: is damaged (it names too many versions)"


def endless() -> bytes:
    """Return a library that names as many versions as a count can hold, each of them the same."""
    header = bytearray(elf("arm64"))
    names = b"\0libc.so.6\0GLIBC_2.17\0"
    needed = struct.pack("<HHIII", 1, 1, 1, 16, 0) + struct.pack("<IHHII", 0, 0, 0, 11, 0)
    at = len(header)
    header[0x28:0x30] = struct.pack("<Q", at + len(names) + len(needed))
    header[0x3C:0x40] = struct.pack("<HH", 3, 2)
    strings = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, at, len(names), 0, 0, 1, 0)
    versions = struct.pack(
        "<IIQQQQIIQQ", 0, 0x6FFFFFFE, 0, 0, at + len(names), len(needed), 2, 2**32 - 1, 4, 0
    )
    return bytes(header) + names + needed + bytes(64) + versions + strings
