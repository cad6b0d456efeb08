"""A command as a step of GitHub Actions: groups and annotations in its log, a summary of the job, outputs of the step.

Only where GITHUB_ACTIONS says so. Whatever else the command prints is kept from being taken for a workflow command:
it holds text of visitors, of AWS and of Terraform.
"""

import os
import stat
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from liveinsight_cli.assets import terraform_sources
from liveinsight_cli.core import github, github_summary
from liveinsight_cli.core.deploying import DeployResult
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.errors import ComparisonFailed, LiveInsightError


class Guarded:
    """A text stream whose text cannot be a workflow command."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.line = ""  # what the line under way holds already

    def write(self, text: str) -> int:
        """Write text, made harmless."""
        text = github.harmless(text, self.line)
        self.line = github.end_of_line(self.line + text)
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def guarded(stream: TextIO) -> TextIO:
    """Return a stream that the runner can read safely. A file is left as it is: it is no log, and may be data."""
    with suppress(OSError, ValueError, AttributeError):  # a stream without a file descriptor
        if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return stream
    return Guarded(stream)  # type: ignore[return-value]


@dataclass
class Workflow:
    """What is said to GitHub, into a log that the runner reads."""

    log: Guarded
    variables: Mapping[str, str]
    environment: str = ""
    is_grouped: bool = False

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold what the block prints, unless it is folded already."""
        if self.is_grouped:
            yield
            return
        self._command(github.group(title))
        self.is_grouped = True
        try:
            yield
        finally:
            self.is_grouped = False
            self._command(github.END_GROUP)

    def warned(self, text: str) -> None:
        """Show a warning."""
        self._command(github.Annotation("warning", text, "liveinsight").command())

    def failed(self, error: LiveInsightError) -> None:
        """Show an error beside the line of the repository that it is about. Planned changes are no error."""
        if isinstance(error, ComparisonFailed) and isinstance(error.data, Plan):
            self.reported(error.data)
            return
        for one in github.annotations(error.message, error.hint, error.data, self._source, self._file):
            self._command(one.command())

    def reported(self, value: object) -> None:
        """Put a plan or a deploy into the summary of the job and the outputs of the step."""
        if isinstance(value, Plan):
            self._add("GITHUB_STEP_SUMMARY", github_summary.plan_summary(value, self.environment) + "\n")
            self._output(github_summary.plan_outputs(value))
        elif isinstance(value, DeployResult):
            self._add("GITHUB_STEP_SUMMARY", github_summary.deploy_summary(value) + "\n")
            self._output(github_summary.deploy_outputs(value))

    def _output(self, outputs: Mapping[str, str]) -> None:
        self._add("GITHUB_OUTPUT", github_summary.output_lines(outputs, f"end-{uuid.uuid4()}"))

    def _add(self, variable: str, text: str) -> None:
        path = self.variables.get(variable)
        if not path:
            return
        try:
            with Path(path).open("a", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:  # what was deployed is deployed
            self.warned(f"{variable} cannot be written: {error.strerror}.")

    def _source(self, name: str) -> str | None:
        """Return the repository's path of a file of the Terraform configuration, where that is in the checkout."""
        path = terraform_sources() / name
        if not path.is_file():
            return None
        twin = Path(self.variables.get("GITHUB_WORKSPACE", ""), "terraform", name)
        is_installed_from_there = twin.is_file() and twin.read_bytes() == path.read_bytes()
        return self._file(str(twin if is_installed_from_there else path))

    def _file(self, name: str) -> str | None:
        root = self.variables.get("GITHUB_WORKSPACE")
        if not root:
            return None
        path = Path(name).resolve()
        try:
            return path.relative_to(Path(root).resolve()).as_posix() if path.is_file() else None
        except ValueError:
            return None

    def _command(self, text: str) -> None:
        with suppress(OSError):  # nobody reads there
            self.log.stream.write(f"\n{text}\n" if self.log.line else f"{text}\n")
            self.log.stream.flush()
        self.log.line = ""


def follow(stdout: TextIO, stderr: TextIO, variables: Mapping[str, str]) -> tuple[TextIO, TextIO, Workflow]:
    """Return both streams as they may be written to from now on, and what speaks to GitHub."""
    log = Guarded(stderr)
    return guarded(stdout), log, Workflow(log, variables)  # type: ignore[return-value]
