"""What goes into a zip, and what its digest depends on."""

from pathlib import PurePosixPath

import pytest

from liveinsight_cli.core.build import SourceFile, belongs_into_zip, content_digest

A, B = SourceFile("a.py", "1" * 64), SourceFile("b.py", "2" * 64)


def test_the_order_of_the_files_does_not_matter() -> None:
    assert content_digest([A, B]) == content_digest([B, A])


@pytest.mark.parametrize(
    "other", [SourceFile("a.py", "3" * 64), SourceFile("c.py", "1" * 64), SourceFile("a.py", "1" * 64, 0o755)]
)
def test_content_name_and_mode_each_change_the_digest(other: SourceFile) -> None:
    assert content_digest([A, B]) != content_digest([other, B])


@pytest.mark.parametrize(
    ("path", "belongs"),
    [
        ("stats_api/handler.py", True),
        ("shared/data/table.json", True),
        ("shared/__pycache__/keys.cpython-311.pyc", False),
        ("shared/keys.pyc", False),
        ("stats_api/tests/test_it.py", False),
        ("stats_api/tests.py", True),
        ("stats_api/.hidden", False),
        ("stats_api/handler.py~", False),
        (".mypy_cache/x.json", False),
    ],
)
def test_bytecode_tests_and_leftovers_are_not_shipped(path: str, belongs: bool) -> None:
    assert belongs_into_zip(PurePosixPath(path)) is belongs
