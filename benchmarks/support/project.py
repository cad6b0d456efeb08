"""A project with an environment deployed to an embedded AWS of its own, for benchmarks of what runs on top of it."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
TOOL = (sys.executable, "-m", "liveinsight_cli.cli")
COPIED = ("liveinsight_cli", "lambdas", "terraform", "dashboard")


@dataclass(frozen=True)
class Project:
    """A deployed project: its directory, sources that may be edited, the variables of its commands."""

    directory: Path
    lambdas: Path
    variables: dict[str, str]

    def run(self, *arguments: str) -> str:
        """Run a command and return its answer; ends the benchmark where it fails."""
        done = subprocess.run(
            [*TOOL, *arguments],
            cwd=self.directory,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise SystemExit(done.stderr)
        return done.stdout


@contextmanager
def deployed() -> Iterator[Project]:
    """Deploy a copy of the sources, which is gone again when the block ends."""
    with tempfile.TemporaryDirectory() as name:
        directory, copy = Path(name, "project"), Path(name, "copy")
        directory.mkdir()
        for source in COPIED:
            shutil.copytree(REPOSITORY / source, copy / source)
        project = Project(directory, copy / "lambdas", {**os.environ, "PYTHONPATH": str(copy)})
        try:
            project.run("deploy", "--yes")
            yield project
        finally:
            project.run("local", "down")
