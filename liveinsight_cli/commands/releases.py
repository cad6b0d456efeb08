"""`liveinsight releases`: what was put into service, when and by whom."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.release import ReleaseList

if TYPE_CHECKING:
    from rich.console import RenderableType


def releases(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 20,
) -> None:
    """List the releases, newest first: who put what into service, and what became of it.

    \b
    Examples:
      liveinsight releases
      liveinsight releases --env prod --limit 5 --json
    """
    from liveinsight_cli.adapters.releases import Ledger

    context = Context.of(ctx)
    _require_deployed(context)
    noted = Ledger.of(context).releases()
    found = ReleaseList(context.environment, tuple(reversed(noted))[:limit], len(noted))
    context.terminal.answer("releases", found, _view)


def _require_deployed(context: Context) -> None:
    """Raise PreconditionError where nothing is known; a fresh clone first finds out where the state is."""
    from liveinsight_cli.adapters import shared_outputs
    from liveinsight_cli.adapters.deployed import read_outputs

    shared_outputs.refresh(context)
    if not context.files.releases.exists() and shared_outputs.remembered(context) is None:
        read_outputs(context.files, context.environment)


def _view(found: ReleaseList) -> "RenderableType":
    from liveinsight_cli.render.releases import releases_view

    return releases_view(found)
