"""Which processes a killed command has left at work."""

import subprocess
import sys
from pathlib import Path

import pytest

from liveinsight_cli.adapters.terraform_leftovers import settle
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
