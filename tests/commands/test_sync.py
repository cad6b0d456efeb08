"""`liveinsight sync`: changed code into service, and what it refuses."""

import fcntl
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.assets import lambda_sources
from liveinsight_cli.context import Clock, Context
from tests.commands.world import FUNCTIONS, World
from tests.conftest import CommandLine

STATS, COLLECTOR = "liveinsight-stats-api-local", "liveinsight-event-collector-local"


@dataclass
class Checkout:
    """Sources of our own beside a deployed world."""

    sources: Path
    world: World

    def save(self, name: str, text: str = "\n# saved\n") -> None:
        path = self.sources / name
        path.write_text(path.read_text() + text)

    def restore(self, name: str) -> None:
        shutil.copy(lambda_sources() / name, self.sources / name)

    @property
    def releases(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((self.world.files / "releases.json").read_text())["releases"]
        return found


@pytest.fixture
def checkout(liveinsight: CommandLine, world: World, tmp_path: Path) -> Checkout:
    """A deployed environment, and sources that may be edited; the next plan is empty."""
    sources = tmp_path / "lambdas"
    shutil.copytree(lambda_sources(), sources, ignore=shutil.ignore_patterns("__pycache__"))

    def compose(context: Context) -> None:
        context.packager = Packager(sources, context.files.build)

    liveinsight.prepare.append(compose)
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    world.will_not_change()
    world.aws.writes.clear()
    return Checkout(sources, world)


def in_service(world: World) -> dict[str, str]:
    return {name: world.aws.aliases[f"liveinsight-{name}-local"] for name in FUNCTIONS}


def test_with_nothing_changed_nothing_is_written(liveinsight: CommandLine, checkout: Checkout) -> None:
    done = liveinsight("sync")
    assert done.code == 0, done.err
    assert done.out.startswith("Nothing to do")
    assert checkout.world.aws.writes == []
    assert len(checkout.releases) == 1


def test_only_the_changed_function_is_uploaded_published_and_put_into_service(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    checkout.save("stats_api/report.py")
    done = liveinsight("sync", "--json")
    answer = json.loads(done.out)["data"]
    assert [(one["function"], one["version"]) for one in answer["functions"]] == [("stats-api", "2")]
    assert checkout.world.aws.writes == ["update_function_code", "publish_version", "update_alias"]
    assert in_service(checkout.world) == {**dict.fromkeys(FUNCTIONS, "1"), "stats-api": "2"}
    assert checkout.world.terraform.verbs[3:] == []


def test_a_zip_that_is_too_large_for_the_call_goes_through_the_artifact_bucket(
    liveinsight: CommandLine, checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveinsight_cli.adapters.versions.LARGEST_DIRECT_BYTES", 1000)
    checkout.save("stats_api/report.py")
    assert liveinsight("sync").code == 0
    assert checkout.world.aws.writes[:2] == ["put_object", "update_function_code"]
    assert checkout.releases[-1]["code_sha256"]["stats-api"] == checkout.world.aws.code[STATS][0]


def test_what_all_share_brings_all_of_them_as_one_unit(liveinsight: CommandLine, checkout: Checkout) -> None:
    checkout.save("shared/auth.py")
    assert liveinsight("sync").code == 0
    assert set(in_service(checkout.world).values()) == {"2"}


def test_only_named_functions_are_looked_at(liveinsight: CommandLine, checkout: Checkout) -> None:
    checkout.save("shared/auth.py")
    assert liveinsight("sync", "stats-api").code == 0
    assert in_service(checkout.world) == {**dict.fromkeys(FUNCTIONS, "1"), "stats-api": "2"}
    done = liveinsight("sync", "stats")
    assert done.code == 2
    assert "event-collector" in done.err


def test_the_ledger_notes_it_and_a_day_of_syncs_is_one_entry(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    for _ in range(3):
        checkout.save("stats_api/report.py")
        assert liveinsight("sync").code == 0
    deploy, sync = checkout.releases
    assert (deploy["kind"], deploy["status"]) == ("deploy", "replaced")
    assert (sync["kind"], sync["status"]) == ("sync", "active")
    assert sync["versions"] == {**deploy["versions"], "stats-api": "4"}
    assert sync["code_sha256"]["stats-api"] == checkout.world.aws.code[STATS][-1]


def test_a_rollback_undoes_it(liveinsight: CommandLine, checkout: Checkout) -> None:
    checkout.save("stats_api/report.py")
    liveinsight("sync")
    assert liveinsight("rollback", "--yes").code == 0
    assert set(in_service(checkout.world).values()) == {"1"}


def test_a_deploy_of_the_sources_before_puts_it_right(liveinsight: CommandLine, checkout: Checkout) -> None:
    checkout.save("stats_api/report.py")
    liveinsight("sync")
    checkout.restore("stats_api/report.py")
    done = liveinsight("deploy", "--yes")
    assert done.code == 0, done.err
    assert "put right the code of stats-api" in done.err
    latest, first, _, third = checkout.world.aws.code[STATS]
    assert latest == first == third
    assert checkout.world.aws.aliases[STATS] == "3"
    assert checkout.releases[-1]["kind"] == "deploy"
    assert liveinsight("drift", "--code-only").code == 0


def test_a_deploy_of_the_same_sources_makes_a_release_of_it(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    checkout.save("stats_api/report.py")
    liveinsight("sync")
    assert "liveinsight sync" in liveinsight("drift", "--code-only").out
    code = checkout.world.aws.code[STATS]
    checkout.world.will_change("2")  # what terraform knows is the code before
    assert liveinsight("deploy", "--yes").code == 0
    assert checkout.world.aws.code[STATS] == code
    assert checkout.releases[-1]["kind"] == "deploy"
    assert checkout.releases[-1]["code_sha256"]["stats-api"] == code[0]


def test_sources_that_were_synced_back_become_a_release_by_the_next_deploy(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    checkout.save("stats_api/report.py")
    liveinsight("sync")
    checkout.restore("stats_api/report.py")
    liveinsight("sync")
    done = liveinsight("deploy", "--yes")
    assert "Left to do: note the release." in done.err
    assert [one["kind"] for one in checkout.releases] == ["deploy", "sync", "deploy"]
    assert liveinsight("deploy").out.startswith("No changes.")


def test_code_that_does_not_start_leaves_the_version_before_in_service(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    checkout.save("stats_api/report.py")
    checkout.world.aws.broken_functions.add(STATS)
    done = liveinsight("sync")
    assert done.code == 7
    assert "stats-api version 2" in done.err
    assert in_service(checkout.world)["stats-api"] == "1"
    assert len(checkout.releases) == 1
    checkout.world.aws.broken_functions.clear()  # it was the environment: the same sources again
    assert liveinsight("sync").code == 0
    assert in_service(checkout.world)["stats-api"] == "2"


def test_a_file_that_python_cannot_read_is_told_with_its_line_before_anything_is_written(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    checkout.save("stats_api/report.py", "\ndef (:\n")
    done = liveinsight("sync", "--json")
    error = json.loads(done.out)["error"]
    lines = (checkout.sources / "stats_api/report.py").read_text().splitlines()
    assert (done.code, error["code"]) == (3, "syntax")
    assert f"stats_api/report.py:{lines.index('def (:') + 1}: invalid syntax\n    def (:" in error["message"]
    assert checkout.world.aws.writes == []


def protected(checkout: Checkout, _: CommandLine) -> None:
    (checkout.world.project / "liveinsight.toml").write_text("[env.local]\nprotected = true\n")


def rolled_back(checkout: Checkout, liveinsight: CommandLine) -> None:
    checkout.world.will_change("2")
    assert liveinsight("deploy", "--yes").code == 0
    assert liveinsight("rollback", "--yes").code == 0


def in_a_canary(checkout: Checkout, _: CommandLine) -> None:
    checkout.world.aws.weights[COLLECTOR] = {"1": 0.1}


def without_a_function(checkout: Checkout, _: CommandLine) -> None:
    checkout.world.aws.gone.add(STATS)


def of_dummies(checkout: Checkout, _: CommandLine) -> None:
    path = checkout.world.files / "releases.json"
    document = json.loads(path.read_text())
    document["releases"][-1]["is_dummy"] = True
    path.write_text(json.dumps(document))


@pytest.mark.parametrize(
    ("arranged", "code"),
    [
        (protected, "protected"),
        (rolled_back, "pinned"),
        (of_dummies, "dummy"),
        (without_a_function, "functions_gone"),
    ],
)
def test_it_refuses_and_says_what_to_do(
    liveinsight: CommandLine,
    checkout: Checkout,
    arranged: Callable[[Checkout, CommandLine], None],
    code: str,
) -> None:
    arranged(checkout, liveinsight)
    checkout.world.aws.writes.clear()
    checkout.save("stats_api/report.py")
    done = liveinsight("sync", "--json")
    error = json.loads(done.out)["error"]
    assert (done.code, error["code"]) == (3, code), done.out
    assert "liveinsight" in error["hint"]
    assert checkout.world.aws.writes == []


def watching(liveinsight: CommandLine, *steps: Callable[[], None]) -> None:
    """Have time pass in steps, one a look at the files; after the last one somebody presses Ctrl-C."""
    pending = list(steps)

    def sleep(_: float) -> None:
        if not pending:
            raise KeyboardInterrupt
        pending.pop(0)()

    liveinsight.prepare.append(lambda context: setattr(context, "clock", Clock(sleep=sleep)))


def nothing() -> None:
    pass


def test_watching_goes_on_after_every_save_and_ends_well_with_ctrl_c(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    watching(
        liveinsight,
        nothing,
        lambda: checkout.save("stats_api/report.py"),
        lambda: checkout.save("stats_api/store.py"),  # a tool that writes several files
        nothing,
        lambda: checkout.save("stats_api/report.py", "\ndef (:\n"),
        nothing,
        lambda: checkout.restore("stats_api/report.py"),
        nothing,
    )
    done = liveinsight("sync", "--watch", "--json")
    assert done.code == 0, done.err
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [one["ok"] for one in answers] == [True, True, False, True]
    versions = [[one["version"] for one in answer["data"]["functions"]] for answer in answers if answer["ok"]]
    assert versions == [[], ["2"], ["3"]]
    assert answers[2]["error"]["code"] == "syntax"
    assert checkout.world.aws.aliases[STATS] == "3"


def test_watching_tells_in_words_and_waits_for_another_command(
    liveinsight: CommandLine, checkout: Checkout
) -> None:
    lock = (checkout.world.files / "turn.lock").open("r+")

    def others_begin() -> None:
        fcntl.flock(lock, fcntl.LOCK_EX)
        checkout.save("stats_api/report.py")

    watching(
        liveinsight,
        others_begin,
        nothing,
        *[nothing] * 30,  # that is how often a command asks for its turn
        lambda: fcntl.flock(lock, fcntl.LOCK_UN),
    )
    done = liveinsight("sync", "--watch")
    lock.close()
    assert done.code == 0
    assert done.err.count("Another command changes this environment") == 1
    assert "stats-api (version 2)" in done.out


def test_watching_ends_at_once_where_it_is_refused(liveinsight: CommandLine, checkout: Checkout) -> None:
    in_a_canary(checkout, liveinsight)
    watching(liveinsight)
    assert liveinsight("sync", "--watch").code == 3
