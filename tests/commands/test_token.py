"""`liveinsight token`: who sees it, and how a new one takes the place of the old one."""

import hashlib
import json
from pathlib import Path

import pytest

from liveinsight_cli.context import Context
from tests.commands.world import World
from tests.conftest import CommandLine


def token_of(world: World) -> str:
    return (world.files / "read-token").read_text().strip()


def sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def on_a_terminal(context: Context) -> None:
    context.terminal.stdout.isatty = lambda: True  # type: ignore[method-assign]


def digest_given(world: World) -> str:
    """What the last run of terraform was told of the token."""
    variables = Path(world.terraform.calls[-1][2]) / "terraform.tfvars.json"
    return str(json.loads(variables.read_text())["read_token_sha256"])


def test_the_token_is_shown_to_a_terminal_and_piped_only_when_that_is_said(
    liveinsight: CommandLine, world: World
) -> None:
    assert liveinsight("deploy", "--yes").code == 0
    token = token_of(world)
    refused = liveinsight("token", "show")
    assert (refused.code, refused.out) == (2, "")
    assert "--raw" in refused.err
    assert liveinsight("token", "show", "--raw").out == f"{token}\n"
    quiet = json.loads(liveinsight("token", "show", "--json").out)["data"]
    assert (quiet["token"], quiet["link"]) == (None, None)
    assert quiet["sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert json.loads(liveinsight("token", "show", "--json", "--raw").out)["data"]["token"] == token

    liveinsight.prepare.append(on_a_terminal)
    assert f"{world.api.url}/#token={token}" in liveinsight("token", "show").out


def test_a_new_token_takes_the_place_of_the_old_one_and_is_nowhere_else(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    old = token_of(world)
    world.will_change("2")
    done = liveinsight("token", "rotate", "--yes")
    assert done.code == 0, done.err
    new = token_of(world)
    assert new != old
    assert new not in done.out + done.err  # which a pipe keeps
    assert digest_given(world) == hashlib.sha256(new.encode()).hexdigest()
    assert world.api.authorizations[-1] == f"Bearer {new}"
    assert set(world.aws.aliases.values()) == {"2"}
    path = world.files / "read-token"
    assert path.stat().st_mode & 0o777 == 0o600
    holding = [one for one in world.files.rglob("*") if one.is_file() and new.encode() in one.read_bytes()]
    assert holding == [path]
    world.will_change("3")
    liveinsight.prepare.append(on_a_terminal)
    shown = liveinsight("token", "rotate", "--yes").out
    assert f"#token={token_of(world)}" in shown
    assert token_of(world) != new


def test_a_rotation_that_nobody_agrees_to_leaves_nothing(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    old = token_of(world)
    world.will_change("2")
    world.aws.writes.clear()
    assert liveinsight("token", "rotate", stdin="n\n").code == 9
    assert world.aws.writes == []
    assert not (world.files / "read-token.next").exists()
    assert token_of(world) == old


def test_until_the_new_token_is_in_service_the_old_one_stays_and_any_deploy_goes_on(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    old = token_of(world)
    world.will_change("2")
    world.api.collect_status = 400
    assert liveinsight("token", "rotate", "--yes").code == 7
    assert token_of(world) == old
    assert set(world.aws.aliases.values()) == {"1"}
    waiting = (world.files / "read-token.next").read_text().strip()
    (world.files / "read-token.next").chmod(0o644)
    assert "others can read read-token.next" in liveinsight("doctor").out
    world.api.collect_status = 202
    world.will_not_change()
    gone_on = liveinsight("deploy", "--yes")
    assert (gone_on.code, "goes on with the rotation" in gone_on.err) == (0, True)
    assert set(world.aws.aliases.values()) == {"2"}
    assert token_of(world) == waiting
    assert (world.files / "read-token").stat().st_mode & 0o777 == 0o600
    assert not (world.files / "read-token.next").exists()


def test_after_a_rollback_a_token_would_not_come_into_service(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    liveinsight("deploy", "--yes")
    assert liveinsight("rollback", "--yes").code == 0
    refused = liveinsight("token", "rotate", "--yes")
    assert refused.code == 3
    assert "liveinsight promote" in refused.err


def test_where_reads_are_public_there_is_no_token_to_rotate(liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    (world.project / "liveinsight.toml").write_text("[env.local]\npublic_dashboard = true\n")
    refused = liveinsight("token", "rotate", "--yes")
    assert (refused.code, "public" in refused.err) == (3, True)


def test_a_rollback_to_functions_that_know_the_old_token_is_undone(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    assert liveinsight("token", "rotate", "--yes").code == 0
    world.api.read_status = 401  # as functions answer that know another token
    undone = liveinsight("rollback", "--yes")
    assert undone.code == 4
    assert "in service before are in service again" in undone.err
    assert set(world.aws.aliases.values()) == {"2"}


def test_a_deploy_that_leaves_an_earlier_release_in_service_leaves_its_token_too(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    liveinsight("deploy", "--yes")
    assert liveinsight("rollback", "--yes").code == 0
    old = token_of(world)
    (world.files / "read-token.next").write_text("n" * 43)
    world.will_not_change()
    assert liveinsight("deploy", "--yes").code == 0
    assert token_of(world) == old


@pytest.mark.parametrize("how", [("--function", "stats-api"), ("--no-health-check",), (), ("--dry-run",)])
def test_no_rollback_brings_a_replaced_token_back(
    liveinsight: CommandLine, world: World, how: tuple[str, ...]
) -> None:
    liveinsight("deploy", "--yes")
    old = sha256(token_of(world))
    world.will_change("2")
    assert liveinsight("token", "rotate", "--yes").code == 0
    new = sha256(token_of(world))
    world.aws.tokens = {"1": old, "2": new, "$LATEST": new}
    if not how:
        (
            world.files / "read-token"
        ).unlink()  # as in CI: nothing here can find out whether reads are answered
    world.aws.writes.clear()
    refused = liveinsight("rollback", "--yes", "--json", *how)
    assert (refused.code, json.loads(refused.out)["error"]["code"]) == (3, "old_token")
    assert "version 1 of stats-api" in json.loads(refused.out)["error"]["message"]
    assert world.aws.writes == []
    assert (
        liveinsight("rollback", "--yes", "--function", "aggregator").code == 0
    )  # which asks nobody for a token
    assert world.aws.aliases["liveinsight-aggregator-local"] == "1"
    assert liveinsight("promote", "--yes").code == 0


def test_while_a_rotation_is_under_way_a_rollback_may_keep_the_token_that_is_valid(
    liveinsight: CommandLine, world: World
) -> None:
    liveinsight("deploy", "--yes")
    world.will_change("2")
    liveinsight("deploy", "--yes")
    world.aws.tokens = {"1": "old", "2": "old", "$LATEST": "new"}
    assert liveinsight("rollback", "--yes").code == 0
    assert set(world.aws.aliases.values()) == {"1"}
