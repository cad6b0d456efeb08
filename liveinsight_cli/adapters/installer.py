"""Runs uv or, where there is none, pip: resolves a function's requirements, and installs what is locked.

Both read their own configuration, so a private index works as it does everywhere else.
"""

import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from liveinsight_cli.core.lambda_platform import LAMBDA, Platform
from liveinsight_cli.core.requirements import Lock, Pin, UnusableLine, normalised, pins_of
from liveinsight_cli.errors import PreconditionError

SHOWN_LINES = 12
NO_WHEEL = (
    "Every dependency must have a wheel for this platform (manylinux2014 or older, or pure Python): nothing is "
    "compiled. After a change: liveinsight build --lock"
)
OTHER_FILE = (
    "A file is not one that was locked. If it should be, because it is for a machine that the lock does not name, "
    "write the lock anew: liveinsight build --lock"
)
WHEELS_ONLY = ("--only-binary", ":all:")
NOTHING_ELSE = ("--no-header", "--no-annotate")
Hashes = dict[tuple[str, str], set[str]]  # (name, version) -> SHA-256 of files


@dataclass(frozen=True)
class Installer:
    """`here` is this machine, whose wheels a lock made by pip names as well; `variables` its environment."""

    variables: Mapping[str, str]
    here: Platform

    @cached_property
    def tool(self) -> str:
        """The one that is used, for people."""
        return "uv" if self._uv else "pip"

    def install(self, lock: Lock, where: Platform, target: Path) -> None:
        """Install what is locked for a platform into the empty directory `target`; raises PreconditionError."""
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, "requirements.lock")
            path.write_text(lock.text, encoding="utf-8")
            wanted = ["--quiet", "--target", str(target), "--no-deps", "--require-hashes", *WHEELS_ONLY]
            wanted += ["-r", str(path)]
            if self._uv:
                tool = [self._uv, "pip", "install", "--link-mode", "copy", "--python", sys.executable]
                self._run([*tool, *_for_uv(where), *wanted], where)
            else:
                self._run([*self._pip, "install", "--no-compile", *_for_pip(where), *wanted], where)

    def resolve(self, requirements: Sequence[str]) -> tuple[Pin, ...]:
        """Return the newest versions that fit together on Lambda, with hashes; raises PreconditionError.

        pip, and uv where it has a directory for an index, name the one file that they would install. So they are asked
        about this machine as well, or the embedded AWS could not use the lock.
        """
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch, "requirements.txt")
            path.write_text("\n".join(requirements) + "\n", encoding="utf-8")
            found = self._resolved(path, LAMBDA)
            path.write_text("".join(f"{name}=={version}\n" for name, version in found), encoding="utf-8")
            # No wheel for this machine is no reason not to deploy to AWS; a build for this machine will say it.
            with suppress(PreconditionError):
                for package, hashes in self._resolved(path, self.here).items():
                    found.get(package, set()).update(hashes)
        return tuple(
            Pin(name, version, tuple(sorted(found[name, version]))) for name, version in sorted(found)
        )

    @cached_property
    def _uv(self) -> str | None:
        return shutil.which("uv", path=self.variables.get("PATH"))

    @cached_property
    def _pip(self) -> list[str]:
        if importlib.util.find_spec("pip"):
            return [sys.executable, "-m", "pip"]
        found = shutil.which("pip", path=self.variables.get("PATH"))
        if found is None:
            raise PreconditionError(
                "A function has dependencies, and neither uv nor pip is there to install them.",
                code="installer_missing",
                hint="Install uv (https://docs.astral.sh/uv/) or pip, so that it is found on PATH.",
            )
        return [found, "--python", sys.executable]

    def _resolved(self, path: Path, where: Platform) -> Hashes:
        return self._resolved_by_uv(path, where) if self._uv else self._resolved_by_pip(path, where)

    def _resolved_by_uv(self, path: Path, where: Platform) -> Hashes:
        resolved = path.with_name("resolved.txt")
        resolved.unlink(missing_ok=True)  # uv would keep what it says
        tool = [str(self._uv), "pip", "compile", "--quiet", "--generate-hashes", *NOTHING_ELSE]
        place = ["--python", sys.executable, "--output-file", str(resolved)]
        self._run([*tool, *place, *_for_uv(where), *WHEELS_ONLY, str(path)], where)
        try:
            return {(pin.name, pin.version): set(pin.hashes) for pin in pins_of(resolved.read_text("utf-8"))}
        except UnusableLine as error:
            raise PreconditionError(
                f"What uv resolved cannot be locked: {error}.", code="unlockable"
            ) from error

    def _resolved_by_pip(self, path: Path, where: Platform) -> Hashes:
        command = [*self._pip, "install", "--quiet", "--dry-run", "--ignore-installed", "--report", "-"]
        target = ["--target", str(path.parent / "nothing")]  # pip insists, and writes nothing
        report = json.loads(
            self._run([*command, *target, *_for_pip(where), *WHEELS_ONLY, "-r", str(path)], where)
        )
        if not where.is_this_machine:
            _require_same_markers(report["environment"])
        return _hashes(report)

    def _run(self, command: Sequence[str], where: Platform) -> str:
        environment = {
            **self.variables,
            "PIP_USER": "0",  # does not go with --target
            "PIP_REQUIRE_VIRTUALENV": "0",
            "PIP_NO_INPUT": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_ROOT_USER_ACTION": "ignore",
            "UV_PYTHON_DOWNLOADS": "never",
        }
        ended = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if ended.returncode:
            raise PreconditionError(
                f"{self.tool} cannot get wheels for {where.name}:\n{_said(ended.stderr)}",
                code="dependencies_unavailable",
                hint=OTHER_FILE if "hash" in ended.stderr.lower() else NO_WHEEL,
            )
        return ended.stdout


def _for_uv(where: Platform) -> list[str]:
    if where.is_this_machine:
        return []
    return ["--python-version", where.python_version, "--python-platform", f"{where.machine}-manylinux2014"]


def _for_pip(where: Platform) -> list[str]:
    if where.is_this_machine:
        return []
    tags = [word for tag in where.wheel_tags for word in ("--platform", tag)]
    return ["--implementation", "cp", "--python-version", where.python_version, *tags]


def _hashes(report: Mapping[str, Any]) -> Hashes:
    found = {}
    for one in report["install"]:
        package = normalised(one["metadata"]["name"]), one["metadata"]["version"]
        found[package] = {one["download_info"]["archive_info"]["hashes"]["sha256"]}
    return found


def _require_same_markers(environment: Mapping[str, str]) -> None:
    """Raise where pip would decide `; python_version < "3.12"` for another Python than Lambda's: it knows its own."""
    if (environment["python_version"], environment["sys_platform"]) != (LAMBDA.python_version, "linux"):
        raise PreconditionError(
            f"pip can resolve for its own Python only, and this is not {LAMBDA.python_version} on Linux.",
            code="installer_missing",
            hint="Install uv (https://docs.astral.sh/uv/) and run this again. Installing what is locked needs no uv.",
        )


def _said(text: str) -> str:
    """Return what a tool said of its failure: of pip from the first error on, of uv all of it."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if line.startswith("ERROR:")), 0)
    return "\n".join(lines[first : first + SHOWN_LINES])
