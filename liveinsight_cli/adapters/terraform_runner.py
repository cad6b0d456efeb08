"""Starts terraform for one environment: which executable, with which environment, log and words when it fails.

What is run, and what for, is terraform.py's.
"""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters import terraform_process
from liveinsight_cli.adapters.files import unwritable
from liveinsight_cli.adapters.terraform_binary import Binary, check, locate
from liveinsight_cli.adapters.terraform_environment import Target, basic_environment, terraform_environment
from liveinsight_cli.adapters.terraform_failure import Failure, failure_error
from liveinsight_cli.adapters.terraform_process import AS_THE_USER_HAS_IT, FOR_US_ALONE
from liveinsight_cli.adapters.terraform_provider import ProviderSource, find_provider
from liveinsight_cli.adapters.terraform_workspace import Workspace
from liveinsight_cli.adapters.unfinished import Unfinished
from liveinsight_cli.assets import terraform_sources
from liveinsight_cli.core.state import LOCAL_BACKEND
from liveinsight_cli.core.terraform_events import Change, Diagnostic, Event, Outputs, Text, Version
from liveinsight_cli.errors import Interrupted, PreconditionError
from liveinsight_cli.project import EnvironmentFiles, Project
from liveinsight_cli.terminal import Terminal

KEPT_LOGS = 40
Listener = Callable[[Event], None]


def nobody(_: Event) -> None:
    """Hear nothing."""


@dataclass
class Run:
    """What one terraform process said."""

    exit_code: int
    log: Path
    events: list[Event]

    @property
    def errors(self) -> list[Diagnostic]:
        """Its diagnostics of severity error."""
        return [one for one in self.events if isinstance(one, Diagnostic) and one.severity == "error"]

    @property
    def changes(self) -> list[Change]:
        """What would change, drift included."""
        return [one for one in self.events if isinstance(one, Change)]

    @property
    def changing_outputs(self) -> list[str]:
        """The outputs that would change."""
        return [name for one in self.events if isinstance(one, Outputs) for name in one.changing]

    @property
    def words(self) -> list[str]:
        """What it said outside its stream."""
        return [one.line for one in self.events if isinstance(one, Text)]


@dataclass
class Runner:
    """What every run of terraform for an environment needs."""

    project: Project
    files: EnvironmentFiles
    terminal: Terminal
    variables: Mapping[str, str]
    chosen_binary: str | None = None
    chosen_mirror: str | None = None
    target: Target = field(default_factory=lambda: Target(""))
    backend: Mapping[str, Any] = field(default_factory=lambda: LOCAL_BACKEND)
    sources: Path = field(default_factory=terraform_sources)
    environment_name: str = "local"
    now: Callable[[], float] = time.time

    @cached_property
    def binary(self) -> Binary:
        """The executable, checked; raises PreconditionError."""
        return check(locate(self.chosen_binary, self.variables), basic_environment(self.variables))

    @cached_property
    def provider(self) -> ProviderSource:
        """Where the AWS provider comes from; raises ConfigurationError."""
        return find_provider(self.chosen_mirror, self.variables, self.project.root, self.binary.registry)

    @property
    def unfinished(self) -> Unfinished:
        """What earlier applies may have created without writing it into the state."""
        return Unfinished(self.files.unfinished, self.files.logs)

    @property
    def workspace(self) -> Workspace:
        """Terraform's working copy."""
        return Workspace(self.sources, self.files.stack)

    def captured(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run what answers on stdout; nothing of it is kept, for it may hold secrets."""
        return subprocess.run(
            [*self.binary.command, *arguments],
            cwd=self.files.stack,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """Return the environment variables of a run."""
        environment = terraform_environment(self.variables, self.target)
        if self.provider.configuration is not None:
            environment["TF_CLI_CONFIG_FILE"] = str(self.workspace.cli_configuration.absolute())
        return environment

    def run(self, arguments: Sequence[str], listen: Listener, log: Path | None = None) -> Run:
        """Run `terraform <arguments>` to its end, whatever that is; raises Interrupted after a signal."""
        log = log or self.new_log(arguments[0])
        run = Run(0, log, [])

        def take(event: Event) -> None:
            run.events.append(event)
            if isinstance(event, Version) and not event.is_known:
                raise PreconditionError(
                    f"{self.binary.path} speaks version {event.ui} of its UI stream; LiveInsight knows version 1.",
                    hint="Update liveinsight, or give an older terraform with --terraform.",
                )
            listen(event)

        finished = terraform_process.run(
            [*self.binary.command, *arguments],
            directory=self.files.stack,
            environment=self.environment(),
            log=log,
            on_event=take,
            on_interrupt=self._interrupted,
            # What init installs may go into a cache that other users share.
            umask=AS_THE_USER_HAS_IT if arguments[0] == "init" else FOR_US_ALONE,
        )
        run.exit_code = finished.exit_code
        if finished.interrupted:
            raise Interrupted(
                f"Interrupted during terraform {arguments[0]}; {finished.manner}.",
                hint=f"Run the command again: it goes on from here. Raw stream: {shown(log)}",
            )
        return run

    def _interrupted(self, count: int) -> None:
        words = {
            1: "Interrupted: terraform finishes what it is doing. Once more to stop at once.",
            2: "Interrupted again: terraform stops at once.",
        }
        self.terminal.say(words.get(count, "Ending terraform."))

    def failed(self, run: Run, verb: str) -> Exception:
        """Return the error that a run of `terraform <verb>` ended with."""
        shown_errors = [replace(one, filename=self._openable(one.filename)) for one in run.errors]
        failure = Failure(verb, run.errors, run.words, run.exit_code, run.log, shown_errors)
        return failure_error(failure, self.environment_name, self.now(), is_remote="s3" in self.backend)

    def _openable(self, filename: str | None) -> str | None:
        """Return a file that an error names as one to open: of the checkout, where there is one, not of its copy."""
        if filename is None or filename.startswith("<"):  # such as <value for var.x>
            return filename
        source = self.sources / filename
        is_checkout = (self.sources.parent / ".git").exists() and source.is_file()
        return shown(source if is_checkout else self.files.stack / filename)

    def new_log(self, verb: str) -> Path:
        """Return where the next raw stream goes; the oldest ones are removed."""
        with unwritable(self.files.logs):
            self.files.logs.mkdir(parents=True, exist_ok=True)
            for old in sorted(self.files.logs.glob("*.jsonl"))[: -KEPT_LOGS + 1]:
                if old != self.unfinished.log:  # what it created is known from there alone
                    old.unlink(missing_ok=True)
        at = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self.now()))
        stem = self.files.logs / f"{at}-{os.getpid()}-{verb}"
        path, number = stem.with_name(f"{stem.name}.jsonl"), 1
        while path.exists():  # one plan and the next may take less than a second
            number += 1
            path = stem.with_name(f"{stem.name}-{number}.jsonl")
        return path


def shown(path: Path) -> str:
    """Return a path as short as the user can use it from where they are."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
