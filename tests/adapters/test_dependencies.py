"""Third-party dependencies of a function: locked, installed once, refused where they could not run."""

import hashlib
import json
import os
import shutil
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liveinsight_cli.adapters import installer
from liveinsight_cli.adapters.binaries import this_machine
from liveinsight_cli.adapters.dependencies import DependencyCache
from liveinsight_cli.adapters.installed import survey
from liveinsight_cli.adapters.lock_files import LockFiles
from liveinsight_cli.adapters.package import Packager
from liveinsight_cli.core.build import PACKAGES, BuiltFunction
from liveinsight_cli.core.lambda_platform import LAMBDA, Platform
from liveinsight_cli.core.requirements import Lock, Pin, parse_lock, requirements_digest
from liveinsight_cli.errors import PreconditionError
from tests.adapters.wheels import HERE, elf, offline, wheel


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("wheels")
    greeting = {"greeting/__init__.py": b"WORD = 'hello'\n", "greeting/run.sh": b"#!/bin/sh\n"}
    wheel(root, "greeting", greeting, requires="native")
    here = this_machine().architecture
    for tag, architecture in (("cp311-cp311-manylinux2014_aarch64", "arm64"), (f"{HERE}-none-any", here)):
        wheel(root, "native", {"native/__init__.py": b"", "native/fast.so": elf(architecture)}, tag)
    wheel(root, "boto3", {"boto3/__init__.py": b""})
    wheel(root, "thief", {"shared/__init__.py": b""})
    wheel(root, "elsewhere", {"elsewhere.py": b""}, "cp311-cp311-musllinux_1_2_aarch64")
    return root


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    root = tmp_path / "lambdas"
    for package in (*PACKAGES.values(), "shared", "dummy"):
        (root / package).mkdir(parents=True)
        (root / package / "__init__.py").touch()
    return root


class Installations:
    """Packagers over one project, and what they said."""

    def __init__(self, sources: Path, wheels: Path, root: Path, tool: str = "pip") -> None:
        self.sources, self.root, self.said = sources, root, list[str]()
        programs = root / "programs"
        programs.mkdir(exist_ok=True)
        if tool == "uv":
            found = shutil.which("uv")
            if found is None:
                pytest.skip("uv is not installed")
            (programs / "uv").symlink_to(found)
        self.environment = offline(wheels, programs)

    def require(self, package: str, *lines: str) -> None:
        (self.sources / package / "requirements.txt").write_text("".join(f"{line}\n" for line in lines))

    def lock(self, package: str, *wheels: str) -> None:
        """Lock wheels as they are, without resolving anything."""
        self.require(package, *wheels)
        pins = tuple(Pin(name, "1.0", tuple(self.hashes(name))) for name in wheels)
        path = self.sources / package / "requirements.lock"
        path.write_text(Lock(requirements_digest(wheels), pins).text)

    def hashes(self, name: str) -> Iterator[str]:
        for path in Path(self.environment["PIP_FIND_LINKS"]).glob(f"{name}-*.whl"):
            yield hashlib.sha256(path.read_bytes()).hexdigest()

    def packager(self, target: str = "build", platform: Platform = LAMBDA) -> Packager:
        cache = self.root / "cache"
        return Packager(
            self.sources,
            self.root / target,
            platform,
            cache,
            variables=self.environment,
            say=self.said.append,
        )

    def built(self, target: str = "build", platform: Platform = LAMBDA) -> dict[str, BuiltFunction]:
        return {one.function: one for one in self.packager(target, platform).build().functions}


Make = Callable[..., Installations]


@pytest.fixture
def make(sources: Path, wheels: Path, tmp_path: Path) -> Make:
    return lambda tool="pip": Installations(sources, wheels, tmp_path, tool)


def files(built: BuiltFunction) -> dict[str, bytes]:
    with zipfile.ZipFile(built.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_dependencies_are_locked_installed_for_lambda_and_never_again(
    make: Make, tool: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make(tool)
    project.require("stats_api", "greeting>=1  # with what it needs")
    assert [path.parent.name for path in project.packager().lock()] == ["stats_api"]
    lock = parse_lock((project.sources / "stats_api/requirements.lock").read_text())
    assert [(pin.name, pin.version) for pin in lock.pins] == [("greeting", "1.0"), ("native", "1.0")]

    first = project.built()
    assert {one.function: one.dependencies for one in first.values()} == {
        "aggregator": 0,
        "event-collector": 0,
        "realtime-api": 0,
        "stats-api": 2,
    }
    names = files(first["stats-api"])
    assert names["native/fast.so"] == elf("arm64")
    assert not [name for name in names if name.startswith("bin/") or "RECORD" in name or "INSTALLER" in name]
    assert "greeting-1.0.dist-info/METADATA" in names
    assert "stats_api/requirements.txt" not in names
    with zipfile.ZipFile(first["stats-api"].path) as archive:
        assert archive.getinfo("greeting/run.sh").external_attr >> 16 == 0o100755
    assert project.said == [f"Installing 2 dependencies for Python 3.11 on arm64 with {tool}"]

    monkeypatch.setattr(installer.subprocess, "run", lambda *_, **__: pytest.fail("a process was started"))
    assert all(one.cached for one in project.built().values())
    again = project.built("elsewhere")
    assert {one.digest for one in again.values()} == {one.digest for one in first.values()}
    monkeypatch.undo()
    here = files(project.built("here", this_machine())["stats-api"])
    assert here["native/fast.so"] == elf(this_machine().architecture)

    manifest = json.loads((project.root / "build/manifest.json").read_text())["functions"]["stats-api"]
    assert manifest["dependencies"] == {"greeting": "1.0", "native": "1.0"}
    assert manifest["files"].keys() == names.keys()


def record(root: Path, distribution: str, path: str, digest: str) -> None:
    info = root / f"{distribution}.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_text(f"{path},{digest},1\n")


class Resolving:
    """An installer that resolves anything, and counts how often."""

    def __init__(self) -> None:
        self.resolved = 0

    def resolve(self, requirements: Sequence[str]) -> tuple[Pin, ...]:
        self.resolved += 1
        return (Pin("pure", "1.0", ("0" * 64,)),)


def test_what_shared_asks_for_is_locked_for_every_function(make: Make) -> None:
    project, resolving = make(), Resolving()
    project.require("shared", "pure")
    locks = LockFiles(project.sources)
    assert len(locks.write(resolving)) == len(PACKAGES) + 1  # type: ignore[arg-type] # the dummies' too
    assert resolving.resolved == 1
    found = [locks.of(package) for package in PACKAGES.values()]
    assert [lock.pins[0].name for lock in found if lock] == ["pure"] * len(PACKAGES)
    (project.sources / "shared/requirements.txt").unlink()
    with pytest.raises(PreconditionError, match="other requirements") as caught:
        locks.of("stats_api")
    assert caught.value.code == "lock_stale"
    assert locks.write(resolving) == ()  # type: ignore[arg-type]
    assert not list(project.sources.rglob("requirements.lock"))


def test_a_lock_is_current_by_content_and_not_by_date(make: Make) -> None:
    project = make()
    project.require("stats_api", "pure")
    with pytest.raises(PreconditionError, match="is missing") as missing:
        project.built()
    assert (missing.value.code, "build --lock" in str(missing.value.hint)) == ("lock_missing", True)
    locks, path = LockFiles(project.sources), project.sources / "stats_api/requirements.lock"
    locks.write(Resolving())  # type: ignore[arg-type]
    text = (project.sources / "stats_api/requirements.txt").read_bytes()
    (project.sources / "stats_api/requirements.txt").write_bytes(
        b"# a word\r\n" + text.replace(b"\n", b"\r\n")
    )
    assert locks.of("stats_api") is not None
    project.require("stats_api", "pure>=1")
    with pytest.raises(PreconditionError) as stale:
        project.built()
    assert stale.value.code == "lock_stale"
    path.write_text(path.read_text().replace(" \\\n    --hash", " # "))
    with pytest.raises(PreconditionError, match=r"requirements\.lock:3: not a version with the SHA-256"):
        project.built()


def test_a_dependency_that_would_lie_over_our_own_packages_is_refused_by_name(make: Make) -> None:
    project = make()
    project.lock("stats_api", "thief")
    with pytest.raises(PreconditionError, match=r"thief 1\.0 brings shared/__init__\.py") as caught:
        project.built()
    assert caught.value.code == "dependencies_clash"


def test_a_wheel_that_lies_about_its_binaries_is_refused_by_name(tmp_path: Path) -> None:
    record(tmp_path, "mislabelled-1.0", "mislabelled.abi3.so", "sha256=x")
    (tmp_path / "mislabelled.abi3.so").write_bytes(elf("x86_64"))
    with pytest.raises(
        PreconditionError, match=r"mislabelled\.abi3\.so: is for x86_64 \(mislabelled 1\.0\)"
    ) as caught:
        survey(tmp_path, LAMBDA)
    assert caught.value.code == "wrong_binary"


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_file_that_is_not_the_locked_one_is_not_installed(make: Make, tmp_path: Path, tool: str) -> None:
    project = make(tool)
    project.lock("stats_api", "thief")
    project.environment |= offline(tmp_path / "index", tmp_path / "programs")
    wheel(tmp_path / "index", "thief", {"thief.py": b"something else\n"})
    with pytest.raises(PreconditionError) as caught:
        project.built()
    assert "thief" in caught.value.message
    assert "not one that was locked" in str(caught.value.hint)
    assert not list((tmp_path / "cache").iterdir())


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_dependency_without_a_wheel_for_lambda_is_named(make: Make, tool: str) -> None:
    project = make(tool)
    project.lock("stats_api", "elsewhere")
    with pytest.raises(PreconditionError, match=r"cannot get wheels for Python 3\.11 on arm64") as caught:
        project.built()
    assert "elsewhere" in caught.value.message
    assert caught.value.code == "dependencies_unavailable"


@pytest.mark.parametrize(
    "line",
    [
        "-r other.txt",
        "--index-url https://example.com",
        "one --pre",
        "./local",
        "x @ https://example.com/x.whl",
        "a.whl",
    ],
)
def test_what_a_lock_cannot_vouch_for_is_refused_with_its_line(make: Make, line: str) -> None:
    project = make()
    project.require("stats_api", "# first", line)
    with pytest.raises(PreconditionError, match=r"stats_api/requirements\.txt:2: "):
        project.packager().lock()


def test_what_the_runtime_has_anyway_is_told(make: Make) -> None:
    project = make()
    project.lock("stats_api", "boto3", "greeting")
    assert project.packager().needless() == {"stats-api": ("boto3",)}


PURE = Lock("", (Pin("pure", "1.0", ("0" * 64,)),))


class Copying:
    """An installer that copies: counts, and can be told what to install."""

    tool = "copying"

    def __init__(self) -> None:
        self.installed = 0

    def install(self, lock: Lock, where: Platform, target: Path) -> None:
        self.installed += 1
        (target / "pure.py").write_text("VALUE = 1\n")


def cache(root: Path, copying: Copying) -> DependencyCache:
    return DependencyCache(root / "cache", LAMBDA, copying, lambda _: None)  # type: ignore[arg-type]


def test_a_damaged_installation_is_made_anew(tmp_path: Path) -> None:
    copying = Copying()
    kept = cache(tmp_path, copying)
    file = kept.get(PURE).root / "pure.py"
    for damage in (
        lambda: file.write_text("VALUE = 2\n"),
        file.unlink,
        file.parents[1].joinpath("index.json").unlink,
    ):
        damage()
        assert kept.contents(PURE) == [("pure.py", b"VALUE = 1\n")]
    assert copying.installed == 4


def test_what_no_build_used_for_long_is_removed(tmp_path: Path) -> None:
    kept = cache(tmp_path, Copying())
    other, third = (Lock("", (Pin(name, "1.0", ("1" * 64,)),)) for name in ("other", "third"))
    for lock, days in ((other, 31), (PURE, 29)):
        index = kept.get(lock).root.parent / "index.json"
        stamp = time.time() - days * 86_400
        os.utime(index, (stamp, stamp))
    killed = tmp_path / "cache" / ".new-killed"
    killed.mkdir()
    os.utime(killed, (1, 1))
    there = {kept.get(lock).root.parent for lock in (third, PURE)}
    assert set((tmp_path / "cache").iterdir()) == there


def test_builds_at_the_same_time_share_one_installation(tmp_path: Path) -> None:
    kept = cache(tmp_path, Copying())
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: kept.contents(PURE), range(16)))
    assert found == [[("pure.py", b"VALUE = 1\n")]] * 16
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_two_dependencies_that_bring_the_same_file_are_refused_unless_it_is_the_same(tmp_path: Path) -> None:
    record(tmp_path, "one-1.0", "common/__init__.py", "sha256=x")
    record(tmp_path, "two-2.0", "common/__init__.py", "sha256=x")
    assert survey(tmp_path, LAMBDA) == []
    record(tmp_path, "three-3.0", "common/__init__.py", "sha256=y")
    with pytest.raises(PreconditionError, match=r"(one|three) .* both bring common/__init__\.py"):
        survey(tmp_path, LAMBDA)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for dependencies of this Python")
def test_without_uv_and_pip_the_error_says_what_to_install(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make()
    project.require("stats_api", "native")
    monkeypatch.setattr(installer.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(PreconditionError, match="neither uv nor pip") as caught:
        project.packager().lock()
    assert caught.value.code == "installer_missing"
