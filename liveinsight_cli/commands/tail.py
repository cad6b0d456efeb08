"""`liveinsight tail`: the logs of all functions and of the API, merged, followed, one line a request."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.errors import UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.core.logs.choice import Choice
    from liveinsight_cli.core.logs.entries import Entry
    from liveinsight_cli.core.logs.events import LogEvent
    from liveinsight_cli.core.logs.fold import Fold
    from liveinsight_cli.core.logs.follow import Follower
    from liveinsight_cli.core.logs.summary import Summary
    from liveinsight_cli.render.tail import TailStyle

API = "api"
LEVEL_NAMES = ("DEBUG", "INFO", "WARN", "ERROR")

Functions = Annotated[list[str] | None, typer.Argument(help="Functions to follow, or `api`.  [default: all]")]
Since = Annotated[str, typer.Option(help="From when: a duration such as 10m, or a time.")]
Until = Annotated[str | None, typer.Option(help="Until when; a time in the past ends the command there.")]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more.")]
Pattern = Annotated[
    str | None, typer.Option("--filter", help="CloudWatch filter pattern, applied by CloudWatch.")
]
Grep = Annotated[str | None, typer.Option(help="Show only what matches this regular expression.")]
Level = Annotated[str | None, typer.Option(help="Show only this level and above: debug, info, warn, error.")]
Request = Annotated[str | None, typer.Option(help="Show one request by its id, or the beginning of it.")]
Raw = Annotated[bool, typer.Option("--raw", help="Show every event as it was written.")]


def tail(
    ctx: typer.Context,
    functions: Functions = None,
    since: Since = "10m",
    until: Until = None,
    follow: Follow = True,
    filter_pattern: Pattern = None,
    grep: Grep = None,
    level: Level = None,
    request: Request = None,
    raw: Raw = False,
) -> None:
    """Follow the logs of all functions and the API's access log, merged in time order. Ctrl-C ends it.

    START, END and REPORT are folded into one line a request: duration, billed time, memory, cold start.

    \b
    Examples:
      liveinsight tail
      liveinsight tail event-collector aggregator --level warn
      liveinsight tail --since 1h --no-follow --grep timeout --json
    """
    from liveinsight_cli.adapters.deployed import load
    from liveinsight_cli.adapters.logs import CloudWatchLogs
    from liveinsight_cli.core.logs.follow import Follower

    context = Context.of(ctx)
    choice = _choice(level, grep, request)
    since_ms = _moment(context, "--since", since)
    until_ms = _moment(context, "--until", until) if until else None
    sources = _sources(load(context.files, context.environment), functions or [])
    follower = Follower(
        CloudWatchLogs(context.aws, filter_pattern),
        tuple(sources),
        since_ms,
        context.clock.now,
        context.clock.sleep,
        until_ms,
        _once(context.terminal.warn),
    )
    _require_reachable(context)
    printer = _Printer(context, sources, choice, raw)
    try:
        printer.run(follower, follow=follow and (until_ms is None or until_ms > context.clock.now() * 1000))
    except KeyboardInterrupt:
        printer.finish()


def _choice(level: str | None, grep: str | None, request: str | None) -> "Choice":
    from liveinsight_cli.core.logs.choice import Choice

    wanted = level.upper() if level else None
    if wanted and wanted not in LEVEL_NAMES:
        raise UsageError(f"--level {level}: use one of {', '.join(LEVEL_NAMES).lower()}.")
    try:
        return Choice(wanted, re.compile(grep) if grep else None, request)
    except re.error as error:
        raise UsageError(f"--grep {grep!r} is not a regular expression: {error}.") from error


def _moment(context: Context, option: str, text: str) -> int:
    from liveinsight_cli.core.logs.choice import BadMoment, moment_ms

    try:
        return moment_ms(text, context.clock.now())
    except BadMoment as error:
        raise UsageError(f"{option}: {error}.") from error


def _sources(deployed: "Deployed", wanted: list[str]) -> dict[str, str]:
    """Return log group -> short name of those to follow."""
    known = {function.log_group: name for name, function in deployed.functions.items()}
    known |= {
        group: API for group in deployed.log_groups if group not in known and "Execution-Logs" not in group
    }
    unknown = sorted(set(wanted) - set(known.values()))
    if unknown:
        names = ", ".join(sorted(set(known.values())))
        raise UsageError(f"There is no function {unknown[0]!r} here.", hint=f"Known: {names}.")
    return {group: name for group, name in known.items() if not wanted or name in wanted}


def _require_reachable(context: Context) -> None:
    """Fail early, with the way on, when the embedded AWS is down: a follower would only see missing groups."""
    if context.settings.target == "embedded":
        context.embedded.require()


def _once(notice: Callable[[str], None]) -> Callable[[str], None]:
    said: set[str] = set()

    def say(text: str) -> None:
        if text not in said:
            said.add(text)
            notice(text)

    return say


@dataclass
class _Printer:
    """Turns events into output: laid out, raw, or JSON lines."""

    context: Context
    sources: dict[str, str]
    choice: "Choice"
    raw: bool
    fold: "Fold" = field(init=False)
    summary: "Summary" = field(init=False)
    style: "TailStyle" = field(init=False)

    def __post_init__(self) -> None:
        from liveinsight_cli.core.logs.fold import Fold
        from liveinsight_cli.core.logs.summary import Summary
        from liveinsight_cli.render.tail import TailStyle

        terminal = self.context.terminal
        self.fold, self.summary = Fold(), Summary()
        names = tuple(dict.fromkeys(self.sources.values()))
        self.style = TailStyle(names, terminal.color and terminal.stdout.isatty())

    def run(self, follower: "Follower", *, follow: bool) -> None:
        for event in follower.follow() if follow else follower.read():
            if event is None:
                self._show(self.fold.release(int(self.context.clock.now() * 1000)))
                self.context.terminal.stdout.flush()
            elif self.raw:
                self._raw(event)
            else:
                self._show(self.fold.take(self._entry(event)))
        self.finish()

    def finish(self) -> None:
        """Show what was held back, and the summary."""
        self._show(self.fold.release())
        self.context.terminal.stdout.flush()
        if not self.raw:
            self.context.terminal.say(self.summary.in_words())

    def _entry(self, event: "LogEvent") -> "Entry":
        from liveinsight_cli.core.logs.entries import read_entry

        source = self.sources[event.group]
        return read_entry(event, source, is_access_log=source == API)

    def _show(self, entries: "Iterator[Entry]") -> None:
        for entry in entries:
            if self.choice.wants(entry):
                self.summary.count(entry)
                self._write(entry)

    def _write(self, entry: "Entry") -> None:
        if self.context.terminal.json_output:
            self.context.terminal.line(entry)
        else:
            self.context.terminal.stdout.write(self.style.line(entry) + "\n")

    def _raw(self, event: "LogEvent") -> None:
        from liveinsight_cli.render.text import plain

        if self.context.terminal.json_output:
            self.context.terminal.line(event)
        elif self.choice.grep is None or self.choice.grep.search(event.message):
            lines = (plain(line) for line in event.message.rstrip("\n").split("\n"))
            self.context.terminal.stdout.write(
                "\n".join(f"{self.sources[event.group]} {line}" for line in lines) + "\n"
            )
