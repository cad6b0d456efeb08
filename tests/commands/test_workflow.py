"""Commands as steps of GitHub Actions: what the runner sees in the log, in the summary and in the outputs."""

import json
import re
from pathlib import Path

import pytest

from liveinsight_cli.assets import terraform_sources
from tests.adapters.fake_terraform import VERSION_EVENT, error_event
from tests.commands.world import World
from tests.conftest import REPOSITORY, CommandLine

COMMAND = re.compile(r"^\s*::([a-z-]+)(?: [^:]*)?::", re.MULTILINE)


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The runner's directory, with the summary and the outputs of the step."""
    for name, value in {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(REPOSITORY),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "outputs"),
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def outputs(directory: Path) -> dict[str, str]:
    text = (directory / "outputs").read_text()
    return dict(re.findall(r"^(\w+)<<(?:end-[0-9a-f-]+)\n(.*)\nend-", text, re.MULTILINE))


def test_a_deploy_is_grouped_summed_up_and_tells_its_outputs(
    github: Path, liveinsight: CommandLine, world: World
) -> None:
    done = liveinsight("deploy", "--yes", "--env", "local")
    assert done.code == 0, done.err
    titles = re.findall(r"^::group::(.*)$", done.err, re.MULTILINE)
    assert titles[:2] == ["Planning", "Applying"]
    assert done.err.count("::endgroup::") == len(titles)
    assert "[1/" in done.err[done.err.index("::group::Applying") :]

    told = outputs(github)
    assert (told["changed"], told["api_gateway_url"], told["has_changes"]) == ("true", world.api.url, "true")
    assert told["release"] == json.loads((world.files / "releases.json").read_text())["releases"][-1]["id"]
    summary = (github / "summary.md").read_text()
    assert "### Plan for `local`: 37 to create" in summary
    assert "| Lambda | " in summary
    assert "### `local` is deployed" in summary


def test_the_read_token_is_never_shown(github: Path, liveinsight: CommandLine, world: World) -> None:
    shown = ""
    for command in ("deploy --yes", "deploy --yes --json", "status", "status --json"):
        done = liveinsight(*command.split())
        shown += done.out + done.err
        world.will_not_change()
    shown += (github / "summary.md").read_text() + (github / "outputs").read_text()
    assert (world.files / "read-token").read_text().strip() not in shown


def test_nothing_to_do_is_said_so(github: Path, liveinsight: CommandLine, world: World) -> None:
    liveinsight("deploy", "--yes")
    (github / "outputs").unlink()
    world.will_not_change()
    assert liveinsight("deploy", "--yes").code == 0
    assert outputs(github)["changed"] == "false"


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_plan_with_changes_is_no_error(
    github: Path, liveinsight: CommandLine, world: World, option: list[str]
) -> None:
    done = liveinsight("plan", "--detailed-exitcode", *option)
    assert done.code == 10
    assert "::error" not in done.err
    assert outputs(github) == {"has_changes": "true", "changes": "37"}
    assert (github / "summary.md").read_text().count("### Plan") == 1


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_an_error_of_terraform_is_shown_at_the_line_of_the_repository(
    github: Path, liveinsight: CommandLine, world: World, option: list[str]
) -> None:
    place = {"filename": "main.tf", "start": {"line": 7}}
    text = error_event("Invalid, thing", "100% wrong:\nno", range=place, address="aws_x.y")
    text += error_event("Elsewhere", range={"filename": "of-nobody.tf", "start": {"line": 1}})
    world.terraform.says("plan", text=VERSION_EVENT + text, exit_code=1)
    done = liveinsight("plan", *option)
    assert done.code == 6
    directory = terraform_sources().relative_to(REPOSITORY)
    assert (
        f"\n::error file={directory}/main.tf,line=7,title=Invalid%2C thing::aws_x.y: 100%25 wrong:%0Ano\n"
        in f"\n{done.err}"
    )
    assert "\n::error title=Elsewhere::Elsewhere\n" in done.err
    assert done.err.count("\n::endgroup::\n") == done.err.count("::group::")
    if option:
        assert json.loads(done.out)["error"]["code"] == "terraform"


def test_of_an_installed_tool_the_line_is_that_of_the_checkout_while_both_are_the_same(
    github: Path, liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    twin = tmp_path / "checkout" / "terraform" / "main.tf"
    twin.parent.mkdir(parents=True)
    twin.write_bytes((terraform_sources() / "main.tf").read_bytes())
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path / "checkout"))
    text = error_event("Wrong", range={"filename": "main.tf", "start": {"line": 7}})
    world.terraform.says("plan", text=VERSION_EVENT + text, exit_code=1)
    assert "::error file=terraform/main.tf,line=7,title=Wrong::Wrong\n" in liveinsight("plan").err
    twin.write_text("# another version\n")
    assert "::error title=Wrong::Wrong\n" in liveinsight("plan").err


def test_a_mistake_in_the_configuration_is_shown_at_its_line(
    github: Path, liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(world.project))
    (world.project / "liveinsight.toml").write_text("[default]\nregion = \n")
    assert "::error file=liveinsight.toml,line=2::" in liveinsight("build").err


def test_wrong_words_are_an_error_too(github: Path, liveinsight: CommandLine) -> None:
    assert liveinsight("deploy", "--nope").err.startswith("::error::")


def test_a_warning_is_one(github: Path, liveinsight: CommandLine, world: World) -> None:
    (world.project / "liveinsight.toml").write_text("[default\n")
    liveinsight("local", "status")
    assert "::warning title=liveinsight::" in liveinsight("local", "status").err


@pytest.mark.parametrize("text", ["::set-output name=release::evil", "  ::add-mask::e", "x ##[group]y"])
def test_what_terraform_says_is_never_a_command(
    github: Path, liveinsight: CommandLine, world: World, text: str
) -> None:
    world.terraform.says("plan", text=f"{VERSION_EVENT}{text}\n{error_event(text, text)}", exit_code=1)
    done = liveinsight("plan")
    assert done.code == 6
    assert set(COMMAND.findall(done.out + done.err)) == {"group", "endgroup", "error"}
    assert "##[" not in re.sub(r"^::error .*$", "", done.out + done.err, flags=re.MULTILINE)


def test_a_summary_that_cannot_be_written_is_a_warning(
    github: Path, liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(github))
    done = liveinsight("deploy", "--yes")
    assert done.code == 0
    assert "::warning title=liveinsight::GITHUB_STEP_SUMMARY cannot be written" in done.err


@pytest.mark.parametrize("variable", ["CI", "GITHUB_ACTIONS"])
def test_elsewhere_nothing_of_it_is_seen(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "false")
    done = liveinsight("deploy", "--yes")
    assert done.code == 0
    assert "::" not in done.err
    assert "#token=" in done.out


def test_in_ci_nobody_is_asked_though_there_is_a_terminal(
    liveinsight: CommandLine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    done = liveinsight("deploy", stdin="y\n")
    assert (done.code, "apply" in world.terraform.verbs) == (9, False)
    assert "--yes" in done.err
