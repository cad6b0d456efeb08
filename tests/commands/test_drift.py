"""`liveinsight drift`: what was changed behind the tool's back; and that looking for it changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.fake_terraform import VERSION_EVENT, event
from tests.commands.world import World
from tests.conftest import CommandLine

PLANS = Path(__file__).parents[1] / "core" / "plans"
STATS = "liveinsight-stats-api-local"


@pytest.fixture
def deployed(liveinsight: CommandLine, world: World) -> World:
    """A world after a deploy; the next plan is empty, and announces what AWS filled in as drift."""
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    no_plan(world)
    world.aws.writes.clear()
    return world


def no_plan(world: World) -> None:
    world.will_not_change()
    world.terraform.says("show", text=(PLANS / "after-a-first-deploy.json").read_text())


def found(liveinsight: CommandLine, *more: str) -> list[dict[str, Any]]:
    """Return the differences that are found; looking must write nothing."""
    done = liveinsight("drift", "--json", *more)
    answer = json.loads(done.out)
    assert (done.code, answer["error"]["code"]) == (10, "drift"), done.out
    differences: list[dict[str, Any]] = answer["data"]["differences"]
    return differences


def changed_by_hand(world: World) -> None:
    """Have terraform tell of changes outside of it, as it once did of real ones."""
    document = json.loads((PLANS / "changed-by-hand.json").read_text())
    lines = [VERSION_EVENT]
    for kind, key in (("resource_drift", "resource_drift"), ("planned_change", "resource_changes")):
        for one in document[key]:
            resource = {"addr": one["address"], "resource_type": one["type"], "resource_name": "this"}
            action = one["change"]["actions"][0]
            lines.append(event(kind, change={"resource": resource, "action": action}))
    world.terraform.says("plan", text="".join(lines), exit_code=2)
    world.terraform.says("show", text=json.dumps(document))


def test_without_drift_it_ends_with_0(liveinsight: CommandLine, deployed: World) -> None:
    done = liveinsight("drift")
    assert (done.code, done.out) == (0, "No drift: everything is as the last deploy left it.\n"), done.err
    assert deployed.terraform.verbs[3:] == ["plan", "show"]
    assert deployed.aws.writes == []
    assert json.loads(liveinsight("drift", "--json").out)["ok"] is True


def test_a_plan_that_announces_nothing_is_not_asked_for_more(
    liveinsight: CommandLine, deployed: World
) -> None:
    deployed.terraform.says("plan", text=VERSION_EVENT)
    assert liveinsight("drift").code == 0
    assert deployed.terraform.verbs[3:] == ["plan"]


def test_the_plan_neither_takes_the_lock_of_the_state_nor_stays_on_disk(
    liveinsight: CommandLine, deployed: World
) -> None:
    liveinsight("drift")
    arguments = deployed.terraform.calls[-2][0]
    assert arguments[0] == "plan"
    assert "-lock=false" in arguments
    assert not any(one.startswith("-lock-timeout") for one in arguments)
    assert not (deployed.files / "drift.tfplan").exists()


def test_changed_infrastructure_is_told_with_what_a_deploy_does_not_put_right(
    liveinsight: CommandLine, deployed: World
) -> None:
    changed_by_hand(deployed)
    done = liveinsight("drift")
    assert done.code == 10
    by_deploy, left = done.out.split("No deploy puts this right")
    assert "ttl[0].enabled: true -> false" in by_deploy
    assert 'aws_cloudwatch_metric_alarm.this["aggregator-errors"] was deleted' in by_deploy
    assert "liveinsight deploy puts it right." in by_deploy
    assert 'cors_rule[0].allowed_origins[0]: (none) -> "*"' in left
    assert deployed.aws.writes == []
    assert deployed.terraform.verbs[3:] == ["plan", "show"]
    done = liveinsight("drift", "--json")
    assert json.loads(done.out)["error"]["hint"] == "liveinsight deploy puts right all but 1 of it."


def test_changed_code_is_told_published_or_not_and_written_nowhere(
    liveinsight: CommandLine, deployed: World
) -> None:
    deployed.aws.code[STATS][0] = "foreign"
    (code,) = found(liveinsight)
    assert (code["kind"], code["where"], code["is_repaired"]) == ("code", "stats-api", True)
    deployed.aws.code[STATS].append("foreign")
    assert len(found(liveinsight)) == 2
    assert deployed.aws.writes == []


def test_an_alias_that_was_moved_and_one_with_weights_are_told(
    liveinsight: CommandLine, deployed: World
) -> None:
    deployed.aws.aliases[STATS] = "$LATEST"
    deployed.aws.weights["liveinsight-aggregator-local"] = {"1": 0.25}
    assert [(one["kind"], one["where"], one["what"]) for one in found(liveinsight)] == [
        ("service", "aggregator", "part of the calls go elsewhere: 25% to version 1"),
        ("service", "stats-api", "$LATEST is in service instead of version 1, with the same code"),
    ]


def test_files_of_the_dashboard_that_no_deploy_put_there_are_told(
    liveinsight: CommandLine, deployed: World
) -> None:
    deployed.aws.objects["index.html"] = b"by hand"
    deployed.aws.objects["extra.txt"] = b"by hand"
    del deployed.aws.objects["liveinsight.js"]
    assert [(one["where"], one["what"]) for one in found(liveinsight, "--code-only")] == [
        ("extra.txt", "was put there by somebody"),
        ("index.html", "was changed"),
        ("liveinsight.js", "is missing"),
    ]
    assert deployed.aws.writes == []


@pytest.mark.parametrize("salt", [b"", b"encrypted by KMS"])
def test_settings_that_are_not_deployed_yet_are_no_drift(
    liveinsight: CommandLine, world: World, salt: bytes
) -> None:
    world.aws.etag_salt = salt
    liveinsight("deploy", "--yes")
    no_plan(world)
    (world.project / "liveinsight.toml").write_text(
        '[env.local]\nsites = ["example.com"]\n'
    )  # in config.json
    assert liveinsight("drift").code == 0


def test_another_origin_secret_at_cloudfront_is_told(liveinsight: CommandLine, deployed: World) -> None:
    deployed.aws.pairs["origin-secret-sha256"] = "0" * 64
    assert [one["kind"] for one in found(liveinsight)] == ["edge"]


def test_code_only_starts_no_terraform_and_tells_what_is_gone(
    liveinsight: CommandLine, deployed: World
) -> None:
    deployed.aws.gone = {STATS, "liveinsight-aggregator-local:live"}
    before = len(deployed.terraform.calls)
    assert [(one["kind"], one["where"], one["what"]) for one in found(liveinsight, "--code-only")] == [
        ("code", "stats-api", "the function is gone"),
        ("service", "aggregator", "the alias live is gone"),
    ]
    assert len(deployed.terraform.calls) == before


def test_a_deploy_puts_changed_code_right_from_its_own_zip_and_nothing_is_left(
    liveinsight: CommandLine, deployed: World
) -> None:
    right = deployed.aws.code[STATS][0]
    deployed.aws.code[STATS] += ["foreign"]
    deployed.aws.code[STATS][0] = "foreign"
    deployed.aws.aliases[STATS] = "2"
    assert len(found(liveinsight, "--code-only")) == 3
    assert liveinsight("deploy", "--yes").code == 0
    assert deployed.aws.code[STATS] == [right, right, "foreign", right]
    assert deployed.aws.aliases[STATS] == "3"
    assert liveinsight("drift").code == 0


def test_after_a_rollback_there_is_no_drift(liveinsight: CommandLine, deployed: World) -> None:
    deployed.will_change("2")
    liveinsight("deploy", "--yes")
    no_plan(deployed)
    assert liveinsight("rollback", "--yes").code == 0
    done = liveinsight("drift")
    assert done.code == 0, done.out
    assert "was put into service by hand" in done.out


def test_a_state_that_could_not_be_written_is_left_to_a_deploy(
    liveinsight: CommandLine, deployed: World
) -> None:
    (deployed.files / "stack" / "errored.tfstate").write_text("{}")
    done = liveinsight("drift", "--json")
    assert (done.code, json.loads(done.out)["error"]["code"]) == (3, "state_errored")
    assert deployed.terraform.verbs[3:] == []


@pytest.mark.parametrize("more", [(), ("--code-only",)])
def test_what_was_never_deployed_has_no_drift(
    liveinsight: CommandLine, world: World, more: tuple[str, ...]
) -> None:
    done = liveinsight("drift", "--json", *more)
    assert (done.code, json.loads(done.out)["error"]["code"]) == (3, "not_deployed")
    assert world.terraform.verbs == []


def test_an_apply_that_was_cut_off_is_left_to_a_deploy(liveinsight: CommandLine, deployed: World) -> None:
    (deployed.files / "unfinished.json").write_text('{"creations": [], "log": "none"}')
    done = liveinsight("drift", "--json")
    assert (done.code, json.loads(done.out)["error"]["code"]) == (3, "unfinished")
    assert "liveinsight deploy" in done.out
    assert (deployed.files / "unfinished.json").exists()
