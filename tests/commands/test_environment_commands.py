"""`build`, `plan`, `destroy`, `outputs`, `status`, `doctor` and `local`, in a world of fakes."""

import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.context import Context
from tests.commands.world import World
from tests.conftest import CommandLine
from tests.core.test_alarms import alarm


def test_build_says_what_it_built_and_what_was_there(liveinsight: CommandLine, world: World) -> None:
    first = json.loads(liveinsight("build", "--json").out)["data"]["functions"]
    assert [one["function"] for one in first] == [
        "aggregator",
        "event-collector",
        "realtime-api",
        "stats-api",
    ]
    assert not any(one["cached"] for one in first)
    again = liveinsight("build", "--check")
    assert again.code == 0
    assert again.out.count("cached") == 4


def test_build_lets_be_what_a_deploy_goes_by(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("build").code == 0
    with Path(".liveinsight/local/turn.lock").open("w") as held:
        held.write('{"command": "deploy", "who": "ada", "pid": 7}')
        held.flush()
        fcntl.flock(held, fcntl.LOCK_SH)
        assert liveinsight("build").code == 0
        fcntl.flock(held, fcntl.LOCK_EX)
        refused = liveinsight("build")
    assert refused.code == 5
    assert "liveinsight deploy by ada, process 7" in refused.err


def test_build_says_when_there_is_nothing_to_lock(liveinsight: CommandLine, world: World) -> None:
    done = liveinsight("build", "--lock")
    assert done.code == 0
    assert "nothing to lock" in done.err


def test_plan_ends_with_10_only_when_asked(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("plan").code == 0
    assert liveinsight("plan", "--detailed-exitcode").code == 10
    world.will_not_change()
    assert liveinsight("plan", "--detailed-exitcode").code == 0
    assert world.aws.writes == []


def test_destroy_names_what_is_lost_and_wants_the_name(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.terraform.says("plan", stream="plan-destroy", exit_code=2)
    refused = liveinsight("destroy", stdin="y\n")
    assert refused.code == 9
    assert "12,400 items" in refused.err
    assert liveinsight("destroy").code == 9
    assert world.terraform.verbs.count("apply") == 1
    done = liveinsight("destroy", stdin="local\n")
    assert done.code == 0, done.err
    assert not (world.files / "outputs.json").exists()
    assert not (world.files / "read-token").exists()
    releases = json.loads((world.files / "releases.json").read_text())["releases"]
    assert releases[-1]["status"] == "destroyed"


def test_destroying_a_protected_environment_lifts_its_protection_after_the_question(
    liveinsight: CommandLine, world: World
) -> None:
    (world.project / "liveinsight.toml").write_text("[env.local]\nprotected = true\n")
    liveinsight("deploy", "--yes", "--confirm", "local")
    world.aws.writes.clear()
    assert liveinsight("destroy", "--yes").code == 9
    assert world.aws.writes == []
    world.terraform.says("plan", stream="plan-destroy", exit_code=2)
    assert liveinsight("destroy", "--yes", "--confirm", "local").code == 0
    assert world.aws.writes == ["update_table"] * 3


def test_destroying_what_an_earlier_version_deployed_forgets_the_role_that_all_environments_use(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    resource = {"mode": "managed", "name": "this", "instances": [{"index_key": 0}]}
    account = {**resource, "type": "aws_api_gateway_account"}
    state = {"serial": 3, "lineage": "l", "resources": [account, {**resource, "type": "aws_x"}]}
    (world.files / "terraform.tfstate").write_text(json.dumps(state))
    world.terraform.says("plan", stream="plan-destroy", exit_code=2)
    assert liveinsight("destroy", "--yes").code == 0
    assert world.terraform.verbs[-3:] == ["state", "plan", "apply"]
    assert world.terraform.calls[-3][0][-1] == "aws_api_gateway_account.this[0]"


@pytest.mark.parametrize("command", [("outputs",), ("destroy", "--yes")])
def test_an_environment_that_was_never_deployed_is_one_clear_error(
    liveinsight: CommandLine, world: World, command: tuple[str, ...]
) -> None:
    done = liveinsight(*command)
    assert done.code == 3
    assert "never deployed" in done.err
    assert world.terraform.calls == []


def test_outputs_one_by_one_and_for_a_shell(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    assert liveinsight("outputs", "api_gateway_url", "--raw").out == f"{world.api.url}\n"
    assert liveinsight("outputs", "tables.events", "--raw").out == "liveinsight-events-local\n"
    assert f"API_GATEWAY_URL={world.api.url}\n" in liveinsight("outputs", "--dotenv").out
    assert json.loads(liveinsight("outputs", "--json").out)["data"]["environment"] == "local"
    assert liveinsight("outputs", "nope").code == 2
    assert liveinsight("outputs", "--raw").code == 2


def test_damaged_outputs_are_one_clear_error(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    (world.files / "outputs.json").write_text("{")
    done = liveinsight("outputs")
    assert done.code == 3
    assert "liveinsight deploy" in done.err


def test_status_of_what_was_never_deployed_is_no_error(liveinsight: CommandLine, world: World) -> None:
    done = liveinsight("status", "--json")
    assert done.code == 0
    assert json.loads(done.out)["data"]["deployed"] is False


def test_status_shows_versions_in_service(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.aws.aliases["liveinsight-stats-api-local"] = "7"
    done = liveinsight("status")
    assert "newest is not in service" in done.out
    assert world.api.url in done.out


def test_status_says_why_alarms_ring_how_old_the_data_is_and_what_was_changed(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    liveinsight("deploy", "--yes")
    calm = json.loads(liveinsight("status", "--json").out)["data"]
    assert (calm["alarms"]["firing"], calm["drift"]["differences"]) == ([], [])
    assert calm["data"] == {"newest_event_seconds": None, "behind_seconds": None, "problem": None}
    now = 2e9
    began = datetime.fromtimestamp(now - 720, UTC)
    ringing = alarm("stats-api-slow", "ALARM", (300, 400, 500), StateUpdatedTimestamp=began)
    ringing["AlarmName"] = "liveinsight-stats-api-slow-local"
    pages = world.aws.pages

    def with_the_alarm(service: str, operation: str, **asked: Any) -> Iterator[dict[str, Any]]:
        if operation == "describe_alarms":
            yield {"MetricAlarms": [ringing]}
        else:
            yield from pages(service, operation, **asked)

    def later(context: Context) -> None:
        context.clock = replace(context.clock, now=lambda: now)
        context.api = Answering({"meta": {"fresh_to": int((now - 7200) * 1000)}})  # type: ignore[assignment]

    liveinsight.prepare.append(later)
    monkeypatch.setattr(world.aws, "pages", with_the_alarm)
    world.aws.figures["IteratorAge", ""] = 61_500
    world.aws.aliases["liveinsight-stats-api-local"] = "7"
    done = liveinsight("status")
    assert done.code == 0
    for words in (
        "1 of 1 ring",
        "stats-api-slow for 12 min. p95 of",
        "newest event 2 h 0 min ago; aggregator behind by 61.5 s at worst",
        "stats-api: ",
        "See: liveinsight drift",
    ):
        assert words in done.out, done.out
    liveinsight.prepare.pop()
    world.api.read_status = 500
    assert "answers 500" in liveinsight("status").out


@dataclass
class Answering:
    """An API with one answer."""

    answer: dict[str, Any]

    def realtime(self, **_: object) -> dict[str, Any]:
        return self.answer


def test_doctor_finds_what_is_wrong_and_says_what_mends_it(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("doctor").code == 0
    done = liveinsight("doctor", "--json", "--terraform", "/nowhere/terraform")
    assert done.code == 3
    checks = {one["name"]: one for one in json.loads(done.out)["data"]["checks"]}
    assert checks["terraform"]["state"] == "fail"
    assert "Install Terraform" in checks["terraform"]["mend"]
    assert checks["project directory"]["state"] == "ok"


def test_doctor_after_a_deploy_checks_functions_and_token(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    checks = json.loads(liveinsight("doctor", "--json").out)["data"]["checks"]
    assert {one["state"] for one in checks} == {"ok"}, checks
    assert {"deployed", "functions", "read token"} <= {one["name"] for one in checks}


def test_a_broken_configuration_is_named_with_its_line(liveinsight: CommandLine, world: World) -> None:
    (world.project / "liveinsight.toml").write_text("[default]\nregion = \n")
    for command in (("deploy", "--yes"), ("plan",), ("status",)):
        done = liveinsight(*command)
        assert done.code == 3
        assert "liveinsight.toml:2" in done.err
    assert world.terraform.calls == []


def test_the_embedded_aws_that_does_not_run_says_how_to_start_it(liveinsight: CommandLine) -> None:
    assert "liveinsight local up" in liveinsight("local", "status").out
    assert liveinsight("local", "down").out == "It was not running.\n"
    assert liveinsight("local", "logs").out == ""
    assert liveinsight("local", "up", "--env", "dev").code == 3
