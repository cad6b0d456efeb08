"""The variables that Terraform gets are the ones it has."""

import re

from liveinsight_cli.assets import terraform_sources
from liveinsight_cli.core.build import Build, BuiltFunction
from liveinsight_cli.core.stack_variables import StackSettings, stack_variables

SETTINGS = StackSettings(
    project="liveinsight",
    environment="dev",
    region="eu-west-1",
    allowed_sites=("www.shop.example",),
    allowed_origins=("*",),
    public_dashboard=False,
    visitor_requests_per_minute=60,
    kept_parameters=("id",),
    alarm_email=None,
    log_retention_days=7,
    memory_mb=256,
    requests_per_minute=1000,
    protected=False,
    manage_api_gateway_account=True,
)
BUILD = Build((BuiltFunction("stats-api", "d" * 64, 1, "/z.zip", cached=False),))


def test_every_variable_is_declared_by_the_stack() -> None:
    declared = set(
        re.findall(r'^variable "(\w+)"', (terraform_sources() / "variables.tf").read_text(), re.MULTILINE)
    )
    given = stack_variables(SETTINGS, BUILD, "0" * 64, None).keys()
    assert given <= declared
    assert declared - given == {"timeout_seconds"}  # the client's 30 s are not a setting


def test_the_embedded_aws_is_a_matter_of_three_variables() -> None:
    aws = stack_variables(SETTINGS, BUILD, "0" * 64, None)
    embedded = stack_variables(SETTINGS, BUILD, "0" * 64, "http://127.0.0.1:1")
    assert {name for name in aws if aws[name] != embedded[name]} == {
        "embedded",
        "local_api_url",
        "max_retries",
    }


def test_sites_are_written_as_events_name_them() -> None:
    assert stack_variables(SETTINGS, BUILD, "0" * 64, None)["allowed_sites"] == ["shop.example"]
