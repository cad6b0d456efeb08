"""The answer of `load` for people: the finding, where the time went, how it moved, and what the servers say."""

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType
from rich.text import Text

from liveinsight_cli.core.load.figures import Interval
from liveinsight_cli.core.load.report import LoadReport
from liveinsight_cli.core.load.requests import LOAD_SITE
from liveinsight_cli.render.charts import ACCENT, Glyphs, columns, glyphs_for
from liveinsight_cli.render.load_words import (
    FUNCTION_COLUMNS,
    LATENCY_COLUMNS,
    STEP_COLUMNS,
    arrival_line,
    counts,
    function_rows,
    head,
    latency_rows,
    left_behind,
    milliseconds,
    server_lines,
    step_rows,
)
from liveinsight_cli.render.tables import facts, table
from liveinsight_cli.render.text import plain

NAME_WIDTH = 12
CHART_HEIGHT = 4
LABEL_WIDTH = 8


@dataclass(frozen=True)
class LoadView:
    """A report as it is printed."""

    report: LoadReport

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Yield its parts, as wide as there is room."""
        report = self.report
        yield Text(report.statement, style=_style(report))
        yield Text(f"{report.environment}: {head(report)}")
        if report.steps:
            yield _steps(report)
        yield _latencies(report)
        yield from facts(_plain(counts(report)), width=NAME_WIDTH)
        yield from chart(report, options.max_width, glyphs_for(options.encoding))
        if report.server is not None:
            yield from _server(report)
        if report.arrival is not None:
            lost = bool(report.arrival.lost)
            line = facts([("events", arrival_line(report.arrival))], width=NAME_WIDTH)[0]
            yield Text.assemble(line, style="bold red") if lost else line
        yield from facts(_cost(report), width=NAME_WIDTH)
        for doubt in report.verdict.doubts[1:] if not report.steps else report.verdict.doubts:
            yield Text(f"Doubt: {doubt}", style="yellow")
        for note in report.notes:
            yield Text(f"Note: {plain(note)}", style="yellow")
        yield Text(left_behind(LOAD_SITE), style="dim")


def chart(report: LoadReport, width: int, glyphs: Glyphs) -> Iterator[Text]:
    """Yield the 95th percentile over the time of the load; failures and throttled requests below it."""
    intervals = report.figures.intervals
    if len(intervals) < 2:
        return
    step = max(1, min(4, (width - LABEL_WIDTH - 1) // len(intervals)))
    shown = intervals[: max(1, (width - LABEL_WIDTH - 1) // step)]
    values = [one.p95 or 0.0 for one in shown]
    rows = columns(values, CHART_HEIGHT, glyphs, step=step)
    seconds = f"{shown[0].seconds:.3g} s each"
    yield Text()
    yield Text.assemble(("p95 in ms over time", "bold"), (f"  {seconds}", "dim"))
    for number, row in enumerate(rows):
        label = milliseconds(max(values)) if number == 0 else "0" if number == CHART_HEIGHT - 1 else ""
        yield Text.assemble((f"{label:>{LABEL_WIDTH}} ", "dim"), (row.rstrip(), ACCENT))
    marks = "".join(_mark(one).ljust(max(1, step)) for one in shown).rstrip()
    if marks:
        yield Text.assemble(" " * (LABEL_WIDTH + 1), (marks, "red"))
        yield Text(f"{' ' * (LABEL_WIDTH + 1)}x failed  t throttled", style="dim")


def _mark(one: Interval) -> str:
    return "x" if one.errors else "t" if one.throttled else " "


def _style(report: LoadReport) -> str:
    if report.steps:
        return "bold green" if report.capacity_rps is not None else "bold red"
    if not report.verdict.is_valid:
        return "bold yellow"
    return "bold green" if report.verdict.is_passed else "bold red"


def _latencies(report: LoadReport) -> RenderableType:
    view = table(None, "latency in ms", *LATENCY_COLUMNS, numbers=LATENCY_COLUMNS)
    limit = report.limits.p95_seconds * 1000
    for row in latency_rows(report):
        cells = [Text(milliseconds(value)) for value in row.cells]
        p95 = row.cells[2]
        if row.place == "since it was due" and p95 is not None:
            cells[2].stylize("bold red" if p95 > limit else "bold green")
        view.add_row(row.place, *cells)
    return view


def _steps(report: LoadReport) -> RenderableType:
    view = table(None, *STEP_COLUMNS, numbers=STEP_COLUMNS[:-1])
    for *cells, outcome in step_rows(report):
        style = "green" if outcome == "holds" else "yellow" if outcome == "invalid" else "red"
        view.add_row(*cells, Text(outcome, style=style))
    return view


def _server(report: LoadReport) -> Iterator[RenderableType]:
    assert report.server is not None  # noqa: S101 - the caller's condition
    view = table(None, "the same minutes", *FUNCTION_COLUMNS, numbers=FUNCTION_COLUMNS)
    for row in function_rows(report.server):
        view.add_row(row.name, *row.cells)
    yield view
    yield from facts(server_lines(report.server), width=NAME_WIDTH)


def _cost(report: LoadReport) -> list[tuple[str, str]]:
    if report.cost is None:
        return []
    dollars = report.cost.dollars
    shown = f"about ${dollars:,.2f}" if dollars >= 0.005 else "less than a cent"
    return [("cost", f"{shown} at list prices, for at most {report.cost.requests:,} requests")]


def _plain(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, plain(value)) for name, value in rows]
