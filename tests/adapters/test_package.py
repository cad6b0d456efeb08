"""Zips: the same bytes from the same sources, on any machine, at any time."""

import base64
import hashlib
import json
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest

from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.assets import lambda_sources
from liveinsight_cli.core.build import PACKAGES
from liveinsight_cli.errors import ComparisonFailed, PreconditionError


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    root = tmp_path / "lambdas"
    for package in (*PACKAGES.values(), "shared"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").touch()
        (root / package / "handler.py").write_text(f"NAME = {package!r}\n")
    return root


def names(zip_path: str) -> list[str]:
    with zipfile.ZipFile(zip_path) as archive:
        return archive.namelist()


def test_a_zip_holds_the_functions_package_and_the_shared_one(sources: Path, tmp_path: Path) -> None:
    (sources / "stats_api" / "__pycache__").mkdir()
    (sources / "stats_api" / "__pycache__" / "handler.cpython-311.pyc").write_bytes(b"x")
    built = {one.function: one for one in Packager(sources, tmp_path / "build").build().functions}
    assert names(built["stats-api"].path) == [
        "shared/__init__.py",
        "shared/handler.py",
        "stats_api/__init__.py",
        "stats_api/handler.py",
    ]


def test_a_dummy_takes_the_place_of_every_functions_package(sources: Path, tmp_path: Path) -> None:
    (sources / "dummy").mkdir()
    for name in ("__init__.py", "handler.py"):
        (sources / "dummy" / name).write_text(f"# {name}\n")
    packager = Packager(sources, tmp_path / "build")
    real, dummies = packager.build(), packager.of_dummies().build()
    assert (real.is_dummy, dummies.is_dummy) == (False, True)
    built = {one.function: one for one in dummies.functions}
    assert names(built["stats-api"].path) == [
        "shared/__init__.py",
        "shared/handler.py",
        "stats_api/__init__.py",
        "stats_api/handler.py",
    ]
    with zipfile.ZipFile(built["stats-api"].path) as archive:
        assert archive.read("stats_api/handler.py") == b"# handler.py\n"
    assert set(real.digests.values()).isdisjoint(dummies.digests.values())


def test_two_trees_that_differ_in_all_but_content_give_the_same_bytes(sources: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "lambdas"
    other.mkdir(parents=True)
    for path in sorted(sources.rglob("*"), reverse=True):
        target = other / path.relative_to(sources)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_file():
            shutil.copyfile(path, target)
            target.chmod(0o777)
            os.utime(target, (1, 1))
    first = Packager(sources, tmp_path / "a").build()
    second = Packager(other, tmp_path / "b").build()
    assert first.digests == second.digests
    for function in PACKAGES:
        assert (tmp_path / "a" / f"{function}.zip").read_bytes() == (
            tmp_path / "b" / f"{function}.zip"
        ).read_bytes()
    manifest = (tmp_path / "a" / "manifest.json").read_text()
    assert manifest == (tmp_path / "b" / "manifest.json").read_text()


def test_what_did_not_change_is_not_written_again(sources: Path, tmp_path: Path) -> None:
    packager = Packager(sources, tmp_path / "build")
    assert not any(one.cached for one in packager.build().functions)
    stamps = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "build").iterdir()}
    (sources / "aggregator" / "handler.py").write_text("NAME = 'changed'\n")
    cached = {one.function: one.cached for one in packager.build().functions}
    assert cached == {"aggregator": False, "event-collector": True, "realtime-api": True, "stats-api": True}
    unchanged = {
        path.name for path in (tmp_path / "build").iterdir() if stamps[path.name] == path.stat().st_mtime_ns
    }
    assert unchanged == {"event-collector.zip", "realtime-api.zip", "stats-api.zip"}


def test_a_zip_that_was_tampered_with_is_built_again(sources: Path, tmp_path: Path) -> None:
    packager = Packager(sources, tmp_path / "build")
    before = packager.build()
    (tmp_path / "build" / "stats-api.zip").write_bytes(b"PK")
    after = packager.build()
    assert [one.function for one in after.functions if not one.cached] == ["stats-api"]
    assert after.digests == before.digests
    packager.check(after)


def test_a_zip_is_known_by_the_hash_that_lambda_reports(sources: Path, tmp_path: Path) -> None:
    packager = Packager(sources, tmp_path / "build")
    for built in (*packager.build().functions, *packager.build().functions):
        digest = hashlib.sha256(Path(built.path).read_bytes()).digest()
        assert base64.b64decode(built.code_sha256) == digest


def test_check_notices_a_difference(sources: Path, tmp_path: Path) -> None:
    packager = Packager(sources, tmp_path / "build")
    built = packager.build()
    (sources / "shared" / "clock.py").write_text(f"NOW = {time.time()}\n")
    with pytest.raises(ComparisonFailed):
        packager.check(built)


def test_a_damaged_manifest_is_no_obstacle(sources: Path, tmp_path: Path) -> None:
    packager = Packager(sources, tmp_path / "build")
    packager.build()
    (tmp_path / "build" / "manifest.json").write_text("{")
    assert not any(one.cached for one in packager.build().functions)
    assert json.loads((tmp_path / "build" / "manifest.json").read_text())["schema"] == 1


def test_missing_sources_are_an_error_with_a_next_step(sources: Path, tmp_path: Path) -> None:
    shutil.rmtree(sources / "shared")
    with pytest.raises(PreconditionError, match="not a package"):
        Packager(sources, tmp_path / "build").build()


def test_the_real_functions_can_be_loaded_from_their_zips(tmp_path: Path) -> None:
    for built in Packager(lambda_sources(), tmp_path).build().functions:
        package = PACKAGES[built.function]
        assert f"{package}/handler.py" in names(built.path)
        assert not any("test" in name or name.endswith(".pyc") for name in names(built.path))
