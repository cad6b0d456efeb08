"""`liveinsight deploy`: build, plan, confirm, apply, smoke-test, promote, upload, check."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.commands.cost_estimate import estimate_of_the_first_deploy, show_estimate
from liveinsight_cli.commands.deploy_canary import require_functions_of, trial_of
from liveinsight_cli.commands.deploy_release import Outcome, finished
from liveinsight_cli.context import Context
from liveinsight_cli.core.deploying import DeployResult, next_commands, tracker_snippet
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import UsageError
from liveinsight_cli.options import Confirm

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.account_part import AccountPart
    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.core.build import Build

PlanOnly = Annotated[bool, typer.Option("--plan-only", help="Show the plan and stop.")]
Diff = Annotated[
    bool,
    typer.Option(
        "--diff", help="Show every attribute of the plan too, before and after; secrets are masked."
    ),
]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="Apply a plan that `plan --out FILE` made.")
]
UpTo = Annotated[
    Stage,
    typer.Option("--stage", help="How far: the tables; with functions, API and site; with monitoring too."),
]
Dummy = Annotated[
    bool, typer.Option("--dummy", help="Prove the infrastructure first, with functions that keep nothing.")
]
TakeOver = Annotated[
    bool,
    typer.Option(
        "--take-over",
        help="Take over what a deploy created that was killed on another machine, if it has our tags.",
    ),
]
Canaried = Annotated[
    str | None,
    typer.Option(
        "--canary", metavar="STEPS", help="Give new versions shares of the traffic first: 10:5m,50:5m."
    ),
]
AbortIf = Annotated[
    list[str] | None,
    typer.Option(
        "--abort-if", metavar="CONDITION", help="End the canary then; may be repeated: 'error_rate>1%'."
    ),
]


def deploy(
    ctx: typer.Context,
    plan_only: PlanOnly = False,
    diff: Diff = False,
    plan_file: PlanFile = None,
    stage: UpTo = Stage.ALL,
    dummy: Dummy = False,
    take_over: TakeOver = False,
    canary: Canaried = None,
    abort_if: AbortIf = None,
    confirm: Confirm = None,
) -> None:
    """Deploy everything: functions, infrastructure, dashboard. Run it again after any change, or after an interruption.

    Without --env it goes to the AWS inside this tool: no account, nothing to pay.

    \b
    Examples:
      liveinsight deploy
      liveinsight deploy --env prod
      liveinsight deploy --env prod --yes --confirm prod
      liveinsight plan --env prod --out prod.tfplan && liveinsight deploy --env prod --plan prod.tfplan
      liveinsight deploy --env prod --canary 10:5m,50:5m --abort-if 'error_rate>1%' --abort-if 'p95>500ms'
      liveinsight deploy --env dev --stage tables
      liveinsight deploy --env dev --dummy && liveinsight deploy --env dev
    """
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.adapters.token_rotation import settle_rotation

    context = Context.of(ctx)
    context.require_name(confirm)
    _require_fit(plan_file, stage, dummy=dummy)
    trial = trial_of(canary, abort_if or [], stage, dummy=dummy)
    started = context.clock.monotonic()
    context.terraform.takes_over_all = take_over
    stack = Stack(context)
    stack.require()
    stack.connect()
    if dummy:
        _require_no_release(context)
    build = stack.build(dummy=dummy)
    require_functions_of(trial, build)
    estimate = estimate_of_the_first_deploy(context)
    plan = planned(context, stack, build, stage, plan_file, with_diff=diff)
    show_estimate(context, estimate)
    if context.files.next_read_token.exists():
        context.terminal.say(
            "This goes on with the rotation that was begun: the old read token ends with it."
        )
    account = stack.account_part_if_missing() if stage.reaches(Stage.API) else None
    _warn_of_ended_pin(context, build)
    if plan_only:
        context.terminal.answer("plan", plan, _plan_view)
        return
    agree(context, plan, account, confirm)
    _set_account_part(context, account)
    deployed = applied(context, plan, build)
    outcome = finished(context, deployed, build, plan, confirm, trial)
    if outcome.stays is None:  # else what is in service does not know the new token
        settle_rotation(context, deployed)
    seconds = round(context.clock.monotonic() - started, 1)
    result = _result(context, deployed, plan, outcome, seconds)
    _show(context, replace(result, cost_estimate=estimate))


def _require_fit(plan_file: Path | None, stage: Stage, *, dummy: bool) -> None:
    if plan_file is not None and (dummy or stage is not Stage.ALL):
        raise UsageError(
            "--plan fits neither --stage nor --dummy: a kept plan is for everything.",
            hint="Leave one of them out.",
        )
    if dummy and stage is Stage.TABLES:
        raise UsageError(
            "--dummy needs functions, and the stage tables has none.", hint="deploy --stage api --dummy"
        )


def _require_no_release(context: Context, replaced: tuple[str, ...] = ()) -> None:
    from liveinsight_cli.adapters.releases import Ledger

    Ledger.of(context).require_none(context.environment, replaced)


def planned(
    context: Context,
    stack: "Stack",
    build: "Build",
    stage: Stage,
    plan_file: Path | None,
    *,
    with_diff: bool,
) -> Plan:
    """Plan, or read the plan that was kept; where dummies are built, nothing else may be in service."""
    from liveinsight_cli.adapters.plan_explained import explained
    from liveinsight_cli.adapters.saved_plan import read_saved_plan

    if plan_file is not None:
        saved = read_saved_plan(context, plan_file, build)
        stack.prepare(build)
        saved.require_same_settings(context)
        return saved.plan
    with context.terminal.progress("Planning") as step:
        stack.prepare(build)
        stack.require_stage(stage)
        plan = stack.plan(stage=stage, listen=stack.refreshing(step))
        plan = explained(context, plan, build, step, with_diff=with_diff)
    if build.is_dummy:
        _require_no_release(context, plan.code_changes)
    return plan


def _warn_of_ended_pin(context: Context, build: "Build") -> None:
    from liveinsight_cli.adapters.releases import Ledger
    from liveinsight_cli.core.rollback import ended_pin

    words = ended_pin(Ledger.of(context).releases(), build.code_sha256)
    if words is not None:
        context.terminal.warn(words)


def agree(context: Context, plan: Plan, account: "AccountPart | None", confirm: str | None) -> None:
    """Show what would change and ask."""
    if plan.has_changes:
        context.terminal.show(_plan_view(plan))
        context.terminal.report(plan)
        context.confirm(f"Apply this to {context.environment}?", confirm)
    elif account is not None:
        context.confirm("Set API Gateway's CloudWatch role?", confirm)


def _set_account_part(context: Context, account: "AccountPart | None") -> None:
    if account is not None:
        with context.terminal.progress("Setting API Gateway's CloudWatch role, once per account and region"):
            account.deploy()


def applied(context: Context, plan: Plan, build: "Build") -> "Deployed":
    """Apply the plan, or nothing when it is empty; return what is deployed then."""
    from liveinsight_cli.adapters.applied import remember_applied
    from liveinsight_cli.adapters.kept_outputs import known_outputs, remember_outputs
    from liveinsight_cli.commands.deploy_apply import shown_apply

    if not plan.has_changes:
        return known_outputs(context)
    with context.terminal.group("Applying"), shown_apply(context, plan) as listen:
        outputs = context.terraform.apply(Path(str(plan.path)), listen)
    remember_applied(context, build)
    return remember_outputs(context, outputs)


def _result(
    context: Context, deployed: "Deployed", plan: Plan, outcome: Outcome, seconds: float
) -> DeployResult:
    from liveinsight_cli.adapters.domain import domain_status

    has_api = deployed.stage.reaches(Stage.API)
    return DeployResult(
        environment=context.environment,
        stage=deployed.stage,
        is_dummy=outcome.is_dummy,
        changed=outcome.changed,
        release=outcome.release,
        api_gateway_url=deployed.api_gateway_url if has_api else None,
        cloudfront_url=context.dashboard_link(deployed) or None,
        tracker=tracker_snippet(deployed.cloudfront_url, deployed.public_api_url) if has_api else None,
        endpoint_url=context.aws.endpoint_url,
        versions=outcome.versions,
        resources_changed=len(plan.changes),
        files_uploaded=outcome.files_uploaded,
        stays=outcome.stays,
        canary=outcome.canary,
        duration_s=seconds,
        domain=domain_status(context, deployed),
        next=next_commands(context.environment, deployed.stage, is_dummy=outcome.is_dummy),
    )


def _show(context: Context, result: DeployResult) -> None:
    context.terminal.out.soft_wrap = True  # an address that is broken over two lines cannot be followed
    context.terminal.answer("deploy", result, _view)


def _view(result: DeployResult) -> "RenderableType":
    from liveinsight_cli.render.deploy import deploy_view

    return deploy_view(result)


def _plan_view(plan: Plan) -> "RenderableType":
    from liveinsight_cli.render.plan import plan_view

    return plan_view(plan)
