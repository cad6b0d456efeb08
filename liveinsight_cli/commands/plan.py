"""`liveinsight plan`: what a deploy (or destroy) would change."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import ComparisonFailed, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType


def plan(
    ctx: typer.Context,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="End with 10 when something would change.")
    ] = False,
    destroy: Annotated[bool, typer.Option("--destroy", help="What destroy would remove.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Keep the plan for `deploy --plan FILE`.")
    ] = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="Every attribute too, before and after; secrets are masked.")
    ] = False,
    stage: Annotated[
        Stage, typer.Option("--stage", help="How far: the tables; with functions, API and site; all.")
    ] = Stage.ALL,
) -> None:
    """Show what would change, grouped by service, risks first. Changes nothing.

    \b
    Examples:
      liveinsight plan --env dev
      liveinsight plan --env prod --diff
      liveinsight plan --env prod --out prod.tfplan --detailed-exitcode
    """
    from liveinsight_cli.adapters.deployed import deploy_command
    from liveinsight_cli.adapters.plan_explained import explained
    from liveinsight_cli.adapters.saved_plan import require_place, save_plan
    from liveinsight_cli.adapters.stack import Stack

    context = Context.of(ctx)
    _require_fit(out, stage, destroy=destroy)
    if out is not None:
        require_place(out)
    stack = Stack(context)
    stack.require()
    stack.connect()
    build = stack.build()
    with context.terminal.progress("Planning") as step:
        stack.prepare(build, destroy=destroy)
        stack.require_stage(stage)
        planned = stack.plan(
            destroy=destroy,
            stage=stage,
            out=out.absolute() if out else None,
            listen=stack.refreshing(step),
            only_looks=out is None,
        )
        planned = explained(context, planned, build, step, with_diff=diff)
    if planned.kept_by_deploy:
        context.terminal.warn(
            "Their creation was interrupted, and Terraform alone would make them anew; a deploy keeps them: "
            + ", ".join(planned.kept_by_deploy)
        )
    if not destroy and stage.reaches(Stage.API):
        stack.account_part_if_missing()
    if out is not None:
        save_plan(context, planned, build)
    if detailed_exitcode and planned.has_changes and context.terminal.json_output:
        raise ComparisonFailed(
            f"{len(planned.changes)} resources would change." if planned.changes else "Outputs would change.",
            code="changes",
            hint=f"Make it so: {deploy_command(context.environment)}",
            data=planned,
        )
    context.terminal.answer("plan", planned, _view)
    if detailed_exitcode and planned.has_changes:
        raise typer.Exit(ComparisonFailed.exit_code)


def _require_fit(out: Path | None, stage: Stage, *, destroy: bool) -> None:
    if stage is not Stage.ALL and (destroy or out is not None):
        raise UsageError(
            "--stage fits neither --destroy nor --out: both are for everything.",
            hint="Leave one of them out.",
        )


def _view(planned: Plan) -> "RenderableType":
    from liveinsight_cli.render.plan import plan_view

    return plan_view(planned)
