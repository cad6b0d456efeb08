"""`stats --watch`: looks again and again, and shows troubles instead of ending with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from liveinsight_cli.commands.stats_look import Wanted, look
from liveinsight_cli.context import Context
from liveinsight_cli.core.stats import Stats
from liveinsight_cli.errors import CredentialsError, LiveInsightError, UsageError
from liveinsight_cli.terminal import envelope


@dataclass(frozen=True)
class _Sight:
    """One look of --watch: with `error` the figures are those of the last look that succeeded."""

    stats: Stats
    error: LiveInsightError | None = None


def watch_until_interrupted(context: Context, wanted: Wanted, seconds: float) -> None:
    """Look every `seconds` until somebody presses Ctrl-C; that is how it is meant to end."""
    sight: _Sight | None = None
    try:
        with _display(context, wanted, seconds) as show:
            while True:
                began = context.clock.monotonic()
                sight = _sight(context, wanted, sight)
                show(sight)
                context.clock.sleep(max(0.0, seconds - (context.clock.monotonic() - began)))
    except KeyboardInterrupt:
        return


def _sight(context: Context, wanted: Wanted, last: _Sight | None) -> _Sight:
    """Look once. Only what no waiting mends ends --watch, and only at its first look."""
    try:
        return _Sight(look(context, wanted))
    except LiveInsightError as error:
        if last is None and (
            isinstance(error, (CredentialsError, UsageError)) or error.code == "not_deployed"
        ):
            raise
        now = int(context.clock.now() * 1000)
        before = last.stats if last else Stats(context.environment, now, wanted.by, None, None, None)
        return _Sight(replace(before, problems=(f"Trying again: {error.message}",), checks=()), error)


@contextmanager
def _display(context: Context, wanted: Wanted, seconds: float) -> Iterator[Callable[[_Sight], None]]:
    """Give what shows a look: a JSON line, a block of text, or the screen of a terminal."""
    from liveinsight_cli.render.stats import StatsView

    terminal = context.terminal
    if terminal.json_output:
        yield lambda sight: _write_line(context, sight)
    elif not terminal.stdout.isatty() or terminal.out.is_dumb_terminal:
        yield lambda sight: terminal.out.print(StatsView(sight.stats, wanted.limit), "")
    else:
        from rich.live import Live as Screen

        footer = f"every {seconds:g} s, Ctrl-C ends"
        with Screen(console=terminal.out, screen=True, refresh_per_second=4) as screen:
            yield lambda sight: screen.update(
                StatsView(sight.stats, wanted.limit, fill=True, footer=footer), refresh=True
            )


def _write_line(context: Context, sight: _Sight) -> None:
    error = sight.error
    body = {"code": error.code, "message": error.message, "hint": error.hint} if error else None
    warnings = [] if error else [*sight.stats.problems, *sight.stats.warnings]
    text = envelope("stats", None if error else sight.stats, warnings=warnings, error=body)
    context.terminal.stdout.write(text + "\n")
    context.terminal.stdout.flush()
