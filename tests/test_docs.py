"""The documentation is true: generated pages are current, and what the README names exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from liveinsight_cli.core.alarm_kinds import NAMED, OF_FUNCTIONS, OF_TABLES
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


def test_the_runbook_names_only_commands_and_options_that_exist() -> None:
    """What somebody types at night works as it is written; so does what `alarms` says to run."""
    reference = (REPOSITORY / "docs" / "cli.md").read_text(encoding="utf-8")
    parts = re.split(r"^## liveinsight ", reference, flags=re.MULTILINE)[1:]
    helps = {part.partition("\n")[0]: part for part in parts}
    common = {"--env", "--json", "--yes", "--confirm", "--quiet", "--verbose"}
    page = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    lines = re.findall(r"`liveinsight ([^`]+)`", page)
    lines += [kind.command for kinds in (NAMED, OF_FUNCTIONS, OF_TABLES) for kind in kinds.values()]
    assert len(lines) > 40
    for line in lines:
        words = line.split()
        command = next((name for name in (" ".join(words[:2]), words[0]) if name in helps), None)
        assert command is not None, line
        options = set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", f" {line}")) - common
        assert all(re.search(rf"(?<!\S){option}\b", helps[command]) for option in options), line


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
