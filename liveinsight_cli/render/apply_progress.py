"""Live progress of an apply: a row for each resource under way on a terminal, one plain line per event elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from liveinsight_cli.core.terraform_events import Event, Progress
from liveinsight_cli.terminal import Terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

DOING = {"create": "creating", "update": "updating", "delete": "deleting", "read": "reading"}
DONE = {"create": "created", "update": "updated", "delete": "deleted", "read": "read"}
ROWS = 8
STILL_EVERY_SECONDS = 30


@dataclass
class PlainProgress:
    """One line per finished operation, numbered."""

    terminal: Terminal
    operations: int
    finished: int = 0

    def take(self, event: Event) -> None:
        """Show an event of the stream."""
        if not isinstance(event, Progress) or event.action == "read":
            return
        if event.phase == "complete":
            self.finished += 1
            done = DONE.get(event.action, event.action)
            position = f"[{self.finished}/{max(self.operations, self.finished)}]"
            self.terminal.say(f"{position} {event.resource.address} {done} ({event.elapsed_seconds:.0f} s)")
        elif event.phase == "errored":
            self.terminal.say(f"[failed] {event.resource.address} ({event.elapsed_seconds:.0f} s)")
        elif event.phase == "progress" and event.elapsed_seconds % STILL_EVERY_SECONDS == 0:
            doing = DOING.get(event.action, event.action)
            self.terminal.say(f"still {doing} {event.resource.address} ({event.elapsed_seconds:.0f} s)")


@dataclass
class LiveProgress:
    """A bar over all operations, and a spinner for each that is under way."""

    bars: "Bars"
    whole: "TaskID"
    rows: dict[str, "TaskID"] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Show an event of the stream."""
        if not isinstance(event, Progress) or event.action == "read":
            return
        address = event.resource.address
        if event.phase == "start":
            doing = DOING.get(event.action, event.action)
            visible = sum(
                self.bars.tasks[self.bars.task_ids.index(row)].visible for row in self.rows.values()
            )
            row = self.bars.add_task(f"  {doing} {address}", total=None, visible=visible < ROWS)
            self.rows[address] = row
        elif event.phase in ("complete", "errored"):
            finished = self.rows.pop(address, None)
            if finished is not None:
                self.bars.remove_task(finished)
            if event.phase == "complete":
                self.bars.advance(self.whole)
            for waiting in list(self.rows.values())[:ROWS]:
                self.bars.update(waiting, visible=True)


@contextmanager
def apply_progress(
    terminal: Terminal, operations: int, title: str = "Applying"
) -> Iterator[PlainProgress | LiveProgress]:
    """Show the progress of `operations` operations while the block runs."""
    if not terminal.is_live:
        yield PlainProgress(terminal, operations)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=terminal.err, transient=True) as bars:
        yield LiveProgress(bars, bars.add_task(title, total=operations))
