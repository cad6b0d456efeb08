"""The list of crawlers is what the packages make of it, and it is shipped with their licenses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from liveinsight_cli.core.build import belongs_into_zip
from tests.conftest import REPOSITORY

COLLECTOR = REPOSITORY / "lambdas" / "event_collector"


def test_the_list_is_current() -> None:
    command = [sys.executable, "tools/crawler_list.py", "--check"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_list_is_in_order_because_it_is_searched_by_halves() -> None:
    lines = (COLLECTOR / "crawlers.txt").read_text(encoding="utf-8").splitlines()
    assert lines == sorted(lines)


@pytest.mark.parametrize("name", ["crawlers.txt", "crawlers.LICENSE"])
def test_the_list_and_its_licenses_are_shipped(name: str) -> None:
    assert belongs_into_zip((COLLECTOR / name).relative_to(REPOSITORY / "lambdas"))  # type: ignore[arg-type]


def test_both_copyright_notices_are_kept() -> None:
    notices = (COLLECTOR / "crawlers.LICENSE").read_text(encoding="utf-8")
    assert "Martin Monperrus" in notices
    assert "Vitalii Shishorin" in notices
    assert notices.count("Permission is hereby granted") == 2
