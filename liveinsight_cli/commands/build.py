"""`liveinsight build`: the functions' zips, without deploying them."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context

if TYPE_CHECKING:
    from rich.table import Table

    from liveinsight_cli.core.build import Build


def build(
    ctx: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Build everything twice and compare the bytes.")
    ] = False,
    lock: Annotated[
        bool,
        typer.Option(
            "--lock", help="First resolve each requirements.txt anew and write its requirements.lock."
        ),
    ] = False,
) -> None:
    """Build the functions' zips and a manifest; what did not change is left alone.

    \b
    Examples:
      liveinsight build
      liveinsight build --check
      liveinsight build --lock
    """
    from liveinsight_cli.adapters.files import make_private_home
    from liveinsight_cli.adapters.no_turn import while_nobody_has_the_turn

    context = Context.of(ctx)
    make_private_home(context.project.work)
    # A deploy that is under way would upload other zips than it planned.
    context.closing.enter_context(while_nobody_has_the_turn(context.files.turn))
    if lock:
        _lock(context)
    built = context.packager.build()
    for function, names in context.packager.needless().items():
        context.terminal.warn(
            f"{function} brings {', '.join(names)}, which the runtime has: left out, it starts faster."
        )
    if check:
        context.packager.check(built)
        context.terminal.say("Built twice: the same bytes.")
    context.terminal.answer("build", built, _table)


def _lock(context: Context) -> None:
    with context.terminal.progress("Resolving the functions' requirements"):
        written = context.packager.lock()
    if not written:
        context.terminal.say("No function has a requirements.txt: nothing to lock.")
    for path in written:
        context.terminal.say(f"Locked: {path}")


def _table(built: "Build") -> "Table":
    from liveinsight_cli.render.build import build_table

    return build_table(built)
