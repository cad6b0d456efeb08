"""The variables that Terraform gets are the ones it has, and settings and variables say the same of themselves."""

import dataclasses
from collections.abc import Iterator
from typing import Any, get_args

import hcl2
import pytest
from hcl2 import SerializationOptions

from liveinsight_cli.assets import terraform_sources
from liveinsight_cli.core.build import Build, BuiltFunction
from liveinsight_cli.core.stack_variables import stack_variables
from liveinsight_cli.settings import LOG_RETENTIONS, Settings, filled_variables

BUILD = Build((BuiltFunction("stats-api", "d" * 64, 1, "/z.zip", cached=False, code_sha256=""),))
KINDS = {str: "string", int: "number", bool: "bool", list[str]: "list(string)"}


def declared() -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and content of every variable of the stack."""
    text = (terraform_sources() / "variables.tf").read_text(encoding="utf-8")
    options = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
    for block in hcl2.loads(text, serialization_options=options)["variable"]:
        yield from block.items()


VARIABLES = dict(declared())
FILLED = [item for item in dataclasses.fields(Settings) if item.metadata["variable"] is not None]


def given(local_api_url: str | None = None, **settings: Any) -> dict[str, object]:
    chosen = filled_variables(Settings(**settings))
    return dict(stack_variables("dev", chosen, BUILD, "0" * 64, local_api_url))


def test_terraform_gets_exactly_the_variables_it_declares() -> None:
    assert given().keys() == VARIABLES.keys()


@pytest.mark.parametrize("setting", FILLED, ids=lambda setting: setting.name)
def test_a_setting_and_its_variable_have_the_same_type_and_default(setting: dataclasses.Field[Any]) -> None:
    variable = VARIABLES[setting.metadata["variable"]]
    kinds = [kind for kind in get_args(setting.type) if kind is not type(None)] or [setting.type]
    optional = type(None) in get_args(setting.type) and setting.type is not list
    kind = setting.type if setting.type == list[str] else kinds[0]
    assert variable["type"].removeprefix("${").removesuffix("}") == KINDS[kind]
    assert variable["default"] == getattr(Settings(), setting.name)
    assert variable.get("nullable", True) is optional or setting.name in ("project", "region")


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_says_what_it_is_and_which_rule_it_keeps(name: str) -> None:
    variable = VARIABLES[name]
    assert variable["description"].endswith((".", "?"))
    rules = [rule["error_message"] for rule in variable.get("validation", [])]
    assert rules or variable["type"] == "bool"
    for rule in rules:
        assert name in rule or name.removesuffix("s") in rule


def test_a_setting_has_a_rule_where_its_variable_has_one() -> None:
    for setting in FILLED:
        assert bool(setting.metadata["rule"]) == (VARIABLES[setting.metadata["variable"]]["type"] != "bool")


def test_both_know_the_same_periods_of_cloudwatch_logs() -> None:
    (rule,) = VARIABLES["log_retention_days"]["validation"]
    assert f"{', '.join(map(str, LOG_RETENTIONS[:-1]))} or {LOG_RETENTIONS[-1]}." in rule["error_message"]


def test_the_embedded_aws_is_a_matter_of_three_variables() -> None:
    aws, embedded = given(), given("http://127.0.0.1:1")
    changed = {name for name in aws if aws[name] != embedded[name]}
    assert changed == {"embedded", "local_api_url", "max_retries"}


def test_sites_are_written_as_events_name_them() -> None:
    assert given(sites=["www.shop.example"])["allowed_sites"] == ["shop.example"]
