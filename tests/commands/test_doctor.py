"""`liveinsight doctor`: each check fails for what it is there for and for nothing else; --fix mends, and asks first."""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from liveinsight_cli.adapters import examine_machine, state_lock
from liveinsight_cli.adapters.examination import Finding, Question, examined
from liveinsight_cli.adapters.health import send
from liveinsight_cli.context import Clock, Context
from liveinsight_cli.core.checks import Check
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.core.state import Lock
from liveinsight_cli.errors import CredentialsError, PreconditionError
from liveinsight_cli.project import EnvironmentFiles
from tests.commands.world import World
from tests.conftest import CommandLine

ALARM = "liveinsight-freshness-local"
GROUP = "/aws/lambda/liveinsight-aggregator-local"
OTHER_GROUP = "/aws/lambda/liveinsight-stats-api-local"


@contextmanager
def put(holder: Any, **values: Any) -> Iterator[None]:
    """Have attributes hold other values meanwhile."""
    before = {name: getattr(holder, name) for name in values}
    for name, value in values.items():
        setattr(holder, name, value)
    yield
    for name, value in before.items():
        setattr(holder, name, value)


@contextmanager
def written(path: Path, text: str) -> Iterator[None]:
    """Have a file hold something else meanwhile."""
    before = path.read_text() if path.exists() else None
    path.touch(0o600)
    path.write_text(text)
    yield
    path.unlink() if before is None else path.write_text(before)


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    path.chmod(bits)
    yield
    path.chmod(0o600)


@contextmanager
def at_work(path: Path) -> Iterator[None]:
    with path.open("r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def output(world: World, name: str, value: Any) -> Any:
    path = world.files / "outputs.json"
    return written(path, json.dumps({**json.loads(path.read_text()), name: value}))


def ledger(world: World, **changes: Any) -> Any:
    path = world.files / "releases.json"
    document = json.loads(path.read_text())
    document["releases"][-1] |= changes
    return written(path, json.dumps(document))


# What is broken, how the check then stands, and a word of what it says. All else stays ok, or is skipped.
BREAKAGES: dict[str, tuple[Callable[[World], Any], str, str, str]] = {
    "mode": (lambda w: mode(w.files / "read-token", 0o644), "secret files", "warn", "read-token"),
    "turn": (lambda w: at_work(w.files / "turn.lock"), "state lock", "warn", "at work"),
    "account": (lambda w: put(w.aws, account_id="210987654321"), "AWS", "fail", "not to 123456789012"),
    "older tool": (lambda w: ledger(w, tool_version="9.0.0"), "tool version", "warn", "9.0.0"),
    "region": (lambda w: output(w, "region", "eu-west-1"), "region", "fail", "eu-west-1"),
    "code": (
        lambda w: put(w.aws, broken_functions={"liveinsight-stats-api-local"}),
        *("functions", "fail", "yaml"),
    ),
    "alias": (
        lambda w: put(w.aws, aliases={**w.aws.aliases, "liveinsight-stats-api-local": "7"}),
        *("release", "fail", "version 7 is in service instead"),
    ),
    "other code": (
        lambda w: put(w.aws, code={**w.aws.code, "liveinsight-stats-api-local": ["bm8=", "bm8="]}),
        *("release", "fail", "stats-api"),
    ),
    "table": (lambda w: put(w.aws, gone_tables={"liveinsight-sessions-local"}), "tables", "fail", "is gone"),
    "index": (lambda w: put(w.aws, index_status="CREATING"), "tables", "fail", "AnIndex is CREATING"),
    "time to live": (
        lambda w: put(w.aws, lifeless_tables={"liveinsight-state-local"}),
        *("tables", "fail", "never expire"),
    ),
    "mapping": (lambda w: put(w.aws, mapping={"State": "Disabled"}), "stream mapping", "fail", "disabled"),
    "no mapping": (lambda w: put(w.aws, mapping=None), "stream mapping", "fail", "no aggregator"),
    "failing mapping": (
        lambda w: put(w.aws, mapping={"State": "Enabled", "LastProcessingResult": "PROBLEM: Function call failed"}),
        *("stream mapping", "warn", "Function call failed"),
    ),
    "alarm": (lambda w: put(w.aws, alarms={ALARM: "ALARM"}), "alarms", "warn", f"ringing: {ALARM}"),
    "no alarm": (lambda w: put(w.aws, alarms={ALARM: "gone"}), "alarms", "fail", f"gone: {ALARM}"),
    "retention": (lambda w: put(w.aws, retentions={GROUP: 0}), "log groups", "warn", "for ever"),
    "no group": (lambda w: put(w.aws, retentions={GROUP: None}), "log groups", "fail", "gone"),
    "dashboard": (lambda w: put(w.api, page_status=403), "dashboard", "fail", "answers 403"),
    "other API": (lambda w: put(w.api, asked_url="https://old"), "dashboard", "fail", "https://old"),
    "token": (lambda w: put(w.api, read_status=401), "read token", "fail", "refuses the token"),
    "rotation": (
        lambda w: written(w.files / "read-token.next", "t" * 43),
        *("read token", "warn", "rotation was cut off"),
    ),
    "API": (lambda w: put(w.api, read_status=502), "read token", "fail", "answers 502"),
}  # fmt: skip


def checks(liveinsight: CommandLine, *arguments: str) -> dict[str, dict[str, Any]]:
    found = json.loads(liveinsight("doctor", "--json", *arguments).out)["data"]["checks"]
    return {one["name"]: one for one in found}


def test_each_check_finds_what_it_is_there_for_and_nothing_else(
    liveinsight: CommandLine, world: World
) -> None:
    world.will_change(alarm_names=[ALARM])
    (world.project / "liveinsight.toml").write_text('[env.local]\naccount_id = "123456789012"\n')
    assert liveinsight("deploy", "--yes").code == 0
    for what, (breaking, name, state, words) in BREAKAGES.items():
        with breaking(world):
            done = liveinsight("doctor", "--json")
        found = json.loads(done.out)["data"]["checks"]
        wrong = [one for one in found if one["state"] in ("warn", "fail")]
        assert [(one["name"], one["state"]) for one in wrong] == [(name, state)], (what, wrong)
        assert words in wrong[0]["found"], what
        assert wrong[0]["mend"], what
        assert done.code == (3 if state == "fail" else 0), what
    assert {one["state"] for one in checks(liveinsight).values()} == {"ok"}


def test_fix_mends_what_costs_nothing_after_asking_and_looks_again(
    liveinsight: CommandLine, world: World
) -> None:
    assert liveinsight("deploy", "--yes").code == 0
    assert "nothing that --fix could mend" in liveinsight("doctor", "--fix").err
    world.aws.mapping = {"State": "Disabled"}
    world.aws.retentions = {GROUP: 3}
    (world.files / "read-token").chmod(0o644)
    world.aws.writes.clear()
    assert liveinsight("doctor", "--fix").code == 9
    assert liveinsight("doctor", "--fix", stdin="n\n").code == 9
    assert world.aws.writes == []
    done = liveinsight("doctor", "--fix", stdin="y\n")
    assert done.code == 0, done.out
    assert "Done: enable the stream mapping." in done.err
    assert sorted(world.aws.writes) == ["put_retention_policy", "update_event_source_mapping"]
    assert (world.files / "read-token").stat().st_mode & 0o777 == 0o600
    assert world.aws.retentions == {GROUP: 7}


def test_fix_keeps_no_log_shorter_than_it_is_kept(liveinsight: CommandLine, world: World) -> None:
    assert liveinsight("deploy", "--yes").code == 0
    world.aws.retentions = {GROUP: 0, OTHER_GROUP: 30}
    world.aws.writes.clear()
    assert "nothing that --fix could mend" in liveinsight("doctor", "--fix", "--yes").err
    assert world.aws.writes == []
    assert checks(liveinsight)["log groups"]["mend"] == "liveinsight deploy"
    world.aws.retentions = {GROUP: 3, OTHER_GROUP: 30}
    assert "keep 1 log group longer" in liveinsight("doctor", "--fix", "--yes").err
    assert world.aws.retentions == {GROUP: 7, OTHER_GROUP: 30}
    assert checks(liveinsight)["log groups"]["state"] == "warn"


def test_a_step_that_fails_does_not_keep_the_others_from_being_tried(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert liveinsight("deploy", "--yes").code == 0
    world.aws.mapping = {"State": "Disabled"}
    world.aws.retentions = {GROUP: 3}

    def refuse(**_: Any) -> dict[str, Any]:
        raise CredentialsError("not allowed to", code="access_denied")

    monkeypatch.setattr(world.aws, "_update_event_source_mapping", refuse, raising=False)
    done = liveinsight("doctor", "--fix", "--yes", "--json")
    answer = json.loads(done.out)
    assert done.code == 3
    assert {one["check"]: one["error"] for one in answer["data"]["fixes"]} == {
        "stream mapping": "not allowed to",
        "log groups": None,
    }


def test_wrong_credentials_skip_what_needs_them_with_the_reason(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert liveinsight("deploy", "--yes").code == 0

    def expired(_: Any) -> str:
        raise CredentialsError("AWS refused the credentials (ExpiredToken)", hint="Sign in again")

    monkeypatch.setattr(type(world.aws), "account", expired)
    found = checks(liveinsight)
    assert (found["AWS"]["state"], found["AWS"]["mend"]) == ("fail", "Sign in again")
    skipped = {name for name, one in found.items() if one["state"] == "skipped"}
    assert {
        "state",
        "state lock",
        "functions",
        "release",
        "tables",
        "stream mapping",
        "read token",
    } <= skipped
    assert {found[name]["found"] for name in skipped} == {"needs AWS"}
    assert found["clock"]["state"] == found["terraform"]["state"] == "ok"


def test_credentials_that_may_not_look_are_no_failure(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert liveinsight("deploy", "--yes").code == 0
    (world.files / "read-token").unlink()
    world.api.read_status = 401

    def denied(**_: Any) -> dict[str, Any]:
        raise CredentialsError("The credentials may not do this (Invoke)", code="access_denied")

    monkeypatch.setattr(world.aws, "_invoke", denied)
    found = checks(liveinsight)
    assert [found[name]["state"] for name in ("functions", "read token")] == ["warn", "warn"]
    assert liveinsight("doctor").code == 0


@pytest.mark.parametrize(("by", "state"), [(30, "ok"), (90, "warn"), (-400, "fail")])
def test_a_clock_that_is_wrong_is_told_before_aws_refuses_signatures(
    liveinsight: CommandLine, world: World, by: int, state: str
) -> None:
    def compose(context: Context) -> None:
        now = context.clock.now
        object.__setattr__(context.clock, "now", lambda: now() + by)

    liveinsight.prepare.append(compose)
    assert checks(liveinsight)["clock"]["state"] == state


def test_before_anything_is_deployed_and_of_a_part_of_it(liveinsight: CommandLine, world: World) -> None:
    never = checks(liveinsight)
    assert (never["deployed"]["state"], never["deployed"]["found"]) == ("warn", "never")
    assert never["functions"]["found"] == "needs deployed"
    world.will_change(stage=Stage.API)
    liveinsight("deploy", "--yes", "--stage", "api")
    found = checks(liveinsight)
    assert found["alarms"]["state"] == "skipped"
    assert found["functions"]["state"] == "ok"


def test_people_see_what_is_wrong_and_what_mends_it_nearest_to_the_prompt(
    liveinsight: CommandLine, world: World
) -> None:
    assert liveinsight("deploy", "--yes").code == 0
    world.aws.mapping = {"State": "Disabled"}
    world.aws.retentions = {GROUP: 3}
    shown = liveinsight("doctor").out.splitlines()
    assert shown[1].split()[:2] == ["ok", "python"]
    assert shown[-4].split()[:3] == ["fail", "stream", "mapping"]
    assert shown[-3].split() == ["to", "mend", "it", "liveinsight", "doctor", "--fix"]
    assert shown[-1].startswith("1 failed, 1 to look at, 20 ok.")
    assert not any(line != line.rstrip() for line in shown if not line.strip())


def test_a_check_that_hangs_or_breaks_hides_no_other() -> None:
    import threading

    hung = threading.Event()

    def hang() -> Check:
        hung.wait(10)
        return Check("slow", "ok", "")

    def broken() -> Finding:
        raise ZeroDivisionError

    def refused() -> Check:
        raise PreconditionError("no", hint="do this")

    questions = (
        Question("slow", hang, seconds=0.05),
        Question("broken", broken),
        Question("refused", refused),
        Question("after", lambda: Check("after", "ok", ""), ("refused",)),
        Question("after that", lambda: Check("after that", "ok", ""), ("after",)),
        Question("well", lambda: Check("well", "ok", "")),
    )
    found = {one.check.name: one.check for one in examined(questions)}
    hung.set()
    assert [found[name].state for name in found] == ["fail", "fail", "fail", "skipped", "skipped", "ok"]
    assert found["slow"].found == "no answer within 0.05 s"
    assert found["refused"].mend == "do this"
    assert found["after that"].found == "needs refused"


# What is wrong with this machine, the check that says so, and a word of it. Nothing is deployed.
MISFORTUNES: dict[str, tuple[Callable[[pytest.MonkeyPatch, World], Any], str, str]] = {
    "python": (lambda m, w: m.setattr(examine_machine, "OLDEST_PYTHON", (9, 0)), "python", "3."),
    "settings": (
        lambda m, w: (w.project / "liveinsight.toml").write_text("[default]\nregion = 7\n"),
        *("settings", "liveinsight.toml:2"),
    ),
    "disk": (
        lambda m, w: m.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 20)),
        *("disk space", "1.0 MiB"),
    ),
    "directory": (
        lambda m, w: m.setattr("tempfile.TemporaryFile", not_permitted),
        *("project directory", "cannot be written: Read-only file system"),
    ),
    "provider": (
        lambda m, w: shutil.rmtree(w.mirror),
        *("AWS provider", "holds no hashicorp/aws"),
    ),
}


def not_permitted(**_: Any) -> Any:
    raise OSError(30, "Read-only file system")


@pytest.mark.parametrize("what", MISFORTUNES)
def test_what_is_wrong_with_this_machine_is_named(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    breaking, name, words = MISFORTUNES[what]
    breaking(monkeypatch, world)
    found = checks(liveinsight)
    assert [one["name"] for one in found.values() if one["state"] == "fail"] == [name]
    assert words in found[name]["found"]
    assert found[name]["mend"]


def test_the_lock_of_a_dead_run_is_taken_away_by_fix_and_that_of_another_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = Lock("7", "OperationTypeApply", "ada@host", "2026-11-26T07:00:00Z", "bucket/key", "")
    taken_away: list[str] = []
    bucket = SimpleNamespace(lock=lambda _: (lock, SimpleNamespace(age_seconds=7200.0)))
    place = SimpleNamespace(is_remote=True, bucket=bucket, key="prod/terraform.tfstate", shown="s3://b/k")
    files = EnvironmentFiles(tmp_path)
    terminal = SimpleNamespace(say=lambda _: None)
    context: Any = SimpleNamespace(
        state=place,
        files=files,
        environment="prod",
        command="doctor",
        variables={},
        clock=Clock(),
        terminal=terminal,
    )
    machine = examine_machine.MachineExamination(context, send)
    monkeypatch.setattr(state_lock, "is_dead", lambda *_: False)
    other = machine.lock()
    assert isinstance(other, Check)
    assert (other.state, "ada@host" in other.found, "still at work?" in other.found) == ("warn", True, True)
    monkeypatch.setattr(state_lock, "is_dead", lambda *_: True)
    monkeypatch.setattr(examine_machine, "release_dead", lambda _, __, key: taken_away.append(key))
    dead = machine.lock()
    assert isinstance(dead, Finding)
    assert dead.remedy is not None
    assert (dead.check.state, dead.check.mend) == ("fail", "liveinsight state unlock --env prod")
    dead.remedy.apply()
    assert taken_away == ["prod/terraform.tfstate"]
