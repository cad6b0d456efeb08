"""A running embedded AWS for each module of tests, and boto3 clients that speak to it."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from liveinsight_cli.local.process import EmbeddedAws, Server


@dataclass(frozen=True)
class Running:
    """A started embedded AWS and the project it belongs to."""

    aws: EmbeddedAws
    project: Path
    server: Server

    def client(self, service: str) -> Any:
        """Return a boto3 client as any program would make it."""
        return client(self.server, service)


def client(server: Server, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.endpoint_url,
        region_name=server.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


def zipped(source: str) -> bytes:
    """Return a function's zip with one module, `app`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", source)
    return buffer.getvalue()


def create_function(server: Server, name: str, source: str, **settings: Any) -> str:
    """Create a role and a function with a published version 1; returns the function's ARN."""
    role = client(server, "iam").create_role(RoleName=f"{name}-role", AssumeRolePolicyDocument="{}")
    created = client(server, "lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="app.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": zipped(source)},
        Publish=True,
        **settings,
    )
    return str(created["FunctionArn"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """An embedded AWS that the module's tests share."""
    project = tmp_path_factory.mktemp("project")
    aws = EmbeddedAws(project)
    try:
        yield Running(aws, project, aws.up())
    finally:
        aws.down()
