"""docs/terraform.md and docs/architecture.md say what the HCL says."""

import re
from pathlib import Path
from typing import Any

import hcl2
import pytest
from hcl2 import SerializationOptions

from tests.conftest import REPOSITORY

STACK = REPOSITORY / "terraform"
OPTIONS = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
FILES = sorted([*STACK.glob("*.tf"), *STACK.glob("modules/*/*.tf")])


def named(path: Path, kind: str) -> dict[str, dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        content = hcl2.load(file, serialization_options=OPTIONS)
    return {name: body for block in content.get(kind, []) for name, body in block.items()}


def section(title: str, *, table: str) -> set[str]:
    """Names in the first column of a table in docs/architecture.md."""
    page = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    text = page.split(f"## {title}")[1].split(f"| {table} |")[1].split("\n\n")[0]
    first_cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    names = re.sub(r"\(.*?\)", "", " ".join(first_cells))
    return set(re.findall(r"`([a-z0-9_]+)`", names))


def test_the_stack_takes_the_variables_of_the_contract() -> None:
    contract = section("Contract: Terraform variables and outputs", table="variable")
    assert "local_api_url" in contract
    assert contract == set(named(STACK / "variables.tf", "variable"))


def test_the_stack_gives_the_outputs_of_the_contract() -> None:
    contract = section("Contract: Terraform variables and outputs", table="output")
    assert "cloudfront_url" in contract
    assert contract == set(named(STACK / "outputs.tf", "output"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(STACK)))
def test_every_variable_and_output_is_described(path: Path) -> None:
    for name, variable in named(path, "variable").items():
        assert variable["description"].endswith("."), name
        assert variable["type"], name
    for name, output in named(path, "output").items():
        assert output["description"].endswith("."), name


def test_every_rule_of_a_variable_names_the_variable() -> None:
    rules = [
        (name, rule["error_message"])
        for name, variable in named(STACK / "variables.tf", "variable").items()
        for rule in variable.get("validation", [])
    ]
    assert len(rules) > 10
    assert [name for name, message in rules if name not in message and "package" not in message] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(STACK)))
def test_no_backend_endpoint_or_credential_is_written_down(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r'^\s*(backend\s+"|endpoints\s*\{|access_key\s*=|secret_key\s*=)', text, re.MULTILINE
    )
