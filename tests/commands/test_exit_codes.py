"""Every documented exit code through a real command, in words and as JSON."""

import fcntl
import io
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from liveinsight_cli.adapters import files
from liveinsight_cli.context import Clock, Context
from liveinsight_cli.core.stages import Stage
from tests.adapters.fake_terraform import VERSION_EVENT, error_event
from tests.commands.world import World
from tests.conftest import CommandLine


@dataclass
class Scene:
    """What a misfortune is arranged with."""

    liveinsight: CommandLine
    world: World
    held: list[int] = field(default_factory=list)

    def deployed(self) -> None:
        done = self.liveinsight("deploy", "--yes")
        assert done.code == 0, done.err
        self.world.will_not_change()


def nothing(_: Scene) -> None:
    pass


def deployed(scene: Scene) -> None:
    scene.deployed()


def a_bug(scene: Scene) -> None:
    scene.deployed()

    def replace(context: Context) -> None:
        context.aws = object()  # type: ignore[assignment]

    scene.liveinsight.prepare.append(replace)


def old_terraform(scene: Scene) -> None:
    (scene.world.terraform.directory / "version").write_text('{"terraform_version": "1.5.7"}')


def no_terraform(scene: Scene) -> None:
    scene.world.terraform.path.unlink()
    scene.liveinsight.prepare.append(
        lambda context: setattr(context, "variables", {**context.variables, "PATH": str(scene.world.project)})
    )


def no_provider(scene: Scene) -> None:
    (scene.world.project / "liveinsight.toml").write_text('[default]\nprovider_mirror = "nowhere"\n')
    scene.liveinsight.prepare.append(
        lambda context: setattr(
            context,
            "variables",
            {name: value for name, value in context.variables.items() if "MIRROR" not in name},
        )
    )


def broken_configuration(scene: Scene) -> None:
    (scene.world.project / "liveinsight.toml").write_text("[default]\nregion = \n")


def table_that_is_none(scene: Scene) -> None:
    (scene.world.project / "liveinsight.toml").write_text("[default]\n[env]\ndev = 3\n")


def wrong_account(scene: Scene) -> None:
    (scene.world.project / "liveinsight.toml").write_text('[default]\naccount_id = "999999999999"\n')


def wrong_token(scene: Scene) -> None:
    scene.deployed()
    scene.world.api.read_status = 401


def expired_credentials(scene: Scene) -> None:
    text = VERSION_EVENT + error_event("Retrieving AWS account details", "api error ExpiredToken")
    scene.world.terraform.says("plan", text=text, exit_code=1)


def locked(scene: Scene) -> None:
    scene.world.terraform.says("plan", stream="plan-locked", exit_code=1)


def full_while_locking(scene: Scene) -> None:
    detail = "write .terraform.tfstate.lock.info: no space left on device"
    text = VERSION_EVENT + error_event("Error acquiring the state lock", detail)
    scene.world.terraform.says("plan", text=text, exit_code=1)


def full_of_garbage(scene: Scene) -> None:
    text = VERSION_EVENT + error_event("Error acquiring the state lock", "Unsupported state file format")
    scene.world.terraform.says("plan", text=text, exit_code=1)


def bucket_of_somebody(scene: Scene) -> None:
    scene.world.aws.bucket_answer = "403"


def bucket_not_there(scene: Scene) -> None:
    (scene.world.project / "liveinsight.toml").write_text('[env.local]\nstate_bucket = "our-states"\n')


def retired_setting(scene: Scene) -> None:
    (scene.world.project / "liveinsight.toml").write_text("[default]\nmanage_api_gateway_account = false\n")


def state_lost(scene: Scene) -> None:
    scene.deployed()
    (scene.world.files / "terraform.tfstate").unlink()


def state_of_the_future(scene: Scene) -> None:
    scene.deployed()
    (scene.world.files / "terraform.tfstate").write_text('{"serial": 1, "terraform_version": "1.99.0"}')


def somebody_deploys(scene: Scene) -> None:
    """Hold the environment as another process would; the kernel tells two openings of the file apart."""
    scene.world.files.mkdir(parents=True)
    handle = os.open(scene.world.files / "turn.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    note = {"pid": 4711, "who": "kim", "command": "destroy", "since": 0}
    os.write(handle, json.dumps(note).encode())
    scene.held.append(handle)
    clock = Clock(now=lambda: 240.0, sleep=lambda _: None)
    scene.liveinsight.prepare.append(lambda context: setattr(context, "clock", clock))


def token_cut_off(scene: Scene) -> None:
    scene.deployed()
    (scene.world.files / "read-token").write_text("wrong\n")


def token_that_is_no_text(scene: Scene) -> None:
    scene.deployed()
    (scene.world.files / "read-token").write_bytes(b"\xff\xfe")


def failing_apply(scene: Scene) -> None:
    text = VERSION_EVENT + error_event("creating table", "LimitExceededException")
    scene.world.terraform.says("apply", text=text, exit_code=1)


def aws_that_ends(scene: Scene) -> None:
    text = VERSION_EVENT + error_event(
        "creating topic", "dial tcp 127.0.0.1:4750: connect: connection refused"
    )
    scene.world.terraform.says("apply", text=text, exit_code=1)


def broken_function(scene: Scene) -> None:
    scene.world.aws.broken_functions.add("liveinsight-stats-api-local")


def forgetful_api(scene: Scene) -> None:
    passed = iter(range(0, 100_000, 10))
    clock = Clock(monotonic=lambda: float(next(passed)), sleep=lambda _: None)
    scene.liveinsight.prepare.append(lambda context: setattr(context, "clock", clock))
    scene.world.api.is_forgetful = True


def tables_only(scene: Scene) -> None:
    scene.world.will_change(stage=Stage.TABLES)
    assert scene.liveinsight("deploy", "--yes", "--stage", "tables").code == 0


def configured(scene: Scene) -> None:
    (scene.world.project / "liveinsight.toml").touch()


def damaged_ledger(scene: Scene) -> None:
    scene.deployed()
    (scene.world.files / "releases.json").write_text("{")


@dataclass(frozen=True)
class Misfortune:
    """A command in a scene: how it must end, and what it must say."""

    arrange: Callable[[Scene], None]
    command: str
    code: int
    error: str
    says: str


MISFORTUNES = [
    Misfortune(a_bug, "status", 1, "unexpected", "--verbose"),
    Misfortune(nothing, "deploy --nope", 2, "usage", "deploy --help"),
    Misfortune(nothing, "deploy --yes --confirm prod", 2, "usage", "--env prod --confirm prod"),
    Misfortune(nothing, "nope", 2, "usage", "--help"),
    Misfortune(deployed, "outputs nope", 2, "usage", "api_gateway_url"),
    Misfortune(deployed, "stats --range someday", 2, "usage", "yesterday"),
    Misfortune(deployed, "seed-demo --site x!", 2, "usage", "host name"),
    Misfortune(nothing, "status --config nope.toml", 3, "configuration", "nope.toml"),
    Misfortune(broken_configuration, "build", 3, "configuration", "liveinsight.toml:2"),
    Misfortune(broken_configuration, "tail", 3, "configuration", "liveinsight.toml:2"),
    Misfortune(
        table_that_is_none, "status", 3, "configuration", "liveinsight.toml:3: env.dev must be a table"
    ),
    Misfortune(nothing, "build --env ../elsewhere", 3, "configuration", "not an environment name"),
    *(
        Misfortune(nothing, command, 3, "not_deployed", "liveinsight deploy")
        for command in ("outputs", "stats", "stats --watch", "tail", "verify", "seed-demo")
    ),
    Misfortune(nothing, "destroy --yes", 3, "not_deployed", "Nothing to destroy"),
    Misfortune(no_terraform, "deploy --yes", 3, "terraform_missing", "Install Terraform"),
    Misfortune(old_terraform, "plan", 3, "terraform_too_old", "Install Terraform"),
    Misfortune(no_provider, "plan", 3, "provider_mirror", "terraform providers mirror"),
    Misfortune(full_while_locking, "deploy --yes", 3, "unwritable", "Make room"),
    Misfortune(nothing, "deploy --stage some", 2, "usage", "--stage"),
    Misfortune(nothing, "deploy --dummy --stage tables", 2, "usage", "--stage api"),
    Misfortune(tables_only, "tail", 3, "stage", "liveinsight deploy"),
    Misfortune(deployed, "deploy --stage tables --yes", 3, "stage", "liveinsight destroy"),
    Misfortune(deployed, "deploy --dummy --yes", 3, "in_service", "--env trial"),
    Misfortune(configured, "init --no-input", 3, "exists", "--force"),
    Misfortune(nothing, "init --no-input --sites X!", 3, "configuration", "host names in lower case"),
    Misfortune(nothing, "init --no-input --hosted-zone-id Z1", 2, "usage", "--domain"),
    Misfortune(nothing, "init", 9, "declined", "--no-input"),
    Misfortune(damaged_ledger, "status", 3, "precondition", "releases.json"),
    Misfortune(nothing, "deploy --yes --plan none.tfplan", 3, "precondition", "plan --out none.tfplan"),
    Misfortune(nothing, "plan --out /nowhere/my.tfplan", 3, "unwritable", "/nowhere/my.tfplan"),
    Misfortune(full_of_garbage, "plan", 3, "state_damaged", "terraform.tfstate.backup"),
    Misfortune(bucket_of_somebody, "deploy --yes", 3, "state_bucket", "belongs to somebody else"),
    Misfortune(bucket_of_somebody, "state bootstrap --yes", 3, "state_bucket", "Nothing was changed"),
    Misfortune(
        bucket_not_there, "deploy --yes", 3, "state_bucket", "liveinsight state bootstrap --env local"
    ),
    Misfortune(nothing, "state migrate --to s3", 3, "state_bucket", "liveinsight state bootstrap"),
    Misfortune(nothing, "state pull-local", 3, "not_remote", "can be copied"),
    Misfortune(retired_setting, "build", 3, "configuration", "liveinsight.toml:2"),
    Misfortune(nothing, "build --env account", 3, "configuration", "not an environment name"),
    Misfortune(state_lost, "deploy --yes", 3, "state_missing", "Bring back a copy"),
    Misfortune(state_of_the_future, "plan", 3, "terraform_older_than_state", "terraform 1.99.0 or newer"),
    Misfortune(token_cut_off, "deploy --yes", 3, "read_token", "remove the file"),
    Misfortune(token_that_is_no_text, "deploy --yes", 3, "read_token", "it is not text"),
    Misfortune(token_that_is_no_text, "stats", 3, "read_token", "it is not text"),
    Misfortune(wrong_account, "deploy --yes", 4, "wrong_account", "Nothing was changed"),
    Misfortune(expired_credentials, "deploy --yes", 4, "credentials", "Sign in again"),
    Misfortune(wrong_token, "stats", 4, "read_token", "deploy again"),
    Misfortune(locked, "deploy --yes", 5, "state_locked", "wait until the other command has ended"),
    *(
        Misfortune(somebody_deploys, command, 5, "state_locked", "destroy by kim, process 4711, for 4 min")
        for command in ("deploy --yes", "plan")
    ),
    Misfortune(failing_apply, "deploy --yes", 6, "terraform", "The next deploy goes on"),
    Misfortune(aws_that_ends, "deploy --yes", 6, "aws_unreachable", "127.0.0.1:4750 refuses connections"),
    Misfortune(broken_function, "deploy --yes", 7, "smoke_test", "stats-api"),
    Misfortune(forgetful_api, "deploy --yes", 8, "health_check", "does not list it"),
    Misfortune(nothing, "deploy", 9, "declined", "--yes"),
    Misfortune(deployed, "destroy", 9, "declined", "--yes"),
]


@pytest.fixture
def scene(liveinsight: CommandLine, world: World) -> Iterator[Scene]:
    made = Scene(liveinsight, world)
    yield made
    for handle in made.held:
        os.close(handle)


@pytest.mark.parametrize("one", MISFORTUNES, ids=lambda one: f"{one.command}: {one.arrange.__name__}")
def test_a_misfortune_is_one_clear_error_with_the_next_step(scene: Scene, one: Misfortune) -> None:
    one.arrange(scene)
    done = scene.liveinsight(*one.command.split())
    assert done.code == one.code, done.err
    assert done.err.count("error: ") == 1
    assert one.says in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


@pytest.mark.parametrize("one", MISFORTUNES, ids=lambda one: f"{one.command}: {one.arrange.__name__}")
def test_a_misfortune_as_json_is_one_object_and_nothing_else(scene: Scene, one: Misfortune) -> None:
    one.arrange(scene)
    done = scene.liveinsight(*one.command.split(), "--json")
    assert done.code == one.code
    assert done.err == ""
    answer = json.loads(done.out)
    words = one.command.split()
    name = "cli" if words == ["nope"] else "-".join(words[:2] if words[0] == "state" else words[:1])
    assert answer["schema"] == f"liveinsight.{name}/1"
    assert (answer["ok"], answer["error"]["code"]) == (False, one.error)
    assert one.says in f"{answer['error']['message']} {answer['error']['hint']}"


def test_done_is_0_and_so_is_nothing_to_do(scene: Scene) -> None:
    scene.deployed()
    for command in (
        "deploy --yes",
        "plan --detailed-exitcode",
        "status",
        "doctor",
        "outputs",
        "build --check",
    ):
        done = scene.liveinsight(*command.split(), "--json")
        assert (done.code, json.loads(done.out)["ok"], done.err) == (0, True, ""), command


@pytest.mark.parametrize(
    ("command", "code"), [("plan --detailed-exitcode", 10), ("doctor --terraform /nowhere/terraform", 3)]
)
def test_an_answer_that_is_no_success_is_not_ok_and_holds_its_data(
    scene: Scene, command: str, code: int
) -> None:
    assert scene.liveinsight(*command.split()).code == code
    done = scene.liveinsight(*command.split(), "--json")
    answer = json.loads(done.out)
    assert (done.code, answer["ok"]) == (code, False)
    assert answer["data"]


class CtrlC(io.StringIO):
    """Somebody who answers every question with Ctrl-C."""

    def isatty(self) -> bool:
        return True

    def readline(self, *_: object) -> str:
        raise KeyboardInterrupt


def test_ctrl_c_at_the_question_is_130_and_changes_nothing(scene: Scene) -> None:
    scene.liveinsight.prepare.append(lambda context: setattr(context.terminal, "stdin", CtrlC()))
    done = scene.liveinsight("deploy", stdin="")
    assert done.code == 130
    assert done.err.endswith(
        "error: Interrupted.\n  Run the command again; what takes several steps goes on where it was.\n"
    )
    assert "apply" not in scene.world.terraform.verbs
    assert scene.world.aws.writes == []


@pytest.mark.parametrize("command", ["deploy --yes", "plan", "destroy --yes"])
def test_on_a_full_disk_nothing_is_begun(scene: Scene, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.deployed()
    before = len(scene.world.terraform.verbs)
    monkeypatch.setattr(files, "NEEDED_BYTES", 2**62)
    done = scene.liveinsight(*command.split())
    assert done.code == 3
    assert "Make room" in done.err
    assert len(scene.world.terraform.verbs) == before


def test_a_name_of_an_environment_is_never_a_path(scene: Scene) -> None:
    scene.liveinsight("build", "--env", "../../elsewhere")
    assert not (scene.world.project.parent / "elsewhere").exists()


@pytest.mark.parametrize("command", ["build", "plan"])
def test_git_leaves_alone_what_a_command_writes(scene: Scene, command: str) -> None:
    scene.liveinsight(command)
    assert Path(scene.world.project, ".liveinsight", ".gitignore").read_text() == "*\n"
