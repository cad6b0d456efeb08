"""`liveinsight local`: the AWS inside this tool, as a process of this project."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Clock, Context
from liveinsight_cli.errors import ConfigurationError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.local.process import LocalStatus, Server

app = typer.Typer(help="The embedded AWS of this project.", no_args_is_help=True, rich_markup_mode=None)
POLL_SECONDS = 0.3


@dataclass(frozen=True)
class LocalDown:
    """The answer of `local down`."""

    was_running: bool


@app.command("up")
def up(
    ctx: typer.Context,
    port: Annotated[
        int | None, typer.Option("--port", min=1024, max=65535, help="Port of the AWS endpoint.")
    ] = None,
) -> None:
    """Start the embedded AWS, if it is not running; data of before is kept.

    \b
    Example:
      liveinsight local up --port 4600
    """
    context = Context.of(ctx)
    _require_region(context)
    context.embedded.port = port if port is not None else context.embedded.port
    with context.terminal.progress("Starting the embedded AWS"):
        server = context.embedded.up()
    status = context.embedded.process.status()
    context.terminal.out.soft_wrap = True
    context.terminal.answer("local-up", server, lambda one: _server_view(one, status))


@app.command("down")
def down(ctx: typer.Context) -> None:
    """Stop the embedded AWS and everything it started; data is kept."""
    context = Context.of(ctx)
    context.excuse_settings()
    answer = LocalDown(context.embedded.process.down())
    context.terminal.answer("local-down", answer, _down_view)


@app.command("status")
def status(ctx: typer.Context) -> None:
    """Show whether the embedded AWS is running, where, and what it holds. Starts nothing."""
    context = Context.of(ctx)
    context.excuse_settings()
    context.terminal.out.soft_wrap = True
    context.terminal.answer("local-status", context.embedded.process.status(), _status_view)


@app.command("logs")
def logs(
    ctx: typer.Context,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")] = 40,
) -> None:
    """Show what the process of the embedded AWS wrote. For the functions' logs see `liveinsight tail`."""
    context = Context.of(ctx)
    context.excuse_settings()
    process = context.embedded.process
    written = _lines(process.log_path, context.clock) if follow else iter(())
    try:
        for line in process.log_tail(lines) if lines else ():
            _print(context, line)
        for line in written:
            _print(context, line)
    except KeyboardInterrupt:
        return


def _print(context: Context, line: str) -> None:
    if context.terminal.json_output:
        context.terminal.line({"schema": "liveinsight.local-logs/1", "line": line})
    else:
        context.terminal.out.print(line, soft_wrap=True)


def _lines(path: Path, clock: Clock) -> Iterator[str]:
    """Yield lines as they are written, from now on; a log that begins anew is read from its beginning."""
    position, rest = (path.stat().st_size if path.exists() else 0), ""
    while True:
        size = path.stat().st_size if path.exists() else 0
        if size < position:
            position, rest = 0, ""
        if size > position:
            with path.open("rb") as file:
                file.seek(position)
                chunk = file.read()
            position += len(chunk)
            *whole, rest = (rest + chunk.decode(errors="replace")).split("\n")
            yield from whole
        else:
            clock.sleep(POLL_SECONDS)


def _require_region(context: Context) -> None:
    if context.settings.target != "embedded":
        raise ConfigurationError(
            f"The environment {context.environment!r} is on the real AWS.",
            hint='The embedded AWS serves environments with target = "embedded", such as local.',
        )


def _server_view(server: "Server", status: "LocalStatus") -> "RenderableType":
    from liveinsight_cli.render.local import server_view

    return server_view(server, status.details)


def _status_view(status: "LocalStatus") -> "RenderableType":
    from liveinsight_cli.render.local import status_view

    return status_view(status.state, status.server, status.log_path, status.details)


def _down_view(answer: LocalDown) -> "RenderableType":
    from rich.text import Text

    return Text("Stopped; data is kept." if answer.was_running else "It was not running.")
