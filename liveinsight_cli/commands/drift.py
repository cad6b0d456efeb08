"""`liveinsight drift`: what is deployed and does not come from a deploy."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.drift import Drift
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import ComparisonFailed, PreconditionError

if TYPE_CHECKING:
    from rich.console import RenderableType

CodeOnly = Annotated[
    bool,
    typer.Option("--code-only", help="Functions and dashboard, without Terraform: a second instead of ten."),
]


def drift(ctx: typer.Context, code_only: CodeOnly = False) -> None:
    """Show what was changed in AWS behind the tool's back, and what of it a deploy puts right. Changes nothing.

    Looks at the infrastructure, at the functions' code and configuration, at what is in service of them, and at the
    dashboard's files. Ends with 10 when something was changed.

    \b
    Examples:
      liveinsight drift --env prod
      liveinsight drift --env prod --code-only --json
    """
    context = Context.of(ctx)
    found = find_drift(context, code_only=code_only)
    if found.differences and context.terminal.json_output:
        raise ComparisonFailed(_in_short(found), code="drift", hint=_hint(found), data=found)
    context.terminal.answer("drift", found, _view)
    if found.differences:
        raise typer.Exit(ComparisonFailed.exit_code)


def find_drift(context: Context, *, code_only: bool) -> Drift:
    """Return what was changed; `code_only` leaves Terraform out."""
    from liveinsight_cli.adapters.deployed import load
    from liveinsight_cli.adapters.drift import Search
    from liveinsight_cli.adapters.shared_outputs import refresh
    from liveinsight_cli.adapters.stack import Stack

    stack = Stack(context)
    if code_only:
        stack.reach_aws()
        return Search(context, context.deployed).code_only()
    stack.require()
    _require_finished(context)
    stack.connect()
    refresh(context)
    deployed = load(context.files, context.environment, Stage.TABLES)
    with context.terminal.progress("Comparing what is there with what was deployed"):
        return Search(context, deployed).all(stack)


def _require_finished(context: Context) -> None:
    """Raise PreconditionError where an apply was cut off: connecting would mend what it left, and this only reads."""
    from liveinsight_cli.adapters.deployed import deploy_command

    if context.files.unfinished.exists():
        raise PreconditionError(
            f"The last apply of {context.environment} did not come to its end, so nobody can say what is drift.",
            code="unfinished",
            hint=f"Go on with it first: {deploy_command(context.environment)}",
        )


def _in_short(found: Drift) -> str:
    number = len(found.differences)
    return "One thing was changed." if number == 1 else f"{number} things were changed."


def _hint(found: Drift) -> str:
    from liveinsight_cli.adapters.deployed import deploy_command

    command = deploy_command(found.environment)
    if not found.left:
        return f"Put it right: {command}"
    if not found.repaired:
        return "No deploy puts it right: change it back where it was changed."
    return f"{command} puts right all but {len(found.left)} of it."


def _view(found: Drift) -> "RenderableType":
    from liveinsight_cli.adapters.deployed import deploy_command
    from liveinsight_cli.render.drift import drift_view

    return drift_view(found, deploy_command(found.environment))
