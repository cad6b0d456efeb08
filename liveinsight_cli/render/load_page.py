"""A load's report as one HTML file that needs nothing else: no script, no font, no address."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from liveinsight_cli.core.load.report import LoadReport
from liveinsight_cli.core.load.requests import LOAD_SITE
from liveinsight_cli.render.load_charts import by_rate, curve, over_time
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
from liveinsight_cli.render.text import plain

STYLE = """
:root { color-scheme: light dark; --ink: #1b2733; --dim: #5b6b7a; --paper: #fff; --line: #dde4ea; --accent: #0b7285;
  --second: #6b8e23; --far: #a9b4be; --good: #1a7f37; --bad: #c92a2a; --doubt: #8a6100; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #93a1af; --paper: #0f1720; --line: #2a3743;
  --accent: #4fc3d9; --second: #a9c46c; --far: #5b6b7a; --good: #57c274; --bad: #ff7b72; --doubt: #e0b252; } }
body { margin: 0 auto; max-width: 780px; padding: 24px 16px 48px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 32px 0 8px; }
.passed { color: var(--good); } .broken { color: var(--bad); } .doubted { color: var(--doubt); }
.finding { font-size: 18px; font-weight: 600; margin: 12px 0 4px; } p { margin: 4px 0; } .dim { color: var(--dim); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 8px; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { font-weight: 600; color: var(--dim); }
th:first-child, td:first-child { text-align: left; padding-left: 0; white-space: pre; }
.facts td { text-align: left; white-space: normal; } .facts td:first-child { color: var(--dim); width: 8em; }
svg { display: block; width: 100%; height: auto; }
.grid { stroke: var(--line); } .tick { fill: var(--dim); font-size: 12px; }
.limit { stroke: var(--bad); stroke-dasharray: 5 4; } polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
.p95 { stroke: var(--accent); } .p50 { stroke: var(--second); } .max { stroke: var(--far); stroke-width: 1; }
circle { fill: var(--accent); stroke: none; }
.key span { margin-right: 16px; } .key b { display: inline-block; width: 18px; height: 3px; margin-right: 6px;
  vertical-align: middle; }
"""


def page(report: LoadReport) -> str:
    """Return the whole document."""
    title = _words(f"Load on {report.environment}, {report.began_at}")
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>",
            *_body(report),
            "</body>\n</html>\n",
        )
    )


def _body(report: LoadReport) -> Iterator[str]:
    limit = report.limits.p95_seconds * 1000
    yield f'<p class="finding {_class(report)}">{_words(report.statement)}</p>'
    yield f"<p>{_words(head(report))}</p>"
    yield f'<p class="dim">{_words(report.url)}</p>'
    for note in (*report.verdict.doubts, *report.notes):
        yield f'<p class="doubted">{_words(note)}</p>'
    if report.steps:
        yield "<h2>Steps</h2>"
        yield _table([*STEP_COLUMNS[:-1], "outcome"], step_rows(report))
        yield by_rate([(one.rps, one.figures.latency.p95) for one in report.steps], limit)
    yield "<h2>Latencies in ms</h2>"
    rows = ((one.place, *map(milliseconds, one.cells)) for one in latency_rows(report))
    yield _table(["", *LATENCY_COLUMNS], rows)
    if len(report.figures.intervals) > 1:
        yield f"<h2>Over time</h2>\n{over_time(report.figures.intervals, limit)}\n{_key(limit)}"
    if report.figures.curve:
        yield f"<h2>By percentile</h2>\n{curve(report.figures.curve, limit)}"
    yield "<h2>Requests</h2>"
    yield _facts(counts(report))
    if report.server is not None:
        yield "<h2>The same minutes on the server side</h2>"
        yield _table(
            ["", *FUNCTION_COLUMNS], ((one.name, *one.cells) for one in function_rows(report.server))
        )
        yield _facts(server_lines(report.server))
    if report.arrival is not None:
        yield f"<p>Events: {_words(arrival_line(report.arrival))}.</p>"
    yield f'<p class="dim">{_words(left_behind(LOAD_SITE))}</p>'


def _words(text: str) -> str:
    return escape(plain(text))


def _class(report: LoadReport) -> str:
    if report.steps:
        return "passed" if report.capacity_rps is not None else "broken"
    if not report.verdict.is_valid:
        return "doubted"
    return "passed" if report.verdict.is_passed else "broken"


def _key(limit: float) -> str:
    named = (("--accent", "p95"), ("--second", "p50"), ("--far", "max"), ("--bad", f"limit {limit:g} ms"))
    spans = "".join(f'<span><b style="background:var({color})"></b>{name}</span>' for color, name in named)
    return f'<p class="key dim">{spans}</p>'


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    heads = "".join(f"<th>{_words(title)}</th>" for title in titles)
    lines = ("".join(f"<td>{_words(cell)}</td>" for cell in row) for row in rows)
    body = "\n".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="scroll"><table><tr>{heads}</tr>\n{body}</table></div>'


def _facts(rows: Iterable[tuple[str, str]]) -> str:
    body = "\n".join(f"<tr><td>{_words(name)}</td><td>{_words(value)}</td></tr>" for name, value in rows)
    return f'<table class="facts">{body}</table>'
