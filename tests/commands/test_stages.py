"""`liveinsight deploy --stage` and `--dummy`: what stands on each step, and what is refused."""

import json
from typing import Any

import pytest

from liveinsight_cli.core.stages import Stage
from tests.commands.test_deploy import hurry
from tests.commands.world import World
from tests.conftest import CommandLine


def targeted(world: World, call: int = -1) -> set[str]:
    """The addresses that a run of `plan` was narrowed to."""
    plans = [call[0] for call in world.terraform.calls if call[0][0] == "plan"]
    return {one.removeprefix("-target=") for one in plans[call] if one.startswith("-target=")}


def answer(liveinsight: CommandLine, *arguments: str) -> Any:
    done = liveinsight(*arguments, "--json")
    assert done.code == 0, done.out
    return json.loads(done.out)["data"]


def test_the_tables_stand_alone(liveinsight: CommandLine, world: World) -> None:
    world.will_change(stage=Stage.TABLES)
    done = liveinsight("deploy", "--yes", "--stage", "tables")
    assert done.code == 0, done.err
    assert "tables: nothing else yet" in done.out
    assert not (world.files / "unfinished.json").exists()  # else `drift` would say that it was cut off
    assert "liveinsight deploy --stage api" in done.out
    assert "data-api" not in done.out
    assert targeted(world) == {f"aws_dynamodb_table.{name}" for name in ("events", "sessions", "state")}
    assert world.aws.writes == []
    assert not (world.files / "releases.json").exists()

    status = answer(liveinsight, "status")
    assert (status["stage"], status["api_gateway_url"], status["functions"], status["alarms"]) == (
        "tables",
        None,
        [],
        None,
    )
    assert "tables: nothing else yet" in liveinsight("status").out
    assert "the stage tables only" in liveinsight("doctor").out
    refused = liveinsight("stats")
    assert (refused.code, "only the stage tables" in refused.err) == (3, True)


def test_a_table_that_is_not_ready_is_named(liveinsight: CommandLine, world: World) -> None:
    world.will_change(stage=Stage.TABLES)
    world.aws.index_status = "CREATING"
    done = liveinsight("deploy", "--yes", "--stage", "tables")
    assert done.code == 7
    assert "AnIndex of liveinsight-events-local is CREATING" in done.err


def test_the_api_answers_before_there_is_monitoring_and_the_next_deploy_goes_on(
    liveinsight: CommandLine, world: World
) -> None:
    world.will_change(stage=Stage.API)
    first = answer(liveinsight, "deploy", "--yes", "--stage", "api")
    assert (first["stage"], first["api_gateway_url"]) == ("api", world.api.url)
    assert first["next"][0] == "liveinsight deploy"
    assert world.api.events  # the health check
    status = answer(liveinsight, "status")
    assert (status["stage"], status["alarms"], len(status["functions"])) == ("api", None, 4)
    world.will_change()
    assert answer(liveinsight, "deploy", "--yes")["stage"] == "all"
    assert targeted(world) == set()


def test_a_lower_stage_than_the_deployed_one_is_refused(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    done = liveinsight("deploy", "--yes", "--stage", "api")
    assert done.code == 3
    assert "as far as the stage all" in done.err
    assert world.terraform.verbs.count("apply") == 1


def test_what_stands_at_a_stage_can_be_destroyed(liveinsight: CommandLine, world: World) -> None:
    world.will_change(stage=Stage.TABLES)
    liveinsight("deploy", "--yes", "--stage", "tables")
    world.terraform.says("plan", stream="plan-no-changes")
    lost = answer(liveinsight, "destroy", "--yes")["lost"]
    assert (len(lost["tables"]), lost["buckets"], lost["log_groups"]) == (3, [], [])


def test_dummies_prove_the_infrastructure_and_the_next_deploy_replaces_them(
    liveinsight: CommandLine, world: World
) -> None:
    world.api.dummy_says = {}
    first = liveinsight("deploy", "--yes", "--dummy")
    assert first.code == 0, first.err
    assert "Proven: every route" in first.out
    assert "data-api" not in first.out
    assert ", dummies" in liveinsight("status").out
    checks = answer(liveinsight, "doctor")["checks"]
    assert [one["found"] for one in checks if one["state"] == "warn"] == ["dummies, which keep nothing"]
    for command in ("stats", "seed-demo", "verify"):
        refused = liveinsight(command, "--json")
        assert (refused.code, json.loads(refused.out)["error"]["code"]) == (3, "dummy"), command

    world.api.dummy_says = None
    world.will_change("2")
    second = answer(liveinsight, "deploy", "--yes")
    assert (second["is_dummy"], second["tracker"] is not None) == (False, True)
    releases = json.loads((world.files / "releases.json").read_text())["releases"]
    assert [(one["is_dummy"], one["status"]) for one in releases] == [(True, "replaced"), (False, "active")]


def test_dummies_are_refused_where_functions_were_ever_in_service(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    before = len(world.terraform.calls)
    done = liveinsight("deploy", "--yes", "--dummy")
    assert (done.code, "out of service" in done.err) == (3, True)
    assert len([call for call in world.terraform.calls[before:] if call[0][0] != "version"]) == 0


def test_dummies_are_refused_where_a_plan_would_replace_functions_that_nobody_noted(
    liveinsight: CommandLine, world: World
) -> None:
    resource = {
        "addr": 'aws_s3_object.package["stats-api"]',
        "resource": 'aws_s3_object.package["stats-api"]',
        "module": "",
        "resource_type": "aws_s3_object",
        "resource_name": "package",
        "resource_key": "stats-api",
    }
    change = {"type": "planned_change", "change": {"resource": resource, "action": "replace"}}
    world.terraform.says("plan", text=json.dumps(change) + "\n", exit_code=2)
    done = liveinsight("deploy", "--yes", "--dummy")
    assert (done.code, "out of service" in done.err) == (3, True)
    assert "apply" not in world.terraform.verbs


@pytest.mark.parametrize(
    ("wrong", "code", "says"),
    [
        ({"requests_per_minute": 6000}, 7, "lets 100.00 requests a second through, not 16.67"),
        ({"gateway_headers": ("Retry-After",)}, 7, "without CORS headers"),
        ({"gateway_headers": ("Access-Control-Allow-Origin",)}, 7, "without Retry-After"),
    ],
)
def test_what_is_wrong_around_the_functions_is_named(
    liveinsight: CommandLine, world: World, wrong: dict[str, Any], code: int, says: str
) -> None:
    world.api.dummy_says = {}
    for name, value in wrong.items():
        setattr(world.aws, name, value)
    done = liveinsight("deploy", "--yes", "--dummy")
    assert (done.code, says in done.err) == (code, True), done.err


def test_an_answer_that_is_not_the_dummys_is_no_proof(liveinsight: CommandLine, world: World) -> None:
    liveinsight.prepare.append(hurry)
    world.api.dummy_says = {"environment": "prod"}
    done = liveinsight("deploy", "--yes", "--dummy")
    assert done.code == 8
    assert "POST /api/events is not answered as it should be" in done.err
    assert "not from the dummy" in done.err


@pytest.mark.parametrize(
    "command", ["--dummy --stage tables", "--plan x.tfplan --dummy", "--plan x.tfplan --stage api"]
)
def test_options_that_contradict_each_other_are_a_usage_error(
    liveinsight: CommandLine, world: World, command: str
) -> None:
    assert liveinsight("deploy", "--yes", *command.split()).code == 2
    assert world.terraform.calls == []


def test_without_a_list_of_origins_the_next_deploy_goes_back_to_any(
    liveinsight: CommandLine, world: World
) -> None:
    def origins() -> Any:
        return json.loads((world.files / "stack" / "terraform.tfvars.json").read_text())["allowed_origins"]

    config = world.project / "liveinsight.toml"
    config.write_text('[env.local]\nallowed_origins = ["https://example.com"]\n')
    liveinsight("deploy", "--yes")
    assert origins() == ["https://example.com"]
    config.write_text("")
    liveinsight("deploy", "--yes")
    assert origins() == ["*"]
