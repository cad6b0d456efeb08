"""`status` on one screen: what is in service, whether it is well, where it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from liveinsight_cli.core.checks import EnvironmentStatus, FunctionStatus
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.render.alarms import lasting
from liveinsight_cli.render.deploy import STAGES
from liveinsight_cli.render.domain import domain_lines
from liveinsight_cli.render.tables import facts, table
from liveinsight_cli.render.text import plain

NAME_WIDTH = 15
RINGS = "  RINGS"
RINGING_SHOWN = 3
DIFFERENCES_SHOWN = 2
LINE = tuple[str, str]


@dataclass(frozen=True)
class StatusView:
    """One screen; prose is wrapped, addresses are not."""

    status: EnvironmentStatus

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw facts, then the functions."""
        for name, value in _named(self.status):
            if "://" in value:
                yield from facts([(name, value)], width=NAME_WIDTH)
                continue
            lines = Text(value).wrap(console, options.max_width - NAME_WIDTH - 1)
            for number, line in enumerate(lines):
                style = "bold red" if name == RINGS else "bold"
                yield Text.assemble((f"{name if number == 0 else '':<{NAME_WIDTH}} ", style), line)
        yield from domain_lines(self.status.domain)
        if self.status.functions:
            yield _functions(self.status.functions)


def _named(status: EnvironmentStatus) -> Iterator[LINE]:
    yield "environment", f"{status.environment} ({status.target})"
    if status.embedded:
        yield "embedded AWS", status.embedded
    if not status.deployed:
        yield "deployed", f"no. {plain(status.problem or '')}".strip()
        return
    if status.stage is not None and status.stage is not Stage.ALL:
        yield "stage", STAGES[status.stage]
    yield "release", _release(status)
    yield "deployed", _when(status)
    if status.canary:
        yield (
            "canary",
            f"{status.canary} has a part of the traffic: promote puts it in, rollback ends it",
        )
    if status.problem:
        yield "problem", plain(status.problem)
    yield from _health(status)
    yield "api_gateway_url", status.api_gateway_url or "-"
    yield "cloudfront_url", status.cloudfront_url or "-"


def _release(status: EnvironmentStatus) -> str:
    git = f", git {status.git}" if status.git else ""
    pinned = ", pinned: stays until promote, or a deploy of other code" if status.pinned else ""
    return f"{status.release or '-'}{git}{', dummies' if status.is_dummy else ''}{pinned}"


def _when(status: EnvironmentStatus) -> str:
    if status.stage is Stage.TABLES:
        return "the tables; no functions yet"
    if not status.deployed_at:
        return "not finished; deploy again"
    ago = ""
    if status.now:
        ago = f", {lasting(status.now - datetime.fromisoformat(status.deployed_at).timestamp())} ago"
    return f"{status.deployed_at} by {plain(status.deployed_by or '?')}{ago}"


def _health(status: EnvironmentStatus) -> Iterator[LINE]:
    if status.alarms is not None:
        yield from _alarms(status)
    if status.data is not None:
        yield "data", _data(status)
    if status.drift is not None:
        yield "drift", _drift(status)


def _alarms(status: EnvironmentStatus) -> Iterator[LINE]:
    alarms = status.alarms
    if alarms is None:
        return
    every = alarms.ok + alarms.alarm + alarms.insufficient
    waiting = f", {alarms.insufficient} without data yet" if alarms.insufficient else ""
    if not alarms.alarm:
        yield "alarms", f"none of {every} rings{waiting}"
        return
    yield "alarms", f"{alarms.alarm} of {every} ring{waiting}; more: liveinsight alarms"
    for ringing in status.ringing[:RINGING_SHOWN]:
        since = lasting(status.now - ringing.since)
        yield RINGS, f"{plain(ringing.alarm)} for {since}. {plain(ringing.why)}"
    if alarms.alarm > RINGING_SHOWN:
        yield "", f"and {alarms.alarm - RINGING_SHOWN} more"


def _data(status: EnvironmentStatus) -> str:
    data = status.data
    if data is None:
        return "-"
    newest = "no event in the last hour"
    if data.problem:
        newest = plain(data.problem)
    elif data.newest_event_seconds is not None:
        newest = f"newest event {lasting(data.newest_event_seconds)} ago"
    behind = data.behind_seconds
    return newest if behind is None else f"{newest}; aggregator behind by {behind:.1f} s at worst, in 15 min"


def _drift(status: EnvironmentStatus) -> str:
    drift = status.drift
    if drift is None:
        return "-"
    where = "code and dashboard" if drift.code_only else "infrastructure, code and dashboard"
    rest = " (--drift: infrastructure, too)" if drift.code_only else ""
    if not drift.differences:
        return f"none in {where}{rest}"
    shown = "; ".join(plain(one) for one in drift.differences[:DIFFERENCES_SHOWN])
    more = len(drift.differences) - DIFFERENCES_SHOWN
    return f"{shown}{f'; and {more} more' if more > 0 else ''}. See: liveinsight drift"


def _functions(functions: tuple[FunctionStatus, ...]) -> Table:
    view = table(None, "function", "in service", "newest", "")
    for function in functions:
        is_behind = function.in_service not in (None, function.newest)
        note = "newest is not in service" if is_behind else ""
        shares = ", ".join(f"{share:.0%} to {version}" for version, share in function.weights.items())
        view.add_row(function.name, function.in_service or "?", function.newest or "?", shares or note)
    return view
