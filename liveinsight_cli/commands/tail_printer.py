"""What `tail` writes: events laid out, raw, or as JSON lines."""

from collections.abc import Iterable, Mapping

from liveinsight_cli.context import Context
from liveinsight_cli.core.logs.choice import Choice
from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.fold import Fold
from liveinsight_cli.core.logs.follow import Follower
from liveinsight_cli.core.logs.moments import start_of_day_ms
from liveinsight_cli.core.logs.reading import read_entry
from liveinsight_cli.core.logs.summary import API, Summary
from liveinsight_cli.render.tail import TailStyle
from liveinsight_cli.render.tail_lines import json_line, raw_text
from liveinsight_cli.render.text import encodable

AT_ONCE_SECONDS = 0.1


class Printer:
    """Turns events into output. `sources` is log group -> short name; `is_partial`: see Fold."""

    def __init__(
        self,
        context: Context,
        sources: Mapping[str, str],
        choice: Choice,
        *,
        raw: bool,
        since_ms: int,
        is_partial: bool = False,
    ) -> None:
        self.clock = context.clock
        self.terminal = context.terminal
        self.sources = sources
        self.wants = None if choice.is_open else choice.wants
        self.raw = raw
        self.fold = Fold(is_partial)
        self.summary = Summary()
        self.is_terminal = self.terminal.stdout.isatty()
        names = tuple(dict.fromkeys(sources.values()))
        style = TailStyle(
            names,
            self.terminal.color and self.is_terminal,
            dated=since_ms < start_of_day_ms(self.clock.now()),
        )
        self.text_of = json_line if self.terminal.json_output else style.line
        self._flushed_at = 0.0

    def run(self, follower: Follower, *, follow: bool) -> None:
        """Show what the follower reads, to its end or until Ctrl-C."""
        take, sources = self.fold.take, self.sources
        for event in follower.follow() if follow else follower.read():
            if event is None:
                self._show(self.fold.release(int(self.clock.now() * 1000)))
                self._flush()
            elif self.raw:
                self._raw(event)
            else:
                source = sources[event.group]
                shown = take(read_entry(event, source, is_access_log=source == API))
                if shown:
                    self._show(shown)
        self.finish()

    def finish(self) -> None:
        """Show what was held back, and the summary."""
        self.show_held()
        if not self.raw:
            for line in self.summary.in_words():
                self.terminal.say(line)

    def show_held(self) -> None:
        """Show what was held back: nothing more comes."""
        self._show(self.fold.release())
        self._flush()

    def _show(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if self.wants is None or self.wants(entry):
                self.summary.count(entry)
                self._add(self.text_of(entry))

    def _raw(self, event: LogEvent) -> None:
        source = self.sources[event.group]
        if self.wants and not self.wants(read_entry(event, source, is_access_log=source == API)):
            return
        if self.terminal.json_output:
            self._add(json_line(event, source))
        else:
            self._add(raw_text(event.message, is_terminal=self.is_terminal))

    def _add(self, text: str) -> None:
        """Write a line; the first of a burst is seen at once, the others soon."""
        stdout = self.terminal.stdout
        try:
            stdout.write(text)
        except UnicodeEncodeError:  # of which nothing was written
            stdout.write(encodable(text, getattr(stdout, "encoding", None) or "ascii"))
        if self.clock.monotonic() - self._flushed_at > AT_ONCE_SECONDS:
            self._flush()

    def _flush(self) -> None:
        self.terminal.stdout.flush()
        self._flushed_at = self.clock.monotonic()
