"""Live progress of an apply: a row for each resource under way on a terminal, one plain line per event elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liveinsight_cli.core.progress import ApplyProgress, Finished, Running
from liveinsight_cli.core.terraform_events import Event
from liveinsight_cli.terminal import Terminal

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

DOING = {"create": "creating", "update": "updating", "delete": "deleting"}
DONE = {"create": "created", "update": "updated", "delete": "deleted"}
ROWS = 8
FAILURES = 3
STILL_EVERY_SECONDS = 30
SHORTEST_ESTIMATE = 3.0  # below that, "about 1 s left" is gone before it is read
BAR = 24
SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


@dataclass
class PlainProgress:
    """One line per finished operation, numbered; one in half a minute for what takes long."""

    terminal: Terminal
    progress: ApplyProgress
    title: str
    monotonic: Callable[[], float]
    said: dict[tuple[str, str], float] = field(default_factory=dict)

    def begin(self) -> None:
        """Say how much there is to do."""
        left = self.progress.remaining_seconds(self.monotonic())
        about = f", {in_about(left)}" if left is not None and left >= SHORTEST_ESTIMATE else ""
        operations = f"{self.progress.total} operation{'' if self.progress.total == 1 else 's'}"
        self.terminal.say(f"{self.title}: {operations}{about}")

    def take(self, event: Event) -> None:
        """Show an event of the stream."""
        now = self.monotonic()
        said = self.progress.take(event, now)
        if isinstance(said, Finished):
            has_failed = (said.address, said.action) in self.progress.failed
            position = f"[{self.progress.finished}/{self.progress.total}]"
            end = (
                f"[failed] {said.address}" if has_failed else f"{position} {said.address} {DONE[said.action]}"
            )
            self.terminal.say(f"{end} ({said.seconds:.0f} s)")
        elif isinstance(said, Running):
            self._still(said, now)

    def _still(self, running: Running, now: float) -> None:
        key = (running.address, running.action)
        if now - self.said.setdefault(key, running.since) >= STILL_EVERY_SECONDS:
            self.said[key] = now
            self.terminal.say(
                f"still {DOING[running.action]} {running.address} ({now - running.since:.0f} s)"
            )


@dataclass
class ApplyScreen:
    """A bar over all operations, and a row for each that is under way. Drawn anew several times a second."""

    progress: ApplyProgress
    title: str
    monotonic: Callable[[], float]
    started: float

    def take(self, event: Event) -> None:
        """Take in an event of the stream."""
        self.progress.take(event, self.monotonic())

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """Draw as many rows as fit."""
        now = self.monotonic()
        width = options.max_width
        yield self._head(now, width)
        rows = max(1, min(ROWS, console.size.height - 4 - min(FAILURES, len(self.progress.failed))))
        running = sorted(self.progress.running.values(), key=lambda one: one.since)
        for one in running[:rows]:
            yield self._row(one, now, width)
        if len(running) > rows:
            yield _line(f"    and {len(running) - rows} more", "dim")
        for failed in list(self.progress.failed.values())[:FAILURES]:
            yield _line(f"  failed {shortened(failed.address, width - 10)}", "red")

    def _head(self, now: float, width: int) -> "Text":
        progress = self.progress
        spent = f"{clock_face(now - self.started)}"
        left = progress.remaining_seconds(now)
        about = f"  {in_about(left)} left" if left is not None and left >= SHORTEST_ESTIMATE else ""
        filled = BAR * progress.finished // progress.total if progress.total else 0
        spinner = SPINNER[int(now * 10) % len(SPINNER)]
        line = _line(f"{spinner} {self.title} ")
        line.append("━" * filled, style="green")
        line.append("╌" * (BAR - filled), style="bright_black")
        line.append(f" {progress.finished}/{progress.total}  {spent}{about}")
        line.truncate(width)
        return line

    def _row(self, running: Running, now: float, width: int) -> "Text":
        doing, seconds = DOING[running.action], f"{now - running.since:4.0f} s"
        room = width - len(doing) - len(seconds) - 5
        return _line(f"  {doing} {shortened(running.address, room):<{room}} {seconds}", "cyan")


@contextmanager
def apply_progress(
    terminal: Terminal, progress: ApplyProgress, title: str, monotonic: Callable[[], float]
) -> Iterator[Callable[[Event], None]]:
    """Show the progress while the block runs; yields what is to hear the events."""
    if not terminal.is_live:
        plain = PlainProgress(terminal, progress, title, monotonic)
        plain.begin()
        yield plain.take
        return
    from rich.live import Live

    screen = ApplyScreen(progress, title, monotonic, monotonic())
    with terminal.drawing(), Live(screen, console=terminal.err, transient=True, refresh_per_second=8):
        yield screen.take


def shortened(text: str, length: int) -> str:
    """Return a text that is at most `length` long: what an address begins and ends with tells most."""
    if len(text) <= length:
        return text
    if length < 5:
        return text[: max(0, length)]
    head = (length - 1) // 2
    return f"{text[:head]}…{text[-(length - 1 - head) :]}"


def in_about(seconds: float) -> str:
    """Return a time as it is known: "about 25 s", "about 4 min"."""
    if seconds < 20:
        return f"about {seconds:.0f} s"
    if seconds < 90:
        return f"about {round(seconds / 5) * 5} s"
    return f"about {seconds / 60:.0f} min"


def clock_face(seconds: float) -> str:
    """Return "0:32"."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _line(text: str, style: str = "") -> "Text":
    from rich.text import Text

    return Text(text, style=style, no_wrap=True, overflow="ellipsis")
