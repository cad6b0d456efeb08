"""Builds the wheel, as a release does."""

import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY


def build_wheel(directory: Path) -> Path:
    """Return the wheel of this checkout, made in a directory."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(directory)]
    subprocess.run([*command, str(REPOSITORY)], check=True, capture_output=True)
    (built,) = directory.glob("*.whl")
    return built
