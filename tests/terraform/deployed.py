"""The stack, applied to an embedded AWS."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.local.process import Server
from tests.terraform.recorder import Recorder, Sent
from tests.terraform.stack import StackCopy


@dataclass
class Deployed:
    """The stack on an embedded AWS of its own, with all that can be switched on but for the tables' protection.

    The zips are built from `lambdas`, which a test may change.
    """

    stack: StackCopy
    server: Server
    lambdas: Path
    recorder: Recorder
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
            "waf": True,
            "customer_managed_key": True,
            "detailed_monitoring": True,
            "reserved_concurrency": 5,
        }
        (self.stack.directory / "terraform.tfvars.json").write_text(json.dumps(variables), encoding="utf-8")
        self._run("apply", "-auto-approve", "-input=false", "-no-color")
        outputs = json.loads(self._run("output", "-json"))
        self.applied = {name: output["value"] for name, output in outputs.items()}
        return self.applied

    def requests(self) -> list[Sent]:
        """Every request in the stack's life so far, which begins with its apply."""
        if not self.recorder.sent:
            self.apply()
        return self.recorder.sent

    def plan(self) -> int:
        """Exit code of a plan: 0 nothing to do, 2 something to do, 1 an error."""
        done = self.stack.run("plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false")
        assert done.returncode != 1, done.stderr
        return done.returncode

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
