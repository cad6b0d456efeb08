"""What `tail` writes: events laid out, raw, or as JSON lines."""

from collections.abc import Iterator, Mapping

from liveinsight_cli.context import Context
from liveinsight_cli.core.logs.choice import Choice
from liveinsight_cli.core.logs.entries import Entry, read_entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.fold import Fold
from liveinsight_cli.core.logs.follow import Follower
from liveinsight_cli.core.logs.summary import Summary
from liveinsight_cli.render.tail import TailStyle
from liveinsight_cli.render.text import plain

API = "api"


class Printer:
    """Turns events into output. `sources` is log group -> short name."""

    def __init__(self, context: Context, sources: Mapping[str, str], choice: Choice, *, raw: bool) -> None:
        self.clock = context.clock
        self.terminal = context.terminal
        self.sources = sources
        self.choice = choice
        self.raw = raw
        self.fold = Fold()
        self.summary = Summary()
        names = tuple(dict.fromkeys(sources.values()))
        self.style = TailStyle(names, self.terminal.color and self.terminal.stdout.isatty())

    def run(self, follower: Follower, *, follow: bool) -> None:
        """Show what the follower reads, to its end or until Ctrl-C."""
        for event in follower.follow() if follow else follower.read():
            if event is None:
                self._show(self.fold.release(int(self.clock.now() * 1000)))
                self.terminal.stdout.flush()
            elif self.raw:
                self._raw(event)
            else:
                source = self.sources[event.group]
                self._show(self.fold.take(read_entry(event, source, is_access_log=source == API)))
        self.finish()

    def finish(self) -> None:
        """Show what was held back, and the summary."""
        self._show(self.fold.release())
        self.terminal.stdout.flush()
        if not self.raw:
            self.terminal.say(self.summary.in_words())

    def _show(self, entries: Iterator[Entry]) -> None:
        for entry in entries:
            if self.choice.wants(entry):
                self.summary.count(entry)
                self._write(entry)

    def _write(self, entry: Entry) -> None:
        if self.terminal.json_output:
            self.terminal.line(entry)
        else:
            self.terminal.stdout.write(self.style.line(entry) + "\n")

    def _raw(self, event: LogEvent) -> None:
        if self.terminal.json_output:
            self.terminal.line(event)
        elif self.choice.grep is None or self.choice.grep.search(event.message):
            lines = (plain(line) for line in event.message.rstrip("\n").split("\n"))
            self.terminal.stdout.write(
                "\n".join(f"{self.sources[event.group]} {line}" for line in lines) + "\n"
            )
