"""A deploy in stages with the real terraform: the tables alone, the API around dummies, everything."""

import json

import pytest

from tests.e2e.conftest import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_each_stage_stands_alone_and_the_next_one_goes_on(scratch: Stack) -> None:
    tables = scratch.answer("deploy", "--yes", "--stage", "tables")
    assert (tables["stage"], tables["resources_changed"], tables["api_gateway_url"]) == ("tables", 3, None)
    assert set(scratch.outputs) == {"environment", "region", "tables"}

    around_dummies = scratch.answer("deploy", "--yes", "--stage", "api", "--dummy")
    assert (around_dummies["stage"], around_dummies["is_dummy"]) == ("api", True)
    event = {"event_type": "page_view", "page_url": "https://shop.example/"}
    refused = scratch.request("POST", "/api/events", json.dumps(event))
    assert (refused.status, refused.json()["error"]["code"]) == (501, "dummy")
    status = scratch.answer("status")
    assert (status["stage"], status["is_dummy"], status["alarms"]) == ("api", True, None)
    assert scratch.answer("deploy", "--yes", "--stage", "api", "--dummy")["changed"] is False

    whole = scratch.answer("deploy", "--yes")
    assert (whole["stage"], whole["is_dummy"], set(whole["versions"].values())) == ("all", False, {"2"})
    assert len(scratch.outputs["alarm_names"]) > 10
    back = scratch.run("deploy", "--yes", "--stage", "tables")
    assert (back.returncode, "as far as the stage all" in back.stderr) == (3, True)
