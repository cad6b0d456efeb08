"""Code that gets into service without a deploy: by `sync`, and behind the tool's back."""

import io
import json
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.terraform_environment import Target, terraform_environment
from liveinsight_cli.local.process import EmbeddedAws
from tests.conftest import REPOSITORY
from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e

QUESTION = "range must be 30m"
SECONDS = 60


@pytest.fixture
def aws(stack: Stack) -> Aws:
    """The embedded AWS, past the command line."""
    server = EmbeddedAws(stack.project).running()
    assert server is not None
    return Aws("ap-northeast-2", endpoint_url=server.endpoint_url)


@dataclass
class Watching:
    """`sync --watch` of a copy of the sources, in a stack's directory."""

    process: subprocess.Popen[str]
    sources: Path

    def next(self) -> Any:
        """Return what it tells next."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def watching(stack: Stack, tmp_path: Path) -> Iterator[Watching]:
    """The watch of stats-api, begun, on sources that are the deployed ones."""
    for name in ("liveinsight_cli", "lambdas"):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    command = [sys.executable, "-m", "liveinsight_cli.cli", "sync", "stats-api", "--watch", "--json"]
    process = subprocess.Popen(
        command,
        cwd=stack.project,
        env={**stack.variables, "PYTHONPATH": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Watching(process, tmp_path / "lambdas")
    finally:
        process.kill()
        process.communicate()


def answer_to_nonsense(stack: Stack) -> str:
    """Return what the deployed stats-api says to a range that is none."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    return stack.request("GET", "/api/stats?range=nonsense", headers=headers).data.decode()


def test_a_saved_file_is_in_service_soon_and_one_that_does_not_start_never(
    stack: Stack, watching: Watching
) -> None:
    assert watching.next()["ok"] is True
    path = watching.sources / "stats_api" / "ranges.py"
    source = path.read_text()
    assert QUESTION in answer_to_nonsense(stack)

    path.write_text(source.replace(QUESTION, "range is now"))
    (synced,) = watching.next()["data"]["functions"]
    assert synced["function"] == "stats-api"
    assert "range is now" in answer_to_nonsense(stack)

    path.write_text(source + "\nimport nothing_of_that_name\n")
    error = watching.next()["error"]
    assert error["code"] == "smoke_test"
    assert "nothing_of_that_name" in error["message"]
    assert "range is now" in answer_to_nonsense(stack)

    watching.process.send_signal(signal.SIGINT)  # as Ctrl-C does
    assert watching.process.wait(SECONDS) == 0


def foreign_code() -> bytes:
    """Return a zip of somebody else's."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(
            "event_collector/handler.py", "def handler(event, context):\n    return {'ok': True}\n"
        )
    return content.getvalue()


def change_by_hand(stack: Stack, aws: Aws) -> None:
    """Do to a stack what people do in a console."""
    outputs = stack.outputs
    name = {key: one["function_name"] for key, one in outputs["functions"].items()}
    aws.call("lambda", "update_function_code", FunctionName=name["event-collector"], ZipFile=foreign_code())
    aws.call(
        "lambda",
        "update_function_code",
        FunctionName=name["aggregator"],
        ZipFile=foreign_code(),
        Publish=True,
    )
    aws.call(
        "lambda", "update_alias", FunctionName=name["realtime-api"], Name="live", FunctionVersion="$LATEST"
    )
    ttl = {"Enabled": False, "AttributeName": "ttl"}
    aws.call(
        "dynamodb", "update_time_to_live", TableName=outputs["tables"]["state"], TimeToLiveSpecification=ttl
    )
    throttle = {"op": "replace", "path": "/api/events/POST/throttling/rateLimit", "value": "0.5"}
    rest_api = {"restApiId": outputs["rest_api_id"], "stageName": outputs["stage_name"]}
    aws.call("apigateway", "update_stage", **rest_api, patchOperations=[throttle])
    aws.call("s3", "put_object", Bucket=outputs["dashboard_bucket"], Key="index.html", Body=b"by hand")


def plain_apply(stack: Stack, address: str) -> None:
    """Have terraform itself bring a part of the stack up to date, as its users do."""
    server = EmbeddedAws(stack.project).running()
    assert server is not None
    environment = terraform_environment(
        stack.variables, Target("ap-northeast-2", endpoint_url=server.endpoint_url)
    )
    directory = stack.files / "stack"
    if (directory / ".terraformrc").exists():
        environment["TF_CLI_CONFIG_FILE"] = str(directory / ".terraformrc")
    command = ["terraform", "apply", "-auto-approve", "-input=false", f"-target={address}"]
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr


def latest_code(stack: Stack, aws: Aws) -> dict[str, str]:
    return {
        key: aws.call("lambda", "get_function_configuration", FunctionName=one["function_name"])["CodeSha256"]
        for key, one in stack.outputs["functions"].items()
    }


def test_what_was_changed_by_hand_is_told_and_a_deploy_puts_right_what_a_plain_apply_does_not(
    stack: Stack, aws: Aws
) -> None:
    realtime = {"FunctionName": stack.outputs["functions"]["realtime-api"]["function_name"], "Name": "live"}
    version = aws.call("lambda", "get_alias", **realtime)["FunctionVersion"]
    change_by_hand(stack, aws)
    before = EmbeddedAws(stack.project).journal()[-1]["number"]
    done = stack.run("drift", "--json")
    assert done.returncode == 10, done.stderr
    found = {(one["kind"], one["where"]) for one in json.loads(done.stdout)["data"]["differences"]}
    assert found - {("code", "stats-api")} == {  # that one a sync may have left
        ("infrastructure", "aws_dynamodb_table.state"),
        ("infrastructure", 'aws_api_gateway_method_settings.this["api/events/POST"]'),
        ("code", "event-collector"),
        ("code", "aggregator"),
        ("service", "realtime-api"),
        ("dashboard", "index.html"),
    }
    made = EmbeddedAws(stack.project).journal(before)
    assert {one["caller"] for one in made} >= {"terraform", "boto3"}
    assert [one for one in made if one["write"] and one["caller"] != "function"] == []

    changed = latest_code(stack, aws)
    plain_apply(stack, 'module.function["event-collector"].aws_lambda_function.this')
    assert latest_code(stack, aws) == changed

    assert stack.answer("deploy", "--yes")["changed"] is True
    built = {one["function"]: one["code_sha256"] for one in stack.answer("build")["functions"]}
    assert latest_code(stack, aws) == built
    assert aws.call("lambda", "get_alias", **realtime)["FunctionVersion"] == version
    assert QUESTION in answer_to_nonsense(stack)
    ttl = aws.call("dynamodb", "describe_time_to_live", TableName=stack.outputs["tables"]["state"])
    assert ttl["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
    assert stack.run("drift", "--code-only").returncode == 0
