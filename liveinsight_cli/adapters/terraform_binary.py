"""Finds the terraform (or tofu) executable and checks its version before anything else happens."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.errors import PreconditionError

OLDEST = (1, 11, 0)
INSTALL_HINT = (
    "Install Terraform 1.11 or newer (https://developer.hashicorp.com/terraform/install), or name one with "
    "--terraform or LIVEINSIGHT_TERRAFORM."
)
NAMES = ("terraform", "tofu")


@dataclass(frozen=True)
class Binary:
    """An executable that was asked for its version."""

    path: str
    version: str

    @property
    def is_tofu(self) -> bool:
        """Whether it is OpenTofu."""
        return Path(self.path).name.startswith("tofu")

    @property
    def registry(self) -> str:
        """The host that providers without a host of their own come from."""
        return "registry.opentofu.org" if self.is_tofu else "registry.terraform.io"

    def fingerprint(self) -> str:
        """Return what changes when another executable is put in its place."""
        found = Path(self.path).stat()
        return f"{self.path} {found.st_mtime_ns} {found.st_size}"


def locate(chosen: str | None, variables: Mapping[str, str]) -> str:
    """Return the path of the executable: the chosen one, else terraform or tofu on PATH; raises PreconditionError."""
    search = variables.get("PATH", os.defpath)
    if chosen is not None:
        found = shutil.which(Path(chosen).expanduser(), path=search)
        if found is None:
            exists = Path(chosen).expanduser().exists()
            reason = "is not executable" if exists else "does not exist"
            raise PreconditionError(
                f"The terraform executable {chosen!r} {reason}.", code="terraform_missing", hint=INSTALL_HINT
            )
        return str(Path(found).absolute())
    for name in NAMES:
        found = shutil.which(name, path=search)
        if found is not None:
            return str(Path(found).absolute())
    raise PreconditionError(
        "Neither terraform nor tofu is on PATH.", code="terraform_missing", hint=INSTALL_HINT
    )


def check(path: str, environment: Mapping[str, str]) -> Binary:
    """Ask an executable for its version; raises PreconditionError when it is not one or is too old."""
    try:
        done = subprocess.run(
            [path, "version", "-json"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        version = str(json.loads(done.stdout)["terraform_version"])
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
        raise PreconditionError(
            f"{path} does not answer like terraform.", code="terraform_missing", hint=INSTALL_HINT
        ) from error
    if _numbers(version) < OLDEST:
        raise PreconditionError(
            f"{path} is version {version}; LiveInsight needs 1.11 or newer.",
            code="terraform_too_old",
            hint=INSTALL_HINT,
        )
    return Binary(path, version)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else (0, 0, 0)
