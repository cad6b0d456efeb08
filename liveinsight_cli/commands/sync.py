"""`liveinsight sync`: changed code of functions into service, in a second or two."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.errors import PreconditionError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.core.sync import SyncResult

Functions = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FUNCTION]...", help="Only these functions.  [default: all]", show_default=False),
]
Watch = Annotated[bool, typer.Option("--watch", "-w", help="Go on whenever a source is saved, until Ctrl-C.")]


def sync(ctx: typer.Context, functions: Functions = None, watch: Watch = False) -> None:
    """Bring changed code of the functions into service, and nothing else. For working on it, not for releasing it.

    Uploads only functions whose code differs, puts them into service together once they start, and notes it in the
    ledger; the next deploy puts everything right. Infrastructure, settings and dashboard are left alone. Refuses
    protected environments.

    \b
    Examples:
      liveinsight sync
      liveinsight sync --watch
      liveinsight sync stats-api --env dev
    """
    from liveinsight_cli.adapters.moving import Mover
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.adapters.sync import Sync

    context = Context.of(ctx)
    _require_unprotected(context)
    Stack(context).reach_aws()
    mover = Mover(context, context.deployed)
    wanted = Sync(context, mover, mover.functions(tuple(functions or ())))
    if watch:
        from liveinsight_cli.commands.sync_watch import watch_until_interrupted

        watch_until_interrupted(context, wanted)
    else:
        context.terminal.answer("sync", wanted.run(), _view)


def _require_unprotected(context: Context) -> None:
    from liveinsight_cli.adapters.deployed import deploy_command

    if context.settings.protected:
        raise PreconditionError(
            f"{context.environment} is protected: code gets there by a deploy.",
            code="protected",
            hint=f"{deploy_command(context.environment)}. To work on the code, use an environment of your own.",
        )


def _view(result: "SyncResult") -> "RenderableType":
    from liveinsight_cli.render.sync import sync_view

    return sync_view(result)
