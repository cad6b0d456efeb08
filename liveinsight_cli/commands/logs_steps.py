"""The steps of `logs query`: what is meant, what it will cost, asking, answering."""

import csv
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from liveinsight_cli.context import Context
from liveinsight_cli.core.insights import (
    SESSION,
    Found,
    Preset,
    Presets,
    Question,
    UnknownPreset,
    chosen,
    columns_of,
    is_query,
    rows_of,
)
from liveinsight_cli.core.logs.summary import API
from liveinsight_cli.core.stats_csv import harmless_cell
from liveinsight_cli.errors import LiveInsightError, UsageError
from liveinsight_cli.render.text import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.insights import Insights

_NUMBER = re.compile(r"[+-]?[\d.]+(?:[eE][+-]?\d+)?")
ASK_ABOVE_DOLLARS = 0.10
QUERY = ""  # the name of what is no preset
SESSION_PRESET = Preset(SESSION, "the items of one session in the events table, oldest first")


def span(context: Context, since: str, until: str | None) -> tuple[int, int]:
    """Return from when to when, in epoch ms."""
    from liveinsight_cli.core.logs.moments import BadMoment, moment_ms

    now = context.clock.now()
    try:
        start, end = moment_ms(since, now), moment_ms(until, now) if until else int(now * 1000)
    except BadMoment as error:
        raise UsageError(f"--since or --until: {error}.") from error
    if start >= end:
        raise UsageError("--since is not before --until.")
    return start, end


def presets_of(context: Context) -> Presets:
    """Return what can be asked by name."""
    return Presets(context.environment, (*_saved(context), SESSION_PRESET))


def wanted(context: Context, words: str, id_: str | None) -> Preset:
    """Return the preset of that name, with the id in its place; a query is one without a name."""
    if is_query(words):
        return Preset(QUERY, words)
    presets = _saved(context)
    try:
        preset = chosen(presets, words)
    except UnknownPreset as error:
        names = ", ".join((*(one.name for one in presets), SESSION))
        raise UsageError(
            f"{words}: {error}.", hint=f"Presets: {names}. A query has more than one word."
        ) from error
    if not preset.needs_id:
        return preset
    try:
        return replace(preset, query=preset.about(_required(preset.name, id_)))
    except ValueError as error:
        raise UsageError(f"--id: {error}.") from error


def _saved(context: Context) -> tuple[Preset, ...]:
    folder = f"{context.settings.project}/{context.environment}/"
    _ = context.deployed  # said first when there is nothing
    return _insights(context).presets(folder)


def _insights(context: Context) -> "Insights":
    from liveinsight_cli.adapters.insights import Insights

    return Insights(context.aws, context.clock)


def _required(preset: str, id_: str | None) -> str:
    if id_ is None:
        raise UsageError(f"{preset} is about one id.", hint=f"liveinsight logs query {preset} --id ID")
    return id_


def group_names(context: Context) -> dict[str, str]:
    """Return log group -> short name."""
    functions = {function.log_group: name for name, function in context.deployed.functions.items()}
    return {group: functions.get(group, API) for group in context.deployed.log_groups}


def groups_of(context: Context, functions: list[str]) -> tuple[str, ...]:
    """Return the log groups of these functions; raises UsageError for one that is not there."""
    names = group_names(context)
    unknown = sorted(set(functions) - set(names.values()))
    if unknown:
        known = ", ".join(sorted(set(names.values())))
        raise UsageError(f"There is no function {unknown[0]!r} here.", hint=f"Known: {known}.")
    return tuple(group for group, name in names.items() if name in functions)


def path_of(context: Context, id_: str | None, start_ms: int, end_ms: int, limit: int) -> Found:
    """Return the path of one session."""
    from liveinsight_cli.adapters.session_path import read_path

    session, table = _required(SESSION, id_), context.deployed.tables.events
    path = read_path(context.aws, table, session, start_ms, end_ms, limit)
    return Found(
        environment=context.environment,
        preset=SESSION,
        query=f"session {session}",
        sources=(table,),
        start_ms=start_ms,
        end_ms=end_ms,
        columns=columns_of(path.rows),
        rows=path.rows,
        matched=len(path.rows),
        scanned=len(path.rows),
        bytes_scanned=None,
        read_units=path.read_units,
        dollars=_dollars(context, "read_units", path.read_units),
        is_free=_is_free(context),
    )


def ask(context: Context, preset: Preset, question: Question, timeout_seconds: float) -> Found:
    """Return what the logs answer; a dear scan is asked about first."""
    insights = _insights(context)
    _confirm_price(context, insights, question)
    with context.terminal.progress("Asking the logs") as step:
        answer = insights.run(
            question,
            timeout_seconds,
            lambda events: (
                step.update(f"Asking the logs: {events:,} events") if context.terminal.is_live else None
            ),
        )
    rows, statistics = rows_of(answer["results"]), answer.get("statistics", {})
    scanned_bytes = int(statistics.get("bytesScanned", 0))
    return Found(
        environment=context.environment,
        preset=preset.name or None,
        query=question.query,
        sources=question.groups,
        start_ms=question.start_ms,
        end_ms=question.end_ms,
        columns=columns_of(rows),
        rows=rows,
        matched=int(statistics.get("recordsMatched", 0)),
        scanned=int(statistics.get("recordsScanned", 0)),
        bytes_scanned=scanned_bytes,
        read_units=None,
        dollars=_dollars(context, "log_scanned_gb", scanned_bytes / 1e9),
        is_free=_is_free(context),
    )


def _confirm_price(context: Context, insights: "Insights", question: Question) -> None:
    """Ask before a scan that costs something; where nobody can say how much there is, it goes on."""
    from liveinsight_cli.render.logs import price, size

    if _is_free(context):
        return
    try:
        estimated = insights.bytes_of(question)
    except LiveInsightError as error:
        context.terminal.detail(f"What the query will scan is not known: {error.message}")
        return
    dollars = _dollars(context, "log_scanned_gb", estimated / 1e9)
    if dollars is not None and dollars > ASK_ABOVE_DOLLARS:
        context.terminal.confirm(f"This will scan about {size(estimated)} for {price(dollars)}. Go on?")


def _dollars(context: Context, name: str, units: float) -> float | None:
    """Return the list price of so many units in the stack's region, None where it is not known."""
    from liveinsight_cli.adapters.price_file import load_prices

    try:
        return load_prices(context.deployed.region).prices[name].dollars(units)
    except LiveInsightError:
        return None


def _is_free(context: Context) -> bool:
    return context.settings.target == "embedded"


def _cell(value: object) -> object:
    """Return a value that neither a terminal nor a spreadsheet acts upon: much of it is what visitors sent."""
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    return harmless_cell(plain(value, keep="\n\t"))


def answer(context: Context, found: Found, form: str) -> None:
    """Give the answer: for people, or one row a line for programs."""
    from liveinsight_cli.render.logs import FoundView, summary

    out = context.terminal.stdout
    if form == "csv":
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(found.columns)
        writer.writerows([_cell(row.get(name, "")) for name in found.columns] for row in found.rows)
    elif form == "jsonl":
        for row in found.rows:
            text = json.dumps(row, ensure_ascii=False)
            out.write((text if plain(text) == text else json.dumps(row)) + "\n")
    else:
        names = group_names(context)
        context.terminal.answer("logs-query", found, lambda value: FoundView(value, names))
        return
    context.terminal.say(summary(found))


def presets_view(answer: Presets, *, in_full: bool) -> "RenderableType":
    """Draw the list of presets; in full with their queries."""
    from liveinsight_cli.render.logs import presets_view as view

    return view(answer, in_full=in_full)
