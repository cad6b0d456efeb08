"""`liveinsight alarms`: which ring, since when, why, and what to look at."""

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.alarm_words import rule_of
from liveinsight_cli.core.alarms import Alarms, AlarmStatus, changes_of, in_order, status_of
from liveinsight_cli.core.stages import Stage
from liveinsight_cli.errors import ComparisonFailed, PreconditionError, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.alarms import AlarmSource

SINCE = "7d"


class Wanted(StrEnum):
    """States, as one types them."""

    RINGING = "ringing"
    OK = "ok"
    NO_DATA = "no-data"


STATES = {Wanted.RINGING: "ALARM", Wanted.OK: "OK", Wanted.NO_DATA: "INSUFFICIENT_DATA"}


def alarms(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help="One alarm, or what several names begin with.  [default: all]")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="Show when they changed, and why.")] = False,
    since: Annotated[
        str | None,
        typer.Option(help=f"With --history: a duration such as 24h, or a time.  [default: {SINCE}]"),
    ] = None,
    state: Annotated[Wanted | None, typer.Option(help="Only those in this state.")] = None,
    fail: Annotated[bool, typer.Option("--fail", help="End with 10 when one rings; for scripts.")] = False,
) -> None:
    """Show the alarms: which ring, since when, why, and what to look at. Changes nothing.

    \b
    Examples:
      liveinsight alarms
      liveinsight alarms event-collector --history --since 24h
      liveinsight alarms --env prod --fail --quiet
    """
    context = Context.of(ctx)
    if since is not None and not history:
        raise UsageError("--since needs --history.")
    found = _found(
        context, name, STATES[state] if state else None, since=(since or SINCE) if history else None
    )
    ringing = found.ringing
    failure = ComparisonFailed(
        f"{len(ringing)} of {len(found.alarms)} alarms ring: {', '.join(one.alarm for one in ringing)}.",
        code="alarms",
        hint=f"Look at: {ringing[0].command}" if ringing else None,
        data=found,
    )
    if fail and ringing and context.terminal.json_output:
        raise failure
    context.terminal.answer("alarms", found, _view)
    if fail and ringing:
        raise failure


def _found(context: Context, name: str | None, state: str | None, *, since: str | None) -> Alarms:
    from liveinsight_cli.adapters.alarms import AlarmSource

    source = AlarmSource.of(context)
    if not source.names:
        raise PreconditionError(
            f"No alarms are deployed in {context.environment} yet.",
            code="stage",
            hint=f"They come with the last stage, {Stage.ALL}: liveinsight deploy",
        )
    project, environment = context.settings.project, context.environment
    described = source.alarms()
    every = in_order([status_of(alarm, project, environment) for alarm in described])
    chosen = _named(every, name)
    shown = tuple(alarm for alarm in chosen if state in (None, alarm.state))
    found = Alarms(environment, context.clock.now(), shown)
    return found if since is None else _with_history(context, source, described, found, since)


def _named(alarms: tuple[AlarmStatus, ...], name: str | None) -> tuple[AlarmStatus, ...]:
    if name is None:
        return alarms
    exact = tuple(alarm for alarm in alarms if name in (alarm.alarm, alarm.name))
    found = exact or tuple(alarm for alarm in alarms if alarm.alarm.startswith(name))
    if not found:
        names = ", ".join(sorted(alarm.alarm for alarm in alarms))
        raise UsageError(f"There is no alarm {name!r} here.", hint=f"Alarms: {names}.")
    return found


def _with_history(
    context: Context, source: "AlarmSource", described: list[dict[str, Any]], found: Alarms, since: str
) -> Alarms:
    from liveinsight_cli.core.logs.moments import BadMoment, moment_ms

    try:
        start = moment_ms(since, found.now) / 1000
    except BadMoment as error:
        raise UsageError(f"--since: {error}.") from error
    if start >= found.now:
        raise UsageError("--since is not in the past.")
    project, environment = context.settings.project, context.environment
    names = {alarm.name for alarm in found.alarms}
    rules = {
        alarm["AlarmName"]: rule_of(alarm, project, environment)
        for alarm in described
        if alarm["AlarmName"] in names
    }
    items = source.history(names.copy().pop() if len(names) == 1 else None, start, found.now)
    changes = changes_of(items, rules, project, environment)
    return replace(found, since=start, history=changes)


def _view(found: Alarms) -> "RenderableType":
    from liveinsight_cli.render.alarms import alarms_view

    return alarms_view(found)
