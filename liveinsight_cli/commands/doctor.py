"""`liveinsight doctor`: every precondition, and the command that mends it."""

from typing import TYPE_CHECKING

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import Doctor
from liveinsight_cli.errors import ExitCode, PreconditionError

if TYPE_CHECKING:
    from rich.console import RenderableType


def doctor(ctx: typer.Context) -> None:
    """Check everything a deploy needs, and what is deployed. Changes nothing; ends with 3 when something fails.

    \b
    Examples:
      liveinsight doctor
      liveinsight doctor --env prod
    """
    from liveinsight_cli.adapters.examine import Examination

    context = Context.of(ctx)
    found = Doctor(context.environment, tuple(Examination(context).checks()))
    if found.failed and context.terminal.json_output:
        names = ", ".join(check.name for check in found.failed)
        raise PreconditionError(
            f"{len(found.failed)} of {len(found.checks)} checks failed: {names}.",
            hint=found.failed[0].mend,
            data=found,
        )
    context.terminal.answer("doctor", found, _view)
    if found.failed:
        raise typer.Exit(ExitCode.PRECONDITION)


def _view(found: Doctor) -> "RenderableType":
    from liveinsight_cli.render.checks import doctor_view

    return doctor_view(found)
