"""Registers the commands and holds the one error boundary; decides nothing."""

import errno
import io
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.arguments import RootGroup, command_name
from liveinsight_cli.errors import ExitCode, Interrupted, LiveInsightError, PreconditionError
from liveinsight_cli.terminal import Terminal

if TYPE_CHECKING:
    from liveinsight_cli.context import Context, GlobalOptions


app = typer.Typer(
    name="liveinsight",
    cls=RootGroup,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 unexpected, 2 usage, 3 configuration or precondition, 4 credentials, 5 state locked, "
    "6 terraform failed, 7 health check failed, 8 timed out, 9 declined, 10 comparison failed, 130 interrupted.",
)


def _version(wanted: bool) -> None:
    if wanted:
        from liveinsight_cli import __version__

        typer.echo(f"liveinsight {__version__}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    env: Annotated[
        str, typer.Option("--env", "-e", envvar="LIVEINSIGHT_ENV", help="Environment to work on.")
    ] = "local",
    profile: Annotated[str | None, typer.Option(help="AWS profile.")] = None,
    region: Annotated[str | None, typer.Option(help="AWS region.  [default: ap-northeast-2]")] = None,
    config_file: Annotated[
        Path | None, typer.Option("--config", help="Configuration file.  [default: liveinsight.toml]")
    ] = None,
    json_output: Annotated[
        bool, typer.Option("--json", help="Answer with one JSON object on stdout.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but the answer and errors.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colours (also NO_COLOR).")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")] = False,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask; fail instead.")] = False,
    terraform: Annotated[str | None, typer.Option(help="The terraform (or tofu) executable.")] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Real-time web analytics in your own AWS account.

    Without an account the same commands run the same stack on this machine: `liveinsight deploy` is all it takes.
    """
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit
    from liveinsight_cli.context import GlobalOptions

    launch: Launch = ctx.obj
    launch.terminal.json_output = json_output
    launch.terminal.quiet = quiet
    launch.terminal.verbose = verbose
    launch.terminal.color = not (no_color or os.environ.get("NO_COLOR"))
    launch.terminal.assume_yes = yes
    launch.terminal.no_input = no_input
    nobody_is_there = no_input or json_output or launch.terminal.in_ci
    launch.terminal.interactive = not nobody_is_there and launch.terminal.stdin.isatty()
    flags = {"profile": profile, "region": region, "terraform": terraform}
    ctx.obj = launch.context = launch.compose(GlobalOptions(env, config_file, flags), launch.terminal)
    launch.context.command = launch.command
    if launch.terminal.workflow is not None:
        launch.terminal.workflow.environment = env


def _compose(options: "GlobalOptions", terminal: Terminal) -> "Context":
    from liveinsight_cli.context import Context

    return Context(options, terminal)


UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})


@dataclass
class Launch:
    """One run of the command line, from its arguments to its exit code."""

    terminal: Terminal
    compose: "Callable[[GlobalOptions, Terminal], Context]"
    command: str
    context: "Context | None" = None


def run(
    arguments: Sequence[str],
    terminal: Terminal | None = None,
    compose: "Callable[[GlobalOptions, Terminal], Context] | None" = None,
) -> int:
    """Run one command and return its exit code; every way out of the program goes through here."""
    command = typer.main.get_command(app)
    launch = Launch(terminal or Terminal(), compose or _compose, command_name(command, arguments))
    launch.terminal.heed(os.environ)
    if terminal is None or not launch.terminal.json_output:
        launch.terminal.json_output = "--json" in arguments
    try:
        outcome = command.main(list(arguments), prog_name="liveinsight", standalone_mode=False, obj=launch)
        if outcome == ExitCode.INTERRUPTED:  # what typer makes of a KeyboardInterrupt
            return _interrupted(launch)
        return outcome if isinstance(outcome, int) else ExitCode.OK
    except LiveInsightError as error:
        launch.terminal.fail(launch.command, error)
        return error.exit_code
    except typer.TyperException as error:
        return _usage(launch, error)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted(launch)
    except BrokenPipeError:
        _close_quietly()
        return ExitCode.OK
    except OSError as error:
        return _unexpected(launch, error) if error.errno not in UNWRITABLE else _unwritable(launch, error)
    except Exception as error:  # noqa: BLE001 - the boundary: a bug must not greet anyone with a traceback
        return _unexpected(launch, error)
    finally:
        if launch.context is not None:
            launch.context.closing.close()


def _usage(launch: Launch, error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "liveinsight"
    if error.message.startswith("Usage:"):  # a group without a command: its help is the message
        if not launch.terminal.json_output:
            launch.terminal.stderr.write(error.message + "\n")
            return ExitCode.USAGE
        error.message = f"{path} needs a command."
    shown = LiveInsightError(error.format_message(), hint=f"See: {path} --help", code="usage")
    launch.terminal.fail(launch.command, shown)
    return ExitCode.USAGE


def _interrupted(launch: Launch) -> int:
    hint = "Run the command again; what takes several steps goes on where it was."
    launch.terminal.fail(launch.command, Interrupted("Interrupted.", hint=hint))
    return ExitCode.INTERRUPTED


def _unwritable(launch: Launch, error: OSError) -> int:
    shown = PreconditionError(
        f"{error.filename or 'The answer'} cannot be written: {error.strerror}.",
        code="unwritable",
        hint="Write to a place of your own, with space left on its disk.",
    )
    try:
        launch.terminal.fail(launch.command, shown)
        launch.terminal.stdout.flush()
    except OSError:  # what is left in the buffer goes nowhere either; the exit code still says so
        _close_quietly()
    return shown.exit_code


def _unexpected(launch: Launch, error: Exception) -> int:
    import traceback

    shown = LiveInsightError(f"Unexpected {type(error).__name__}: {error}")
    details = "".join(traceback.format_exception(error))
    if launch.terminal.verbose:
        launch.terminal.stderr.write(details)
    else:
        shown.hint = "This is a bug in liveinsight. Run again with --verbose for the traceback and report it."
    launch.terminal.fail(launch.command, shown)
    return ExitCode.UNEXPECTED


def _close_quietly() -> None:
    """Keep the interpreter from complaining, while it exits, about an answer that nobody takes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _mend_streams() -> None:
    """Stand in for streams that the caller closed, and write a question mark where an encoding knows no letter."""
    sys.stdin = sys.stdin or Path(os.devnull).open()  # noqa: SIM115 - open until the process ends
    sys.stdout = sys.stdout or Path(os.devnull).open("w")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def main() -> None:
    """Entry point of the console command. A request to end is one to stop in good order, as Ctrl-C is."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means it
            signal.signal(number, _interrupt)
    _mend_streams()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
