"""`liveinsight plan` and what becomes of a saved plan, in a world of fakes."""

import json
from pathlib import Path

import pytest

from tests.adapters.fake_terraform import STREAMS, VERSION_EVENT, event
from tests.commands.world import World
from tests.conftest import CommandLine


def planned(address: str, action: str, **more: object) -> str:
    kind, name = address.split(".")
    resource = {"addr": address, "resource_type": kind, "resource_name": name, "resource_key": None}
    return event("planned_change", change={"resource": resource, "action": action, **more})


def replaces_the_table(world: World) -> None:
    """Have the next plan replace a table, for a reason that `show` knows."""
    reason = {"reason": "cannot_update"}
    text = VERSION_EVENT + planned("aws_dynamodb_table.events", "replace", **reason)
    world.terraform.says("plan", text=text, exit_code=2)
    document = json.loads((STREAMS / "newer-show-replace.json").read_text())
    world.terraform.says("show", text=json.dumps(document))


def test_a_loss_is_counted_explained_and_comes_first(liveinsight: CommandLine, world: World) -> None:
    replaces_the_table(world)
    done = liveinsight("plan")
    assert done.code == 0, done.err
    assert done.out.splitlines()[:3] == [
        "! events table would be REPLACED: 12,400 items lost",
        "  this change cannot be made in place",
        '  hash_key changes from "visitor_id" to "session_id"',
    ]
    assert world.terraform.verbs == ["init", "plan", "show"]


def test_what_a_deploy_keeps_is_told_and_the_state_is_left_as_it_is(
    liveinsight: CommandLine, world: World
) -> None:
    text = VERSION_EVENT + planned("aws_sns_topic.alarms", "replace", reason="tainted")
    world.terraform.says("plan", text=text, exit_code=2)
    done = liveinsight("plan")
    assert "a deploy keeps them: aws_sns_topic.alarms" in done.err
    assert "untaint" not in world.terraform.verbs


def test_a_plan_without_risk_starts_terraform_once(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("plan").code == 0
    assert world.terraform.verbs == ["init", "plan"]


def test_every_attribute_is_shown_on_request_with_secrets_masked(
    liveinsight: CommandLine, world: World
) -> None:
    replaces_the_table(world)
    document = json.loads((STREAMS / "newer-show-replace.json").read_text())
    document["resource_changes"][0]["change"]["before"]["api_secret"] = "do-not-show-me"
    world.terraform.says("show", text=json.dumps(document))
    shown, as_json = liveinsight("plan", "--diff").out, liveinsight("plan", "--diff", "--json").out
    assert '    hash_key  "visitor_id" -> "session_id"  forces replacement' in shown
    assert "do-not-show-me" not in shown + as_json
    assert "api_secret  (sensitive value)" in shown
    diff = json.loads(as_json)["data"]["diff"]
    (forcing,) = [
        one
        for resource in diff
        if resource["address"] == "aws_dynamodb_table.events"
        for one in resource["attributes"]
        if one["path"] == "hash_key"
    ]
    assert (forcing["before"], forcing["after"], forcing["forces_replacement"]) == (
        "visitor_id",
        "session_id",
        True,
    )


def test_a_plan_can_be_for_a_stage_and_that_fits_neither_a_file_nor_a_destroy(
    liveinsight: CommandLine, world: World
) -> None:
    world.terraform.says("output", text="{}")
    assert liveinsight("plan", "--stage", "tables").code == 0
    assert "-target=aws_dynamodb_table.events" in world.terraform.calls[-1][0]
    assert liveinsight("plan", "--stage", "tables", "--out", "x.tfplan").code == 2
    assert liveinsight("plan", "--stage", "api", "--destroy").code == 2


def test_a_plan_of_outputs_alone_names_them(liveinsight: CommandLine, world: World) -> None:
    outputs = {
        "url": {"action": "update", "sensitive": False},
        "same": {"action": "noop", "sensitive": False},
    }
    world.terraform.says("plan", text=VERSION_EVENT + event("outputs", outputs=outputs), exit_code=2)
    assert "Only outputs change: url." in liveinsight("plan").out


def test_a_plan_to_destroy_leaves_the_role_of_the_account_out(liveinsight: CommandLine, world: World) -> None:
    text = (
        VERSION_EVENT
        + planned("aws_iam_role.api_gateway_logs", "delete")
        + planned("aws_sns_topic.a", "delete")
    )
    world.terraform.says("plan", text=text, exit_code=2)
    changes = json.loads(liveinsight("plan", "--destroy", "--json").out)["data"]["changes"]
    assert [one["address"] for one in changes] == ["aws_sns_topic.a"]


def test_the_next_plan_names_files_and_settings_that_differ(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("deploy", "--yes").code == 0
    note = world.files / "applied.json"
    applied = json.loads(note.read_text())
    applied["files"]["aggregator"]["shared/gone.py"] = "0"
    applied["variables"]["memory_mb"] = 1024
    note.write_text(json.dumps(applied))
    function = 'module.function["aggregator"].aws_lambda_function.this'
    resource = {"addr": function, "resource_type": "aws_lambda_function", "resource_name": "this"}
    text = (STREAMS / "plan-code-change.jsonl").read_text()
    text += event("planned_change", change={"resource": resource, "action": "update"})
    world.terraform.says("plan", text=text, exit_code=2)
    shown = liveinsight("plan").out
    assert "upload the new code of aggregator" in shown
    assert "aggregator: code changes in 1 file (shared/gone.py)" in shown
    assert "memory_mb: 1024 -> 256" in shown
    ledger = world.files / "releases.json"
    ledger.write_text(ledger.read_text().replace('"aggregator": "', '"aggregator": "0'))
    assert "memory_mb" not in liveinsight("plan").out  # somebody else deployed since


def refused(liveinsight: CommandLine, world: World, because: str) -> None:
    before = len(world.terraform.calls)
    done = liveinsight("deploy", "--yes", "--plan", "my.tfplan")
    assert done.code == 3, done.err
    assert because in done.err.replace("\n", " ")
    assert "Nothing was changed." in done.err
    assert "apply" not in [call[0][0] for call in world.terraform.calls[before:]]


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ("settings", "these settings are others by now: memory_mb"),
        ("file", "not the one that was written with its note"),
        ("terraform", "Terraform 1.11.4 made it, and this is 1.12.0"),
        ("account", "made for account 123456789012"),
        ("region", "in ap-northeast-2, and this is"),
        ("state", "the Terraform state changed since: serial 3"),
    ],
)
def test_a_saved_plan_is_refused_when_something_changed(
    liveinsight: CommandLine, world: World, changed: str, because: str
) -> None:
    assert liveinsight("plan", "--out", "my.tfplan").code == 0
    if changed == "settings":
        (world.project / "liveinsight.toml").write_text("[env.local]\nmemory_mb = 512\n")
    elif changed == "file":
        Path("my.tfplan").write_text("another plan")
    elif changed == "terraform":
        world.terraform.says("version", text='{"terraform_version": "1.12.0"}')
        (world.terraform.directory / "version").write_text('{"terraform_version": "1.12.0"}')
    elif changed == "account":
        world.aws.account_id = "999999999999"
    elif changed == "region":
        (world.project / "liveinsight.toml").write_text('[env.local]\nregion = "eu-west-1"\n')
    else:
        (world.files / "terraform.tfstate").write_text('{"serial": 3, "lineage": "a"}')
    refused(liveinsight, world, because)


def test_a_saved_plan_is_refused_after_somebody_elses_release(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("plan", "--out", "my.tfplan").code == 0
    assert liveinsight("deploy", "--yes").code == 0
    refused(liveinsight, world, "another release is in service by now")


def test_an_unknown_stream_is_refused_before_anything_is_applied(
    liveinsight: CommandLine, world: World
) -> None:
    for first in ({"ui": "2.0"}, {}):
        world.terraform.says("plan", text=event("version", terraform="3.0", **first))
        assert liveinsight("deploy", "--yes").code == 3
    assert "apply" not in world.terraform.verbs
