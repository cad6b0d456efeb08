"""The documentation is true: generated pages are current, and what the README names exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]


@pytest.mark.parametrize("generator", ["generate_cli.py", "generate_cost.py", "generate_terraform.py"])
def test_a_generated_page_is_current(generator: str) -> None:
    command = [sys.executable, f"docs/{generator}", "--check"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_readme_names_only_commands_that_exist() -> None:
    reference = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    known = {
        " ".join(title.split()[1:]) for title in re.findall(r"^## (liveinsight.*)$", reference, re.MULTILINE)
    }
    named = set(
        re.findall(r"^\$? ?liveinsight ((?:local |config )?[a-z-]+)", _code("README.md"), re.MULTILINE)
    )
    assert named
    assert named <= known


def test_the_readme_names_only_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)", _code("README.md"))) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (page.parent / link).exists()] == []


def _code(name: str) -> str:
    return "\n".join(
        re.findall(r"```.*?\n(.*?)```", (REPOSITORY / name).read_text(encoding="utf-8"), re.DOTALL)
    )
