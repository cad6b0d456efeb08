"""The life of an environment, from an installed wheel, with nothing of the checkout in reach and the real terraform.

One after the other, as each deploy costs half a minute: the tables alone, the API around dummies, everything, the
end (interrupted, then gone on with).
"""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.local.process import EmbeddedAws
from tests.e2e.conftest import Stack, hermetic_variables, needs
from tests.terraform.leftovers import leftovers
from tests.terraform.stack import trust_the_provider
from tests.wheels import build_wheel

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Stack]:
    """An empty project, and a command line installed from the wheel; its embedded AWS is stopped at the end."""
    needs("terraform")
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target)]
    subprocess.run([*install, str(build_wheel(tmp_path))], check=True, capture_output=True)
    for name in ("project", "home"):
        (tmp_path / name).mkdir()
    variables = hermetic_variables(tmp_path / "home") | {"PYTHONPATH": str(target)}
    made = Stack(tmp_path / "project", variables)
    try:
        yield made
    finally:
        made.run("local", "down")


def test_an_environment_goes_through_its_life_and_an_interrupted_end_is_gone_on_with(
    installed: Stack, tmp_path: Path
) -> None:
    tables = installed.answer("deploy", "--yes", "--stage", "tables")
    assert (tables["stage"], tables["resources_changed"], tables["api_gateway_url"]) == ("tables", 3, None)
    assert set(installed.outputs) == {"environment", "region", "tables"}
    shipped = tmp_path / "installed" / "liveinsight_cli" / "_assets" / "terraform" / "main.tf"
    assert (installed.files / "stack" / "main.tf").read_bytes() == shipped.read_bytes()

    trust_the_provider(installed.files / "stack")
    dummies = ("deploy", "--yes", "--stage", "api", "--dummy")
    done = installed.run(*dummies)
    assert done.returncode == 0, done.stderr
    event = {"event_type": "page_view", "page_url": "https://shop.example/"}
    refused = installed.request("POST", "/api/events", json.dumps(event))
    assert (refused.status, refused.json()["error"]["code"]) == (501, "dummy")
    status = installed.answer("status")
    assert (status["stage"], status["is_dummy"], status["alarms"]) == ("api", True, None)

    whole = installed.answer("deploy", "--yes")
    assert (whole["stage"], whole["is_dummy"], set(whole["versions"].values())) == ("all", False, {"2"})
    assert len(installed.outputs["alarm_names"]) > 10
    assert "totals" in installed.read("/api/stats")
    back = installed.run("deploy", "--yes", "--stage", "tables")
    assert (back.returncode, "as far as the stage all" in back.stderr) == (3, True)

    assert installed.answer("deploy", "--yes")["changed"] is False

    process, out, err = installed.stopped_at("[20/", signal.SIGINT, "destroy", "--yes")
    assert (process.returncode, out) == (130, ""), err
    assert installed.answer("destroy", "--yes")["resources"] > 50  # the lock was gone
    assert json.loads((installed.files / "terraform.tfstate").read_text())["resources"] == []
    server = EmbeddedAws(installed.project).running()
    assert server is not None
    (left,) = leftovers(Aws(server.region, endpoint_url=server.endpoint_url).client)
    assert (
        left["RoleName"] == f"liveinsight-api-gateway-logs-{server.region}"
    )  # the account's, not the environment's
    never = installed.run("outputs")
    assert never.returncode == 3
    assert "liveinsight deploy" in never.stderr
