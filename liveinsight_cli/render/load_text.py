"""A load's report as Markdown, for a pull request or a wiki."""

from collections.abc import Iterable, Iterator, Sequence

from liveinsight_cli.core.load.report import LoadReport
from liveinsight_cli.render.load_words import (
    FUNCTION_COLUMNS,
    LATENCY_COLUMNS,
    STEP_COLUMNS,
    arrival_line,
    counts,
    function_rows,
    head,
    latency_rows,
    milliseconds,
    server_lines,
    step_rows,
)
from liveinsight_cli.render.text import plain


def markdown(report: LoadReport) -> str:
    """Return the whole report."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: LoadReport) -> Iterator[str]:
    yield f"# Load on {report.environment}, {report.began_at}"
    yield from ("", f"**{report.statement}**", "", head(report), f"URL: {report.url}", "")
    if report.steps:
        yield from ("## Steps", "")
        yield from _table([*STEP_COLUMNS[:-1], "outcome"], step_rows(report))
    yield from ("## Latencies in ms", "")
    rows = ((one.place.strip(), *map(milliseconds, one.cells)) for one in latency_rows(report))
    yield from _table(["", *LATENCY_COLUMNS], rows)
    yield from ("## Requests", "")
    yield from _table(["", ""], counts(report))
    if report.server is not None:
        yield from ("## The same minutes on the server side", "")
        yield from _table(
            ["", *FUNCTION_COLUMNS], ((one.name, *one.cells) for one in function_rows(report.server))
        )
        yield from _table(["", ""], server_lines(report.server))
    if report.arrival is not None:
        yield from (f"Events: {arrival_line(report.arrival)}.", "")
    yield from (f"- {plain(note)}" for note in (*report.verdict.doubts, *report.notes))


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'---|' * len(titles)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
