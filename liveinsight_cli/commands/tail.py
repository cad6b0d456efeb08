"""`liveinsight tail`: the logs of all functions and of the API, merged, followed, one line a request."""

import gc
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.errors import LiveInsightError, PreconditionError, UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.core.logs.choice import Choice
    from liveinsight_cli.core.logs.live import Idle

LEVEL_NAMES = ("DEBUG", "INFO", "WARN", "ERROR")

Functions = Annotated[list[str] | None, typer.Argument(help="Functions to follow, or `api`.  [default: all]")]
Since = Annotated[
    str, typer.Option(help="From when: a duration such as 10m or 1h30m, or a time such as 10:30.")
]
Until = Annotated[str | None, typer.Option(help="Until when; a time in the past ends the command there.")]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more.")]
Pattern = Annotated[
    str | None, typer.Option("--filter", help="CloudWatch filter pattern, applied by CloudWatch.")
]
Grep = Annotated[str | None, typer.Option(help="Show only what matches this regular expression.")]
Level = Annotated[str | None, typer.Option(help="Show only this level and above: debug, info, warn, error.")]
Request = Annotated[
    str | None, typer.Option(help="Show one request by its id, or the beginning of it, as after #.")
]
Raw = Annotated[bool, typer.Option("--raw", help="Show every event as it was written.")]

Live = Annotated[
    bool,
    typer.Option("--live", help="With Live Tail, which shows sooner and is billed by the minute."),
]


def tail(
    ctx: typer.Context,
    functions: Functions = None,
    since: Since = "10m",
    until: Until = None,
    follow: Follow = True,
    filter_pattern: Pattern = None,
    grep: Grep = None,
    level: Level = None,
    request: Request = None,
    raw: Raw = False,
    live: Live = False,
) -> None:
    """Follow the logs of all functions and the API's access log, merged in time order. Ctrl-C ends it.

    START, END and REPORT are folded into one line a request: duration, billed time, memory, cold start.

    \b
    Examples:
      liveinsight tail
      liveinsight tail event-collector aggregator --level warn
      liveinsight tail --since 1h --no-follow --grep timeout --json
      liveinsight tail --live --level error
    """
    from liveinsight_cli.adapters.aws import AwsError
    from liveinsight_cli.adapters.logs import CloudWatchLogs
    from liveinsight_cli.commands.tail_printer import Printer
    from liveinsight_cli.core.logs.follow import Follower
    from liveinsight_cli.core.logs.live import NotLive
    from liveinsight_cli.core.logs.moments import is_duration

    context = Context.of(ctx)
    _spare_the_collector()
    choice = _choice(level, grep, request)
    since_ms = _moment(context, "--since", since)
    until_ms = _moment(context, "--until", until) if until else None
    if until_ms is not None and until_ms < since_ms:
        raise UsageError(f"--until {until} is before --since {since}.")
    sources = _sources(context.deployed, functions or [])
    goes_on = follow and (until_ms is None or until_ms > context.clock.now() * 1000)
    if live and not goes_on:
        raise UsageError(
            "--live shows what comes; it does not go with --no-follow or an --until that has passed."
        )
    aws = context.aws.trying_once()
    follower = Follower(
        CloudWatchLogs(aws, filter_pattern),
        tuple(sources),
        since_ms,
        context.clock.now,
        lambda seconds: _pause(context, seconds),
        until_ms,
        context.terminal.notice,
        context.clock.monotonic,
        requests_per_second=_requests_per_second(context),
        since_is_ago=is_duration(since),
        discover=None if functions else lambda: _new_groups(context, sources),
        idle=_live(context, aws, filter_pattern) if live else NotLive(),
    )
    printer = Printer(context, sources, choice, raw=raw, since_ms=since_ms, is_partial=bool(filter_pattern))
    try:
        printer.run(follower, follow=goes_on)
    except KeyboardInterrupt:
        printer.finish()
    except LiveInsightError as error:
        printer.show_held()
        if filter_pattern and isinstance(error, AwsError) and error.aws_code == "InvalidParameterException":
            raise _bad_pattern(filter_pattern, error.message) from error
        raise


def _pause(context: Context, seconds: float) -> None:
    """Wait, with all that was written in front of the reader."""
    context.terminal.stdout.flush()
    context.clock.sleep(seconds)


def _requests_per_second(context: Context) -> float:
    """The embedded AWS has no quota."""
    from liveinsight_cli.core.logs.follow import REQUESTS_PER_SECOND

    return 50.0 if context.aws.endpoint_url else REQUESTS_PER_SECOND


def _choice(level: str | None, grep: str | None, request: str | None) -> "Choice":
    from liveinsight_cli.core.logs.choice import Choice

    wanted = level.upper() if level else None
    if wanted and wanted not in LEVEL_NAMES:
        raise UsageError(f"--level {level}: use one of {', '.join(LEVEL_NAMES).lower()}.")
    try:
        return Choice(wanted, re.compile(grep) if grep else None, request)
    except re.error as error:
        raise UsageError(f"--grep {grep!r} is not a regular expression: {error}.") from error


def _bad_pattern(pattern: str, reason: str) -> UsageError:
    return UsageError(
        f"--filter {pattern!r}: CloudWatch does not understand it: {reason}",
        hint="Words: 'ERROR -healthy'. Any of them: '?ERROR ?WARN'. Fields of JSON: '{ $.status >= 500 }'. "
        "A regular expression is for --grep.",
    )


def _moment(context: Context, option: str, text: str) -> int:
    from liveinsight_cli.core.logs.moments import BadMoment, moment_ms

    try:
        return moment_ms(text, context.clock.now())
    except BadMoment as error:
        raise UsageError(f"{option}: {error}.") from error


def _sources(deployed: "Deployed", wanted: list[str]) -> dict[str, str]:
    """Return log group -> short name of those to follow."""
    known = _groups(deployed)
    unknown = sorted(set(wanted) - set(known.values()))
    if unknown:
        names = ", ".join(sorted(set(known.values())))
        raise UsageError(f"There is no function {unknown[0]!r} here.", hint=f"Known: {names}.")
    return {group: name for group, name in known.items() if not wanted or name in wanted}


def _groups(deployed: "Deployed") -> dict[str, str]:
    from liveinsight_cli.core.logs.summary import API

    known = {function.log_group: name for name, function in deployed.functions.items()}
    return known | {
        group: API for group in deployed.log_groups if group not in known and "Execution-Logs" not in group
    }


def _new_groups(context: Context, sources: dict[str, str]) -> list[str]:
    """Add what was deployed meanwhile to `sources`; return all groups."""
    from liveinsight_cli.adapters.deployed import load

    with suppress(PreconditionError):  # being written, or destroyed
        sources |= _groups(load(context.files, context.environment))
    return list(sources)


def _live(context: Context, aws: "Aws", pattern: str | None) -> "Idle":
    from liveinsight_cli.adapters.live_tail import LiveTail
    from liveinsight_cli.core.logs.live import Live

    function = next(iter(context.deployed.functions.values()))
    partition, _, region, account = function.arn.split(":")[1:5]
    feed = LiveTail(aws, f"arn:{partition}:logs:{region}:{account}:log-group:", pattern)
    context.closing.callback(feed.close)
    return Live(feed, context.clock.monotonic, context.terminal.notice)


def _spare_the_collector() -> None:
    """Have Python look for garbage less often: a page makes thousands of objects, none of them in a circle."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
