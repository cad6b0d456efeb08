"""When files count as saved."""

import os
from pathlib import Path

import pytest

from liveinsight_cli.adapters.watching import Snapshot, saves, snapshot


class Nobody(Exception):
    """Nothing happens any more."""


def seen(known: Snapshot, *looks: Snapshot) -> list[tuple[str, ...]]:
    """Return what is told while the files look like this, one after the other."""
    pending = list(looks)

    def look() -> Snapshot:
        if not pending:
            raise Nobody
        return pending.pop(0)

    found: list[tuple[str, ...]] = []
    with pytest.raises(Nobody):
        found.extend(saves(look, lambda _: None, known))  # takes one after the other, also before the end
    return found


A1, A2, A3 = {"a": (1, 1)}, {"a": (2, 1)}, {"a": (3, 1)}


def test_a_save_is_told_once_the_files_are_at_rest() -> None:
    assert seen(A1, A1, A2) == []
    assert seen(A1, A1, A2, A2) == [("a",)]
    assert seen(A1, A2, A2, A2, A2) == [("a",)]


def test_saves_that_follow_each_other_are_one() -> None:
    assert seen(A1, A2, A3, {**A3, "b": (3, 1)}, {**A3, "b": (3, 1)}) == [("a", "b")]


def test_what_is_written_back_at_once_is_no_save() -> None:
    assert seen(A1, A2, A1, A1) == []


def test_a_file_that_comes_or_goes_is_a_save() -> None:
    assert seen({}, A1, A1, {}, {}) == [("a",), ("a",)]


def test_only_files_that_are_shipped_are_looked_at(tmp_path: Path) -> None:
    package = tmp_path / "stats_api"
    (package / "__pycache__").mkdir(parents=True)
    for name in (
        "handler.py",
        "__pycache__/handler.cpython-311.pyc",
        ".handler.py.swp",
        "handler.py~",
        "list.txt",
    ):
        (package / name).write_text("")
    assert {Path(name).name for name in snapshot([package, tmp_path / "not there"])} == {
        "handler.py",
        "list.txt",
    }


def test_a_save_with_the_same_size_and_a_removed_file_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "stats_api" / "handler.py"
    path.parent.mkdir()
    path.write_text("a")
    before = snapshot([path.parent])
    path.write_text("b")
    os.utime(path, ns=(1, 1))
    assert snapshot([path.parent]) != before
    path.unlink()
    assert snapshot([path.parent]) == {}
