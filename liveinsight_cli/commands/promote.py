"""`liveinsight promote`: the newest versions into service."""

import typer

from liveinsight_cli.commands.rollback_steps import (
    DryRun,
    Functions,
    How,
    NoCheck,
    Wanted,
    begin,
    put,
)
from liveinsight_cli.context import Context
from liveinsight_cli.options import Confirm


def promote(
    ctx: typer.Context,
    function: Functions = None,
    dry_run: DryRun = False,
    no_health_check: NoCheck = False,
    confirm: Confirm = None,
) -> None:
    """Put the newest versions into service: after a rollback, or to end a canary early.

    \b
    Examples:
      liveinsight promote
      liveinsight promote --env prod --dry-run
    """
    context = Context.of(ctx)
    context.require_name(confirm)
    started = context.clock.monotonic()
    mover, present = begin(context)
    versions = {name: present.codes[name].newest for name in mover.functions(tuple(function or ()))}
    question = f"Put the newest versions into service in {context.environment}?"
    wanted = Wanted("promote", versions, None, question)
    put(context, mover, present, wanted, How(dry_run, not no_health_check, confirm), started)
