"""The workflow for users and the pages about it: commands and options in them exist, and GitHub could read it."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from liveinsight_cli.cli import app
from tests.conftest import REPOSITORY

WORKFLOW = REPOSITORY / "docs" / "workflows" / "liveinsight.yml"
PAGES = sorted((REPOSITORY / "docs").glob("*.md"))
COMMAND = re.compile(r"^(?:\$ )?liveinsight (.+)$")
# What ends a command in a shell.
ENDS = re.compile(r"\s(?:\||&&|;|>|#).*$")


@pytest.fixture(scope="module")
def workflow() -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return read


def commands(text: str) -> Iterator[str]:
    """Yield the arguments of each liveinsight command in lines of a shell."""
    for line in text.splitlines():
        for part in re.split(r"\s&&\s", line.strip()):
            found = COMMAND.match(part)
            if found:
                yield ENDS.sub("", found[1] + " ").strip()


def unknown(arguments: str) -> list[str]:
    """Return the words of a command that no command or option stands for; values and arguments are not looked at."""
    command = typer.main.get_command(app)
    root = {name for parameter in command.params for name in parameter.opts} | {"--help"}
    wrong, known = [], root
    for word in shlex.split(arguments):
        below = getattr(command, "commands", {})
        if word.startswith("-"):
            wrong += [word] if word.split("=")[0] not in known else []
        elif below:
            wrong += [word] if word not in below else []
            command = below.get(word, command)
            known = root | {
                name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
            }
    return wrong


def steps(workflow: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    for job in workflow["jobs"].values():
        yield from job["steps"]


def test_what_is_unknown_is_found() -> None:
    assert unknown("deploy --yes --confirm prod --env=prod") == []
    assert unknown("state pull-local --env prod") == []
    assert unknown("deploy --yess") == ["--yess"]
    assert unknown("deplyo --yes") == ["deplyo", "--yes"][:1]
    assert list(commands("$ liveinsight plan && liveinsight deploy --yes  # x\necho liveinsight")) == [
        "plan",
        "deploy --yes",
    ]


def test_every_command_of_the_workflow_exists_with_its_options(workflow: dict[Any, Any]) -> None:
    found = [one for step in steps(workflow) for one in commands(step.get("run", ""))]
    assert {"plan", 'deploy --yes --confirm "$LIVEINSIGHT_ENV"'} <= set(found)
    assert [unknown(one) for one in found if unknown(one)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if page.name == "cli.md":  # generated from the commands themselves, and checked elsewhere
        return
    blocks = re.findall(r"```(?:bash|console|sh)\n(.*?)```", text, re.DOTALL)
    found = [one for block in blocks for one in commands(re.sub(r"^ +", "", block, flags=re.MULTILINE))]
    assert [unknown(one) for one in found if unknown(one)] == []


def test_the_workflow_takes_no_more_rights_than_it_needs(workflow: dict[Any, Any]) -> None:
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
    assert workflow["jobs"]["deploy"]["environment"]["name"] == workflow["env"]["LIVEINSIGHT_ENV"]
    assert workflow["jobs"]["deploy"]["if"] == "github.event_name == 'push'"
    assert workflow[True]["push"] == {"branches": ["main"]}  # YAML 1.1 reads `on` as a truth
    assert workflow["concurrency"]["cancel-in-progress"] is False


def test_actions_are_pinned_and_every_output_used_is_one_of_the_command(workflow: dict[Any, Any]) -> None:
    used = [step["uses"] for step in steps(workflow) if "uses" in step]
    assert [one for one in used if not re.fullmatch(r"[\w-]+/[\w-]+@v\d+", one)] == []
    assert "${{ steps.deploy.outputs.cloudfront_url }}" in WORKFLOW.read_text()
    assert next(step["run"] for step in steps(workflow) if step.get("id") == "deploy").startswith(
        "liveinsight deploy"
    )


def test_no_text_of_others_is_pasted_into_a_script(workflow: dict[Any, Any]) -> None:
    assert [step["run"] for step in steps(workflow) if "${{" in step.get("run", "")] == []


def test_the_trust_policy_names_one_subject() -> None:
    text = (REPOSITORY / "docs" / "ci.md").read_text(encoding="utf-8")
    block = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert block is not None
    condition = json.loads(block[1])["Statement"][0]["Condition"]["StringEquals"]
    issuer = "token.actions.githubusercontent.com"
    assert condition[f"{issuer}:sub"].endswith(":environment:prod")
    assert condition[f"{issuer}:aud"] == "sts.amazonaws.com"
