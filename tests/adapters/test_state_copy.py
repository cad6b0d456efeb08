"""A state file that was torn by a kill is put right from the newest copy, and only then."""

import json
import os
from pathlib import Path

import pytest

from liveinsight_cli.adapters.state_copy import StateCopy, mend


def state(serial: int, lineage: str = "one") -> bytes:
    return json.dumps({"version": 4, "serial": serial, "lineage": lineage, "resources": []}).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "terraform.tfstate"


def mended(path: Path) -> list[str]:
    said: list[str] = []
    mend(path, path.with_name("unfinished.json"), said.append)
    return said


def an_apply_begins(path: Path) -> None:
    path.with_name("unfinished.json").write_text("{}")


@pytest.mark.parametrize("torn", [b"", state(7)[:-9]])
def test_the_newest_copy_takes_the_place_of_a_torn_state(path: Path, torn: bytes) -> None:
    an_apply_begins(path)
    backup = path.with_name("terraform.tfstate.backup")
    backup.write_bytes(state(4))
    now = [0.0]
    copy = StateCopy(path, lambda: now[0])
    path.write_bytes(state(5))
    copy.begin()
    path.write_bytes(state(6))
    copy.refresh()  # too soon
    now[0] = 1.0
    path.write_bytes(torn)
    copy.refresh()  # just being written
    assert "took the copy" in mended(path)[0]
    assert path.read_bytes() == state(5)
    copy.remove()
    path.write_bytes(torn)
    assert mended(path)
    assert path.read_bytes() == state(4)
    assert not torn or path.with_name("terraform.tfstate.torn").read_bytes() == torn


def test_a_backup_of_another_state_never_takes_the_place_of_a_torn_one(path: Path) -> None:
    """A local state that was moved away, or removed to begin anew, leaves its backup, with a high serial."""
    backup = path.with_name("terraform.tfstate.backup")
    backup.write_bytes(state(300, "gone"))
    os.utime(backup, (1, 1))
    an_apply_begins(path)
    path.write_bytes(b"")
    assert mended(path) == []
    assert not path.exists()
    path.write_bytes(state(1, "new"))
    StateCopy(path).begin()
    path.write_bytes(b"")
    assert mended(path)
    assert path.read_bytes() == state(1, "new")


def test_without_an_apply_that_was_killed_a_torn_state_stays(path: Path) -> None:
    path.write_bytes(b"")
    assert mended(path) == []
    assert path.exists()


def test_a_state_that_was_torn_before_there_was_a_copy_never_held_anything(path: Path) -> None:
    an_apply_begins(path)
    path.write_bytes(b"")
    assert mended(path) == []
    assert not path.exists()


def test_a_whole_state_stays_as_it_is(path: Path) -> None:
    an_apply_begins(path)
    assert mended(path) == []
    path.write_bytes(state(5))
    copy = StateCopy(path)
    copy.begin()
    path.write_bytes(state(3))  # somebody went back on purpose
    assert mended(path) == []
    assert path.read_bytes() == state(3)


def test_a_copy_of_an_earlier_apply_is_not_kept(path: Path) -> None:
    path.write_bytes(state(9))
    StateCopy(path).begin()
    path.unlink()
    StateCopy(path).begin()
    assert list(path.parent.iterdir()) == []
