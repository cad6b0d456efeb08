"""One stack for all end-to-end tests: deployed with the real terraform to an embedded AWS of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import urllib3

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.local.process import EmbeddedAws, write_record
from tests.conftest import IN_CI
from tests.terraform.recorder import Recorder
from tests.terraform.stack import trust_the_provider

DEPLOY_SECONDS = 240


def needs(executable: str) -> None:
    """Skip, with the reason, where a tool is missing; in CI that is a failure."""
    if shutil.which(executable) is None:
        reason = f"{executable} is not installed"
        if IN_CI:
            pytest.fail(reason)
        pytest.skip(reason)


@dataclass
class Stack:
    """A project directory with a deployed `local` environment, driven through the installed command line."""

    project: Path
    variables: dict[str, str]
    recorder: Recorder | None = None
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(retries=False, timeout=30))

    def run(
        self, *arguments: str, timeout: float = DEPLOY_SECONDS, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run `liveinsight *arguments` as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "liveinsight_cli.cli", *arguments],
            cwd=self.project,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
            **more,
        )

    def stopped_at(
        self, beginning: str, number: signal.Signals, *arguments: str
    ) -> tuple[subprocess.Popen[str], str, str]:
        """Run a command, signal it when a line on stderr begins so; return the process, stdout, the rest of stderr."""
        process = subprocess.Popen(
            [sys.executable, "-m", "liveinsight_cli.cli", *arguments],
            cwd=self.project,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith(beginning):
                process.send_signal(number)
                break
        out, err = process.communicate(timeout=DEPLOY_SECONDS)
        return process, out, err

    def answer(self, *arguments: str, timeout: float = DEPLOY_SECONDS) -> Any:
        """Run a command with --json and return its data; it must succeed."""
        done = self.run(*arguments, "--json", timeout=timeout)
        assert done.returncode == 0, (
            f"{arguments}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return json.loads(done.stdout)["data"]

    def refused_answer(self, *arguments: str, code: int) -> Any:
        """Run a command with --json, which must end with this code; return what it answers all the same."""
        done = self.run(*arguments, "--json")
        assert done.returncode == code, f"{arguments}: exit {done.returncode}\n{done.stdout[-3000:]}"
        return json.loads(done.stdout)["data"]

    def record(self) -> None:
        """Have the command line speak to the embedded AWS by way of the recorder; a restart of it ends that."""
        server = EmbeddedAws(self.project).running()
        assert server is not None
        assert self.recorder is not None
        write_record(self.project / ".liveinsight" / "aws", replace(server, endpoint_url=self.recorder.url))

    @property
    def files(self) -> Path:
        return self.project / ".liveinsight" / "local"

    @property
    def outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.files / "outputs.json").read_text())
        return found

    @property
    def api(self) -> str:
        return str(self.outputs["api_gateway_url"])

    @property
    def token(self) -> str:
        return (self.files / "read-token").read_text().strip()

    def request(
        self,
        method: str,
        path: str,
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """Send one request to the deployed API; `path` begins with /api/."""
        return self.http.request(method, self.api + path, body=body, headers=dict(headers or {}))

    def read(self, path: str) -> Any:
        """GET with the read token; the answer must be 200."""
        answer = self.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status == 200, answer.data
        return answer.json()


def hermetic_variables(home: Path) -> dict[str, str]:
    """Return the environment of a user without any AWS set-up."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LIVEINSIGHT_"))
        and name != "CI"  # as at a desk: links hold the token
    }
    return kept | {"HOME": str(home), "COLUMNS": "120"}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The stack as `liveinsight deploy --yes` leaves it; its embedded AWS is stopped at the end.

    Somebody has set API Gateway's role in its account before; tests/e2e/test_life.py begins without one.
    Every request that terraform and the command line send to its AWS port is kept in `recorder`.
    """
    needs("terraform")
    project = tmp_path_factory.mktemp("stack")
    aws = EmbeddedAws(project)
    server = aws.up()
    role = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": "arn:aws:iam::123456789012:role/theirs"}]
    Aws(server.region, endpoint_url=server.endpoint_url).call(
        "apigateway", "update_account", patchOperations=role
    )
    recorder = Recorder(server.endpoint_url).start()
    deployed = Stack(project, hermetic_variables(tmp_path_factory.mktemp("home")), recorder)
    deployed.record()
    try:
        done = deployed.run("deploy", "--yes")
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        trust_the_provider(deployed.files / "stack")
        yield deployed
    finally:
        deployed.run("local", "down")
        recorder.close()


@pytest.fixture(scope="session")
def plan_to_destroy(stack: Stack) -> Path:
    """A plan in a file, which nobody applies; its note lies beside it."""
    path = stack.project / "kept.tfplan"
    assert stack.answer("plan", "--destroy", "--out", path.name)["has_changes"] is True
    return path
