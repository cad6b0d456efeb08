"""Makes a plan readable: what is at risk, what differs from the last deploy, and on request every attribute.

`terraform show -json` starts the provider once more, which takes seconds: only a plan with something at risk, or a
request for the attributes, is worth that; or something that somebody seems to have changed outside of Terraform, which
the stream does not tell from what AWS filled in.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from liveinsight_cli.adapters.applied import applied_before, changed_files, current_variables
from liveinsight_cli.adapters.deployed import load
from liveinsight_cli.adapters.losses import held
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.plan import Plan, PlannedChange
from liveinsight_cli.core.plan_diff import PlanDetails, put_right
from liveinsight_cli.core.plan_risks import data_losses, name_in_aws, risks, risky_changes
from liveinsight_cli.core.plan_words import settings_in_words, with_words
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import PreconditionError
from liveinsight_cli.terminal import Step


def explained(context: Context, plan: Plan, build: Build, step: Step, *, with_diff: bool = False) -> Plan:
    """Return the plan in words; `with_diff` with every attribute that changes."""
    if not plan.has_changes:
        return replace(plan, diff=(), output_diff=()) if with_diff else plan
    details = None
    risky = () if plan.destroys else risky_changes(plan)
    if with_diff or risky or (plan.drift and not plan.destroys):
        step.update("Looking at what is at risk" if risky else "Looking at what changes")
        details = context.terraform.show(Path(str(plan.path)))
        changed_back = put_right(details)
        plan = replace(plan, drift=tuple(one for one in plan.drift if one in changed_back))
    before = None if plan.destroys else applied_before(context)
    files = {} if before is None else changed_files(before, build)
    found = with_words(plan, files, details)
    return replace(
        found,
        risks=risks(plan, details, _holdings(context, plan, details)),
        settings=() if before is None else settings_in_words(before.variables, current_variables(context)),
        diff=details.resources if details and with_diff else None,
        output_diff=details.outputs if details and with_diff else (),
    )


def _holdings(context: Context, plan: Plan, details: PlanDetails | None) -> dict[str, str]:
    """Return in words, by address, what would be lost."""
    names = _names(context, data_losses(plan), details)
    found = {
        one.address: held(context.aws, one.type, names[one.address])
        for one in data_losses(plan)
        if one.address in names
    }
    return {address: words for address, words in found.items() if words is not None}


def _names(
    context: Context, losses: tuple[PlannedChange, ...], details: PlanDetails | None
) -> Mapping[str, str]:
    """Return by address what AWS calls the things that hold data."""
    if details is not None:
        named = {change.address: name_in_aws(change, details) for change in losses}
        return {address: name for address, name in named.items() if name is not None}
    try:
        deployed = load(context.files, context.environment, Stage.TABLES)
    except PreconditionError:
        return {}
    tables = deployed.tables
    names = {
        "aws_dynamodb_table.events": tables.events,
        "aws_dynamodb_table.sessions": tables.sessions,
        "aws_dynamodb_table.state": tables.state,
        "aws_s3_bucket.dashboard": deployed.dashboard_bucket,
        "aws_s3_bucket.artifacts": deployed.artifact_bucket,
    }
    return {address: name for address, name in names.items() if name}
