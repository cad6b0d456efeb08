"""`liveinsight init`: the file it writes, the questions it asks, what it refuses."""

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.context import Context
from liveinsight_cli.core.setting_themes import by_theme
from liveinsight_cli.errors import CredentialsError
from liveinsight_cli.settings import Settings, resolve
from tests.commands.world import FakeAws
from tests.conftest import CommandLine

SET = re.compile(r"^# ?(?P<line>[a-z_]+ = .+)$", re.MULTILINE)


@pytest.fixture
def aws(liveinsight: CommandLine) -> FakeAws:
    """Credentials of account 123456789012 are at hand."""
    made = FakeAws()

    def compose(context: Context) -> None:
        context.variables = {}
        context.real_aws = lambda *_: made  # type: ignore[assignment,method-assign,return-value]

    liveinsight.prepare.append(compose)
    return made


@pytest.fixture
def nobody(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no credentials."""

    def refuse(_: object) -> str:
        raise CredentialsError("No AWS credentials were found.")

    monkeypatch.setattr(FakeAws, "account", refuse)


def sections(path: Path = Path("liveinsight.toml")) -> dict[str, Any]:
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    return {"default": found["default"], **found["env"]}


@pytest.mark.usefixtures("aws")
def test_with_nothing_but_defaults_the_settings_stay_as_they_are_built_in(
    liveinsight: CommandLine, tmp_path: Path
) -> None:
    assert liveinsight("init", "--no-input").code == 0
    for name in ("dev", "prod"):
        found = resolve(name, Path.cwd() / "liveinsight.toml", {}, {}).values
        built_in = resolve(name, tmp_path / "none.toml", {"account_id": "123456789012"}, {}).values
        assert found == built_in


@pytest.mark.usefixtures("nobody")
@pytest.mark.parametrize("place", ["--aws", "--laptop"])
def test_every_setting_behind_a_hash_is_the_built_in_one_or_a_possible_one(
    liveinsight: CommandLine, tmp_path: Path, place: str
) -> None:
    liveinsight("init", "--no-input", place)
    written = Path("liveinsight.toml")
    examples = set(re.findall(r"^# ([a-z_]+) = .*an example", written.read_text(), re.MULTILINE))
    opened = tmp_path / "opened.toml"
    opened.write_text(SET.sub(r"\g<line>", written.read_text()))
    names = {name for values in sections(opened).values() for name in values}
    left_out = (
        {"target"} if place == "--aws" else {"target"} | (names ^ {one.name for one in fields(Settings)})
    )
    assert names | left_out == {one.name for one in fields(Settings)}
    for environment in ("dev", "prod") if place == "--aws" else ("local",):
        found = resolve(environment, opened, {}, {}).values  # every example keeps its rule
        built_in = resolve(environment, tmp_path / "none.toml", {}, {}).values
        differing = {
            one.name for one in fields(Settings) if getattr(found, one.name) != getattr(built_in, one.name)
        }
        assert differing <= examples


@pytest.mark.usefixtures("aws")
def test_answers_go_into_the_sections_they_belong_to(liveinsight: CommandLine) -> None:
    answers = [
        *("", "eu-west-1", "", "example.com, shop.example", "https://example.com"),
        *("ops@example.com", "stats.example.com", "Z0123456789", "y"),
    ]
    done = liveinsight("init", stdin="\n".join(answers) + "\n")
    assert done.code == 0, done.err
    assert "Account [123456789012; - for none]: " in done.err
    assert sections() == {
        "default": {
            "region": "eu-west-1",
            "account_id": "123456789012",
            "sites": ["example.com", "shop.example"],
        },
        "dev": {},
        "prod": {
            "allowed_origins": ["https://example.com"],
            "alarm_email": "ops@example.com",
            "domain": "stats.example.com",
            "hosted_zone_id": "Z0123456789",
            "waf": True,
        },
    }
    assert done.out.splitlines()[-4:] == [
        f"  liveinsight {command} --env dev" for command in ("config show", "doctor", "plan", "deploy")
    ]


@pytest.mark.usefixtures("aws")
def test_an_answer_that_breaks_a_rule_is_asked_for_again(liveinsight: CommandLine) -> None:
    answers = ["b", "a", "Seoul", "", "12", "-", "", "nobody", "-", "", "maybe", "no"]
    done = liveinsight("init", stdin="\n".join(answers) + "\n")
    assert done.code == 0, done.err
    assert "Answer a or m." in done.err
    for rule in ("a region name such as", "12 digits", "an e-mail address", "neither true nor false"):
        assert rule in done.err
    assert sections() == {"default": {"region": "ap-northeast-2"}, "dev": {}, "prod": {}}


@pytest.mark.usefixtures("aws")
def test_who_stops_answering_gets_no_file(liveinsight: CommandLine) -> None:
    done = liveinsight("init", stdin="a\neu-west-1\n")
    assert (done.code, Path("liveinsight.toml").exists()) == (9, False)


@pytest.mark.usefixtures("nobody")
def test_without_credentials_no_account_is_proposed(liveinsight: CommandLine) -> None:
    done = liveinsight("init", "--aws", stdin="\n" * 9)
    assert "Account: " in done.err
    assert "account_id" not in sections()["default"]


@pytest.mark.usefixtures("aws")
def test_flags_answer_and_nobody_is_asked_for_them(liveinsight: CommandLine) -> None:
    flags = "--aws --region eu-west-1 --account-id 999999999999 --sites shop.example --origins https://shop.example"
    more = "--alarm-email ops@example.com --domain s.example.com --hosted-zone-id Z1 --no-waf"
    done = liveinsight("init", *flags.split(), *more.split(), stdin="")
    assert (done.code, done.err) == (0, "")
    found = sections()
    assert found["default"]["account_id"] == "999999999999"
    assert found["prod"]["allowed_origins"] == ["https://shop.example"]
    assert "waf" not in found["prod"]


@pytest.mark.usefixtures("aws")
def test_json_names_the_file_and_what_it_sets(liveinsight: CommandLine, project: Path) -> None:
    done = liveinsight("init", "--no-input", "--laptop", "--sites", "shop.example", "--json")
    answer = json.loads(done.out)
    assert (answer["schema"], answer["ok"]) == ("liveinsight.init/1", True)
    assert answer["data"]["path"] == str(project / "liveinsight.toml")
    assert answer["data"]["sections"] == {"default": {"sites": ["shop.example"]}, "env.local": {}}


@pytest.mark.usefixtures("aws")
def test_a_file_that_is_there_is_kept_unless_told_otherwise(liveinsight: CommandLine) -> None:
    Path("liveinsight.toml").write_text("not valid")
    assert liveinsight("init", "--no-input").code == 3
    assert Path("liveinsight.toml").read_text() == "not valid"
    assert liveinsight("init", "--no-input", "--force").code == 0
    assert "default" in sections()


@pytest.mark.usefixtures("aws")
def test_the_file_of_a_directory_above_is_named(
    liveinsight: CommandLine, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "liveinsight.toml").touch()
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    done = liveinsight("init", "--no-input")
    assert done.code == 0
    assert f"instead of {project / 'liveinsight.toml'}" in done.err


def test_every_setting_has_its_theme() -> None:
    grouped = dict(by_theme(one.name for one in fields(Settings)))
    assert "More" not in grouped
    assert sorted(name for names in grouped.values() for name in names) == sorted(
        one.name for one in fields(Settings)
    )


@pytest.mark.parametrize("text", ["[default]\nreigon = 'eu-west-1'\n", "[default\n"])
@pytest.mark.parametrize("command", ["outputs", "local status", "local logs", "local down"])
def test_what_needs_no_setting_works_with_a_broken_file_and_says_so(
    liveinsight: CommandLine, text: str, command: str
) -> None:
    Path("liveinsight.toml").write_text(text)
    done = liveinsight(*command.split())
    assert "warning: " in done.err
    assert "liveinsight.toml:" in done.err
    assert "error: " not in done.err or "never deployed" in done.err
