"""`liveinsight state`: where the Terraform state is, and how it gets to where a team can share it."""

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.state import (
    BootstrapResult,
    MigrationResult,
    PulledState,
    StateReport,
    UnlockResult,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.states import States

app = typer.Typer(
    help="The Terraform state: where it is, who has it locked.", no_args_is_help=True, rich_markup_mode=None
)


class To(Enum):
    """Where a state can be."""

    S3 = "s3"
    LOCAL = "local"


@app.command("bootstrap")
def bootstrap(ctx: typer.Context) -> None:
    """Make the account's bucket for states, or put right what differs, and move the environment's state there.

    The bucket is versioned, encrypted, private and answers over TLS only. From then on every machine with the rights
    finds the state there, and two deploys at once are told apart.

    \b
    Example:
      liveinsight state bootstrap --env prod
    """
    context = Context.of(ctx)
    states = _at_work(context)
    planned = states.planned_bootstrap()
    if planned:
        context.terminal.say("\n".join(f"  {line}" for line in planned))
        context.terminal.confirm(f"Do this in account {context.aws.account()}, {context.settings.region}?")
    context.terminal.answer("state-bootstrap", states.bootstrap(), _bootstrap_view)


@app.command("show")
def show(ctx: typer.Context) -> None:
    """Show where the state is, what it holds and who has it locked. Changes nothing.

    \b
    Example:
      liveinsight state show --env prod --json
    """
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.adapters.states import States

    context = Context.of(ctx)
    if context.settings.target == "embedded":
        context.embedded.require()  # to look at a state starts nothing
    Stack(context).reach_aws()
    context.terminal.out.soft_wrap = True
    context.terminal.answer("state-show", States(context).report(), _report_view)


@app.command("migrate")
def migrate(
    ctx: typer.Context, to: Annotated[To, typer.Option("--to", help="Where the state goes.")]
) -> None:
    """Move the environment's state into the account's bucket, or back into a file of this machine.

    Interrupted at whatever point: run it again, it goes on. At no moment is there no complete state.

    \b
    Examples:
      liveinsight state migrate --to s3 --env prod
      liveinsight state migrate --to local --env prod
    """
    context = Context.of(ctx)
    states = _at_work(context)
    if to is To.LOCAL and states.place.is_remote and states.place.facts is not None:
        context.terminal.confirm(
            f"Move the state of {context.environment} to this machine? Nobody else can deploy it then."
        )
    answer = states.migrate_to_s3() if to is To.S3 else states.migrate_to_local()
    context.terminal.out.soft_wrap = True
    context.terminal.answer("state-migrate", answer, _migration_view)


@app.command("unlock")
def unlock(
    ctx: typer.Context,
    force: Annotated[
        str | None, typer.Option("--force", metavar="LOCK_ID", help="Unlock although the lock is fresh.")
    ] = None,
) -> None:
    """Take away the lock of a holder that is dead. Refuses a lock younger than ten minutes, unless its id is given.

    \b
    Examples:
      liveinsight state unlock --env prod
      liveinsight state unlock --env prod --force 8a6e1f0c-...
    """
    from liveinsight_cli.render.state import lock_view

    context = Context.of(ctx)
    states = _at_work(context, needs_terraform=False)
    found = states.lock()
    if found is None:
        context.terminal.answer("state-unlock", UnlockResult(context.environment, False, None), _unlock_view)
        return
    context.terminal.show(lock_view(found.report))
    states.require_unlockable(found, force)
    context.terminal.confirm(f"Take this lock away from {context.environment}?")
    states.unlock(found)
    context.terminal.answer(
        "state-unlock", UnlockResult(context.environment, True, found.report), _unlock_view
    )


@app.command("pull-local")
def pull_local(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; by default below .liveinsight/.")
    ] = None,
) -> None:
    """Fetch a copy of the remote state into a file, for a day on which the bucket cannot be reached.

    The copy is not used by any command. Look into it with `terraform state list -state=FILE`; if the bucket is lost for
    good, put it in place as .liveinsight/<env>/terraform.tfstate and go on from there.

    \b
    Example:
      liveinsight state pull-local --env prod --out backup/prod.tfstate
    """
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.adapters.states import States

    context = Context.of(ctx)
    if context.settings.target == "embedded":
        context.embedded.require()
    Stack(context).reach_aws()
    pulled = States(context).pull(out)
    context.terminal.out.soft_wrap = True
    context.terminal.answer("state-pull-local", pulled, _pulled_view)


def _at_work(context: Context, *, needs_terraform: bool = True) -> "States":
    """Return the states of the environment, which no other command of this directory changes meanwhile."""
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.adapters.states import States

    stack = Stack(context)
    if needs_terraform:
        stack.require()
    else:
        stack.take_turn()
    stack.reach_aws()
    return States(context)


def _bootstrap_view(result: BootstrapResult) -> "RenderableType":
    from liveinsight_cli.render.state import bootstrap_view

    return bootstrap_view(result)


def _report_view(report: StateReport) -> "RenderableType":
    from liveinsight_cli.render.state import report_view

    return report_view(report)


def _migration_view(result: MigrationResult) -> "RenderableType":
    from liveinsight_cli.render.state import migration_view

    return migration_view(result)


def _unlock_view(result: UnlockResult) -> "RenderableType":
    from liveinsight_cli.render.state import unlock_view

    return unlock_view(result)


def _pulled_view(pulled: PulledState) -> "RenderableType":
    from liveinsight_cli.render.state import pulled_view

    return pulled_view(pulled)
