"""The stack's life against the embedded AWS: applied from nothing, unchanged by a second plan, gone after destroy."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.local.process import EmbeddedAws, Server
from tests.conftest import REPOSITORY
from tests.terraform.stack import StackCopy, initialised_or_skipped

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
NOTHING_TO_DO, SOMETHING_TO_DO = 0, 2


@dataclass
class Deployed:
    """The stack on an embedded AWS of its own, with zips built from `lambdas`, which a test may change."""

    stack: StackCopy
    server: Server
    lambdas: Path
    applied: dict[str, Any] | None = None

    def outputs(self) -> dict[str, Any]:
        """The outputs of the stack, which is applied unless it is there."""
        return self.applied or self.apply()

    def apply(self) -> dict[str, Any]:
        """Build, apply, and return the outputs."""
        build = Packager(self.lambdas, self.stack.directory.parent / "build").build()
        variables = {
            "environment": "local",
            "packages": {one.function: {"path": one.path, "digest": one.digest} for one in build.functions},
            "read_token_sha256": "0" * 64,
            "embedded": True,
            "local_api_url": self.server.api_url,
            "max_retries": 1,
        }
        (self.stack.directory / "terraform.tfvars.json").write_text(json.dumps(variables), encoding="utf-8")
        self._run("apply", "-auto-approve", "-input=false", "-no-color")
        outputs = json.loads(self._run("output", "-json"))
        self.applied = {name: output["value"] for name, output in outputs.items()}
        return self.applied

    def plan(self) -> int:
        """Exit code of a plan: 0 nothing to do, 2 something to do, 1 an error."""
        done = self.stack.run("plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false")
        assert done.returncode != 1, done.stderr
        return done.returncode

    def destroy(self) -> None:
        """Destroy everything."""
        self.applied = None
        self._run("destroy", "-auto-approve", "-input=false", "-no-color")

    def client(self, service: str) -> Any:
        """A boto3 client on the embedded AWS."""
        return boto3.client(
            service,
            endpoint_url=self.server.endpoint_url,
            region_name=self.server.region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def _run(self, *arguments: str) -> str:
        done = self.stack.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    directory = tmp_path_factory.mktemp("lifecycle")
    stack = initialised_or_skipped(directory)
    shutil.copytree(
        REPOSITORY / "lambdas", directory / "lambdas", ignore=shutil.ignore_patterns("__pycache__")
    )
    aws = EmbeddedAws(directory)
    server = aws.up()
    try:
        yield Deployed(stack.pointed_at(server.endpoint_url, server.region), server, directory / "lambdas")
    finally:
        aws.down()


def test_a_second_plan_finds_nothing_to_do(deployed: Deployed) -> None:
    deployed.outputs()
    assert deployed.plan() == NOTHING_TO_DO


def test_new_code_is_published_but_the_alias_stays_until_it_is_moved(deployed: Deployed) -> None:
    before = deployed.outputs()["functions"]
    handler = deployed.lambdas / "stats_api" / "handler.py"
    handler.write_text(handler.read_text() + "\n# changed\n")
    after = deployed.apply()["functions"]
    assert int(after["stats-api"]["version"]) == int(before["stats-api"]["version"]) + 1
    assert {**after, "stats-api": before["stats-api"]} == before

    function = {"FunctionName": "liveinsight-stats-api-local", "Name": "live"}
    aliases = deployed.client("lambda")
    assert aliases.get_alias(**function)["FunctionVersion"] == before["stats-api"]["version"]
    aliases.update_alias(**function, FunctionVersion=after["stats-api"]["version"])
    assert deployed.plan() == NOTHING_TO_DO


def test_the_outputs_name_what_is_there(deployed: Deployed) -> None:
    outputs = deployed.outputs()
    assert sorted(outputs["tables"].values()) == sorted(
        deployed.client("dynamodb").list_tables()["TableNames"]
    )
    alarms = deployed.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert outputs["alarm_names"] == sorted(alarm["AlarmName"] for alarm in alarms)
    groups = [group["logGroupName"] for group in deployed.client("logs").describe_log_groups()["logGroups"]]
    assert set(outputs["log_groups"]) <= set(groups)
    stage = deployed.client("apigateway").get_stage(
        restApiId=outputs["rest_api_id"], stageName=outputs["stage_name"]
    )
    assert stage["stageName"] == "v1"
    assert outputs["api_gateway_url"] == f"{deployed.server.api_url}/{outputs['rest_api_id']}/v1"


def test_every_log_group_expires_after_seven_days(deployed: Deployed) -> None:
    deployed.outputs()
    groups = deployed.client("logs").describe_log_groups()["logGroups"]
    assert len(groups) == 6
    assert {group.get("retentionInDays") for group in groups} == {7}


def test_destroy_leaves_nothing(deployed: Deployed) -> None:
    deployed.outputs()
    assert leftovers(deployed) != []
    deployed.destroy()
    assert leftovers(deployed) == []


def leftovers(deployed: Deployed) -> list[Any]:
    """Everything of ours that is there, of every service the stack uses."""
    client = deployed.client
    return [
        *client("dynamodb").list_tables()["TableNames"],
        *client("lambda").list_functions()["Functions"],
        *client("lambda").list_event_source_mappings()["EventSourceMappings"],
        *client("apigateway").get_rest_apis()["items"],
        *client("s3").list_buckets()["Buckets"],
        *client("iam").list_roles()["Roles"],
        *client("logs").describe_log_groups()["logGroups"],
        *client("cloudwatch").describe_alarms()["MetricAlarms"],
        *client("cloudwatch").list_dashboards()["DashboardEntries"],
        *client("sns").list_topics()["Topics"],
        *client("events").list_rules()["Rules"],
        *client("cloudfront").list_distributions()["DistributionList"].get("Items", []),
        *client("cloudfront").list_origin_access_controls()["OriginAccessControlList"].get("Items", []),
        *client("cloudfront")
        .list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
        .get("Items", []),
    ]
