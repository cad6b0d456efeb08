"""`liveinsight doctor`: every precondition, and the command that mends it."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import Doctor, Fix
from liveinsight_cli.errors import ExitCode, LiveInsightError, PreconditionError
from liveinsight_cli.options import Confirm

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.examination import Finding

Mend = Annotated[
    bool, typer.Option("--fix", help="Mend what can be mended at no risk; each step is said, and asked for.")
]


def doctor(ctx: typer.Context, fix: Mend = False, confirm: Confirm = None) -> None:
    """Check everything a deploy needs, and what is deployed. Ends with 3 when something fails.

    Changes nothing without --fix, which enables the stream's mapping, has logs kept longer where they are to be, makes
    secret files private, takes away the lock of a dead run and starts the embedded AWS, where that is needed.

    \b
    Examples:
      liveinsight doctor
      liveinsight doctor --env prod
      liveinsight doctor --env prod --fix
    """
    from liveinsight_cli.adapters.examine import Examination

    context = Context.of(ctx)
    context.require_name(confirm)
    findings = Examination(context).findings()
    fixes: tuple[Fix, ...] = ()
    if fix:
        fixes = _fixed(context, findings, confirm)
        if fixes:
            if context.settings.target == "embedded":  # which may have another address now
                context.__dict__.pop("aws", None)
            findings = Examination(context).findings()
    found = Doctor(context.environment, tuple(one.check for one in findings), fixes)
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


def _fixed(context: Context, findings: "list[Finding]", confirm: str | None) -> tuple[Fix, ...]:
    """Say what can be done, ask, do it; one step that fails does not keep the others from being tried."""
    able = [(one.check, one.remedy) for one in findings if one.remedy is not None]
    if not able:
        context.terminal.say("There is nothing that --fix could mend.")
        return ()
    for check, remedy in able:
        context.terminal.say(f"{check.name}: {check.found}. To do: {remedy.what}.")
    context.confirm(f"Do {'it' if len(able) == 1 else 'these ' + str(len(able))}?", confirm)
    done = []
    for check, remedy in able:
        try:
            remedy.apply()
        except (LiveInsightError, OSError) as error:
            done.append(Fix(check.name, remedy.what, str(error)))
            context.terminal.say(f"Failed: {remedy.what}: {error}")
        else:
            done.append(Fix(check.name, remedy.what))
            context.terminal.say(f"Done: {remedy.what}.")
    return tuple(done)


def _view(found: Doctor) -> "RenderableType":
    from liveinsight_cli.render.doctor import doctor_view

    return doctor_view(found)
