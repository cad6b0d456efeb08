"""Where the AWS provider comes from: the user's word first, then what lies about, then the registry."""

import socket
from pathlib import Path

import pytest

from liveinsight_cli.adapters import terraform_provider
from liveinsight_cli.adapters.terraform_environment import basic_environment
from liveinsight_cli.adapters.terraform_provider import (
    ProviderSource,
    find_provider,
    holds_provider,
    require_registry,
    target,
)
from liveinsight_cli.errors import ConfigurationError, PreconditionError

REGISTRY = "registry.terraform.io"


def mirror_at(directory: Path, version: str = "5.100.0", *, packed: bool = False) -> Path:
    root = directory / REGISTRY / "hashicorp/aws"
    if packed:
        root.mkdir(parents=True)
        (root / f"terraform-provider-aws_{version}_{target()}.zip").touch()
    else:
        (root / version / target()).mkdir(parents=True)
    return directory


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def find(home: Path, *, chosen: str | None = None, opt: Path | None = None, **more: str) -> ProviderSource:
    variables = {"HOME": str(home), "XDG_DATA_DIRS": str(home / "none")} | more
    return find_provider(chosen, variables, home, REGISTRY, opt or home / "opt")


def test_nothing_at_all_means_the_registry(home: Path) -> None:
    assert find(home) == ProviderSource("registry")


def test_a_mirror_one_level_below_opt_is_found_and_a_configuration_made_for_it(home: Path) -> None:
    mirror = mirror_at(home / "opt" / "plugins")
    found = find(home)
    assert (found.origin, found.mirror) == ("found", mirror)
    assert f'path    = "{mirror}"' in str(found.configuration)
    assert "direct {" in str(found.configuration)


def test_the_users_own_installation_block_is_respected(home: Path) -> None:
    mirror_at(home / "opt" / "plugins")
    (home / ".terraformrc").write_text("provider_installation {\n  direct {}\n}\n")
    assert find(home) == ProviderSource("user")


def test_other_settings_of_the_user_are_kept(home: Path) -> None:
    mirror_at(home / "opt" / "plugins")
    (home / "my.tfrc").write_text('plugin_cache_dir = "/cache"\n')
    found = find(home, TF_CLI_CONFIG_FILE=str(home / "my.tfrc"))
    assert str(found.configuration).startswith('plugin_cache_dir = "/cache"')


def test_a_configuration_file_that_is_not_there_is_no_configuration(home: Path) -> None:
    mirror_at(home / "opt" / "plugins")
    assert find(home, TF_CLI_CONFIG_FILE=str(home / "missing")).origin == "found"


def test_a_place_that_terraform_looks_into_by_itself_needs_no_configuration(home: Path) -> None:
    mirror = mirror_at(home / ".terraform.d" / "plugins")
    assert find(home) == ProviderSource("implied", mirror=mirror)


def test_a_chosen_mirror_beats_everything_also_the_users_installation_block(home: Path) -> None:
    (home / ".terraformrc").write_text(
        'provider_installation {\n  network_mirror {\n    url = "https://x/"\n  }\n}\nplugin_cache_dir = "/c"\n'
    )
    mirror = mirror_at(home / "mine", packed=True)
    found = find(home, chosen="mine")
    assert (found.origin, found.mirror) == ("setting", mirror)
    assert "network_mirror" not in str(found.configuration)
    assert 'plugin_cache_dir = "/c"' in str(found.configuration)


def test_a_chosen_mirror_without_the_provider_is_a_configuration_error(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no hashicorp/aws"):
        find(home, chosen=str(home))


@pytest.mark.parametrize(
    ("version", "fits"), [("5.100.0", True), ("5.101.2", True), ("5.99.1", False), ("6.0.0", False)]
)
def test_only_a_version_that_fits_counts(home: Path, version: str, fits: bool) -> None:
    assert holds_provider(mirror_at(home / "m", version), REGISTRY) is fits


def test_a_registry_that_cannot_be_reached_is_an_error_with_the_mirror_hint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> socket.socket:
        raise OSError("no route to host")

    monkeypatch.setattr(terraform_provider.socket, "create_connection", refuse)
    with pytest.raises(PreconditionError) as caught:
        require_registry({}, REGISTRY)
    assert caught.value.code == "no_provider"
    assert "LIVEINSIGHT_PROVIDER_MIRROR" in str(caught.value.hint)
    require_registry({"HTTPS_PROXY": "http://proxy:3128"}, REGISTRY)


def test_what_a_closed_network_needs_reaches_terraform(home: Path) -> None:
    (home / "my.tfrc").touch()
    needed = {
        "HTTPS_PROXY": "http://proxy:3128",
        "NO_PROXY": ".internal",
        "SSL_CERT_FILE": "/etc/own.pem",
        "TF_PLUGIN_CACHE_DIR": "/cache",
        "TF_CLI_CONFIG_FILE": str(home / "my.tfrc"),
    }
    assert needed.items() <= basic_environment(needed).items()
