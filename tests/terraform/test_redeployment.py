"""A deployment of the API is a copy of its configuration: whatever is configured must bring about a new one."""

import re

import pytest

from tests.terraform.stack import SOURCES

TEXT = (SOURCES / "api_gateway.tf").read_text(encoding="utf-8")
COPIED = {
    "resource",
    "request_validator",
    "model",
    "method",
    "integration",
    "method_response",
    "integration_response",
    "gateway_response",
}
# What is no part of a deployment: the API itself, the copy, and what takes effect at the stage.
NOT_COPIED = {"rest_api", "deployment", "stage", "method_settings"}
NO_ARGUMENTS = {"for_each", "count", "rest_api_id", "depends_on", "lifecycle"}


def blocks() -> dict[str, str]:
    """Every aws_api_gateway_* resource of the file by `kind.name`, with its text."""
    found = re.findall(
        r'^resource "aws_api_gateway_(\w+)" "(\w+)" \{\n(.*?)^\}', TEXT, re.DOTALL | re.MULTILINE
    )
    return {f"{kind}.{name}": body for kind, name, body in found}


BLOCKS = blocks()
CONFIGURED = [address for address in BLOCKS if address.partition(".")[0] in COPIED]


def trigger_of(address: str) -> str:
    """The part of the trigger that goes through the resource."""
    configuration = TEXT.split("api_configuration = {")[1].split("\n}\n")[0]
    parts = re.findall(r"= \[\n\s+for one in (.*?) :\n\s+\[(.*)\]\n", configuration)
    fitting = [listed for sources, listed in parts if re.search(rf"aws_api_gateway_{address}\b", sources)]
    assert len(fitting) == 1, f"{address} is in {len(fitting)} parts of the trigger"
    return str(fitting[0])


def test_every_kind_of_resource_is_known() -> None:
    assert {address.partition(".")[0] for address in BLOCKS} == COPIED | NOT_COPIED
    elsewhere = [
        path.name
        for path in SOURCES.glob("*.tf")
        if path.name != "api_gateway.tf"
        and re.search(rf'^resource "aws_api_gateway_({"|".join(COPIED)})"', path.read_text(), re.MULTILINE)
    ]
    assert elsewhere == []


@pytest.mark.parametrize("address", CONFIGURED)
def test_every_argument_of_the_api_changes_the_deployment(address: str) -> None:
    arguments = set(re.findall(r"^  (\w+)\s+=", BLOCKS[address], re.MULTILINE)) - NO_ARGUMENTS
    assert arguments
    listed = trigger_of(address)
    assert {name for name in arguments if not re.search(rf"\bone\.{name}\b", listed)} == set()


def test_the_deployment_is_triggered_by_the_configuration_alone() -> None:
    assert (
        "triggers    = { configuration = sha1(jsonencode(local.api_configuration)) }"
        in BLOCKS["deployment.this"]
    )
