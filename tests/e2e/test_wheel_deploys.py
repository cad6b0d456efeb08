"""An installed wheel deploys from a scratch directory, with nothing of the checkout in reach."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Stack, hermetic_variables, needs
from tests.wheels import build_wheel

pytestmark = pytest.mark.e2e


def test_the_wheel_deploys_from_a_scratch_directory(tmp_path: Path) -> None:
    needs("terraform")
    wheel = build_wheel(tmp_path)
    installed = tmp_path / "installed"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(installed),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    for name in ("scratch", "home"):
        (tmp_path / name).mkdir()
    stack = Stack(
        tmp_path / "scratch", hermetic_variables(tmp_path / "home") | {"PYTHONPATH": str(installed)}
    )
    try:
        done = stack.run("deploy", "--yes")
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        copied = stack.files / "stack"
        assert (copied / "main.tf").read_text() == (
            installed / "liveinsight_cli/_assets/terraform/main.tf"
        ).read_text()
        assert (
            stack.request("GET", "/api/stats", headers={"Authorization": f"Bearer {stack.token}"}).status
            == 200
        )
    finally:
        stack.run("local", "down")
