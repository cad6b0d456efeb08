"""`liveinsight stats`: who is on the site, and how the platform below it is doing."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.commands.stats_look import Wanted, look
from liveinsight_cli.context import Context
from liveinsight_cli.core.stats import Stats
from liveinsight_cli.core.stats_dimensions import DIMENSIONS, dimension
from liveinsight_cli.core.stats_filters import FILTERS, InvalidFilter, read_filters, unfiltered
from liveinsight_cli.core.stats_range import WAYS, AskedRange, read_range
from liveinsight_cli.core.terminal_locale import is_ascii_locale
from liveinsight_cli.core.thresholds import InvalidThreshold, Threshold, parse
from liveinsight_cli.errors import ComparisonFailed, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

INTERVAL = re.compile(r"(\d+(?:\.\d+)?)(s|m)?")
SHORTEST_SECONDS = 1.0
WHERE = (
    "Only visits of which this holds, as in country=KR, or that contain it (page, event_type): "
    f"{', '.join(FILTERS)}. Reaches back 40 days. Can be repeated: all have to hold."
)
FAIL_IF = "End with 10 when this holds, as in 'error_rate>1%'; no data fails too. Can be repeated."


def stats(
    ctx: typer.Context,
    interval: Annotated[
        str | None, typer.Argument(metavar="[INTERVAL]", help="With --watch: between looks.  [default: 2s]")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Keep looking until Ctrl-C.")] = False,
    range_name: Annotated[
        str,
        typer.Option("--range", help=f"{WAYS}, its end not included. All but 30m widened to clock hours."),
    ] = "24h",
    timezone: Annotated[str, typer.Option(help="IANA name of the time zone of the range's days.")] = "UTC",
    site: Annotated[str | None, typer.Option(help="One site.  [default: all together]")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Entries of a top list.")] = 10,
    where: Annotated[list[str] | None, typer.Option("--where", metavar="<name>=<value>", help=WHERE)] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            help=f"Top list to show instead of the usual ones: {', '.join(DIMENSIONS)}. Can be repeated.",
        ),
    ] = None,
    fail_if: Annotated[list[str] | None, typer.Option("--fail-if", help=FAIL_IF)] = None,
    csv_output: Annotated[bool, typer.Option("--csv", help="One figure a row, for a spreadsheet.")] = False,
    ascii_output: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII characters only.")] = False,
) -> None:
    """Show visitors now, the last 30 minutes, totals, top lists, and the platform's health beside them.

    The platform's figures are those of the last hour, beside ranges of days those of the last 24 hours; units and
    throttles are those of the tables without their indexes. A dash means no data, which is not zero; ~ an estimate;
    n/a that there was nothing before to compare with. --watch shows conditions and does not end by them, and asks
    CloudWatch every 30 seconds, since it learns of a minute once and every question to it costs.

    With --where all figures of the range are those of the chosen visits. What happens now follows source, country and
    device only; the views of the last 30 minutes and the platform are always those of all visits.

    \b
    Examples:
      liveinsight stats
      liveinsight stats --watch
      liveinsight stats --watch 5s --site shop.example
      liveinsight stats --range 7d --by utm_campaign --limit 20
      liveinsight stats --range 2026-11-01..2026-11-08 --by country
      liveinsight stats --where country=KR --where page=/pricing
      liveinsight stats --fail-if 'error_rate>1%' --fail-if 'p95>100ms'
      liveinsight stats --csv > stats.csv

    \b
    Metrics of --fail-if, with > >= < <= and a value:
      error_rate (%)     errors of all functions per invocation
      errors, throttles, invocations         of all functions
      concurrency        of the function that had most
      p50, p95, p99 (ms, s)   latency of the API
      api_requests, api_4xx_rate (%), api_5xx_rate (%)
      iterator_age (ms, s)   how far the aggregator was behind, at worst
      dead_letters       messages in its queue of failures, at worst (not in the
                         embedded AWS)
      table_throttles    requests that the tables refused
      active_visitors, active_sessions, event_age (s, ms)     now
      visitors_30m, pageviews_30m
      pageviews, visitors, sessions, events, bounce_rate (%)  in the range
      stats-api.p95 and the like, of one function:
        error_rate, errors, throttles, invocations, p50, p95, p99,
        concurrency
    """
    context = Context.of(ctx)
    filters = _filters(where or [])
    wanted = Wanted(
        _range(range_name),
        timezone,
        site,
        limit,
        _dimensions(by or []),
        _thresholds(context, fail_if or [], filters),
        filters,
    )
    if csv_output and (watch or context.terminal.json_output):
        raise UsageError("--csv fits neither --json nor --watch.")
    if interval is not None and not watch:
        raise UsageError(f"{interval!r} needs --watch.", hint=f"liveinsight stats --watch {interval}")
    ascii_only = ascii_output or is_ascii_locale(context.variables)
    if watch:
        from liveinsight_cli.commands.stats_watch import watch_until_interrupted

        watch_until_interrupted(context, wanted, _seconds(interval or "2s"), ascii_only=ascii_only)
        return
    found = look(context, wanted)
    _answer(context, wanted, found, as_csv=csv_output, ascii_only=ascii_only)


def _range(text: str) -> AskedRange:
    found = read_range(text)
    if found is None:
        raise UsageError(f"There is no range {text!r}.", hint=f"Ranges: {WAYS}.")
    return found


def _dimensions(given: list[str]) -> tuple[str, ...]:
    found = []
    for text in given:
        match = dimension(text)
        if match is None:
            raise UsageError(f"There is no list by {text!r}.", hint=f"Lists: {', '.join(DIMENSIONS)}.")
        found.append(match)
    return tuple(dict.fromkeys(found))


def _filters(given: list[str]) -> dict[str, str]:
    try:
        return read_filters(given)
    except InvalidFilter as error:
        raise UsageError(str(error), hint=error.hint) from error


def _thresholds(context: Context, given: list[str], filters: Mapping[str, str]) -> tuple[Threshold, ...]:
    try:
        found = tuple(parse(text) for text in given)
    except InvalidThreshold as error:
        raise UsageError(str(error), hint=error.hint) from error
    for threshold in found:
        function = threshold.metric.rpartition(".")[0]
        if function and function not in context.deployed.functions:
            raise UsageError(
                f"There is no function {function!r}.",
                hint=f"Functions: {', '.join(context.deployed.functions)}.",
            )
    other = unfiltered((threshold.metric for threshold in found), filters)
    if other is not None:
        raise UsageError(
            f"{other} is not known of the visits that --where chooses.",
            hint="Conditions on what happens now go with source, country and device; pageviews_30m with none.",
        )
    return found


def _seconds(text: str) -> float:
    found = INTERVAL.fullmatch(text)
    seconds = float(found[1]) * (60 if found[2] == "m" else 1) if found else 0.0
    if seconds < SHORTEST_SECONDS:
        raise UsageError(f"{text!r} is no interval.", hint="Write one second or more, such as 2s, 10s or 1m.")
    return seconds


def _answer(context: Context, wanted: Wanted, found: Stats, *, as_csv: bool, ascii_only: bool) -> None:
    failed = [check.in_words() for check in found.checks if check.failed]
    failure = ComparisonFailed(
        f"{len(failed)} of {len(found.checks)} conditions failed: {'; '.join(failed)}.",
        hint="See what the functions say: liveinsight tail --since 1h --no-follow",
        data=found,
    )
    if context.terminal.json_output:
        context.terminal.warnings += [*found.problems, *found.warnings]
        if failed:
            raise failure
    if as_csv:
        _write_csv(context, found)
    else:
        context.terminal.answer("stats", found, lambda value: _view(value, wanted, ascii_only=ascii_only))
    if failed:
        raise failure


def _write_csv(context: Context, found: Stats) -> None:
    """Write RFC 4180; what visitors sent may hold what a terminal or a spreadsheet would act upon."""
    import csv

    from liveinsight_cli.core.stats_csv import HEADER, rows
    from liveinsight_cli.render.text import plain

    writer = csv.writer(context.terminal.stdout)
    writer.writerow(HEADER)
    writer.writerows([plain(cell) for cell in row] for row in rows(found))


def _view(found: Stats, wanted: Wanted, *, ascii_only: bool) -> "RenderableType":
    from liveinsight_cli.render.stats import StatsView

    return StatsView(found, wanted.limit, ascii_only=ascii_only)
