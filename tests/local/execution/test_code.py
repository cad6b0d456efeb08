"""Unpacking of deployed zips and the directory of the runtime's libraries."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from liveinsight_cli.local.execution.code import CodeCache, UnusablePackage
from tests.local.execution.conftest import zip_of


def test_the_same_code_is_unpacked_once_and_other_code_beside_it(tmp_path: Path) -> None:
    cache = CodeCache(tmp_path)
    code = zip_of({"app.py": "x = 1", "package/module.py": "y = 2"})
    first = cache.unpacked(code)
    (first / "mark").touch()
    assert cache.unpacked(code) == first
    assert (first / "mark").exists()
    assert (first / "package" / "module.py").read_text() == "y = 2"
    assert cache.unpacked(zip_of({"app.py": "x = 2"})) != first
    assert [path.name for path in first.parent.iterdir() if path.name.startswith(".new")] == []


def named(name: str, mode: int = 0o644) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        archive.writestr(member, "evil")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["../evil.py", "/etc/evil.py", "a/../../evil.py", "a\\..\\evil.py"])
def test_a_path_that_leads_out_of_the_package_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnusablePackage, match="outside of itself"):
        CodeCache(tmp_path / "cache").unpacked(named(name))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusablePackage):
        CodeCache(tmp_path).unpacked(named("link", stat.S_IFLNK | 0o777))


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusablePackage, match="Could not unzip"):
        CodeCache(tmp_path).unpacked(b"not a zip")


def test_executable_files_stay_executable(tmp_path: Path) -> None:
    root = CodeCache(tmp_path).unpacked(named("tool", 0o755))
    assert (root / "tool").stat().st_mode & 0o111


def test_the_libraries_are_those_of_the_runtime_and_no_others(tmp_path: Path) -> None:
    names = {path.name.split(".")[0] for path in CodeCache(tmp_path).libraries().iterdir()}
    assert {"boto3", "botocore", "urllib3", "six"} <= names
    assert not {"moto", "rich", "typer", "flask"} & names
