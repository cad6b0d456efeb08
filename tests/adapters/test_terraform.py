"""The terraform runner, against an executable that replays recorded streams."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from liveinsight_cli.adapters.terraform import Terraform
from liveinsight_cli.adapters.terraform_environment import Target
from liveinsight_cli.core.recovery import Creation, Found
from liveinsight_cli.errors import CredentialsError, PreconditionError, StateLocked, TerraformFailed
from liveinsight_cli.project import Project
from liveinsight_cli.terminal import Terminal
from tests.adapters.fake_terraform import VERSION_EVENT, FakeTerraform, error_event, event

MAIN = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
resource "x" "y" {}
"""


@pytest.fixture
def fake(tmp_path: Path) -> FakeTerraform:
    return FakeTerraform.install(tmp_path / "fake")


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    root = tmp_path / "terraform"
    (root / "tests").mkdir(parents=True)
    (root / "main.tf").write_text(MAIN)
    (root / "extra.tf").write_text("# extra\n")
    (root / "tests" / "stack.tftest.hcl").write_text("")
    (root / "terraform.tfstate").write_text("not mine")
    return root


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    from liveinsight_cli.adapters.terraform_provider import target

    root = tmp_path / "mirror"
    (root / "registry.terraform.io/hashicorp/aws/5.100.0" / target()).mkdir(parents=True)
    return root


@pytest.fixture
def make(project: Path, fake: FakeTerraform, sources: Path, mirror: Path) -> Callable[..., Terraform]:
    def made(**variables: str) -> Terraform:
        found = Project(project, project / "liveinsight.toml")
        home = {"PATH": fake.on_path(), "HOME": str(project)}
        return Terraform(
            project=found,
            files=found.environment("local"),
            terminal=Terminal(quiet=True),
            variables=home | variables,
            chosen_mirror=str(mirror),
            target=Target("ap-northeast-2", endpoint_url="http://127.0.0.1:1"),
            sources=sources,
            now=lambda: 1795469570.0,
        )

    return made


def planned(terraform: Terraform) -> Path:
    return terraform.files.root / "deploy.tfplan"


def test_the_sources_are_copied_without_tests_and_leftovers(make: Callable[..., Terraform]) -> None:
    terraform = make()
    terraform.prepare({"project": "x"})
    names = {path.name for path in terraform.files.stack.iterdir() if not path.name.startswith(".")}
    assert names == {"main.tf", "extra.tf", "terraform.tfvars.json", "liveinsight_backend_override.tf.json"}
    assert json.loads((terraform.files.stack / "terraform.tfvars.json").read_text()) == {"project": "x"}
    backend = json.loads((terraform.files.stack / "liveinsight_backend_override.tf.json").read_text())
    assert backend["terraform"]["backend"]["local"]["path"] == "../terraform.tfstate"


def test_what_changed_is_copied_and_what_is_gone_is_removed(
    make: Callable[..., Terraform], sources: Path
) -> None:
    terraform = make()
    terraform.prepare({})
    before = (terraform.files.stack / "main.tf").stat().st_mtime_ns
    (sources / "extra.tf").unlink()
    (sources / "new.tf").write_text("# new\n")
    terraform.prepare({})
    assert not (terraform.files.stack / "extra.tf").exists()
    assert (terraform.files.stack / "new.tf").exists()
    assert (terraform.files.stack / "main.tf").stat().st_mtime_ns == before


def test_what_may_be_secret_is_for_this_user_alone(
    make: Callable[..., Terraform], fake: FakeTerraform, project: Path
) -> None:
    (project / ".terraformrc").write_text('credentials "app.terraform.io" { token = "x" }')
    terraform = make()
    terraform.prepare({})
    fake.says("plan")
    terraform.look(planned(terraform))
    kept = [terraform.workspace.cli_configuration, planned(terraform), *terraform.files.logs.iterdir()]
    assert "app.terraform.io" in kept[0].read_text()
    assert {path.stat().st_mode & 0o077 for path in kept} == {0}
    installed = terraform.files.stack / ".terraform"
    assert installed.stat().st_mode == project.stat().st_mode  # in a cache, others may need it


def test_git_never_sees_the_state(make: Callable[..., Terraform], project: Path) -> None:
    make().prepare({})
    assert (project / ".liveinsight" / ".gitignore").read_text() == "*\n"


def test_init_is_done_once_and_again_only_when_something_it_depends_on_changed(
    make: Callable[..., Terraform], fake: FakeTerraform, sources: Path
) -> None:
    make().prepare({})
    make().prepare({"other": "variables"})
    (sources / "extra.tf").write_text("# another resource\n")
    make().prepare({})
    assert fake.verbs == ["init"]
    (sources / "main.tf").write_text(MAIN.replace("hashicorp/aws", "elsewhere/aws"))
    make().prepare({})
    assert fake.verbs == ["init", "init"]


def test_a_plan_is_one_process_and_says_what_changes(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    fake.says("plan", stream="plan-create", exit_code=2)
    terraform = make()
    terraform.prepare({})
    plan = terraform.plan(planned(terraform))
    assert plan.has_changes
    assert {one.service for one in plan.services} >= {"DynamoDB", "Lambda", "API Gateway"}
    assert fake.verbs == ["init", "plan"]
    arguments, environment, directory, pid, group = fake.calls[-1]
    assert {"-json", "-input=false", "-no-color", "-detailed-exitcode"} <= set(arguments)
    assert Path(directory) == terraform.files.stack
    assert pid == group
    assert environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"


def test_an_empty_plan_has_no_changes(make: Callable[..., Terraform], fake: FakeTerraform) -> None:
    fake.says("plan", stream="plan-no-changes")
    terraform = make()
    terraform.prepare({})
    plan = terraform.plan(planned(terraform))
    assert not plan.has_changes
    assert plan.changes == ()


def test_an_apply_gives_progress_and_outputs_and_keeps_the_raw_stream(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    fake.says("apply", stream="apply-create")
    terraform = make()
    terraform.prepare({})
    seen: list[object] = []
    outputs = terraform.apply(planned(terraform), seen.append)
    assert outputs["stage_name"] == "v1"
    assert len(seen) > 50
    (log,) = terraform.files.logs.glob("*-apply.jsonl")
    assert log.read_text() == (fake.directory / "apply.jsonl").read_text()


def test_outputs_are_asked_for_where_the_stream_has_none(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    fake.says("apply", text=VERSION_EVENT)
    fake.says("output", text=json.dumps({"region": {"value": "eu-west-1", "type": "string"}}))
    terraform = make()
    terraform.prepare({})
    assert terraform.apply(planned(terraform)) == {"region": "eu-west-1"}


def test_variables_that_would_spoil_the_stream_do_not_reach_terraform(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    spoiling = {
        "TF_CLI_ARGS": "-no-color",
        "TF_CLI_ARGS_plan": "-destroy",
        "TF_LOG": "trace",
        "TF_DATA_DIR": "/nowhere",
        "TF_VAR_project": "other",
        "TF_WORKSPACE": "other",
        "TF_CLI_CONFIG_FILE": "/nowhere/at/all",
        "AWS_PROFILE": "mine",
        "AWS_SESSION_TOKEN": "secret",
    }
    make(**spoiling).prepare({})
    environment = fake.calls[-1][1]
    assert environment.keys().isdisjoint(spoiling.keys() - {"TF_CLI_CONFIG_FILE"})
    assert environment["TF_CLI_CONFIG_FILE"].endswith(".liveinsight/local/stack/.terraformrc")
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert (environment["CHECKPOINT_DISABLE"], environment["TF_IN_AUTOMATION"]) == ("1", "1")


def test_a_failure_names_resource_place_lines_and_the_raw_stream(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    place = {"filename": "dynamodb.tf", "start": {"line": 12}}
    snippet = {"code": 'resource "aws_dynamodb_table" "events" {', "start_line": 12, "context": None}
    line = error_event(
        "creating table", "LimitExceeded", address="aws_dynamodb_table.events", range=place, snippet=snippet
    )
    fake.says("apply", text=VERSION_EVENT + line, exit_code=1)
    terraform = make()
    terraform.prepare({})
    with pytest.raises(TerraformFailed) as caught:
        terraform.apply(planned(terraform))
    text = caught.value.message
    for part in (
        "creating table",
        "LimitExceeded",
        "aws_dynamodb_table.events",
        "stack/dynamodb.tf:12",
        "12 | resource",
    ):
        assert part in text
    assert "-apply.jsonl" in str(caught.value.hint)


def test_words_are_shown_where_terraform_crashed(make: Callable[..., Terraform], fake: FakeTerraform) -> None:
    fake.says("plan", text="panic: runtime error\ngoroutine 1\n", exit_code=2)
    fake.says("plan", text="panic: runtime error\n", exit_code=11)
    terraform = make()
    terraform.prepare({})
    with pytest.raises(TerraformFailed, match="panic: runtime error"):
        terraform.plan(planned(terraform))


def test_a_locked_state_names_who_since_when_and_which(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    fake.says("plan", stream="plan-locked", exit_code=1)
    terraform = make()
    terraform.prepare({})
    with pytest.raises(StateLocked) as caught:
        terraform.plan(planned(terraform))
    for part in ("root@vm", "Apply", "10 s", "25147bad"):
        assert part in caught.value.message


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (error_event("No valid credential sources found"), CredentialsError),
        (error_event("Saved plan is stale"), PreconditionError),
        (error_event("something else"), TerraformFailed),
    ],
)
def test_failures_have_their_own_errors(
    make: Callable[..., Terraform], fake: FakeTerraform, line: str, kind: type[Exception]
) -> None:
    fake.says("apply", text=VERSION_EVENT + line, exit_code=1)
    terraform = make()
    terraform.prepare({})
    with pytest.raises(kind):
        terraform.apply(planned(terraform))


def test_an_unknown_major_version_of_the_stream_is_refused_and_terraform_ended(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    fake.says("plan", text=event("version", terraform="9.0.0", ui="2.0"))
    terraform = make()
    terraform.prepare({})
    with pytest.raises(PreconditionError, match=r"2\.0"):
        terraform.plan(planned(terraform))
    pid = fake.calls[-1][3]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_working_copy_that_lost_its_init_is_initialised_again(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    fake.says("plan", text=VERSION_EVENT + error_event("Module not installed"), exit_code=1)
    terraform = make()
    terraform.prepare({})
    with pytest.raises(TerraformFailed):
        terraform.plan(planned(terraform))
    assert fake.verbs == ["init", "plan", "init", "plan"]


def test_a_provider_that_is_not_on_record_is_taken_from_a_mirror_with_a_warning(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    line = error_event("Failed to install provider", "doesn't match any of the checksums previously recorded")
    fake.says("init", text=line, exit_code=1)
    terraform = make()
    with pytest.raises(PreconditionError):
        terraform.prepare({})
    assert fake.verbs == ["init", "init"]
    assert "not the one on record" in terraform.terminal.warnings[0]


def test_old_raw_streams_are_cleared_away(make: Callable[..., Terraform], fake: FakeTerraform) -> None:
    terraform = make()
    terraform.files.logs.mkdir(parents=True)
    for number in range(60):
        (terraform.files.logs / f"20200101-0000{number:02}-1-plan.jsonl").touch()
    terraform.prepare({})
    assert len(list(terraform.files.logs.iterdir())) == 40


def test_the_raw_stream_of_an_unfinished_apply_outlives_many_plans(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    terraform = make()
    interrupted_in_a_creation(terraform, fake)
    for number in range(60):
        (terraform.files.logs / f"20990101-0000{number:02}-1-plan.jsonl").touch()
    fake.says("plan")
    terraform.look(planned(terraform))
    assert terraform.unfinished.creations() == {"aws_iam_role.x"}


def test_what_an_interrupted_apply_left_tainted_is_taken_over(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    resource = {"addr": "aws_lambda_function.x", "resource_type": "aws_lambda_function", "resource_name": "x"}
    change = {"resource": resource, "action": "replace", "reason": "tainted"}
    fake.says("plan", text=VERSION_EVENT + event("planned_change", change=change), exit_code=2)
    terraform = make()
    terraform.prepare({})
    looked = terraform.plan(planned(terraform), untaints=False)
    assert (fake.verbs, looked.kept_by_deploy) == (["init", "plan"], ("aws_lambda_function.x",))
    terraform.plan(planned(terraform))
    assert fake.verbs[2:] == ["plan", "untaint", "plan"]
    assert fake.calls[-2][0][-1] == "aws_lambda_function.x"
    terraform.plan(planned(terraform), destroy=True)
    assert fake.verbs[-1:] == ["plan"]


ROLE = {"addr": "aws_iam_role.x", "resource_type": "aws_iam_role", "resource_name": "x"}


def interrupted_in_a_creation(terraform: Terraform, fake: FakeTerraform, more: str = "") -> None:
    """Apply a plan that creates a role, to an end that leaves open whether there is one; plan it again."""
    begun = event("apply_start", hook={"resource": ROLE, "action": "create"})
    fake.says("apply", text=VERSION_EVENT + begun + more, exit_code=1)
    terraform.prepare({})
    with pytest.raises(TerraformFailed):
        terraform.apply(planned(terraform))
    change = event("planned_change", change={"resource": ROLE, "action": "create"})
    fake.says("plan", text=VERSION_EVENT + change, exit_code=2)
    resource = {"address": "aws_iam_role.x", "type": "aws_iam_role"}
    shown = {"resource_changes": [{**resource, "change": {"actions": ["create"], "after": {"name": "x"}}}]}
    fake.says("show", text=json.dumps(shown))
    fake.says("output", text="{}")


def test_what_an_interrupted_apply_created_is_imported(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    terraform = make()
    asked: list[Creation] = []

    def search(wanted: Sequence[Creation]) -> Found:
        asked.extend(wanted)
        return Found({"aws_iam_role.x": "x-id"})

    terraform.search = search
    interrupted_in_a_creation(terraform, fake)
    terraform.plan(planned(terraform))
    assert asked == [Creation("aws_iam_role.x", "aws_iam_role", {"name": "x"}, "ap-northeast-2")]
    assert fake.verbs == ["init", "apply", "plan", "show", "plan"]
    assert fake.imports == {"aws_iam_role.x": "x-id"}
    assert len(list(terraform.files.logs.glob("*-plan*.jsonl"))) == 2
    assert not list(terraform.files.stack.glob("*imports*"))
    fake.says("apply")
    terraform.apply(planned(terraform))
    assert not terraform.unfinished.path.exists()


def test_what_was_there_before_is_not_imported_unless_asked_for(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    terraform = make()
    terraform.search = lambda _: Found({"aws_iam_role.x": "x-id"})
    refused = error_event("EntityAlreadyExists: Role x already exists", address="aws_iam_role.x")
    interrupted_in_a_creation(terraform, fake, refused)
    terraform.plan(planned(terraform))
    assert fake.verbs == ["init", "apply", "plan"]
    terraform.takes_over_all = True
    terraform.plan(planned(terraform))
    assert fake.verbs[3:] == ["plan", "show", "plan"]


def test_a_name_that_is_taken_is_explained(make: Callable[..., Terraform], fake: FakeTerraform) -> None:
    fake.says(
        "apply", text=VERSION_EVENT + error_event("EntityAlreadyExists: Role x already exists"), exit_code=1
    )
    terraform = make()
    terraform.prepare({})
    with pytest.raises(TerraformFailed) as caught:
        terraform.apply(planned(terraform))
    assert caught.value.code == "exists"
    assert "liveinsight deploy --take-over" in str(caught.value.hint)


def test_before_a_destroy_what_exists_comes_into_the_state(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    terraform = make()
    terraform.search = lambda _: Found({"aws_iam_role.x": "x-id"})
    terraform.take_in()
    assert fake.verbs == []
    interrupted_in_a_creation(terraform, fake)
    fake.says("apply")
    terraform.take_in()
    assert fake.verbs[2:] == ["plan", "show", "plan", "plan", "show", "plan", "apply"]
    assert fake.calls[-2][0][-2] == "-target=aws_iam_role.x"
    assert not terraform.unfinished.path.exists()


def test_a_deploy_of_a_part_leaves_open_what_was_begun_elsewhere(
    make: Callable[..., Terraform], fake: FakeTerraform
) -> None:
    terraform = make()
    interrupted_in_a_creation(terraform, fake)
    fake.says("plan", text=VERSION_EVENT)
    fake.says("apply")
    terraform.plan(planned(terraform), targets=["aws_dynamodb_table.events"])
    terraform.apply(planned(terraform))
    assert terraform.unfinished.creations() == {"aws_iam_role.x"}
    terraform.plan(planned(terraform))
    assert not terraform.unfinished.creations()
