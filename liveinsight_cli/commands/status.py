"""`liveinsight status`: one screen about an environment."""

from typing import TYPE_CHECKING

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import AlarmCounts, EnvironmentStatus, FunctionStatus, count_alarms
from liveinsight_cli.core.deploying import dashboard_link
from liveinsight_cli.core.release import in_service, unfinished_canary
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import LiveInsightError, PreconditionError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.deployed import Deployed


def status(ctx: typer.Context) -> None:
    """Show what is deployed: release, addresses, functions with their versions, alarms. Changes nothing.

    \b
    Examples:
      liveinsight status
      liveinsight status --env prod --json
    """
    context = Context.of(ctx)
    context.terminal.out.soft_wrap = True
    context.terminal.answer("status", _status(context), _view)


def _status(context: Context) -> EnvironmentStatus:
    from liveinsight_cli.adapters.deployed import load
    from liveinsight_cli.adapters.domain import domain_status
    from liveinsight_cli.adapters.releases import Ledger
    from liveinsight_cli.adapters.shared_outputs import refresh

    embedded = _embedded(context) if context.settings.target == "embedded" else None
    refresh(context)
    try:
        deployed = load(context.files, context.environment, Stage.TABLES)
    except PreconditionError as error:
        return _never(context, embedded, f"{error.message} {error.hint}")
    functions, alarms, problem = _seen(context, deployed)
    try:
        releases = Ledger.of(context).releases()
    except LiveInsightError:  # what this machine knows of it
        releases = Ledger(context.files.releases).releases()
    release, canary = in_service(releases), unfinished_canary(releases)
    public = context.settings.public_dashboard or context.terminal.keeps_secrets
    return EnvironmentStatus(
        environment=context.environment,
        target=context.settings.target,
        deployed=True,
        stage=deployed.stage,
        is_dummy=release is not None and release.is_dummy,
        release=release.id if release else None,
        deployed_at=release.at if release else None,
        deployed_by=release.by if release else None,
        api_gateway_url=deployed.api_gateway_url or None,
        cloudfront_url=dashboard_link(deployed.cloudfront_url, deployed.token, public=public) or None,
        domain=domain_status(context, deployed),
        functions=functions,
        alarms=alarms,
        embedded=embedded,
        problem=problem,
        pinned=tuple(sorted(release.pinned)) if release else (),
        canary=canary.id if canary else None,
    )


def _never(context: Context, embedded: str | None, problem: str) -> EnvironmentStatus:
    return EnvironmentStatus(
        environment=context.environment,
        target=context.settings.target,
        deployed=False,
        stage=None,
        is_dummy=False,
        release=None,
        deployed_at=None,
        deployed_by=None,
        api_gateway_url=None,
        cloudfront_url=None,
        domain=None,
        functions=(),
        alarms=None,
        embedded=embedded,
        problem=problem,
    )


def _seen(
    context: Context, deployed: "Deployed"
) -> tuple[tuple[FunctionStatus, ...], AlarmCounts | None, str | None]:
    """Return functions and alarms as AWS has them, or as the last deploy left them and why AWS cannot be asked."""
    from liveinsight_cli.adapters.aliases import Aliases
    from liveinsight_cli.adapters.versions import Versions

    try:
        aliases = Aliases(context.aws, deployed).states()
        codes = Versions(context.aws, deployed, context.clock).codes()
        functions = tuple(
            FunctionStatus(name, aliases[name].version, code.newest, aliases[name].weights)
            for name, code in codes.items()
        )
        alarms = (
            _alarms(context, deployed) if deployed.alarm_names else None
        )  # no names would mean all there are
        return functions, alarms, None
    except LiveInsightError as error:
        unseen = tuple(FunctionStatus(name, None, None, {}) for name in deployed.functions)
        return unseen, None, f"{error.message} {error.hint or ''}".strip()


def _alarms(context: Context, deployed: "Deployed") -> AlarmCounts:
    pages = context.aws.pages("cloudwatch", "describe_alarms", AlarmNames=list(deployed.alarm_names))
    return count_alarms(alarm for page in pages for alarm in page["MetricAlarms"])


def _embedded(context: Context) -> str:
    found = context.embedded.process.status()
    if found.state == "running" and found.server is not None:
        return f"running at {found.server.endpoint_url}"
    return {"stale": "ended without being told to", "stopped": "not running"}.get(found.state, found.state)


def _view(found: EnvironmentStatus) -> "RenderableType":
    from liveinsight_cli.render.checks import status_view

    return status_view(found)
