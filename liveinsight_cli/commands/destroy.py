"""`liveinsight destroy`: everything of an environment, after naming what is lost."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from liveinsight_cli.commands.deploy_apply import shown_apply
from liveinsight_cli.context import Context
from liveinsight_cli.core.destroying import DestroyResult, Losses
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.options import Confirm

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.adapters.stack import Stack

NOTHING = Losses((), (), ())


def destroy(
    ctx: typer.Context,
    confirm: Confirm = None,
) -> None:
    """Destroy an environment: its functions, tables, buckets and logs, with everything in them.

    \b
    Examples:
      liveinsight destroy
      liveinsight destroy --env dev --yes
      liveinsight destroy --env prod --yes --confirm prod
    """
    from liveinsight_cli.adapters.stack import Stack

    context = Context.of(ctx)
    context.require_name(confirm)
    started = context.clock.monotonic()
    _require_state(context)
    stack = Stack(context)
    stack.require()
    stack.connect()
    lost = _losses(context)
    _ask(context, lost, confirm)
    plan = _planned(context, stack)
    _apply(context, plan)
    _clean(context)
    seconds = round(context.clock.monotonic() - started, 1)
    result = DestroyResult(context.environment, len(plan.changes), lost, seconds)
    context.terminal.answer("destroy", result, _view)


def _require_state(context: Context) -> None:
    from liveinsight_cli.adapters import shared_outputs

    files = context.files
    shared_outputs.refresh(context)
    if not any(path.exists() for path in (files.state, files.outputs, files.remote_state, files.unfinished)):
        raise PreconditionError(
            f"The environment {context.environment!r} was never deployed from this directory.",
            code="not_deployed",
            hint="Nothing to destroy. Deployed from another directory? Run this there: its state is there.",
        )


def _losses(context: Context) -> Losses:
    from liveinsight_cli.adapters.losses import count_losses

    if not context.files.outputs.exists():  # a first deploy that was interrupted: nothing was ever in service
        return NOTHING
    return count_losses(context.aws, _deployed(context))


def _deployed(context: Context) -> "Deployed":
    """Return what is there, at whatever stage."""
    from liveinsight_cli.adapters.deployed import load

    return load(context.files, context.environment, Stage.TABLES)


def _ask(context: Context, lost: Losses, confirm: str | None) -> None:
    """Ask for the name, always; `--yes` is enough unless the environment is protected."""
    from liveinsight_cli.render.destroy import losses_view

    name = context.environment
    if lost != NOTHING:
        context.terminal.show(losses_view(name, lost))
    if context.settings.protected or confirm is not None:
        context.terminal.confirm(f"Destroy {name}?", protected_name=name, confirmed_name=confirm)
    elif context.terminal.interactive and not context.terminal.assume_yes:
        context.terminal.confirm(f"Destroy {name}?", protected_name=name)
    else:
        context.terminal.confirm(f"Destroy {name}?")


def _planned(context: Context, stack: "Stack") -> Plan:
    from liveinsight_cli.adapters.losses import unprotect

    if context.settings.protected and context.files.outputs.exists():
        unprotect(context.aws, _deployed(context))
    with context.terminal.progress("Planning") as step:
        stack.prepare(stack.build(), destroy=True)
        stack.forget_account_part()
        context.terraform.take_in()
        return stack.plan(destroy=True, listen=stack.refreshing(step))


def _apply(context: Context, plan: Plan) -> None:
    if plan.has_changes:
        with shown_apply(context, plan, "Destroying") as listen:
            context.terraform.apply(Path(str(plan.path)), listen)


def _clean(context: Context) -> None:
    """Remove what spoke of the environment; the ledger stays, closed."""
    from liveinsight_cli.adapters.releases import Ledger

    files = context.files
    Ledger.of(context).close()
    for path in (
        files.outputs,
        files.read_token,
        files.next_read_token,
        files.replaced_digest,
        files.applied,
        *files.root.glob("*.tfplan"),
    ):
        path.unlink(missing_ok=True)


def _view(result: DestroyResult) -> "RenderableType":
    from liveinsight_cli.render.destroy import destroy_view

    return destroy_view(result)
