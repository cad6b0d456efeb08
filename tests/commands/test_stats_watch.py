"""`stats --watch`: what it asks for and how often, what it shows meanwhile, and how it is left."""

from pathlib import Path

import pytest

from liveinsight_cli.commands.stats_repeated import RepeatedLooks
from liveinsight_cli.context import Context, GlobalOptions
from liveinsight_cli.errors import CredentialsError
from liveinsight_cli.terminal import Terminal
from tests.commands.stats_world import AWAY, World, valid, watched
from tests.conftest import CommandLine


@pytest.fixture
def world(liveinsight: CommandLine) -> World:
    made = World()
    liveinsight.prepare.append(made.compose)
    return made


def test_watching_without_a_terminal_prints_a_plain_block_a_look(
    liveinsight: CommandLine, world: World
) -> None:
    world.looks = 3
    outcome = liveinsight("stats", "--watch", "5s")
    assert outcome.code == 0
    assert outcome.out.count("34 visitors now") == 3
    assert "\x1b" not in outcome.out
    assert world.slept == [5.0] * 3
    assert len(world.api.asked) == 6
    assert len(world.metrics.windows) == 1
    assert world.api.is_impatient


def test_watching_as_json_is_one_valid_object_a_line(liveinsight: CommandLine, world: World) -> None:
    world.looks = 2
    world.api.troubles = [None, AWAY]
    outcome = liveinsight("stats", "--watch", "--json")
    first, second = (valid(line) for line in outcome.out.splitlines())
    assert outcome.code == 0
    assert (first["ok"], second["ok"]) == (True, False)
    assert second["error"]["code"] == "api_unreachable"
    assert second["data"] is None


def test_cloudwatch_is_asked_every_half_minute_whatever_the_interval(
    liveinsight: CommandLine, world: World
) -> None:
    world.looks = 31
    liveinsight("stats", "--watch", "2s")
    assert len(world.api.asked) == 62
    assert len(world.metrics.windows) == 3  # at 0, 30 and 60 s


def test_while_the_api_fails_looks_become_rarer_and_then_are_as_often_as_before(
    liveinsight: CommandLine, world: World
) -> None:
    world.looks = 8
    world.api.troubles = [None, *[AWAY] * 5]
    liveinsight("stats", "--watch", "2s")
    assert world.slept == [2, 4, 8, 16, 30, 30, 2, 2]


def test_a_slow_look_is_not_followed_by_the_next_at_once() -> None:
    looks = RepeatedLooks(Context(GlobalOptions(), Terminal()), wanted=None)  # type: ignore[arg-type]
    assert [looks.pause(2.0, elapsed) for elapsed in (0.0, 0.5, 1.9, 60.0)] == [2.0, 1.5, 1.0, 1.0]


def test_a_trouble_while_watching_is_shown_and_passes(liveinsight: CommandLine, world: World) -> None:
    world.looks = 4
    world.api.troubles = [AWAY, None, AWAY]
    outcome = liveinsight("stats", "--watch")
    blocks = outcome.out.split("LiveInsight local")[1:]
    assert outcome.code == 0
    assert ["Trying again: The API cannot be reached" in block for block in blocks] == [
        True,
        False,
        True,
        False,
    ]
    assert ["34 visitors now" in block for block in blocks] == [False, True, True, True]


def test_while_the_api_fails_the_platform_is_still_looked_at(liveinsight: CommandLine, world: World) -> None:
    world.looks = 2
    world.api.troubles = [AWAY]
    first, second = liveinsight("stats", "--watch", "40s").out.split("LiveInsight local")[1:]
    assert "Trying again" in first
    assert "event-collector" in first
    assert "34 visitors now" not in first
    assert "34 visitors now" in second
    assert len(world.metrics.windows) == 2


EXPIRED = CredentialsError("AWS refused the credentials (ExpiredToken): expired")


def test_expired_credentials_leave_the_last_platform_and_are_read_again(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        world.metrics.trouble = EXPIRED if len(world.slept) == 0 else None
        World.sleep(world, seconds)

    world.looks = 3
    world.sleep = sleep  # type: ignore[method-assign]
    outcome = watched(world, monkeypatch, "40s", "--json", size=(80, 24))
    first, second, third = (valid(line)["data"] for line in outcome.out.splitlines())
    assert (first["problems"], third["problems"]) == ([], [])
    assert second["problems"] == [f"No figures of the platform: {EXPIRED.message}"]
    assert second["platform"] == first["platform"]
    assert third["platform"]["asked_at"] - first["platform"]["asked_at"] == 80_000
    assert world.metrics.renewals == 1


def test_a_token_that_was_changed_meanwhile_is_read_again(
    liveinsight: CommandLine, world: World, project: Path
) -> None:
    token = project / ".liveinsight/local/read-token"
    token.parent.mkdir(parents=True)
    token.write_text("changed\n", encoding="utf-8")
    world.looks = 3
    world.api.troubles = [None, CredentialsError("The API refuses the read token.", code="read_token")]
    outcome = liveinsight("stats", "--watch")
    assert outcome.code == 0
    assert world.api.tokens == ["changed"]
    assert outcome.out.count("Trying again: The API refuses the read token.") == 1


def test_conditions_are_shown_by_every_look_and_end_none(liveinsight: CommandLine, world: World) -> None:
    world.looks = 2
    outcome = liveinsight("stats", "--watch", "--fail-if", "p95>50ms")
    assert outcome.code == 0
    assert outcome.out.count("failed  p95>50ms: p95 is 80.1 ms") == 2


def test_a_refused_token_ends_watching_at_once(liveinsight: CommandLine, world: World) -> None:
    world.api.troubles = [CredentialsError("The API refuses the read token.", code="read_token")]
    assert liveinsight("stats", "--watch").code == 4


def test_a_watched_terminal_is_drawn_over_and_given_back(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.looks = 2
    outcome = watched(world, monkeypatch, size=(80, 24))
    assert outcome.code == 0
    entered, left = "\x1b[?1049h", "\x1b[?1049l"
    assert outcome.out.count(entered) == outcome.out.count(left) == 1
    assert "Ctrl-C ends" in outcome.out[: outcome.out.index(left)]
    assert "\x1b[2J" not in outcome.out  # clearing is what flickers


def test_the_last_screen_stays_on_the_terminal(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = watched(world, monkeypatch, size=(80, 24))
    behind = outcome.out[outcome.out.index("\x1b[?1049l") :]
    assert "visitors now" in behind
    assert "21:40:30 UTC" in behind or "newest event 4s ago" in behind
    assert "Ctrl-C" not in behind
    assert behind.count("\n") <= 24


def test_a_terminal_that_lacks_unicode_is_drawn_in_ascii(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for arguments, locale in ((("--ascii",), "C.UTF-8"), ((), "C")):
        monkeypatch.setenv("LC_ALL", locale)
        world.slept.clear()
        assert watched(world, monkeypatch, "--no-color", *arguments, size=(80, 24)).out.isascii()


def test_a_watched_screen_of_80_by_24_holds_everything_that_matters(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = watched(world, monkeypatch, "--no-color", size=(80, 24))
    for shown in ("visitors now", "Bounce rate", "Pages", "Devices", "stats-api", "r/w units", "Ctrl-C ends"):
        assert shown in outcome.out


def test_a_terminal_that_cannot_be_drawn_over_gets_plain_blocks(
    world: World, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.looks = 2
    outcome = watched(world, monkeypatch, size=(80, 24), term="dumb")
    assert outcome.out.count("visitors now") == 2
    assert "\x1b" not in outcome.out
