"""The two streams of a command: stdout is the answer, stderr the conversation."""

import contextlib
import dataclasses
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from liveinsight_cli.errors import Declined, LiveInsightError, UsageError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from liveinsight_cli.workflow import Workflow

PIPED_WIDTH = 120


class Step(Protocol):
    """A long step under way; see Terminal.progress."""

    def update(
        self, text: str | None = None, *, done: float | None = None, total: float | None = None
    ) -> None:
        """Change the text, or how far it is."""
        ...


@dataclass
class Terminal:
    """What a command says and asks.

    With `json_output` the answer is one JSON object and the conversation is quiet; `interactive` is whether
    somebody can be asked, `no_input` whether it was said that nobody is to be. `in_ci`: nobody looks on; `workflow`
    is there when GitHub Actions reads along.
    """

    json_output: bool = False
    quiet: bool = False
    verbose: bool = False
    color: bool = True
    assume_yes: bool = False
    interactive: bool = False
    no_input: bool = False
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    warnings: list[str] = field(default_factory=list)
    in_ci: bool = False
    workflow: "Workflow | None" = None
    _consoles: dict[int, "Console"] = field(default_factory=dict)
    _is_drawing: bool = False

    def heed(self, variables: Mapping[str, str]) -> None:
        """Take notice of where the command runs."""
        self.in_ci = variables.get("CI", "").lower() not in ("", "0", "false")
        if variables.get("GITHUB_ACTIONS") == "true":
            from liveinsight_cli.workflow import follow

            self.stdout, self.stderr, self.workflow = follow(self.stdout, self.stderr, variables)

    def console(self, stream: TextIO) -> "Console":
        """Return the console of a stream, made once."""
        from liveinsight_cli.render.console import PipeAwareConsole

        if id(stream) not in self._consoles:
            width = None if stream.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
            self._consoles[id(stream)] = PipeAwareConsole(
                file=stream,
                no_color=not self.color,
                markup=False,
                highlight=False,
                emoji=False,
                width=width,
                legacy_windows=False,
            )
        return self._consoles[id(stream)]

    @property
    def out(self) -> "Console":
        """The console of the answer; for followers and live screens that draw for themselves."""
        return self.console(self.stdout)

    @property
    def is_live(self) -> bool:
        """Whether something that moves can be drawn on stderr."""
        return not (self.quiet or self.json_output or self.in_ci) and self.stderr.isatty()

    @property
    def keeps_secrets(self) -> bool:
        """Whether what is printed is kept where many can read it."""
        return self.in_ci or self.workflow is not None

    @property
    def err(self) -> "Console":
        """The console of the conversation."""
        return self.console(self.stderr)

    def answer(
        self, command: str, value: object, view: "Callable[[Any], RenderableType]", *, version: int = 1
    ) -> None:
        """Give the command's answer: `value` as JSON, or `view(value)` drawn."""
        if self.json_output:
            self.stdout.write(envelope(command, value, warnings=self.warnings, version=version) + "\n")
            self.stdout.flush()
        else:
            self.out.print(view(value))
        self.report(value)

    def report(self, value: object) -> None:
        """Tell GitHub Actions, where it reads along, of a plan or a deploy."""
        if self.workflow is not None:
            self.workflow.reported(value)

    def group(self, title: str) -> "contextlib.AbstractContextManager[None]":
        """Fold what the block prints in the log of GitHub Actions."""
        is_heard = self.workflow is not None and not (self.quiet or self.json_output)
        return self.workflow.group(title) if self.workflow is not None and is_heard else nullcontext()

    def line(self, value: object) -> None:
        """Write one JSON line; for followers under `--json`."""
        self.stdout.write(_json(value) + "\n")
        self.stdout.flush()

    def fail(self, command: str, error: LiveInsightError) -> None:
        """Show an error, on stdout as the JSON answer or on stderr in words."""
        if self.workflow is not None:
            self.workflow.failed(error)
        if self.json_output:
            body = {"code": error.code, "message": error.message, "hint": error.hint}
            with contextlib.suppress(OSError):  # nobody reads there, or the disk is full: then on stderr
                self.stdout.write(envelope(command, error.data, warnings=self.warnings, error=body) + "\n")
                self.stdout.flush()
                return
        self.stderr.write(f"{self._red('error:')} {_harmless(error.message)}\n")
        if error.hint:
            self.stderr.write(f"  {_harmless(error.hint)}\n")
        self.stderr.flush()

    def say(self, text: str = "") -> None:
        """One plain line of conversation."""
        if not (self.quiet or self.json_output):
            self._tell(text)

    def show(self, renderable: "RenderableType") -> None:
        """A table or panel as part of the conversation."""
        if not (self.quiet or self.json_output):
            self.err.print(renderable)

    def detail(self, text: str) -> None:
        """A line for `--verbose` only."""
        if self.verbose and not self.json_output:
            self._tell(text)

    def warn(self, text: str) -> None:
        """A warning: in the JSON answer's `warnings`, else on stderr."""
        self.warnings.append(text)
        if self.workflow is not None:
            self.workflow.warned(text)
        elif not self.json_output:
            self._tell(f"warning: {_harmless(text)}")

    def notice(self, text: str) -> None:
        """A warning of a follower: at once and on stderr, under `--json` too, as no answer comes that could hold it."""
        if self.workflow is not None:
            self.workflow.warned(text)
        else:
            self._tell(f"warning: {_harmless(text)}")

    def confirm(
        self, question: str, *, protected_name: str | None = None, confirmed_name: str | None = None
    ) -> None:
        """Ask before something is written; raises Declined unless the answer is yes.

        With `protected_name` that name must be typed, or given as `--confirm` together with `--yes`.
        """
        if protected_name is not None:
            self._confirm_by_name(question, protected_name, confirmed_name)
        elif not self.assume_yes:
            if not self.interactive:
                raise Declined(
                    f"{question} Nobody is there to answer.", hint="Add --yes to go on without asking."
                )
            if self._ask(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
                raise Declined("Nothing was changed.")

    def _confirm_by_name(self, question: str, name: str, confirmed: str | None) -> None:
        if confirmed is not None and confirmed != name:
            raise UsageError(f"--confirm names {confirmed!r}, but the environment is {name!r}.")
        if self.assume_yes and confirmed == name:
            return
        if not self.interactive:
            raise Declined(f"{question} {name} is protected.", hint=f"Add --yes --confirm {name}.")
        if self._ask(f"{question} Type {name} to go on: ").strip() != name:
            raise Declined("Nothing was changed.")

    def ask(self, prompt: str) -> str:
        """Return what is typed, without space around it; raises Declined when nobody types any more."""
        answer = self._ask(prompt)
        if not answer:
            raise Declined("The questions were not answered to the end. Nothing was changed.")
        return answer.strip()

    def _ask(self, prompt: str) -> str:
        self.stderr.write(prompt)
        self.stderr.flush()
        answer = self.stdin.readline()
        if not answer:
            self.stderr.write("\n")
        return answer

    @contextmanager
    def progress(self, text: str) -> Iterator[Step]:
        """Show that something is under way: a live row on a terminal, one plain line elsewhere."""
        if not self.is_live:
            if self.workflow is None or self.workflow.is_grouped:
                self.say(text)
            with self.group(text):
                yield _PlainStep(self)
            return
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
        )
        with self.drawing(), Progress(*columns, console=self.err, transient=True) as bar:
            yield _LiveStep(bar, bar.add_task(text, total=None))

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Something moves on stderr while the block runs: lines go above it."""
        self._is_drawing = True
        try:
            yield
        finally:
            self._is_drawing = False

    def _tell(self, line: str) -> None:
        line = _harmless(line)
        if self._is_drawing:
            from rich.text import Text

            self.err.print(Text(line), soft_wrap=True)
        else:
            self.stderr.write(line + "\n")
            self.stderr.flush()

    def _red(self, text: str) -> str:
        return f"\x1b[1;31m{text}\x1b[0m" if self.color and self.stderr.isatty() else text


@dataclass
class _PlainStep:
    terminal: Terminal

    def update(
        self, text: str | None = None, *, done: float | None = None, total: float | None = None
    ) -> None:
        if text is not None:
            self.terminal.say(text)


@dataclass
class _LiveStep:
    bar: Any
    task: Any

    def update(
        self, text: str | None = None, *, done: float | None = None, total: float | None = None
    ) -> None:
        self.bar.update(self.task, description=text, completed=done, total=total)


def _harmless(text: str) -> str:
    """Return words as a terminal may have them: what AWS and Terraform say quotes names and values of anybody's."""
    from liveinsight_cli.render.text import plain

    return plain(text, keep="\n\t")


def envelope(
    command: str, data: object, *, warnings: list[str], error: object = None, version: int = 1
) -> str:
    """Return the JSON object that every command prints under `--json`."""
    body = {
        "schema": f"liveinsight.{command}/{version}",
        "ok": error is None,
        "data": data,
        "warnings": warnings,
        "error": error,
    }
    return _json(body)


def _json(value: object) -> str:
    """Return a line of JSON, in which no reader of logs takes anything for a command: GitHub Actions knows `##[`."""
    import json  # a twentieth of what `--help` takes

    text = json.dumps(value, default=_plain, ensure_ascii=False)
    if _harmless(text) != text:  # what visitors sent holds something that a terminal acts upon
        text = json.dumps(value, default=_plain)
    return text.replace("##[", "#\\u0023[")


def _plain(value: object) -> object:
    """Return what JSON can hold for the values that travel in answers."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
