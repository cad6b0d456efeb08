"""`liveinsight status`: one screen about an environment."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.checks import DriftNote, EnvironmentStatus
from liveinsight_cli.core.release import in_service, unfinished_canary
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import LiveInsightError, PreconditionError

if TYPE_CHECKING:
    from rich.console import RenderableType

SHORT_HASH = 8


def status(
    ctx: typer.Context,
    drift: Annotated[
        bool, typer.Option("--drift", help="Compare the infrastructure too, by Terraform: ten seconds more.")
    ] = False,
) -> None:
    """Show what is deployed: release, addresses, functions with their versions, alarms. Changes nothing.

    Also how old the newest event is, and whether code was changed behind the tool's back. Ends with 0 whatever it
    finds, also where AWS cannot be asked: what is known here is shown, and why there is no more.

    \b
    Examples:
      liveinsight status
      liveinsight status --env prod --drift
      liveinsight status --env prod --json
    """
    context = Context.of(ctx)
    context.terminal.out.soft_wrap = True  # addresses are not broken over lines
    context.terminal.answer("status", _status(context, with_infrastructure=drift), _view)


def _status(context: Context, *, with_infrastructure: bool) -> EnvironmentStatus:
    from liveinsight_cli.adapters.deployed import load
    from liveinsight_cli.adapters.domain import domain_status
    from liveinsight_cli.adapters.overview import look
    from liveinsight_cli.adapters.releases import Ledger
    from liveinsight_cli.adapters.shared_outputs import refresh

    embedded = _embedded(context) if context.settings.target == "embedded" else None
    refresh(context)
    try:
        deployed = load(context.files, context.environment, Stage.TABLES)
    except PreconditionError as error:
        return _never(context, embedded, f"{error.message} {error.hint}")
    try:
        releases = Ledger.of(context).releases()
    except LiveInsightError:  # what this machine knows of it
        releases = Ledger(context.files.releases).releases()
    release, canary = in_service(releases), unfinished_canary(releases)
    is_dummy = release is not None and release.is_dummy
    seen = look(context, deployed, is_dummy=is_dummy)
    return EnvironmentStatus(
        environment=context.environment,
        target=context.settings.target,
        deployed=True,
        stage=deployed.stage,
        is_dummy=is_dummy,
        release=release.id if release else None,
        deployed_at=release.at if release else None,
        deployed_by=release.by if release else None,
        api_gateway_url=deployed.api_gateway_url or None,
        cloudfront_url=context.dashboard_link(deployed) or None,
        domain=domain_status(context, deployed),
        functions=seen.functions,
        alarms=seen.alarms,
        embedded=embedded,
        problem=seen.problem,
        pinned=tuple(sorted(release.pinned)) if release else (),
        canary=canary.id if canary else None,
        now=context.clock.now(),
        git=release.git_sha[:SHORT_HASH] if release and release.git_sha else None,
        ringing=seen.ringing,
        drift=_with_infrastructure(context) if with_infrastructure else seen.drift,
        data=seen.data,
    )


def _with_infrastructure(context: Context) -> DriftNote:
    from liveinsight_cli.commands.drift import find_drift

    found = find_drift(context, code_only=False)
    return DriftNote(
        code_only=False, differences=tuple(f"{one.where}: {one.what}" for one in found.differences)
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


def _embedded(context: Context) -> str:
    found = context.embedded.process.status()
    if found.state == "running" and found.server is not None:
        return f"running at {found.server.endpoint_url}"
    return {"stale": "ended without being told to", "stopped": "not running"}.get(found.state, found.state)


def _view(found: EnvironmentStatus) -> "RenderableType":
    from liveinsight_cli.render.status import StatusView

    return StatusView(found)
