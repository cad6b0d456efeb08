"""`status` as a table."""

from rich.console import Group, RenderableType
from rich.table import Table

from liveinsight_cli.core.checks import EnvironmentStatus, FunctionStatus
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.render.deploy import STAGES
from liveinsight_cli.render.domain import domain_lines
from liveinsight_cli.render.tables import facts, table


def status_view(status: EnvironmentStatus) -> RenderableType:
    """Return one screen."""
    named = [("environment", f"{status.environment} ({status.target})")]
    if status.embedded:
        named.append(("embedded AWS", status.embedded))
    if not status.deployed:
        named.append(("deployed", f"no. {status.problem or ''}".strip()))
        return Group(*facts(named))
    if status.stage is not None and status.stage is not Stage.ALL:
        named.append(("stage", STAGES[status.stage]))
    named += [
        ("release", _release(status)),
        ("deployed", _when(status)),
        ("api_gateway_url", status.api_gateway_url or "-"),
        ("cloudfront_url", status.cloudfront_url or "-"),
    ]
    if status.canary:
        named.append(
            ("canary", f"{status.canary} has a part of the traffic: promote puts it in, rollback ends it")
        )
    if status.alarms is not None:
        named.append(("alarms", _alarms(status)))
    if status.problem:
        named.append(("problem", status.problem))
    about = [*facts(named), *domain_lines(status.domain)]
    if status.functions:
        return Group(*about, _functions(status.functions))
    return Group(*about)


def _release(status: EnvironmentStatus) -> str:
    pinned = ", pinned: stays until promote, or a deploy of other code" if status.pinned else ""
    return f"{status.release or '-'}{', dummies' if status.is_dummy else ''}{pinned}"


def _when(status: EnvironmentStatus) -> str:
    if status.stage is Stage.TABLES:
        return "the tables; no functions yet"
    return (
        f"{status.deployed_at} by {status.deployed_by}"
        if status.deployed_at
        else "not finished; deploy again"
    )


def _alarms(status: EnvironmentStatus) -> str:
    alarms = status.alarms
    if alarms is None:
        return "-"
    firing = f": {', '.join(alarms.firing)}" if alarms.firing else ""
    return f"{alarms.alarm} firing{firing}, {alarms.ok} ok, {alarms.insufficient} without data"


def _functions(functions: tuple[FunctionStatus, ...]) -> Table:
    view = table(None, "function", "in service", "newest", "")
    for function in functions:
        is_behind = function.in_service not in (None, function.newest)
        note = "newest is not in service" if is_behind else ""
        shares = ", ".join(f"{share:.0%} to {version}" for version, share in function.weights.items())
        view.add_row(function.name, function.in_service or "?", function.newest or "?", shares or note)
    return view
