"""`liveinsight state` with the real terraform against an embedded S3: the bucket, the moves, the locks."""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.state_lock import whoami
from liveinsight_cli.adapters.terraform import Terraform
from liveinsight_cli.context import Context
from liveinsight_cli.core.state import Lock, StateFacts, lock_key, moved_key, read_state, state_key
from liveinsight_cli.local.process import EmbeddedAws, Server
from tests.conftest import IN_CI, CommandLine

BUCKET = "liveinsight-tfstate-123456789012-ap-northeast-2"
BUILTIN = 'provider["terraform.io/builtin/terraform"]'  # needs no provider to be installed

# Runs a command that is killed before its n-th write to S3, or where it has terraform read the copy.
KILLED = """
import os, signal, sys
from liveinsight_cli import cli
from liveinsight_cli.adapters import aws, terraform_state
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
point, arguments = sys.argv[1], sys.argv[2:]
if point == "pull":
    terraform_state.pull = die
call, writes = aws.Aws.call, [0]
def counted(self, service, operation, **parameters):
    writes[0] += operation in ("put_object", "delete_object")
    if str(writes[0]) == point:
        die()
    return call(self, service, operation, **parameters)
aws.Aws.call = counted
sys.exit(cli.run(arguments))
"""


@dataclasses.dataclass
class Team:
    """A project on an embedded AWS, whose environments each test makes for itself."""

    project: Path
    server: Server
    liveinsight: CommandLine
    aws: Aws

    def has_state(
        self, environment: str, serial: int = 7, lineage: str = "one", outputs: bool = True
    ) -> StateFacts:
        """Put a local state where the environment has it."""
        content = state(serial, lineage, {"color": "blue"} if outputs else {})
        self.file(environment).parent.mkdir(parents=True, exist_ok=True)
        self.file(environment).write_bytes(content)
        return read_state(content)

    def file(self, environment: str) -> Path:
        return self.project / ".liveinsight" / environment / "terraform.tfstate"

    def object(self, key: str) -> bytes | None:
        pages = self.aws.pages("s3", "list_objects_v2", Bucket=BUCKET, Prefix=key)
        if not any(one["Key"] == key for page in pages for one in page.get("Contents", ())):
            return None
        content: bytes = self.aws.call("s3", "get_object", Bucket=BUCKET, Key=key)["Body"].read()
        return content

    def put(self, key: str, content: bytes) -> None:
        self.aws.call("s3", "put_object", Bucket=BUCKET, Key=key, Body=content)

    def copies(self, environment: str) -> tuple[StateFacts | None, StateFacts | None]:
        """The state in the file and the one in the bucket."""
        stored, path = self.object(state_key(environment)), self.file(environment)
        return (
            read_state(path.read_bytes()) if path.exists() else None,
            None if stored is None else read_state(stored),
        )

    def answer(self, *arguments: str) -> Any:
        done = self.liveinsight(*arguments, "--yes", "--json")
        assert done.code == 0, done.out
        return json.loads(done.out)["data"]

    def refused(self, *arguments: str) -> Any:
        done = self.liveinsight(*arguments, "--yes", "--json")
        assert done.code != 0
        return {**json.loads(done.out)["error"], "exit": done.code}

    def clone(self, environment: str) -> None:
        """Forget everything about an environment, as a fresh clone of the project would."""
        shutil.rmtree(self.project / ".liveinsight" / environment)


def state(serial: int, lineage: str, outputs: dict[str, str]) -> bytes:
    """A state as terraform writes it, of one resource that needs no provider."""
    attributes = {"id": "i", "input": None, "output": None, "triggers_replace": None}
    resource = {"mode": "managed", "type": "terraform_data", "name": "a", "provider": BUILTIN}
    instances = [{"schema_version": 0, "attributes": attributes}]
    named = {name: {"value": value, "type": "string"} for name, value in outputs.items()}
    document = {"version": 4, "terraform_version": "1.11.0", "serial": serial, "lineage": lineage}
    rest = {"outputs": named, "resources": [{**resource, "instances": instances}], "check_results": None}
    return json.dumps(document | rest).encode()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Server]]:
    if shutil.which("terraform") is None:
        if IN_CI:
            pytest.fail("terraform is not installed")
        pytest.skip("terraform is not installed")
    project = tmp_path_factory.mktemp("team")
    (project / "liveinsight.toml").write_text('[default]\ntarget = "embedded"\n')
    aws = EmbeddedAws(project)
    yield project, aws.up()
    aws.down()


@pytest.fixture
def team(running: tuple[Path, Server], monkeypatch: pytest.MonkeyPatch) -> Team:
    project, server = running
    monkeypatch.chdir(project)
    aws = Aws(server.region, endpoint_url=server.endpoint_url)
    made = Team(project, server, CommandLine(project), aws)
    if BUCKET not in [one["Name"] for one in aws.call("s3", "list_buckets")["Buckets"]]:
        assert made.answer("state", "bootstrap", "--env", "first")["created"] is True
    return made


def test_a_bootstrap_puts_right_what_differs_and_then_nothing(team: Team) -> None:
    assert team.answer("state", "bootstrap", "--env", "first")["repaired"] == []
    versioning = {"Status": "Suspended"}
    team.aws.call("s3", "put_bucket_versioning", Bucket=BUCKET, VersioningConfiguration=versioning)
    team.aws.call("s3", "delete_bucket_policy", Bucket=BUCKET)
    team.aws.call("s3", "delete_public_access_block", Bucket=BUCKET)
    repaired = team.answer("state", "bootstrap", "--env", "first")["repaired"]
    assert repaired == ["public access block", "versioning", "TLS-only policy"]
    assert team.answer("state", "bootstrap", "--env", "first")["repaired"] == []
    assert team.aws.call("s3", "get_bucket_versioning", Bucket=BUCKET)["Status"] == "Enabled"


def test_a_bucket_that_is_there_for_something_else_is_left_alone(team: Team) -> None:
    place = {"LocationConstraint": team.server.region}
    team.aws.call("s3", "create_bucket", Bucket="photos", CreateBucketConfiguration=place)
    team.aws.call("s3", "put_object", Bucket="photos", Key="cat.jpg", Body=b"cat")
    choose = lambda context: context.variables.update(LIVEINSIGHT_STATE_BUCKET="photos")  # noqa: E731
    team.liveinsight.prepare.append(choose)
    error = team.refused("state", "bootstrap", "--env", "first")
    assert (error["exit"], error["code"]) == (3, "state_bucket")
    assert "Nothing was changed" in error["hint"]
    assert team.aws.call("s3", "get_bucket_versioning", Bucket="photos").get("Status") is None


def test_a_state_goes_there_and_back_without_loss(team: Team) -> None:
    facts = team.has_state("round")
    moved = team.answer("state", "migrate", "--to", "s3", "--env", "round")
    assert (moved["moved"], moved["serial"], moved["resources"]) == (True, 7, 1)
    assert team.copies("round") == (None, facts)
    assert team.answer("state", "migrate", "--to", "s3", "--env", "round")["moved"] is False
    shown = team.answer("state", "show", "--env", "round")
    assert (shown["backend"], shown["serial"], shown["lock"]) == ("s3", 7, None)
    team.answer("state", "migrate", "--to", "local", "--env", "round")
    assert team.copies("round") == (facts, None)
    assert team.object(lock_key(state_key("round"))) is None


@pytest.mark.parametrize(
    ("to", "point"),
    [("s3", "2"), ("s3", "pull"), ("s3", "3"), *(("local", point) for point in ("pull", "2", "3", "4"))],
)
def test_a_move_that_is_killed_at_any_point_loses_nothing_and_is_finished_by_the_same_command(
    team: Team, to: str, point: str
) -> None:
    environment = f"kill-{to}-{point}"
    facts = team.has_state(environment)
    if to == "local":
        team.answer("state", "migrate", "--to", "s3", "--env", environment)
    command = ["state", "migrate", "--to", to, "--env", environment, "--yes"]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, point, *command], cwd=team.project, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert facts in team.copies(environment)
    assert team.object(lock_key(state_key(environment))) is not None
    team.answer(*command[:-1])
    assert team.copies(environment) == ((None, facts) if to == "s3" else (facts, None))
    assert team.object(lock_key(state_key(environment))) is None


def test_two_different_states_are_never_written_over_each_other(team: Team) -> None:
    team.has_state("twins")
    team.answer("state", "migrate", "--to", "s3", "--env", "twins")
    mine = team.has_state("twins", serial=3, lineage="another")
    for command in (
        ("state", "migrate", "--to", "s3"),
        ("state", "migrate", "--to", "local"),
        ("plan",),
        ("state", "show"),
    ):
        error = team.refused(*command, "--env", "twins")
        assert (error["exit"], error["code"]) == (3, "state_conflict"), command
    assert team.copies("twins")[0] == mine


def test_a_fresh_clone_finds_the_outputs_and_a_copy_of_the_state(team: Team) -> None:
    team.has_state("clone")
    team.answer("state", "migrate", "--to", "s3", "--env", "clone")
    team.clone("clone")
    assert team.answer("outputs", "--env", "clone") == {"color": "blue"}
    pulled = team.answer("state", "pull-local", "--env", "clone", "--out", "copy.tfstate")
    assert read_state(Path(pulled["path"]).read_bytes()).serial == 7
    assert Path(pulled["path"]).stat().st_mode & 0o777 == 0o600
    team.put(state_key("clone"), state(8, "one", {"color": "red"}))  # somebody else deploys
    assert team.answer("outputs", "--env", "clone") == {"color": "red"}


def test_what_went_to_somebodys_file_is_not_begun_anew_elsewhere(team: Team) -> None:
    team.has_state("away")
    team.answer("state", "migrate", "--to", "s3", "--env", "away")
    team.answer("state", "migrate", "--to", "local", "--env", "away")
    assert team.object(moved_key(state_key("away"))) is not None
    team.clone("away")
    error = team.refused("plan", "--env", "away")
    assert (error["exit"], error["code"]) == (3, "state_moved")
    assert whoami() in error["message"]
    assert "state migrate --to s3 --env away" in error["hint"]


@pytest.fixture
def tiny(team: Team, tmp_path: Path) -> Path:
    """A stack of one resource without a provider, which takes as long to apply as it is told."""
    sources = tmp_path / "tiny"
    sources.mkdir()
    (sources / "main.tf").write_text(
        'resource "terraform_data" "a" {\n  provisioner "local-exec" {\n    command = "sleep 600"\n  }\n}\n'
    )

    def replace(context: Context) -> None:
        context.terraform = dataclasses.replace(Terraform.find(context), sources=sources)

    team.liveinsight.prepare.append(replace)
    return sources


@pytest.fixture
def applying(team: Team, tiny: Path, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another machine that applies the environment `busy`."""
    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    backend = {"bucket": BUCKET, "key": state_key("busy"), "region": team.server.region, "use_lockfile": True}
    (other / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))
    environment = os.environ | {
        "AWS_ENDPOINT_URL": team.server.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "CHECKPOINT_DISABLE": "1",
    }
    run = {"cwd": other, "env": environment, "stdin": subprocess.DEVNULL}
    subprocess.run(["terraform", "init", "-input=false"], check=True, capture_output=True, **run)
    process = subprocess.Popen(
        ["terraform", "apply", "-auto-approve", "-input=false", "-no-color"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **run,
    )
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            if b"Creating..." in line:
                break
        yield process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.usefixtures("applying")
def test_a_second_deploy_at_once_is_told_who_is_at_work_and_a_fresh_lock_stays(team: Team) -> None:
    error = team.refused("deploy", "--env", "busy")
    assert (error["exit"], error["code"]) == (5, "state_locked")
    for part in (whoami(), "Apply", " s", "lock "):
        assert part in error["message"]
    assert "liveinsight state unlock --env busy" in error["hint"]
    lock = team.answer("state", "show", "--env", "busy")["lock"]
    assert (lock["who"], lock["operation"]) == (whoami(), "Apply")
    for arguments in ((), ("--force", "another-id")):
        refused = team.refused("state", "unlock", "--env", "busy", *arguments)
        assert (refused["exit"], refused["code"]) == (5, "state_locked")
    assert team.answer("state", "show", "--env", "busy")["lock"] == lock | {
        "age_seconds": pytest.approx(lock["age_seconds"], abs=60)
    }
    assert team.answer("state", "unlock", "--env", "busy", "--force", lock["id"])["unlocked"] is True
    assert team.answer("state", "unlock", "--env", "busy")["unlocked"] is False


def test_the_lock_of_a_command_that_was_killed_here_may_be_taken_away_at_once(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveinsight_cli.adapters.state_lock._terraform_runs", lambda: False)
    created = "2026-11-26T00:00:30.5Z"
    lock = Lock("dead-1", "OperationTypePlan", whoami(), created)
    team.put(lock_key(state_key("killed")), lock.content())
    assert team.refused("state", "unlock", "--env", "killed")["exit"] == 5
    since = 1795651200.0  # 2026-11-26T00:00:00Z
    note = {"since": since, "found_at": since + 60, "pid": 1, "who": "x", "command": "deploy"}
    (team.project / ".liveinsight" / "killed" / "abandoned.json").write_text(json.dumps(note))
    assert team.answer("state", "unlock", "--env", "killed")["unlocked"] is True


def test_a_deploy_goes_on_where_one_was_killed_with_the_lock_in_its_hand(
    team: Team, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveinsight_cli.adapters.state_lock._terraform_runs", lambda: False)
    (tiny / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    team.has_state("gone-on")
    team.answer("state", "migrate", "--to", "s3", "--env", "gone-on")
    files = team.file("gone-on").parent
    (files / "read-token").write_text("t" * 43)
    (files / "unfinished.json").write_text('{"creations": [], "log": "none"}')
    note = {"since": 1795651200.0, "pid": 1, "who": "ann", "command": "deploy"}  # 2026-11-26T00:00:00Z
    (files / "turn.lock").write_text(json.dumps(note))
    lock = Lock("dead-2", "OperationTypeApply", whoami(), "2026-11-26T00:00:30.5Z")
    team.put(lock_key(state_key("gone-on")), lock.content())
    team.answer("plan", "--env", "gone-on")
    assert team.object(lock_key(state_key("gone-on"))) is None
    held = Lock("theirs", "OperationTypeApply", "ann@another-host", "2026-11-26T00:00:30.5Z")
    team.put(lock_key(state_key("gone-on")), held.content())
    (files / "unfinished.json").write_text('{"creations": [], "log": "none"}')
    assert team.refused("plan", "--env", "gone-on")["code"] == "state_locked"


def test_drift_is_not_looked_for_while_somebody_changes_the_environment(team: Team) -> None:
    document = json.loads(state(7, "one", {"environment": "looked", "region": team.server.region}))
    tables = {name: f"liveinsight-{name}-looked" for name in ("events", "sessions", "state")}
    document["outputs"]["tables"] = {"value": tables, "type": ["map", "string"]}
    team.put(state_key("looked"), json.dumps(document).encode())
    lock = Lock("held-1", "OperationTypeApply", "ann@laptop", "2026-11-26T00:00:30.5Z")
    team.put(lock_key(state_key("looked")), lock.content())
    error = team.refused("drift", "--env", "looked")
    assert (error["exit"], error["code"]) == (5, "state_locked")
    assert "ann@laptop" in error["message"]
    assert team.object(lock_key(state_key("looked"))) == lock.content()


def test_a_state_that_could_not_be_written_is_taken_over(team: Team, tiny: Path) -> None:
    (tiny / "main.tf").write_text('resource "terraform_data" "a" {}\n')
    team.has_state("errored")
    team.answer("state", "migrate", "--to", "s3", "--env", "errored")
    stack = team.project / ".liveinsight" / "errored" / "stack"
    stack.mkdir()
    stack.with_name("read-token").write_text("t" * 43)
    (stack / "errored.tfstate").write_bytes(state(9, "one", {"color": "green"}))
    team.answer("plan", "--env", "errored")
    remote = team.copies("errored")[1]
    assert remote is not None
    assert (remote.serial >= 9, remote.outputs) == (True, {"color": "green"})
    assert not (stack / "errored.tfstate").exists()
    (stack / "errored.tfstate").write_bytes(state(2, "foreign", {}))
    assert team.refused("plan", "--env", "errored")["code"] == "state_errored"
    assert (stack / "errored.tfstate").exists()


def test_nobody_is_asked_and_nothing_done_without_a_yes(team: Team) -> None:
    team.has_state("asked")
    done = team.liveinsight("state", "bootstrap", "--env", "asked")
    assert done.code == 9
    assert "move" in done.err
    assert team.copies("asked")[1] is None
