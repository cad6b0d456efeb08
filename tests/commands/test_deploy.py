"""`liveinsight deploy`, from the question to the ledger."""

import json
from pathlib import Path

import pytest

from liveinsight_cli.context import Clock, Context
from tests.adapters.fake_terraform import VERSION_EVENT, error_event
from tests.commands.world import World
from tests.conftest import CommandLine


def hurry(context: Context) -> None:
    """Let a clock run that makes every waiting short."""
    passed = iter(range(0, 100_000, 10))
    context.clock = Clock(monotonic=lambda: float(next(passed)), sleep=lambda _: None)


def test_a_first_deploy_ends_with_addresses_release_tracker_and_next_commands(
    liveinsight: CommandLine, world: World
) -> None:
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    assert f"api_gateway_url  {world.api.url}" in done.out
    token = (world.files / "read-token").read_text().strip()
    assert f"#token={token}" in done.out
    assert f'data-api="{world.api.url}"></script>' in done.out
    assert "liveinsight stats --watch" in done.out
    assert world.terraform.verbs == ["init", "plan", "apply"]
    assert json.loads((world.files / "outputs.json").read_text())["api_gateway_url"] == world.api.url


def test_the_token_is_private_and_only_its_digest_reaches_terraform(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    path = world.files / "read-token"
    assert path.stat().st_mode & 0o777 == 0o600
    token = path.read_text().strip()
    assert f"Bearer {token}" in world.api.authorizations
    for file in world.files.rglob("*"):
        if file.is_file() and file != path:
            assert token.encode() not in file.read_bytes(), file


def test_a_second_deploy_writes_nothing(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.aws.writes.clear()
    world.will_not_change()
    done = liveinsight("deploy")  # nobody is asked, because nothing is written
    assert done.code == 0, done.err
    assert done.out.startswith("No changes.")
    assert world.aws.writes == []
    assert world.terraform.verbs[3:] == ["plan"]


def test_the_dashboard_is_uploaded_with_its_configuration(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    assert {"index.html", "liveinsight.js", "config.json"} <= world.aws.objects.keys()
    config = json.loads(world.aws.objects["config.json"])
    assert config == {
        "apiUrl": world.api.url,
        "readUrl": "/",
        "environment": "local",
        "public": False,
    }


def test_only_what_differs_is_uploaded_and_what_is_gone_removed(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    world.aws.objects["index.html"] = b"changed by somebody"
    world.aws.objects["old.js"] = b""
    world.aws.writes.clear()
    world.will_not_change()
    done = liveinsight("deploy", "--yes", "--json")
    assert json.loads(done.out)["data"]["files_uploaded"] == 1
    assert world.aws.writes == ["put_object", "delete_objects", "create_invalidation"]


def test_files_in_a_bucket_with_a_key_are_compared_by_what_their_upload_noted(
    liveinsight: CommandLine, world: World
) -> None:
    world.aws.etag_salt = b"encrypted"
    liveinsight("deploy", "--yes")
    world.aws.writes.clear()
    world.will_not_change()
    assert json.loads(liveinsight("deploy", "--yes", "--json").out)["data"]["changed"] is False
    assert world.aws.writes == []
    world.aws.objects["index.html"] = b"changed by somebody"
    assert json.loads(liveinsight("deploy", "--yes", "--json").out)["data"]["files_uploaded"] == 1


def test_new_versions_are_put_into_service(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    assert liveinsight("deploy", "--yes").code == 0
    assert set(world.aws.aliases.values()) == {"2"}
    releases = json.loads((world.files / "releases.json").read_text())["releases"]
    assert [release["status"] for release in releases] == ["replaced", "active"]
    assert set(releases[-1]["versions"].values()) == {"2"}


def test_code_that_does_not_start_is_not_put_into_service(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    world.aws.broken_functions.add("liveinsight-stats-api-local")
    done = liveinsight("deploy", "--yes")
    assert done.code == 7
    assert "stats-api version 2: No module named 'yaml'" in done.err
    assert set(world.aws.aliases.values()) == {"1"}


def test_an_alias_that_cannot_be_moved_takes_the_others_back(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    world.aws.unmovable.add("liveinsight-stats-api-local")
    done = liveinsight("deploy", "--yes")
    assert done.code == 7
    assert set(world.aws.aliases.values()) == {"1"}


def test_an_api_that_answers_wrongly_takes_the_aliases_back(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    world.api.collect_status = 400
    done = liveinsight("deploy", "--yes")
    assert done.code == 7
    assert "in service again" in done.err
    assert set(world.aws.aliases.values()) == {"1"}


def test_an_event_that_never_shows_up_is_a_timeout(liveinsight: CommandLine, world: World) -> None:
    liveinsight.prepare.append(hurry)
    world.api.is_forgetful = True
    done = liveinsight("deploy", "--yes")
    assert done.code == 8
    assert "does not list it" in done.err


def test_the_next_deploy_finishes_what_was_interrupted(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    world.api.collect_status = 400
    liveinsight("deploy", "--yes")
    world.api.collect_status = 202
    world.will_not_change()
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    assert "Left to do: put 4 functions' newest versions into service" in done.err
    assert set(world.aws.aliases.values()) == {"2"}


def test_take_over_looks_for_all_that_would_be_created(liveinsight: CommandLine, world: World) -> None:
    world.terraform.says("show", text="{}")
    assert liveinsight("deploy", "--yes", "--take-over").code == 0
    assert world.terraform.verbs == ["init", "plan", "show", "apply"]
    liveinsight("deploy", "--yes")
    assert world.terraform.verbs[4:] == ["plan", "apply"]


def test_without_a_yes_nothing_is_applied(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("deploy").code == 9
    assert liveinsight("deploy", stdin="n\n").code == 9
    assert "apply" not in world.terraform.verbs
    assert liveinsight("deploy", stdin="y\n").code == 0


def test_a_protected_environment_wants_its_name(liveinsight: CommandLine, world: World) -> None:
    (world.project / "liveinsight.toml").write_text("[env.local]\nprotected = true\n")
    assert liveinsight("deploy", "--yes").code == 9
    assert liveinsight("deploy", "--yes", "--confirm", "other").code == 2
    assert "apply" not in world.terraform.verbs
    assert liveinsight("deploy", "--yes", "--confirm", "local").code == 0


def test_the_wrong_account_changes_nothing(liveinsight: CommandLine, world: World) -> None:
    (world.project / "liveinsight.toml").write_text('[env.local]\naccount_id = "999999999999"\n')
    done = liveinsight("deploy", "--yes")
    assert done.code == 4
    assert "999999999999" in done.err
    assert world.terraform.verbs == []
    assert world.aws.writes == []


def test_plan_only_shows_and_stops(liveinsight: CommandLine, world: World) -> None:
    done = liveinsight("deploy", "--plan-only", "--json")
    assert done.code == 0
    assert json.loads(done.out)["schema"] == "liveinsight.plan/1"
    assert world.terraform.verbs == ["init", "plan"]


def test_a_saved_plan_is_applied_as_it_is(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("plan", "--out", "my.tfplan").code == 0
    assert liveinsight("deploy", "--yes", "--plan", "my.tfplan").code == 0
    assert world.terraform.verbs == ["init", "plan", "apply"]
    assert world.terraform.calls[-1][0][-1] == str(world.project / "my.tfplan")


def test_a_saved_plan_for_something_else_is_refused(liveinsight: CommandLine, world: World) -> None:
    liveinsight("plan", "--out", "my.tfplan")
    assert liveinsight("deploy", "--yes", "--env", "dev", "--plan", "my.tfplan").code == 3
    note = Path("my.tfplan.json")
    note.write_text(note.read_text().replace('"stats-api": "', '"stats-api": "0'))
    done = liveinsight("deploy", "--yes", "--plan", "my.tfplan")
    assert done.code == 3
    assert "stale" in done.err
    assert liveinsight("deploy", "--yes", "--plan", "none.tfplan").code == 3
    assert "apply" not in world.terraform.verbs


def test_a_plan_that_terraform_calls_stale_is_refused(liveinsight: CommandLine, world: World) -> None:
    liveinsight("plan", "--out", "my.tfplan")
    world.terraform.says("apply", text=VERSION_EVENT + error_event("Saved plan is stale"), exit_code=1)
    done = liveinsight("deploy", "--yes", "--plan", "my.tfplan")
    assert done.code == 3
    assert "Nothing was changed" in done.err


def test_a_failed_apply_shows_the_cause_and_leaves_what_was_deployed(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    before = (world.files / "outputs.json").read_bytes()
    world.terraform.says("apply", text=VERSION_EVENT + error_event("creating table", "Limit"), exit_code=1)
    done = liveinsight("deploy", "--yes", "--json")
    assert done.code == 6
    answer = json.loads(done.out)
    assert answer["error"]["code"] == "terraform"
    assert Path(answer["data"]["log"]).is_file()
    assert (world.files / "outputs.json").read_bytes() == before


def test_a_locked_state_is_its_own_exit_code(liveinsight: CommandLine, world: World) -> None:
    world.terraform.says("plan", stream="plan-locked", exit_code=1)
    assert liveinsight("deploy", "--yes").code == 5


@pytest.mark.parametrize("command", [("deploy", "--yes"), ("plan",)])
def test_a_directory_that_cannot_be_written_is_one_clear_error(
    liveinsight: CommandLine, world: World, command: tuple[str, ...]
) -> None:
    (world.project / ".liveinsight").write_text("in the way")
    done = liveinsight(*command)
    assert done.code == 3
    assert "cannot be written" in done.err


def test_a_missing_terraform_is_said_before_anything_is_written(
    liveinsight: CommandLine, world: World
) -> None:
    done = liveinsight("deploy", "--yes", "--terraform", "/nowhere/terraform")
    assert done.code == 3
    assert "does not exist" in done.err
    assert world.aws.writes == []


def test_the_role_of_api_gateway_is_set_by_the_first_deploy_that_finds_none(
    liveinsight: CommandLine, world: World
) -> None:
    world.aws.gateway_role = None
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    assert "has no CloudWatch role" in done.err
    assert world.terraform.verbs == ["init", "plan", "init", "apply", "apply"]
    account = world.project / ".liveinsight" / "account" / "123456789012-ap-northeast-2" / "stack"
    variables = json.loads((account / "terraform.tfvars.json").read_text())
    assert variables == {"project": "liveinsight", "region": "ap-northeast-2", "max_retries": None}
    assert not (world.files / "stack" / "account").exists()


def test_a_role_of_somebody_else_stays_and_one_of_ours_that_is_gone_counts_as_none(
    liveinsight: CommandLine, world: World
) -> None:
    assert liveinsight("account", "deploy", "--yes").out.startswith("Nothing to do")
    assert json.loads(liveinsight("account", "show", "--json").out)["data"]["managed"] is False
    assert liveinsight("account", "destroy", "--yes").out.startswith("Nothing to remove")
    assert world.terraform.verbs == []
    world.aws.gateway_role = "arn:aws:iam::123456789012:role/liveinsight-api-gateway-logs-dev"
    assert json.loads(liveinsight("account", "show", "--json").out)["data"]["role"] is None


def test_the_zips_have_the_same_paths_in_every_clone(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    variables = json.loads((world.files / "stack" / "terraform.tfvars.json").read_text())
    paths = [one["path"] for one in variables["packages"].values()]
    assert all(path.startswith("../build/") for path in paths)
    assert all((world.files / "stack" / path).is_file() for path in paths)


def test_code_that_was_changed_behind_the_release_is_put_right_and_published(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    name = "liveinsight-stats-api-local"
    right = world.aws.code[name][0]
    world.aws.code[name] = ["changed", right, "changed"]  # by update-function-code --publish
    world.will_not_change()
    world.aws.writes.clear()
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    assert "put right the code of stats-api" in done.err
    assert world.aws.writes == ["update_function_code", "publish_version", "update_alias"]
    assert world.aws.code[name] == [right, right, "changed", right]
    assert world.aws.aliases[name] == "3"
    world.aws.writes.clear()
    assert "No changes" in liveinsight("deploy").out
    assert world.aws.writes == []


def test_what_an_update_that_was_killed_did_not_publish_is_published(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    name = "liveinsight-aggregator-local"
    world.aws.code[name] = [world.aws.code[name][0], "of before"]
    world.will_not_change()
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    assert "publish aggregator" in done.err
    assert world.aws.aliases[name] == "2"
