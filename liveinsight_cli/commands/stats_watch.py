"""`stats --watch`: looks again and again, and shows troubles instead of ending with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from liveinsight_cli.commands.stats_look import Wanted
from liveinsight_cli.commands.stats_repeated import RepeatedLooks, Sight
from liveinsight_cli.context import Context
from liveinsight_cli.render.stats import StatsView
from liveinsight_cli.terminal import envelope

DRAWS_PER_SECOND = 1  # ages count seconds, and a resized terminal is drawn anew
SIGHTS_TO_BE_STALE = 3


def watch_until_interrupted(context: Context, wanted: Wanted, seconds: float, *, ascii_only: bool) -> None:
    """Look every `seconds` until somebody presses Ctrl-C; that is how it is meant to end."""
    looks = RepeatedLooks(context, wanted)
    try:
        with _display(looks, seconds, ascii_only=ascii_only) as show:
            while True:
                began = context.clock.monotonic()
                show(looks.sight())
                context.clock.sleep(looks.pause(seconds, context.clock.monotonic() - began))
    except KeyboardInterrupt:
        return


@contextmanager
def _display(looks: RepeatedLooks, seconds: float, *, ascii_only: bool) -> Iterator[Callable[[Sight], None]]:
    """Give what shows a look: a JSON line, a block of text, or the screen of a terminal."""
    context = looks.context
    terminal, limit = context.terminal, looks.wanted.limit
    if terminal.json_output:
        yield lambda sight: _write_line(context, sight)
    elif not terminal.stdout.isatty() or terminal.out.is_dumb_terminal:
        yield lambda sight: terminal.out.print(StatsView(sight.stats, limit, ascii_only=ascii_only), "")
    else:
        with _screen(looks, seconds, ascii_only=ascii_only) as show:
            yield show


@contextmanager
def _screen(looks: RepeatedLooks, seconds: float, *, ascii_only: bool) -> Iterator[Callable[[Sight], None]]:
    """Draw over the alternate screen; the last look stays behind on the terminal when it is given back."""
    from rich.live import Live as Screen

    context = looks.context
    out, limit = context.terminal.out, looks.wanted.limit
    last: Sight | None = None

    def view(sight: Sight, footer: str) -> StatsView:
        return StatsView(
            sight.stats,
            limit,
            fill=True,
            footer=footer,
            ascii_only=ascii_only,
            now=context.clock.now,
            stale_seconds=SIGHTS_TO_BE_STALE * seconds,
        )

    def show(sight: Sight) -> None:
        nonlocal last
        last = sight
        screen.update(view(sight, f"every {seconds:g} s, Ctrl-C ends"), refresh=True)

    first = view(Sight(looks.nothing()), "asking the API and CloudWatch")
    try:
        with Screen(first, console=out, screen=True, refresh_per_second=DRAWS_PER_SECOND) as screen:
            yield show
    finally:
        if last is not None:
            out.print(StatsView(last.stats, limit, fill=True, spare_lines=1, ascii_only=ascii_only))


def _write_line(context: Context, sight: Sight) -> None:
    error = sight.error
    body = {"code": error.code, "message": error.message, "hint": error.hint} if error else None
    warnings = [] if error else [*sight.stats.problems, *sight.stats.warnings]
    text = envelope("stats", None if error else sight.stats, warnings=warnings, error=body)
    context.terminal.stdout.write(text + "\n")
    context.terminal.stdout.flush()
