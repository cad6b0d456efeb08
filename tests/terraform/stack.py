"""Terraform in a copy of the stack: the tree itself never gets a `.terraform` or another lock file."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from liveinsight_cli.adapters.terraform_provider import configuration_file, find_provider
from tests.conftest import IN_CI, REPOSITORY

REGISTRY = "registry.terraform.io"
SOURCES = REPOSITORY / "terraform"


class NoTerraform(Exception):
    """terraform, or its AWS provider, cannot be had here; the message says why."""


@dataclass(frozen=True)
class StackCopy:
    """A copy of `terraform/`, and the environment that terraform gets in it."""

    directory: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run terraform in the copy."""
        return subprocess.run(
            ["terraform", *arguments],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=480,
            check=False,
        )

    def pointed_at(self, endpoint_url: str, region: str) -> "StackCopy":
        """The same copy, speaking to the embedded AWS."""
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        place = {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        return replace(self, environment=self.environment | credentials | place)


def initialised_or_skipped(directory: Path) -> StackCopy:
    """An initialised copy in a directory; where terraform or its provider is missing, skip, but fail in CI."""
    try:
        if shutil.which("terraform") is None:
            raise NoTerraform("terraform is not installed")
        return copied(SOURCES, directory)
    except NoTerraform as error:
        if IN_CI:
            pytest.fail(str(error))
        pytest.skip(str(error))


def copied(sources: Path, directory: Path) -> StackCopy:
    """Copy the stack, with its tests, and initialise it; raises NoTerraform."""
    shutil.copytree(sources, directory / "stack", ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    provider = find_provider(None, environment, directory, REGISTRY)
    if provider.configuration is not None:
        (directory / "terraformrc").write_text(provider.configuration, encoding="utf-8")
        environment["TF_CLI_CONFIG_FILE"] = str(directory / "terraformrc")
    elif configuration_file(environment) is None:
        environment.pop("TF_CLI_CONFIG_FILE", None)
    copy = StackCopy(directory / "stack", environment)
    done = copy.run("init", "-input=false", "-no-color", "-lockfile=readonly")
    if done.returncode != 0:
        raise NoTerraform(f"terraform init failed: {done.stderr.strip()}")
    trust_the_provider(copy.directory)
    return copy


def trust_the_provider(directory: Path) -> None:
    """Take the checksums out of the lock file of a copy that is initialised, for which `init` has compared them.

    Terraform would compare them at every command again, by reading the provider's 700 MB: seconds of CPU each time.
    """
    lock = directory / ".terraform.lock.hcl"
    text = lock.read_text(encoding="utf-8")
    assert "hashes = [" in text
    lock.write_text(
        re.sub(r"^ *hashes = \[.*?^ *\]\n", "", text, flags=re.DOTALL | re.MULTILINE), encoding="utf-8"
    )


@contextmanager
def one_provider(copy: StackCopy) -> Iterator[StackCopy]:
    """The same copy, with one process of the provider for all that terraform does in it.

    Terraform would launch one for each step of each run, a second of CPU each. Only where the provider is mocked: a
    process knows one configuration of it, and the stack has two.
    """
    (program,) = copy.directory.glob(".terraform/providers/*/*/aws/*/*/terraform-provider-aws_*")
    quiet = {"TF_LOG_SDK": "OFF", "TF_LOG_PROVIDER": "OFF"}
    with subprocess.Popen(
        [program, "-debug"],
        env=copy.environment | quiet,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = (re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line) for line in process.stdout)
            address = next(found[1] for found in said if found)
            yield replace(copy, environment=copy.environment | {"TF_REATTACH_PROVIDERS": address})
        finally:
            process.kill()


def failures(report: str) -> list[str]:
    """What went wrong in a run of `terraform test -json`: one line for each error."""
    lines = [json.loads(line) for line in report.splitlines() if line.startswith("{")]
    return [f"{line.get('@testrun', '')}: {line['@message']}" for line in lines if line["@level"] == "error"]
