"""Zips: the same bytes from the same sources, on any machine, at any time."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.assets import lambda_sources
from liveinsight_cli.core.build import PACKAGES
from liveinsight_cli.errors import ComparisonFailed, PreconditionError
from tests.adapters.wheels import elf
from tests.conftest import REPOSITORY


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


FILES = {
    **{f"{package}/__init__.py": "" for package in (*PACKAGES.values(), "shared")},
    "stats_api/handler.py": "import os\n",
    "stats_api/zürich/Größe.txt": "ß",
    "stats_api/tool.sh": "#!/bin/sh\n",
    "stats_api/b/c.py": "",
    "stats_api/b.py": "",
    "shared/windows.txt": "one\r\ntwo\r\n",
    "shared/requirements.txt": "# nothing yet\n",
}


def built_elsewhere(root: Path, *, seed: int, uid: int | None, **variables: str) -> dict[str, Any]:
    asked = {
        "root": str(root),
        "files": FILES,
        "seed": seed,
        "uid": uid,
        "umask": "0077" if seed % 2 else "0002",
        "inside": bool(seed % 2),
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("build_elsewhere.py"))],
        input=json.dumps(asked),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_trees_that_differ_in_all_but_content_give_the_same_bytes_to_anyone_anywhere() -> None:
    """Umask, dates, modes, order of creation and of listing, working directory, time zone, locale, user."""
    with tempfile.TemporaryDirectory() as scratch:  # pytest's own lets nobody else in
        Path(scratch).chmod(0o777)
        posix = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "TZ": "Pacific/Kiritimati"}
        nobody = 65534 if os.geteuid() == 0 else None
        one = built_elsewhere(Path(scratch, "one"), seed=1, uid=None, LC_ALL="C.UTF-8", TZ="America/Adak")
        other = built_elsewhere(Path(scratch, "other"), seed=2, uid=nobody, **posix)
        assert one == other
        assert "stats_api/zürich/Größe.txt" in json.loads(one["manifest"])["functions"]["stats-api"]["files"]
        for function in PACKAGES:
            zips = [Path(scratch, tree, "build", f"{function}.zip").read_bytes() for tree in ("one", "other")]
            assert zips[0] == zips[1]


def test_a_file_is_executable_in_the_zip_by_its_content_and_not_by_its_mode(
    sources: Path, tmp_path: Path
) -> None:
    (sources / "stats_api" / "tool").write_bytes(b"#!/bin/sh\n")
    (sources / "stats_api" / "handler.py").chmod(0o777)
    built = {one.function: one for one in Packager(sources, tmp_path / "build").build().functions}
    with zipfile.ZipFile(built["stats-api"].path) as archive:
        modes = {one.filename: one.external_attr >> 16 for one in archive.infolist()}
    assert modes["stats_api/tool"] == 0o100755
    assert modes["stats_api/handler.py"] == 0o100644


def test_a_checkout_on_windows_has_the_bytes_of_the_repository(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        quiet = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True, capture_output=True, env=quiet)

    path = tmp_path / "lambdas" / "shared" / "keys.py"
    path.parent.mkdir(parents=True)
    shutil.copy(REPOSITORY / ".gitattributes", tmp_path)
    path.write_bytes(b"one\ntwo\n")
    git("init", "--quiet")
    git("config", "core.autocrlf", "true")
    git("add", ".")
    path.unlink()
    git("checkout", "--", ".")
    assert path.read_bytes() == b"one\ntwo\n"


def link_to_a_directory(package: Path) -> str:
    (package / "linked").symlink_to(package.parent / "shared")
    return "linked is a link to a directory"


def link_to_nothing(package: Path) -> str:
    (package / "gone.py").symlink_to(package / "nothing")
    return "gone.py is a link to nothing"


def pipe(package: Path) -> str:
    os.mkfifo(package / "pipe")
    return "pipe is neither a file nor a directory"


def name_in_latin_1(package: Path) -> str:
    if sys.platform != "linux":
        pytest.skip("this file system has no such names")
    (package / os.fsdecode(b"gr\xf6sse.txt")).touch()
    return r"gr\\xf6sse.txt is not UTF-8"


def names_that_differ_in_case(package: Path) -> str:
    for name in ("Page.py", "page.py"):
        (package / name).touch()
    if not (package / "page.py").exists() or len(list(package.glob("[Pp]age.py"))) < 2:
        pytest.skip("this file system has no such names")
    return "stats_api/Page.py and stats_api/page.py differ in case only"


def program_for_another_machine(package: Path) -> str:
    (package / "tool").write_bytes(elf("x86_64"))
    return "stats_api/tool: is for x86_64"


@pytest.mark.parametrize(
    "spoil",
    [
        link_to_a_directory,
        link_to_nothing,
        pipe,
        name_in_latin_1,
        names_that_differ_in_case,
        program_for_another_machine,
    ],
)
def test_what_would_not_be_the_same_everywhere_is_refused_by_name(
    sources: Path, tmp_path: Path, spoil: Callable[[Path], str]
) -> None:
    with pytest.raises(PreconditionError, match=spoil(sources / "stats_api")):
        Packager(sources, tmp_path / "build").build()


def test_a_function_that_lambda_would_not_unpack_is_refused_before_there_is_a_zip(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("liveinsight_cli.core.build.UNPACKED_LIMIT", 2**20)
    (sources / "stats_api" / "model.bin").write_bytes(bytes(2**20))
    with pytest.raises(
        PreconditionError, match=r"stats-api has 1\.0 MiB unpacked.*biggest parts: stats_api"
    ) as caught:
        Packager(sources, tmp_path / "build").build()
    assert caught.value.code == "package_too_big"
    assert not list((tmp_path / "build").glob("*.zip"))


def test_a_link_to_a_file_counts_as_the_file(sources: Path, tmp_path: Path) -> None:
    before = Packager(sources, tmp_path / "build").build().digests
    real = sources / "stats_api" / "handler.py"
    real.rename(tmp_path / "kept.py")
    real.symlink_to(tmp_path / "kept.py")
    (sources / "stats_api" / ".#handler.py").symlink_to(tmp_path / "an editor's lock")
    assert Packager(sources, tmp_path / "build").build().digests == before


def test_builds_at_the_same_time_leave_whole_zips(sources: Path, tmp_path: Path) -> None:
    packager = Packager(sources, tmp_path / "build")
    with ThreadPoolExecutor(8) as pool:
        found = {
            tuple(sorted(one.digests.items())) for one in pool.map(lambda _: packager.build(), range(16))
        }
    assert len(found) == 1
    assert all(one.cached for one in packager.build().functions)
    packager.check(packager.build())
    assert not list((tmp_path / "build").glob(".*"))


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
