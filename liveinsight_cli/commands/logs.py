"""`liveinsight logs query`: questions to the logs, by name or in Logs Insights' language."""

from enum import StrEnum
from typing import Annotated

import typer

from liveinsight_cli.catalogue import COMMON
from liveinsight_cli.context import Context
from liveinsight_cli.core.insights import SESSION, Question
from liveinsight_cli.errors import UsageError

app = typer.Typer(help="Questions to the logs.", no_args_is_help=True, rich_markup_mode=None)

SINCE, SINCE_OF_SESSION = "1h", "24h"  # events stay in the table for 24 hours


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSONL = "jsonl"


Words = Annotated[
    str | None,
    typer.Argument(
        metavar="[PRESET|QUERY]", help="A preset, the beginning of its name, or a query.  [default: list]"
    ),
]
Functions = Annotated[
    list[str] | None,
    typer.Option(
        "--function", "-f", help="Ask this function's log, or `api`. Can be repeated.  [default: all]"
    ),
]
Id = Annotated[
    str | None, typer.Option("--id", help="What the preset is about: a session, or a request's id.")
]
Since = Annotated[
    str | None,
    typer.Option(help="From when: a duration such as 10m, or a time.  [default: 1h; session: 24h]"),
]
Until = Annotated[str | None, typer.Option(help="Until when.  [default: now]")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="The most rows.")]
Format_ = Annotated[Format, typer.Option("--format", help="How to write the rows.")]
Timeout = Annotated[float, typer.Option(min=1, help="Seconds after which the query is stopped.")]


@app.command("query", epilog=COMMON)
def query(
    ctx: typer.Context,
    words: Words = None,
    function: Functions = None,
    id_: Id = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 1000,
    format_: Format_ = Format.TABLE,
    timeout: Timeout = 60,
) -> None:
    """Ask the logs with CloudWatch Logs Insights; says what was scanned and what that costs.

    Presets are the saved queries of the environment, yours in the same folder included: errors, top-errors, slowest,
    cold-starts, one-request, refused-requests, throttled-requests, taken-events. `session` is the path of one session,
    from the events table, as no log line names a session. A scan that costs more than $0.10 is asked about first.

    \b
    Examples:
      liveinsight logs query
      liveinsight logs query errors --since 24h
      liveinsight logs query cold -f stats-api
      liveinsight logs query session --id 0a291dc9fef563ddbf3d6dda
      liveinsight logs query 'filter status = 503 | stats count(*) by bin(5m)' --format csv
    """
    from liveinsight_cli.commands import logs_steps as steps

    context = Context.of(ctx)
    if format_ is not Format.TABLE and context.terminal.json_output:
        raise UsageError("--format does not fit --json.")
    asked_since = since or (SINCE_OF_SESSION if words == SESSION else SINCE)
    start_ms, end_ms = steps.span(context, asked_since, until)
    if words is None:
        in_full = context.terminal.verbose
        presets = steps.presets_of(context)
        context.terminal.answer("logs-query", presets, lambda one: steps.presets_view(one, in_full=in_full))
        return
    if words == SESSION:
        found = steps.path_of(context, id_, start_ms, end_ms, limit)
    else:
        preset = steps.wanted(context, words, id_)
        groups = steps.groups_of(context, function or []) or preset.groups or context.deployed.log_groups
        found = steps.ask(context, preset, Question(preset.query, groups, start_ms, end_ms, limit), timeout)
    steps.answer(context, found, format_.value)
