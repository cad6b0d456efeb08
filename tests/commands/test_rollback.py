"""`liveinsight rollback`, `promote` and `releases`: what is in service, and what stays there."""

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.assets import lambda_sources
from liveinsight_cli.context import Context
from liveinsight_cli.core.release import Release, with_added
from liveinsight_cli.errors import StateLocked
from tests.commands.world import FUNCTIONS, World
from tests.conftest import CommandLine

NAMES = [f"liveinsight-{name}-local" for name in FUNCTIONS]


@pytest.fixture
def sources(liveinsight: CommandLine, world: World, tmp_path: Path) -> Path:
    """The functions' sources, to be changed."""
    copy = tmp_path / "lambdas"
    shutil.copytree(lambda_sources(), copy, ignore=shutil.ignore_patterns("__pycache__"))

    def use(context: Context) -> None:
        from liveinsight_cli.adapters.package import Packager

        context.packager = Packager(copy, context.files.build)

    liveinsight.prepare.append(use)
    return copy


def deploy(liveinsight: CommandLine, world: World, version: str, *arguments: str) -> dict[str, Any]:
    world.will_change(version)
    done = liveinsight("deploy", "--yes", "--json", *arguments)
    assert done.code == 0, done.out + done.err
    return dict(json.loads(done.out)["data"])


def answer(liveinsight: CommandLine, *arguments: str) -> dict[str, Any]:
    done = liveinsight(*arguments, "--json")
    assert done.code == 0, done.out + done.err
    return dict(json.loads(done.out)["data"])


def ledger(world: World) -> list[dict[str, Any]]:
    return list(json.loads((world.files / "releases.json").read_text())["releases"])


@pytest.fixture
def three(liveinsight: CommandLine, world: World, sources: Path) -> list[str]:
    """Three releases of different code, the third in service; their ids. The first two were never built here."""
    last = deploy(liveinsight, world, "3")["release"]
    (entry,) = ledger(world)
    entries = [entry]
    for version in ("2", "1"):
        hashes = dict.fromkeys(FUNCTIONS, f"code {version}")
        earlier = {"id": f"20261001-10000{version}-abcdef", "versions": dict.fromkeys(FUNCTIONS, version)}
        earlier |= {"code_sha256": hashes, "digests": dict.fromkeys(FUNCTIONS, version), "status": "replaced"}
        entries.insert(0, entry | earlier)
        for name in NAMES:
            world.aws.code[name][int(version)] = f"code {version}"
    (world.files / "releases.json").write_text(json.dumps({"schema": 2, "releases": entries}))
    assert entries[-1]["id"] == last
    return [one["id"] for one in entries]


def test_a_rollback_puts_the_release_before_into_service_without_terraform(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    runs = len(world.terraform.calls)
    done = answer(liveinsight, "rollback", "--yes")
    assert done["target"] == three[1]
    assert set(world.aws.aliases.values()) == {"2"}
    assert len(world.terraform.calls) == runs
    assert [one["status"] for one in ledger(world)] == ["replaced", "replaced", "rolled_back", "active"]
    assert (ledger(world)[-1]["kind"], ledger(world)[-1]["target"]) == ("rollback", three[1])


def test_a_second_rollback_goes_further_back_and_a_third_has_nowhere_to_go(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    assert answer(liveinsight, "rollback", "--yes")["target"] == three[1]
    assert answer(liveinsight, "rollback", "--yes")["target"] == three[0]
    done = liveinsight("rollback", "--yes")
    assert done.code == 3
    assert three[2] in done.err  # which there still are
    assert set(world.aws.aliases.values()) == {"1"}


def test_a_release_is_named_by_the_beginning_of_its_id(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    assert answer(liveinsight, "rollback", three[0], "--yes")["target"] == three[0]
    assert set(world.aws.aliases.values()) == {"1"}
    assert liveinsight("rollback", "1999", "--yes").code == 2
    ambiguous = liveinsight("rollback", "2", "--yes")
    assert (ambiguous.code, three[1] in ambiguous.err) == (2, True)


def test_a_dry_run_changes_nothing_and_nobody_is_asked(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    world.aws.writes.clear()
    done = liveinsight("rollback", "--dry-run")
    assert (done.code, "nothing was changed" in done.out) == (0, True)
    assert [one for one in world.aws.writes if one != "invoke"] == []
    assert liveinsight("rollback").code == 9
    assert set(world.aws.aliases.values()) == {"3"}


def test_a_protected_environment_wants_its_name(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    (world.project / "liveinsight.toml").write_text("[env.local]\nprotected = true\n")
    assert liveinsight("rollback", "--yes").code == 9
    assert set(world.aws.aliases.values()) == {"3"}
    assert liveinsight("rollback", "--yes", "--confirm", "local").code == 0


@pytest.mark.parametrize("name", NAMES)
def test_an_alias_that_cannot_be_moved_takes_all_back(
    liveinsight: CommandLine, world: World, three: list[str], name: str
) -> None:
    world.aws.unmovable.add(name)
    before = ledger(world)
    done = liveinsight("rollback", "--yes")
    assert (done.code, "All aliases are where they were" in done.err) == (7, True)
    assert set(world.aws.aliases.values()) == {"3"}
    assert ledger(world) == before


def test_a_version_that_does_not_start_is_not_put_into_service(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    world.aws.broken_functions.add(f"{NAMES[0]}:2")
    done = liveinsight("rollback", "--yes")
    assert (done.code, "aggregator version 2" in done.err) == (7, True)
    assert set(world.aws.aliases.values()) == {"3"}


def test_what_a_function_says_is_no_command_to_the_terminal(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    def says(**_: Any) -> dict[str, Any]:
        error = {"errorMessage": "\x1b[2Jgone"}
        return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}

    world.aws._invoke = says  # type: ignore[method-assign]
    done = liveinsight("rollback", "--yes")
    assert (done.code, "\\x1b[2Jgone" in done.err, "\x1b" in done.err) == (7, True, False)


def test_a_failed_check_takes_the_rollback_back_unless_it_is_left_out(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    world.api.collect_status = 400
    done = liveinsight("rollback", "--yes")
    assert (done.code, "--no-health-check" in done.err) == (7, True)
    assert set(world.aws.aliases.values()) == {"3"}
    assert liveinsight("rollback", "--yes", "--no-health-check").code == 0
    assert set(world.aws.aliases.values()) == {"2"}


@pytest.mark.parametrize("trouble", [StateLocked("others"), KeyboardInterrupt()])
def test_what_cannot_be_noted_is_taken_back(
    liveinsight: CommandLine,
    world: World,
    three: list[str],
    monkeypatch: pytest.MonkeyPatch,
    trouble: BaseException,
) -> None:
    def fails(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(Ledger, "update", fails)
    done = liveinsight("rollback", "--yes", "--no-health-check")
    assert done.code == (5 if isinstance(trouble, StateLocked) else 130)
    assert set(world.aws.aliases.values()) == {"3"}


def test_a_rollback_that_was_killed_before_its_note_is_gone_on_with(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    for name in NAMES:
        world.aws.moved_by_hand(name, "2")
    done = answer(liveinsight, "rollback", "--yes")
    assert (done["target"], done["changed"], done["moved"]) == (three[1], True, {})
    assert (ledger(world)[-1]["target"], set(world.aws.aliases.values())) == (three[1], {"2"})


def test_a_deploy_that_was_killed_before_its_note_is_rolled_back_to_the_release_that_is_noted(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    for name in NAMES:
        world.aws.code[name].append("code 4")
        world.aws.moved_by_hand(name, "4")
    assert answer(liveinsight, "rollback", "--yes")["target"] == three[2]
    assert set(world.aws.aliases.values()) == {"3"}


def test_what_another_operator_noted_meanwhile_of_other_functions_stays_noted(
    liveinsight: CommandLine, world: World, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    update = Ledger.update

    def late(self: Ledger, change: Callable[[list[Release]], list[Release]]) -> list[Release]:
        def other(releases: list[Release]) -> list[Release]:
            versions = {**releases[-1].versions, "aggregator": "1"}
            theirs = replace(
                releases[-1], id="theirs", versions=versions, kind="rollback", pinned={"aggregator": "code"}
            )
            return change(with_added(releases, theirs))

        return update(self, other)

    monkeypatch.setattr(Ledger, "update", late)
    done = answer(liveinsight, "rollback", "--function", "stats-api", "--yes")
    assert (done["in_service"]["aggregator"], done["in_service"]["stats-api"]) == ("1", "2")
    assert done["pinned"] == ["aggregator", "stats-api"]


def test_an_alias_that_somebody_moves_meanwhile_is_left_to_them(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    world.api.collect_status = 400
    invoke = world.aws._invoke

    def meddled(**asked: Any) -> dict[str, Any]:
        if asked["FunctionName"] == NAMES[3]:
            world.aws.moved_by_hand(NAMES[3], "1")
        return invoke(**asked)

    world.aws._invoke = meddled  # type: ignore[method-assign]
    done = liveinsight("rollback", "--yes")
    assert (done.code, "stats-api" in done.err) == (7, True)
    assert [world.aws.aliases[name] for name in NAMES] == ["3", "3", "3", "1"]


def test_a_request_whose_answer_was_lost_counts_as_done(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    """botocore then sends it again, with a revision that is the old one by now."""
    update = world.aws._update_alias

    def lost(**asked: Any) -> dict[str, Any]:
        update(**asked)
        raise AwsError("PreconditionFailedException", "The revision id does not match", "UpdateAlias")

    world.aws._update_alias = lost  # type: ignore[method-assign]
    assert liveinsight("rollback", "--yes").code == 0
    assert set(world.aws.aliases.values()) == {"2"}


def test_after_a_rollback_a_deploy_of_the_same_code_leaves_it_in_service_and_other_code_does_not(
    liveinsight: CommandLine, world: World, sources: Path, three: list[str]
) -> None:
    rolled = answer(liveinsight, "rollback", "--yes")
    world.will_not_change()
    unchanged = answer(liveinsight, "deploy")
    assert (unchanged["changed"], unchanged["stays"]["instead_of"]) == (False, three[2])
    configured = deploy(liveinsight, world, "4")  # the configuration makes new versions of the same code
    assert (configured["stays"]["release"], configured["release"]) == (rolled["release"], rolled["release"])
    assert set(world.aws.aliases.values()) == {"2"}
    assert "stays in service" in liveinsight("deploy", "--yes").out
    assert answer(liveinsight, "status")["pinned"] == sorted(FUNCTIONS)
    (sources / "shared" / "mark.py").write_text("MARK = 'mended'\n")
    assert "This deploy has other code, which ends that" in liveinsight("deploy", "--plan-only").err
    assert deploy(liveinsight, world, "5")["stays"] is None
    assert set(world.aws.aliases.values()) == {"5"}
    assert ledger(world)[-1]["pinned"] == {}


def test_promote_puts_the_newest_into_service_and_ends_the_pin(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    answer(liveinsight, "rollback", "--yes")
    deploy(liveinsight, world, "4")
    done = answer(liveinsight, "promote", "--yes")
    assert {one["after"] for one in done["moved"].values()} == {"4"}
    assert set(world.aws.aliases.values()) == {"4"}
    assert answer(liveinsight, "status")["pinned"] == []
    again = liveinsight("promote", "--yes")
    assert (again.code, "nothing to do" in again.out) == (0, True)
    assert answer(liveinsight, "rollback", "--yes")["in_service"]["aggregator"] == "2"


def test_one_function_alone_is_rolled_back_and_pinned(
    liveinsight: CommandLine, world: World, sources: Path, three: list[str]
) -> None:
    done = answer(liveinsight, "rollback", "--function", "stats-api", "--yes")
    assert done["pinned"] == ["stats-api"]
    assert [world.aws.aliases[name] for name in NAMES] == ["3", "3", "3", "2"]
    (sources / "aggregator" / "mark.py").write_text("MARK = 1\n")
    kept = deploy(liveinsight, world, "4")
    assert [world.aws.aliases[name] for name in NAMES] == ["4", "4", "4", "2"]
    assert kept["versions"]["stats-api"] == "2"
    assert ledger(world)[-1]["pinned"].keys() == {"stats-api"}
    (sources / "stats_api" / "mark.py").write_text("MARK = 1\n")
    deploy(liveinsight, world, "5")
    assert set(world.aws.aliases.values()) == {"5"}
    assert liveinsight("rollback", "--function", "mailer", "--yes").code == 2


def test_a_deploy_that_was_interrupted_before_its_promotion_is_no_rollback(
    liveinsight: CommandLine, world: World, sources: Path, three: list[str]
) -> None:
    (sources / "shared" / "mark.py").write_text("MARK = 4\n")
    world.aws.broken_functions.add(NAMES[0])
    world.will_change("4")
    assert liveinsight("deploy", "--yes").code == 7
    world.aws.broken_functions.clear()
    world.will_not_change()
    assert answer(liveinsight, "deploy", "--yes")["stays"] is None
    assert set(world.aws.aliases.values()) == {"4"}


def test_a_failed_deploy_is_noted_and_no_target(
    liveinsight: CommandLine, world: World, sources: Path, three: list[str]
) -> None:
    (sources / "shared" / "mark.py").write_text("MARK = 4\n")
    world.will_change("4")
    world.api.collect_status = 400
    assert liveinsight("deploy", "--yes").code == 7
    world.api.collect_status = 202
    failed = ledger(world)[-1]
    assert (failed["status"], failed["versions"]["stats-api"]) == ("failed", "4")
    refused = liveinsight("rollback", failed["id"], "--yes")
    assert (refused.code, "never wholly in service" in refused.err) == (3, True)
    assert answer(liveinsight, "rollback", "--yes")["target"] == three[1]


def test_versions_that_are_gone_are_said_with_what_there_is(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    world.aws.deleted.add((NAMES[1], "2"))
    done = liveinsight("rollback", three[1], "--yes")
    assert done.code == 3
    assert "versions that were deleted" in done.err
    assert three[0] in done.err
    assert answer(liveinsight, "rollback", "--yes")["target"] == three[0]


def test_dummies_are_neither_rolled_back_nor_a_target(
    liveinsight: CommandLine, world: World, sources: Path
) -> None:
    world.api.dummy_says = {}
    deploy(liveinsight, world, "1", "--dummy")
    assert liveinsight("rollback", "--yes").code == 3
    world.api.dummy_says = None
    deploy(liveinsight, world, "2")
    assert liveinsight("rollback", "--yes").code == 3
    assert set(world.aws.aliases.values()) == {"2"}


def test_old_versions_go_and_their_releases_are_marked(
    liveinsight: CommandLine, world: World, sources: Path
) -> None:
    (world.project / "liveinsight.toml").write_text("[default]\nkept_versions = 2\n")
    for version in ("1", "2", "3", "4"):
        (sources / "shared" / "mark.py").write_text(f"MARK = {version}\n")
        deploy(liveinsight, world, version)
    assert world.aws.deleted == {(name, version) for name in NAMES for version in ("1", "2")}
    assert [one["status"] for one in ledger(world)] == ["pruned", "pruned", "replaced", "active"]
    answer(liveinsight, "rollback", "--yes")
    world.aws.undeletable.add(NAMES[0])
    for version in ("5", "6"):  # what is in service stays, however old
        (sources / "shared" / "mark.py").write_text(f"MARK = {version}\n")
        world.will_change(version)
        done = liveinsight("deploy", "--yes")
        assert done.code == 0
    assert "An old version stays: aggregator version 3" in done.err


def test_releases_are_listed_newest_first(liveinsight: CommandLine, world: World, three: list[str]) -> None:
    answer(liveinsight, "rollback", "--yes")
    done = liveinsight("releases", "--limit", "3")
    assert done.code == 0
    for words in ("rollback to", three[1], "in service, pinned", "rolled back", "1 older ones"):
        assert words in done.out
    listed = answer(liveinsight, "releases")
    assert [one["id"] for one in listed["releases"][1:]] == three[::-1]


def test_releases_of_what_was_never_deployed(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("releases").code == 3


@pytest.mark.parametrize("content", ["{", '{"schema": 2}', '{"schema": 2, "releases": [{"id": 1}]}', "[]"])
def test_a_damaged_ledger_is_named(
    liveinsight: CommandLine, world: World, three: list[str], content: str
) -> None:
    (world.files / "releases.json").write_text(content)
    done = liveinsight("releases")
    assert (done.code, "is damaged" in done.err) == (3, True)


def test_a_ledger_of_a_newer_version_is_refused_and_one_of_an_older_read(
    liveinsight: CommandLine, world: World, three: list[str]
) -> None:
    path = world.files / "releases.json"
    document = json.loads(path.read_text())
    old = [
        {name: one[name] for name in one if name not in ("kind", "pinned", "target", "canary", "git_dirty")}
        for one in document["releases"]
    ]
    path.write_text(json.dumps({"schema": 1, "releases": old}))
    assert answer(liveinsight, "rollback", "--yes")["target"] == three[1]
    path.write_text(json.dumps({"schema": 3, "releases": []}))
    done = liveinsight("rollback", "--yes")
    assert (done.code, "newer version" in done.err) == (3, True)
    assert set(world.aws.aliases.values()) == {"2"}
