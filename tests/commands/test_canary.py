"""`deploy --canary`: new versions on a part of the traffic, and what ends that."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.context import Clock, Context
from liveinsight_cli.errors import StateLocked
from tests.commands.test_rollback import NAMES, answer, deploy, ledger, sources, three  # noqa: F401 - fixtures
from tests.commands.world import World
from tests.conftest import CommandLine

CANARY = (
    "deploy",
    "--yes",
    "--canary",
    "10:5m,50:5m",
    "--abort-if",
    "error_rate>1%",
    "--abort-if",
    "p95>500ms",
)


@pytest.fixture
def passing(liveinsight: CommandLine) -> list[float]:
    """A clock that sleeping moves; what was slept."""
    slept: list[float] = []

    def use(context: Context) -> None:
        def sleep(seconds: float) -> None:
            slept.append(seconds)

        context.clock = Clock(monotonic=lambda: sum(slept), sleep=sleep)

    liveinsight.prepare.append(use)
    return slept


@pytest.fixture
def fourth(world: World, three: list[str], sources: Path) -> None:  # noqa: F811
    """Other code, which the next deploy publishes as version 4."""
    (sources / "shared" / "mark.py").write_text("MARK = 4\n")
    world.will_change("4")
    measure(world, {"3": (900, 0, 30), "4": (100, 0, 40)})


def measure(world: World, by_version: dict[str, tuple[float, float, float]]) -> None:
    """Have each function have had so many invocations, errors and a p95."""
    world.aws.figures = {}
    for version, (invocations, errors, p95) in by_version.items():
        world.aws.figures |= {
            ("Invocations", version): invocations,
            ("Errors", version): errors,
            ("Duration", version): p95,
        }


def weights_seen(world: World, then: Callable[[], None] = lambda: None) -> list[dict[str, Any]]:
    """Note at every look how the aliases share the traffic."""
    seen: list[dict[str, Any]] = []

    def note() -> None:
        now = {name: (world.aws.aliases[name], world.aws.weights[name]) for name in NAMES}
        assert len({str(one) for one in now.values()}) == 1  # one unit
        if not seen or seen[-1] != now[NAMES[0]]:
            seen.append(now[NAMES[0]])
        then()

    world.aws.when_measured = note
    return seen


@pytest.mark.usefixtures("fourth")
def test_traffic_moves_in_steps_and_then_wholly(
    liveinsight: CommandLine, world: World, passing: list[float]
) -> None:
    seen = weights_seen(world)
    done = liveinsight(*CANARY, "--json")
    assert done.code == 0, done.out + done.err
    assert seen == [("3", {"4": 0.1}), ("3", {"4": 0.5})]
    assert sum(passing) >= 600
    assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"4"}, {"{}"})
    first, last = json.loads(done.out)["data"]["canary"]["steps"]
    assert (first["percent"], last["percent"], last["invocations"], last["p95"]) == (10, 50, 400, 40)
    assert (ledger(world)[-1]["status"], ledger(world)[-1]["canary"]) == ("active", "10:5m,50:5m")
    assert [one["status"] for one in ledger(world)[:-1]] == ["replaced"] * 3


@pytest.mark.usefixtures("fourth", "passing")
def test_plain_lines_tell_begin_and_end_of_a_step(liveinsight: CommandLine, world: World) -> None:
    lines = [line for line in liveinsight(*CANARY).err.splitlines() if line.startswith("Canary 1")]
    assert lines[1:] == [
        f"Canary 10 %, {rest}; new: 400 requests, 0 % errors, p95 40 ms; before: 3600 requests, 0 % errors, p95 30 ms"
        for rest in ("5:00 left", "over")
    ]


@pytest.mark.usefixtures("fourth", "passing")
@pytest.mark.parametrize(
    ("figures", "says"),
    [((100, 3, 40), "error_rate>1%: error_rate is 3 %"), ((100, 1, 900), "p95>500ms: p95 is 900 ms")],
)
def test_bad_figures_end_it_and_the_code_stays_out_of_service(
    liveinsight: CommandLine, world: World, figures: tuple[float, float, float], says: str
) -> None:
    measure(world, {"3": (900, 0, 30), "4": figures})
    done = liveinsight(*CANARY)
    assert (done.code, says in done.err) == (7, True), done.err
    assert "All traffic goes to the versions before again" in done.err
    assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"3"}, {"{}"})
    assert [one["status"] for one in ledger(world)][-2:] == ["active", "aborted"]
    world.will_not_change()
    same = answer(liveinsight, "deploy", "--yes")
    assert same["stays"]["instead_of"] == ledger(world)[-1]["id"]
    assert set(world.aws.aliases.values()) == {"3"}
    measure(world, {"3": (900, 0, 30), "4": (100, 0, 40)})
    assert liveinsight(*CANARY).code == 0  # tried again, by name
    assert set(world.aws.aliases.values()) == {"4"}


@pytest.mark.usefixtures("fourth", "passing")
def test_ctrl_c_takes_all_traffic_back(liveinsight: CommandLine, world: World) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    weights_seen(world, interrupt)
    done = liveinsight(*CANARY)
    assert (done.code, "the canary was ended" in done.err) == (130, True)
    assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"3"}, {"{}"})
    assert ledger(world)[-1]["status"] == "aborted"


@pytest.mark.usefixtures("fourth", "passing")
def test_an_alias_that_somebody_else_moves_ends_it(liveinsight: CommandLine, world: World) -> None:
    def meddle() -> None:
        if len(seen) == 1:
            world.aws.moved_by_hand(NAMES[2], "2")
            world.aws.when_measured = lambda: None

    seen = weights_seen(world, meddle)
    done = liveinsight(*CANARY)
    assert done.code == 7
    assert [world.aws.aliases[name] for name in NAMES] == ["3", "3", "2", "3"]
    assert set(map(str, world.aws.weights.values())) == {"{}"}


@pytest.mark.usefixtures("fourth", "passing")
def test_an_alias_that_somebody_else_moves_after_the_last_step_ends_it_too(
    liveinsight: CommandLine, world: World
) -> None:
    update = world.aws._update_alias

    def meddled(**asked: Any) -> dict[str, Any]:
        if asked["FunctionVersion"] == "4" and asked["FunctionName"] == NAMES[2]:
            world.aws.moved_by_hand(NAMES[2], "2")
        return update(**asked)

    world.aws._update_alias = meddled  # type: ignore[method-assign]
    done = liveinsight(*CANARY)
    assert (done.code, "Not moved back: realtime-api" in done.err) == (7, True), done.err
    assert [world.aws.aliases[name] for name in NAMES] == ["3", "3", "2", "3"]
    assert set(map(str, world.aws.weights.values())) == {"{}"}


@pytest.mark.usefixtures("fourth", "passing")
def test_without_traffic_nothing_is_judged_and_that_is_said(liveinsight: CommandLine, world: World) -> None:
    world.aws.figures = {}
    done = liveinsight(*CANARY)
    assert done.code == 0
    assert "'error_rate>1%' was not judged" in done.err
    assert "new: no traffic" in done.err


@pytest.mark.usefixtures("fourth", "passing")
def test_a_check_that_fails_after_the_last_step_takes_all_traffic_back(
    liveinsight: CommandLine, world: World
) -> None:
    world.api.collect_status = 400
    assert liveinsight(*CANARY).code == 7
    assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"3"}, {"{}"})
    assert ledger(world)[-1]["status"] == "aborted"


@pytest.mark.usefixtures("fourth", "passing")
def test_a_release_that_cannot_be_noted_takes_all_traffic_back(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StateLocked("Others note releases.")

    monkeypatch.setattr(Ledger, "mark", fails)
    assert liveinsight(*CANARY).code == 5
    assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"3"}, {"{}"})
    assert [one["status"] for one in ledger(world)][-2:] == ["active", "aborted"]


@pytest.mark.usefixtures("fourth", "passing")
def test_a_secret_that_cannot_be_told_afterwards_is_left_to_the_next_deploy(
    liveinsight: CommandLine, world: World
) -> None:
    world.aws.pairs.clear()
    tell = world.aws._update_keys

    def refuses(**_: Any) -> dict[str, Any]:
        raise AwsError("AccessDeniedException", "not allowed", "UpdateKeys")

    world.aws._update_keys = refuses  # type: ignore[method-assign]
    assert liveinsight(*CANARY).code != 0
    assert (set(world.aws.aliases.values()), ledger(world)[-1]["status"]) == ({"4"}, "active")
    world.aws._update_keys = tell  # type: ignore[method-assign]
    world.will_not_change()
    assert answer(liveinsight, "deploy", "--yes")["release"] is not None
    assert set(world.aws.aliases.values()) == {"4"}


@pytest.mark.usefixtures("fourth", "passing")
def test_an_end_that_cannot_be_noted_does_not_hide_why_it_ended(
    liveinsight: CommandLine, world: World
) -> None:
    def unreachable(*_: object) -> None:
        raise StateLocked("Others note releases.")

    def spoil() -> None:
        patch.setattr(Ledger, "update", unreachable)

    measure(world, {"3": (900, 0, 30), "4": (100, 3, 40)})
    weights_seen(world, spoil)
    with pytest.MonkeyPatch.context() as patch:
        done = liveinsight(*CANARY)
    assert (done.code, "error_rate is 3 %" in done.err) == (7, True)
    assert "The end of the canary is not noted" in done.err


@pytest.mark.usefixtures("passing")
class TestKilled:
    """A canary whose process was killed: its weights are left."""

    @pytest.fixture(autouse=True)
    def killed(self, liveinsight: CommandLine, world: World, fourth: None) -> None:
        before = {}

        def kill() -> None:
            before["ledger"] = (world.files / "releases.json").read_bytes()
            raise KeyboardInterrupt

        weights_seen(world, kill)
        assert liveinsight(*CANARY).code == 130
        world.aws.when_measured = lambda: None
        for name in NAMES:
            world.aws.moved_by_hand(name, "3", {"4": 0.1})
        (world.files / "releases.json").write_bytes(before["ledger"])
        world.will_not_change()

    def test_a_deploy_of_the_same_code_leaves_its_weights_and_says_so(
        self, liveinsight: CommandLine, world: World
    ) -> None:
        done = liveinsight("deploy", "--yes")
        assert (done.code, "a canary of release" in done.out) == (0, True), done.err
        assert {str(one) for one in world.aws.weights.values()} == {"{'4': 0.1}"}
        assert answer(liveinsight, "status")["canary"] == ledger(world)[-1]["id"]

    def test_promote_puts_it_into_service(self, liveinsight: CommandLine, world: World) -> None:
        answer(liveinsight, "promote", "--yes")
        assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"4"}, {"{}"})
        assert answer(liveinsight, "status")["canary"] is None

    def test_rollback_ends_it_and_its_code_stays_out_of_service(
        self,
        liveinsight: CommandLine,
        world: World,
        three: list[str],  # noqa: F811
    ) -> None:
        assert answer(liveinsight, "rollback", "--yes")["target"] == three[2]
        assert [one["status"] for one in ledger(world)][-3:] == ["replaced", "aborted", "active"]
        assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"3"}, {"{}"})
        assert answer(liveinsight, "deploy", "--yes")["stays"]["reason"] == "pinned"
        assert set(world.aws.aliases.values()) == {"3"}

    def test_rollback_of_one_function_ends_all_of_it(self, liveinsight: CommandLine, world: World) -> None:
        done = answer(liveinsight, "rollback", "--function", "stats-api", "--yes")
        assert set(map(str, world.aws.weights.values())) == {"{}"}
        assert len(done["pinned"]) == len(NAMES)

    def test_rollback_ends_it_on_top_of_a_sync_too(self, liveinsight: CommandLine, world: World) -> None:
        path = world.files / "releases.json"
        document = json.loads(path.read_text())
        document["releases"][-2]["kind"] = "sync"
        path.write_text(json.dumps(document))
        assert answer(liveinsight, "rollback", "--yes")["target"] == document["releases"][-2]["id"]
        assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"3"}, {"{}"})

    def test_a_canary_again_begins_anew(self, liveinsight: CommandLine, world: World) -> None:
        assert liveinsight(*CANARY).code == 0
        assert set(world.aws.aliases.values()) == {"4"}
        assert [one["status"] for one in ledger(world)][-2:] == ["aborted", "active"]

    def test_other_code_ends_it(self, liveinsight: CommandLine, world: World, sources: Path) -> None:  # noqa: F811
        (sources / "shared" / "mark.py").write_text("MARK = 5\n")
        deploy(liveinsight, world, "5")
        assert (set(world.aws.aliases.values()), set(map(str, world.aws.weights.values()))) == ({"5"}, {"{}"})


def test_with_nothing_new_there_is_nothing_to_try(liveinsight: CommandLine, world: World) -> None:
    done = liveinsight(*CANARY)  # the first deploy
    assert (done.code, "No canary" in done.err) == (0, True)
    assert set(world.aws.aliases.values()) == {"1"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--abort-if error_rate>1%", "--canary 10:5m,50:5m --abort-if"),
        ("--canary 10", "10:5m,50:5m"),
        ("--canary 50:5m,10:5m", "do not rise"),
        ("--canary 10:5m,10:5m", "do not rise"),
        ("--canary 100:5m", "1 to 99"),
        ("--canary 0:5m", "1 to 99"),
        ("--canary 10:0s", "more than nothing"),
        ("--canary 10:25h", "at most a day"),
        ("--canary 10:5m --abort-if bounce_rate>1%", "no metric 'bounce_rate'"),
        ("--canary 10:5m --abort-if error_rate", "no condition"),
        ("--canary 10:5m --abort-if mailer.p95>1s", "no function 'mailer'"),
        ("--canary 10:5m --dummy", "needs functions"),
        ("--canary 10:5m --stage tables", "needs functions"),
    ],
)
def test_words_that_make_no_canary_are_usage_errors(
    liveinsight: CommandLine, world: World, words: str, says: str
) -> None:
    done = liveinsight("deploy", "--yes", *words.split())
    assert (done.code, says in done.err) == (2, True), done.err
    assert world.terraform.calls == [] or "apply" not in world.terraform.verbs
