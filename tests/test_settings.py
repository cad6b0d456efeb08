"""Settings: precedence, origins, and errors that say where."""

from pathlib import Path

import pytest

from liveinsight_cli.errors import ConfigurationError
from liveinsight_cli.settings import Settings, resolve

CONFIG = """\
[default]
region = "eu-west-1"
memory_mb = 512

[env.dev]
memory_mb = 1024
sites = ["example.com"]
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "liveinsight.toml"
    path.write_text(text)
    return path


def test_a_flag_wins_over_a_variable_over_the_environment_over_the_default_over_the_built_in(
    tmp_path: Path,
) -> None:
    config = write(tmp_path, CONFIG)

    def memory(
        flags: dict[str, object], variables: dict[str, str], environment: str = "dev"
    ) -> tuple[int, str]:
        found = resolve(environment, config, flags, variables)
        return found.values.memory_mb, found.origins["memory_mb"]

    assert memory({"memory_mb": 128}, {"LIVEINSIGHT_MEMORY_MB": "256"}) == (128, "--memory-mb")
    assert memory({}, {"LIVEINSIGHT_MEMORY_MB": "256"}) == (256, "LIVEINSIGHT_MEMORY_MB")
    assert memory({}, {}) == (1024, f"{config}:6")
    assert memory({}, {}, "prod") == (512, f"{config}:3")
    assert resolve("dev", tmp_path / "none.toml", {}, {}).values.memory_mb == Settings().memory_mb


def test_local_is_embedded_and_prod_is_protected_unless_told_otherwise(tmp_path: Path) -> None:
    nothing = tmp_path / "liveinsight.toml"
    assert resolve("local", nothing, {}, {}).values.target == "embedded"
    assert resolve("dev", nothing, {}, {}).values.target == "aws"
    assert resolve("prod", nothing, {}, {}).values.protected
    config = write(tmp_path, "[env.prod]\nprotected = false\n")
    assert not resolve("prod", config, {}, {}).values.protected


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("[default]\nregion = eu\n", ":2", "not valid TOML"),
        ("[default]\nreigon = 'eu-west-1'\n", ":2", "unknown setting 'reigon'"),
        ("[default]\n\nmemory_mb = '512'\n", ":3", "must be a whole number"),
        ("[default]\nmemory_mb = 3\n", ":2", "not allowed"),
        ("[env.prod]\naccount_id = 123456789012\n", ":2", "must be a string"),
        ("[env.dev]\nallowed_origins = []\n", ":2", "not allowed"),
        ("[env.dev]\nsites = ['EXAMPLE.com']\n", ":2", "not allowed"),
        ("[env.dev]\ntarget = 'azure'\n", ":2", "must be 'embedded' or 'aws'"),
        ("[defaults]\nregion = 'eu-west-1'\n", ":1", "unknown section"),
        ("[env.local]\nhosted_zone_id = 'Z1'\n", ":2", "domain is not"),
        ("[default]\ndomain = 'stats.example.com'\n", ":2", "stands in [default]"),
        ("env = 3\n", "", "must be a table"),
        ("default = 3\n", "", "must be a table"),
    ],
)
def test_a_wrong_file_names_the_line_and_the_rule(tmp_path: Path, text: str, place: str, says: str) -> None:
    config = write(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        resolve("local", config, {}, {})
    assert f"{config}{place}" in caught.value.message
    assert says in caught.value.message


def test_a_misspelt_setting_is_answered_with_the_near_one(tmp_path: Path) -> None:
    config = write(tmp_path, "[default]\nreigon = 'eu-west-1'\n")
    with pytest.raises(ConfigurationError) as caught:
        resolve("local", config, {}, {})
    assert caught.value.hint == "Did you mean 'region'?"


@pytest.mark.parametrize(
    ("variable", "text", "says"),
    [
        ("LIVEINSIGHT_PROTECTED", "maybe", "neither true nor false"),
        ("LIVEINSIGHT_MEMORY_MB", "lots", "not a whole number"),
        ("LIVEINSIGHT_REGION", "Seoul", "not allowed"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, variable: str, text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=variable) as caught:
        resolve("dev", tmp_path / "none.toml", {}, {variable: text})
    assert says in caught.value.message


def test_lists_in_variables_are_comma_separated(tmp_path: Path) -> None:
    found = resolve("dev", tmp_path / "none.toml", {}, {"LIVEINSIGHT_SITES": "a.example, b.example"})
    assert found.values.sites == ["a.example", "b.example"]


def test_the_zone_of_all_environments_is_used_where_there_is_a_host_name(tmp_path: Path) -> None:
    config = write(tmp_path, "[default]\nhosted_zone_id = 'Z1'\n[env.prod]\ndomain = 'stats.example.com'\n")
    assert resolve("prod", config, {}, {}).values.hosted_zone_id == "Z1"
    assert resolve("dev", config, {}, {}).values.hosted_zone_id is None


@pytest.mark.parametrize("name", ["", "Prod", "9", "a" * 21, "a/b", "..", "a b", "dev-", "aws"])
def test_an_environment_name_that_would_not_fit_resource_names_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="environment name"):
        resolve(name, tmp_path / "none.toml", {}, {})


def test_the_account_of_all_environments_is_not_that_of_the_embedded_aws(tmp_path: Path) -> None:
    config = write(tmp_path, '[default]\naccount_id = "999999999999"\n')
    assert resolve("local", config, {}, {}).values.account_id is None
    assert resolve("dev", config, {}, {}).values.account_id == "999999999999"
    config = write(tmp_path, '[env.local]\naccount_id = "999999999999"\n')
    assert resolve("local", config, {}, {}).values.account_id == "999999999999"
