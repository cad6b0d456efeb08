"""Which processes a killed command has left at work."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from liveinsight_cli.adapters.terraform_leftovers import settle
from liveinsight_cli.adapters.turns import Abandoned, abandoned, turn
from liveinsight_cli.context import Clock

SLEEPS = "print(flush=True); import time; time.sleep(60)"


@pytest.mark.parametrize(
    ("name", "words", "is_waited_for"),
    [("tf-1.11", ["apply", "-lock-timeout=3s"], True), ("vi", ["main.tf"], False)],
)
def test_terraform_is_known_by_whatever_name_it_was_run(
    tmp_path: Path, name: str, words: list[str], is_waited_for: bool
) -> None:
    program = tmp_path / name
    program.symlink_to(sys.executable)
    command = [str(program), "-c", SLEEPS, *words]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            said: list[str] = []

            def say(text: str) -> None:
                said.append(text)
                process.kill()

            settle(tmp_path, "A deploy", say, Clock())
            assert [f"process {process.pid}" in one for one in said] == [True] * is_waited_for
        finally:
            process.kill()


def test_a_command_whose_terraform_was_killed_leaves_a_note_of_whose_lock_is_left(tmp_path: Path) -> None:
    """The third Ctrl-C ends terraform, which cannot give the lock back any more; the command itself lives on."""
    times = itertools.count(10.0, 10.0)
    path, time = tmp_path / "turn.lock", Clock(now=lambda: next(times))
    with turn(path, "deploy", {}, time, print):
        pass
    assert abandoned(path) is None
    with turn(path, "deploy", {}, time, print):
        (tmp_path / "unfinished.json").write_text("{}")
    assert abandoned(path) == Abandoned(since=40.0, found_at=50.0)
    assert path.read_bytes() == b""
