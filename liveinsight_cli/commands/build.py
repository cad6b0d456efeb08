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
) -> None:
    """Build the functions' zips and a manifest; what did not change is left alone.

    \b
    Examples:
      liveinsight build
      liveinsight build --check
    """
    from liveinsight_cli.adapters.files import make_private_home

    context = Context.of(ctx)
    make_private_home(context.project.work)
    built = context.packager.build()
    if check:
        context.packager.check(built)
        context.terminal.say("Built twice: the same bytes.")
    context.terminal.answer("build", built, _table)


def _table(built: "Build") -> "Table":
    from liveinsight_cli.render.build import build_table

    return build_table(built)
