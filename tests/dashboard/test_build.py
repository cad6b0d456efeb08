"""The scripts in dashboard/ are what web/ builds, their types hold, and their own tests pass."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import IN_CI

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"


@pytest.fixture(scope="module")
def npm() -> str:
    """npm, where it and the packages of web/ are installed."""
    found = shutil.which("npm")
    if found and (WEB / "node_modules").is_dir():
        return found
    if IN_CI:
        pytest.fail("web/node_modules is missing, and in CI its tests may not be skipped: make web")
    pytest.skip("web/node_modules is missing: make web")


def _run(npm: str, *arguments: str) -> None:
    done = subprocess.run([npm, *arguments], cwd=WEB, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_served_is_what_the_sources_build(npm: str, tmp_path: Path) -> None:
    _run(npm, "run", "--silent", "build", "--", "--to", str(tmp_path))

    built = {file.name: file.read_text() for file in tmp_path.iterdir()}

    assert built
    assert built == {name: (ROOT / "dashboard" / name).read_text() for name in built}, 'run "make web"'


def test_the_types_hold(npm: str) -> None:
    _run(npm, "run", "--silent", "check")


def test_the_scripts_own_tests_pass(npm: str) -> None:
    _run(npm, "test", "--silent")


def test_the_page_knows_every_reason_that_the_api_gives() -> None:
    """In both languages: a reason that is not known would stand in the page in the API's English."""
    written = "\n".join(file.read_text() for file in (ROOT / "lambdas").rglob("*.py"))
    documented = (ROOT / "docs/http-api.md").read_text().partition("### Reasons")[2]
    given = set(re.findall(r'\bReason\(\s*"(\w+)"', written)) | set(
        re.findall(r"^\| `(\w+)` \|", documented, re.M)
    )
    known = set(re.findall(r'case "(\w+)": return t\(', (WEB / "src/dashboard/reasons.ts").read_text()))

    assert {"days_summed", "series_unfiltered", "filter_cut", "lists_cut"} <= given
    assert given <= known
