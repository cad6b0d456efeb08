"""The life of an environment, with the real terraform: deploy, nothing to do, interrupted, gone."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.local.process import EmbeddedAws
from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def redeployed(stack: Stack) -> Any:
    """The answer of a deploy that puts right whatever other tests did."""
    return stack.answer("deploy", "--yes")


def requests_since(stack: Stack, number: int) -> list[dict[str, Any]]:
    return EmbeddedAws(stack.project).journal(number)


@pytest.mark.usefixtures("redeployed")
def test_a_second_deploy_has_no_changes_and_makes_no_write_call(stack: Stack) -> None:
    before = EmbeddedAws(stack.project).journal()[-1]["number"]
    done = stack.run("deploy", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No changes.")
    made = requests_since(stack, before)
    assert made
    assert [one for one in made if one["write"] and one["caller"] != "function"] == []


def test_what_deploy_prints_is_what_outputs_say(stack: Stack, redeployed: Any) -> None:
    answer = redeployed
    assert answer["api_gateway_url"] == stack.run("outputs", "api_gateway_url", "--raw").stdout.strip()
    assert answer["cloudfront_url"].endswith(f"/#token={stack.token}")
    page = stack.http.request("GET", answer["cloudfront_url"].split("#")[0])
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")


def test_the_smoke_event_is_in_no_figure(stack: Stack) -> None:
    assert stack.read("/api/realtime?site=smoke.liveinsight.invalid")["recent"]
    everything = json.dumps(stack.read("/api/realtime")) + json.dumps(stack.read("/api/stats"))
    assert "smoke.liveinsight.invalid" not in everything


def test_status_and_doctor_find_everything_in_order(stack: Stack) -> None:
    status = stack.answer("status")
    assert status["deployed"] is True
    assert {one["in_service"] for one in status["functions"]} == {
        one["newest"] for one in status["functions"]
    }
    assert status["problem"] is None
    assert {one["state"] for one in stack.answer("doctor")["checks"]} == {"ok"}


@pytest.mark.usefixtures("redeployed")
def test_the_read_token_is_in_its_file_and_nowhere_else(stack: Stack, plan_to_destroy: Path) -> None:
    token = stack.token.encode()
    searched = {path for path in stack.project.rglob("*") if path.is_file()}
    plans = {"deploy.tfplan", plan_to_destroy.name, f"{plan_to_destroy.name}.json"}
    assert {"terraform.tfstate", "terraform.tfvars.json", "outputs.json", "server.log", *plans} <= {
        path.name for path in searched
    }
    assert {path for path in searched if token in _content(path)} == {stack.files / "read-token"}


def _content(path: Path) -> bytes:
    """A file's bytes; of an archive, such as a plan, those of its files too."""
    content = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            content += b"".join(archive.read(name) for name in archive.namelist())
    return content
