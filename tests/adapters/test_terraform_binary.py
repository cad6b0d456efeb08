"""Which terraform is used, and the errors where there is none that can be."""

import json
from pathlib import Path

import pytest

from liveinsight_cli.adapters.terraform_binary import check, locate
from liveinsight_cli.errors import PreconditionError
from tests.adapters.fake_terraform import FakeTerraform


def test_terraform_on_path_comes_before_tofu(tmp_path: Path) -> None:
    terraform = FakeTerraform.install(tmp_path / "a")
    tofu = FakeTerraform.install(tmp_path / "b", "tofu")
    path = f"{tofu.directory}/bin:{terraform.directory}/bin"
    assert locate(None, {"PATH": path}) == str(terraform.path)
    assert locate(None, {"PATH": f"{tofu.directory}/bin"}) == str(tofu.directory / "bin" / "tofu")


def test_the_chosen_one_comes_first(tmp_path: Path) -> None:
    chosen = FakeTerraform.install(tmp_path / "a")
    assert locate(str(chosen.path), {"PATH": ""}) == str(chosen.path)


@pytest.mark.parametrize(("chosen", "reason"), [(None, "Neither"), ("/nowhere/terraform", "does not exist")])
def test_a_missing_terraform_says_where_to_get_one(tmp_path: Path, chosen: str | None, reason: str) -> None:
    with pytest.raises(PreconditionError, match=reason) as caught:
        locate(chosen, {"PATH": str(tmp_path)})
    assert "Install Terraform 1.11" in str(caught.value.hint)


def test_a_file_that_cannot_be_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "terraform").write_text("")
    with pytest.raises(PreconditionError, match="not executable"):
        locate(str(tmp_path / "terraform"), {"PATH": ""})


@pytest.mark.parametrize("version", ["1.10.5", "0.15.0", "1.9.0", "nonsense"])
def test_a_version_that_is_too_old_is_refused(tmp_path: Path, version: str) -> None:
    fake = FakeTerraform.install(tmp_path / "a")
    (fake.directory / "version").write_text(json.dumps({"terraform_version": version}))
    with pytest.raises(PreconditionError, match=r"needs 1\.11") as caught:
        check(str(fake.path), {})
    assert caught.value.code == "terraform_too_old"


@pytest.mark.parametrize("version", ["1.11.0", "1.12.3", "1.15.0-rc1"])
def test_a_newer_version_is_fine(tmp_path: Path, version: str) -> None:
    fake = FakeTerraform.install(tmp_path / "a")
    (fake.directory / "version").write_text(json.dumps({"terraform_version": version}))
    assert check(str(fake.path), {}).version == version


def test_something_that_is_not_terraform_is_refused(tmp_path: Path) -> None:
    fake = FakeTerraform.install(tmp_path / "a")
    (fake.directory / "version").write_text("GNU nano 7.2")
    with pytest.raises(PreconditionError, match="does not answer like terraform"):
        check(str(fake.path), {})
