"""Reads a state through terraform itself, in a directory that holds a backend block and nothing else.

No provider is started. One must be installed all the same, as a state names those it was made with: the stack's own is
taken where there is one, else it comes from where the stack would get it.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.adapters.terraform import Terraform
from liveinsight_cli.adapters.terraform_environment import terraform_environment
from liveinsight_cli.core.state import StateFacts, read_state
from liveinsight_cli.errors import TerraformFailed, TimedOut

SECONDS = 120.0


def pull(terraform: Terraform, backend: Mapping[str, Any]) -> StateFacts:
    """Return the state that terraform finds with this backend block; raises TerraformFailed."""
    directory = terraform.files.root / "state-check"
    with unwritable(directory):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        (directory / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": backend}}))
    try:
        _run(terraform, ["init", "-input=false", "-no-color", *_installed(terraform)])
        return read_state(_run(terraform, ["state", "pull"]))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _installed(terraform: Terraform) -> list[str]:
    providers = terraform.files.stack / ".terraform" / "providers"
    return [f"-plugin-dir={providers.absolute()}"] if providers.is_dir() else []


def _environment(terraform: Terraform) -> dict[str, str]:
    environment = terraform_environment(terraform.variables, terraform.target)
    if terraform.provider.configuration is not None:
        path = terraform.files.root / "state-check" / ".terraformrc"
        write_atomically(path, terraform.provider.configuration.encode(), mode=0o600)
        environment["TF_CLI_CONFIG_FILE"] = str(path.absolute())
    return environment


def _run(terraform: Terraform, arguments: Sequence[str]) -> bytes:
    try:
        done = subprocess.run(
            [*terraform.binary.command, *arguments],
            cwd=terraform.files.root / "state-check",
            env=_environment(terraform),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TimedOut(
            f"terraform {arguments[0]} did not end within {SECONDS:.0f} s.", hint="Try again."
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()
        raise TerraformFailed(
            f"terraform cannot read the state there: {said}",
            hint="Nothing was lost: the state is also where it was. Mend the cause, then run the command again.",
        )
    return done.stdout
