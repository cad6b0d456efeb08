"""A deploy in stages with the real terraform: the tables alone, the API around dummies, everything."""

import json
import subprocess
import sys
import time

import pytest

from tests.e2e.conftest import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_each_stage_stands_alone_and_a_killed_one_is_finished_by_the_next_deploy(scratch: Stack) -> None:
    tables = scratch.answer("deploy", "--yes", "--stage", "tables")
    assert (tables["stage"], tables["resources_changed"], tables["api_gateway_url"]) == ("tables", 3, None)
    assert set(scratch.outputs) == {"environment", "region", "tables"}

    kill_half_way(scratch, "deploy", "--yes", "--stage", "api", "--dummy")
    until_nobody_holds_the_state(scratch, "deploy", "--yes", "--stage", "api", "--dummy")
    event = {"event_type": "page_view", "page_url": "https://shop.example/"}
    refused = scratch.request("POST", "/api/events", json.dumps(event))
    assert (refused.status, refused.json()["error"]["code"]) == (501, "dummy")
    status = scratch.answer("status")
    assert (status["stage"], status["is_dummy"], status["alarms"]) == ("api", True, None)

    whole = scratch.answer("deploy", "--yes")
    assert (whole["stage"], whole["is_dummy"], set(whole["versions"].values())) == ("all", False, {"2"})
    assert len(scratch.outputs["alarm_names"]) > 10
    back = scratch.run("deploy", "--yes", "--stage", "tables")
    assert (back.returncode, "as far as the stage all" in back.stderr) == (3, True)


def kill_half_way(scratch: Stack, *arguments: str) -> None:
    """Run a deploy and kill it without a warning in the middle of its apply."""
    process = subprocess.Popen(
        [sys.executable, "-m", "liveinsight_cli.cli", *arguments],
        cwd=scratch.project,
        env=scratch.variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    with process.stderr:
        for line in process.stderr:
            if line.startswith("[60/"):
                process.kill()
                break
    assert process.wait() < 0


def until_nobody_holds_the_state(scratch: Stack, *arguments: str) -> None:
    """Run a deploy that must succeed; terraform itself may still be writing the state down for a while."""
    deadline = time.monotonic() + 60
    while True:
        done = scratch.run(*arguments)
        if done.returncode != 5 or time.monotonic() > deadline:
            break
    assert done.returncode == 0, done.stderr
