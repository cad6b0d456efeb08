"""`liveinsight account`: what an account has one of per region, whatever the number of environments."""

from typing import TYPE_CHECKING

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.account_part import AccountChange, AccountReport

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.account_part import AccountPart

app = typer.Typer(
    help="What an account has one of per region: API Gateway's CloudWatch role.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("show")
def show(ctx: typer.Context) -> None:
    """Show the role that API Gateway writes its logs with, and who manages it. Changes nothing.

    \b
    Example:
      liveinsight account show --env prod
    """
    context = Context.of(ctx)
    context.terminal.out.soft_wrap = True
    context.terminal.answer("account-show", _reached(context).report(), _report_view)


@app.command("deploy")
def deploy(ctx: typer.Context) -> None:
    """Set the role, where none is set; `liveinsight deploy` does the same. A role that somebody else set stays.

    \b
    Example:
      liveinsight account deploy --env prod
    """
    context = Context.of(ctx)
    part = _reached(context, works=True)
    before = part.role()
    if before is None:
        context.terminal.confirm(f"Set API Gateway's CloudWatch role in {_where(context)}?")
        with context.terminal.progress("Setting API Gateway's CloudWatch role"):
            part.deploy()
    settings = context.settings
    change = AccountChange(context.aws.account(), settings.region, before or part.role(), before is None)
    context.terminal.answer("account-deploy", change, _deployed_view)


@app.command("destroy")
def destroy(ctx: typer.Context) -> None:
    """Remove the role, if this project made it: every API of the account and region then ends writing logs.

    \b
    Example:
      liveinsight account destroy --env prod
    """
    context = Context.of(ctx)
    part = _reached(context, works=True)
    context.terminal.confirm(
        f"Remove API Gateway's CloudWatch role in {_where(context)}? All its APIs end writing logs."
    )
    with context.terminal.progress("Removing API Gateway's CloudWatch role"):
        changed = part.destroy()
    change = AccountChange(context.aws.account(), context.settings.region, part.role(), changed)
    context.terminal.answer("account-destroy", change, _destroyed_view)


def _reached(context: Context, *, works: bool = False) -> "AccountPart":
    """Return the part of the account that the environment is in; `works` also needs terraform."""
    from liveinsight_cli.adapters.account_part import AccountPart
    from liveinsight_cli.adapters.files import make_private_home
    from liveinsight_cli.adapters.stack import Stack

    if works:
        make_private_home(context.project.work)
        context.terraform.require()
    Stack(context).reach_aws()
    return AccountPart(context)


def _where(context: Context) -> str:
    return f"account {context.aws.account()}, {context.settings.region}"


def _report_view(report: AccountReport) -> "RenderableType":
    from liveinsight_cli.render.account import report_view

    return report_view(report)


def _deployed_view(change: AccountChange) -> "RenderableType":
    from liveinsight_cli.render.account import deployed_view

    return deployed_view(change)


def _destroyed_view(change: AccountChange) -> "RenderableType":
    from liveinsight_cli.render.account import destroyed_view

    return destroyed_view(change)
