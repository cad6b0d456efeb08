"""`liveinsight deploy`: build, plan, confirm, apply, smoke-test, promote, upload, check."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.commands.cost_estimate import estimate_of_the_first_deploy, show_estimate
from liveinsight_cli.context import Context
from liveinsight_cli.core.deploying import DeployResult, dashboard_link, next_commands, tracker_snippet
from liveinsight_cli.core.plan import Plan

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.account_part import AccountPart
    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.adapters.finish import Finish
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.core.build import Build

PlanOnly = Annotated[bool, typer.Option("--plan-only", help="Show the plan and stop.")]
PlanFile = Annotated[
    Path | None, typer.Option("--plan", metavar="FILE", help="Apply a plan that `plan --out FILE` made.")
]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="ENV", help="With --yes: the name of a protected environment."),
]


def deploy(
    ctx: typer.Context, plan_only: PlanOnly = False, plan_file: PlanFile = None, confirm: Confirm = None
) -> None:
    """Deploy everything: functions, infrastructure, dashboard. Run it again after any change, or after an interruption.

    Without --env it goes to the AWS inside this tool: no account, nothing to pay.

    \b
    Examples:
      liveinsight deploy
      liveinsight deploy --env prod
      liveinsight deploy --env prod --yes --confirm prod
      liveinsight plan --env prod --out prod.tfplan && liveinsight deploy --env prod --plan prod.tfplan
    """
    from liveinsight_cli.adapters.finish import Finish
    from liveinsight_cli.adapters.stack import Stack

    context = Context.of(ctx)
    context.require_name(confirm)
    started = context.clock.monotonic()
    stack = Stack(context)
    stack.require()
    stack.connect()
    build = stack.build()
    estimate = estimate_of_the_first_deploy(context)
    plan = _plan(context, stack, build, plan_file)
    show_estimate(context, estimate)
    account = stack.account_part_if_missing()
    if plan_only:
        context.terminal.answer("plan", plan, _plan_view)
        return
    _agree(context, plan, account, confirm)
    _set_account_part(context, account)
    finish = Finish(context, _applied(context, plan), build)
    outcome = _put_in_service(context, finish, plan, confirm)
    seconds = round(context.clock.monotonic() - started, 1)
    result = _result(context, finish, plan, outcome, seconds)
    _show(context, replace(result, cost_estimate=estimate))


def _plan(context: Context, stack: "Stack", build: "Build", plan_file: Path | None) -> Plan:
    from liveinsight_cli.adapters.saved_plan import read_saved_plan

    if plan_file is not None:
        plan = read_saved_plan(plan_file, context.environment, build)
        stack.prepare(build)
        return plan
    with context.terminal.progress("Planning"):
        stack.prepare(build)
        return stack.plan()


def _agree(context: Context, plan: Plan, account: "AccountPart | None", confirm: str | None) -> None:
    """Show what would change and ask."""
    if plan.has_changes:
        context.terminal.show(_plan_view(plan))
        _ask(context, f"Apply this to {context.environment}?", confirm)
    elif account is not None:
        _ask(context, "Set API Gateway's CloudWatch role?", confirm)


def _set_account_part(context: Context, account: "AccountPart | None") -> None:
    if account is not None:
        with context.terminal.progress("Setting API Gateway's CloudWatch role, once per account and region"):
            account.deploy()


def _ask(context: Context, question: str, confirm: str | None) -> None:
    protected = context.environment if context.settings.protected else None
    context.terminal.confirm(question, protected_name=protected, confirmed_name=confirm)


def _applied(context: Context, plan: Plan) -> "Deployed":
    """Apply the plan, or nothing when it is empty; return what is deployed then."""
    from liveinsight_cli.adapters.finish import known_outputs, remember_outputs
    from liveinsight_cli.render.apply_progress import apply_progress

    if not plan.has_changes:
        return known_outputs(context)
    with apply_progress(context.terminal, plan.operations) as progress:
        outputs = context.terraform.apply(Path(str(plan.path)), progress.take)
    return remember_outputs(context, outputs)


@dataclass(frozen=True)
class _Outcome:
    """Whether anything was changed, which release is in service, how many files were uploaded."""

    changed: bool
    release: str | None
    files_uploaded: int = 0


def _put_in_service(context: Context, finish: "Finish", plan: Plan, confirm: str | None) -> _Outcome:
    """Do what is left after Terraform; with nothing left, nothing is written."""
    left = finish.unfinished()
    if not plan.has_changes:
        if not left:
            latest = finish.ledger.latest()
            return _Outcome(changed=False, release=latest.id if latest else None)
        context.terminal.say(f"The infrastructure is up to date. Left to do: {left.in_words()}.")
        _ask(context, f"Do it in {context.environment}?", confirm)
    with context.terminal.progress("Smoke-testing the functions") as step:
        finish.smoke_test()
        step.update("Putting the new versions into service, uploading the dashboard, checking")
        finish.put_in_service(left)
    return _Outcome(True, finish.record().id, len(left.site.upload))


def _result(
    context: Context, finish: "Finish", plan: Plan, outcome: _Outcome, seconds: float
) -> DeployResult:
    deployed = finish.deployed
    public = context.settings.public_dashboard
    return DeployResult(
        environment=context.environment,
        changed=outcome.changed,
        release=outcome.release,
        api_gateway_url=deployed.api_gateway_url,
        cloudfront_url=dashboard_link(deployed.cloudfront_url, deployed.token, public=public),
        tracker=tracker_snippet(deployed.cloudfront_url, deployed.api_gateway_url),
        endpoint_url=context.aws.endpoint_url,
        versions=finish.versions,
        resources_changed=len(plan.changes),
        files_uploaded=outcome.files_uploaded,
        duration_s=seconds,
        next=next_commands(context.environment),
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
