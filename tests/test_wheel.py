"""The wheel: it carries the stack's sources, nothing that belongs to a machine, and it can deploy."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY
from tests.wheels import build_wheel

ASSETS = "liveinsight_cli/_assets"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_every_tracked_source_of_the_stack(wheel: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "terraform", "lambdas", "dashboard"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    tracked = {name for name in listed.stdout.splitlines() if not name.startswith("terraform/tests/")}
    assert tracked
    assert {f"{ASSETS}/{name}" for name in tracked} <= names(wheel)


def test_the_wheel_holds_no_state_no_cache_and_no_tests(wheel: Path) -> None:
    unwanted = (
        "__pycache__",
        ".pyc",
        ".terraform/",
        ".tfstate",
        ".tfvars",
        ".liveinsight",
        "node_modules",
        "read-token",
    )
    found = [
        name for name in names(wheel) if any(part in name for part in unwanted) or name.startswith("tests/")
    ]
    assert found == []


def test_the_wheel_carries_the_list_of_prices(wheel: Path) -> None:
    assert "liveinsight_cli/prices.toml" in names(wheel)


def test_the_sources_stand_once_in_the_wheel(wheel: Path) -> None:
    top = {name.split("/")[0] for name in names(wheel)}
    assert top == {"liveinsight_cli", next(part for part in top if part.endswith(".dist-info"))}
