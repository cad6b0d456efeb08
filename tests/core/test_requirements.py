"""Requirements, locks, and the platform they are made for."""

import re

import pytest

from liveinsight_cli.assets import terraform_sources
from liveinsight_cli.core.build import UNPACKED_LIMIT, file_mode, name_clash, same_but_for_case, too_big
from liveinsight_cli.core.lambda_platform import LAMBDA, Platform
from liveinsight_cli.core.requirements import (
    Lock,
    Pin,
    UnusableLine,
    parse_lock,
    pins_of,
    requirement_lines,
    requirements_digest,
)

A, B = "a" * 64, "b" * 64


def test_the_platform_is_the_one_that_terraform_deploys() -> None:
    text = (terraform_sources() / "modules/function/main.tf").read_text(encoding="utf-8")
    assert re.findall(r'runtime\s+= "(.+)"', text) == [f"python{LAMBDA.python_version}"]
    assert re.findall(r"architectures\s+= (.+)", text) == [f'["{LAMBDA.architecture}"]']


def test_wheels_are_taken_from_the_newest_tag_that_lambda_can_load_downwards() -> None:
    assert LAMBDA.wheel_tags == ("manylinux_2_17_aarch64", "manylinux2014_aarch64")
    other = Platform((3, 11), "x86_64", (2, 26)).wheel_tags
    assert other[:3] == ("manylinux_2_17_x86_64", "manylinux2014_x86_64", "manylinux_2_16_x86_64")
    assert other[-1] == "manylinux_2_5_x86_64"


def test_a_lock_is_read_as_it_was_written() -> None:
    lock = Lock(
        requirements_digest(["one", "two"]), (Pin("one", "1.0", (A, B)), Pin("two", "2!1.0+local", (B,)))
    )
    assert parse_lock(lock.text) == lock
    assert parse_lock(lock.text.replace("\n", "\r\n")) == lock


def test_pins_are_read_however_a_tool_lays_them_out() -> None:
    text = f"# made by somebody\nTwo_Words==1.0 --hash=sha256:{A}   # via one\n\n"
    text += f"one==2 \\\n  --hash=sha256:{B} \\\n  --hash=sha256:{A}"
    assert pins_of(text) == (Pin("one", "2", (A, B)), Pin("two-words", "1.0", (A,)))


@pytest.mark.parametrize(
    "line", ["one>=1", "one==1.0", f"one==1.* --hash=sha256:{A}", "one==1 --hash=md5:0", "-e ."]
)
def test_what_is_not_a_version_with_hashes_is_no_lock(line: str) -> None:
    with pytest.raises(UnusableLine) as caught:
        pins_of(f"\n{line}\n")
    assert caught.value.number == 2


@pytest.mark.parametrize(
    "line",
    [
        "--index-url x",
        "-e .",
        "https://x",
        "a @ b",
        "a@file:b",
        "a.whl#x/y",
        "./a",
        "a/b",
        "a\\b",
        "..",
        "a>1 \\",
    ],
)
def test_a_requirement_is_a_release_of_an_index_on_a_line_of_its_own(line: str) -> None:
    with pytest.raises(UnusableLine):
        requirement_lines(line)
    assert requirement_lines('a[b,c]~=1.0,!=1.1; python_version < "3.13"  # why\n') != ()


def test_a_zip_that_lambda_would_not_unpack_says_by_how_much_and_what_is_biggest() -> None:
    assert too_big({"stats_api": UNPACKED_LIMIT}) is None
    said = too_big({"stats_api": 2**20, "big 1.0": UNPACKED_LIMIT, "small 1.0": 1})
    assert said is not None
    assert said.startswith(
        "251.0 MiB unpacked, 1.0 MiB more than Lambda takes (250 MiB). The biggest parts: big 1.0 "
    )


def test_a_file_is_executable_by_what_it_holds() -> None:
    assert [oct(file_mode(content)) for content in (b"#!/bin/sh", b"\x7fELF", b"import os", b"")] == [
        "0o755",
        "0o755",
        "0o644",
        "0o644",
    ]


@pytest.mark.parametrize(
    "path", ["shared/x.py", "Shared/x.py", "shared.py", "shared.abi3.so", "stats_api/__init__.py"]
)
def test_a_dependency_may_not_lie_over_our_own_packages(path: str) -> None:
    assert name_clash({"fine/x.py": "fine 1", path: "thief 1"}, ("stats_api", "shared")) is not None
    assert (
        name_clash({"fine/shared.py": "fine 1", "sharedness/x.py": "fine 1"}, ("stats_api", "shared")) is None
    )


def test_names_that_differ_in_case_only_are_found() -> None:
    assert same_but_for_case(["a/B.py", "a/b.py"]) == ("a/B.py", "a/b.py")
    assert same_but_for_case(["a/b.py", "b/b.py"]) is None
