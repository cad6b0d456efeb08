"""The platform's half of `stats`: functions, API, tables and the stream, as tables or in short lines."""

from rich.text import Text

from liveinsight_cli.core.stats_figures import percentage
from liveinsight_cli.core.stats_platform import FunctionFigures, Platform
from liveinsight_cli.render import stats_figures as figures
from liveinsight_cli.render.charts import Glyphs
from liveinsight_cli.render.stats_lines import columns_of, heading

FUNCTIONS = (
    ("function", 15),
    ("calls", 9),
    ("errors", 8),
    ("throttled", 11),
    ("p50", 7),
    ("p95", 7),
    ("p99", 7),
)
API = (("API", 15), ("requests", 9), ("4xx", 8), ("5xx", 11), ("p50", 7), ("p95", 7))
TABLES = (("table", 15), ("read units", 17), ("write units", 18))
WIDTH = sum(width for _, width in FUNCTIONS)
HOUR, DAY = 3600, 86400


def functions(platform: Platform, width: int, glyphs: Glyphs) -> list[Text]:
    """Return the heading and a row for each function; durations in milliseconds."""
    note = f"{_window(platform)} to {figures.clock(platform.end)} UTC, times in ms"
    lines = [heading("Platform", width, glyphs, note), _header(FUNCTIONS)]
    return lines + [_function(function, glyphs) for function in platform.functions]


def parts(platform: Platform, glyphs: Glyphs) -> list[Text]:
    """Return tables of the API, the DynamoDB tables and the stream."""
    api = platform.api
    cells = (
        Text("all routes"),
        Text(figures.count(api.requests, glyphs)),
        _alarming(api.errors_4xx, glyphs, "yellow"),
        _alarming(api.errors_5xx, glyphs, "bold red"),
        Text(figures.milliseconds(api.p50_ms, glyphs)),
        Text(figures.milliseconds(api.p95_ms, glyphs)),
    )
    lines = [Text(), _header(API), columns_of(cells, [width for _, width in API]), Text(), _header(TABLES)]
    for table in platform.tables:
        row = (
            Text(table.name),
            *(Text(figures.units(value, glyphs)) for value in (table.read_units, table.write_units)),
        )
        lines.append(columns_of(row, [width for _, width in TABLES]))
    return [*lines, Text(), Text.assemble(("stream ", "dim"), _stream(platform, glyphs))]


def short_parts(platform: Platform, glyphs: Glyphs) -> list[Text]:
    """Return the same in two lines."""
    api = platform.api
    between = f" {glyphs.dot} "
    rate = percentage(api.errors_4xx, api.requests)
    first = Text.assemble(
        ("API      ", "dim"),
        f"{figures.count(api.requests, glyphs)} requests{between}",
        _alarming(api.errors_4xx, glyphs, "yellow"),
        f" 4xx ({figures.percent(None if rate is None else rate / 100, glyphs)}){between}",
        _alarming(api.errors_5xx, glyphs, "bold red"),
        f" 5xx{between}p95 {figures.milliseconds(api.p95_ms, glyphs)} ms{between}",
        _stream(platform, glyphs, short=True),
    )
    used = between.join(
        f"{table.name} {figures.units(table.read_units, glyphs)}/{figures.units(table.write_units, glyphs)}"
        for table in platform.tables
    )
    return [first, Text.assemble(("r/w units", "dim"), f" {used}")]


def _window(platform: Platform) -> str:
    return {HOUR: "last hour", DAY: "last 24 hours"}.get(
        platform.window_seconds, f"last {platform.window_seconds // 60} min"
    )


def _header(columns: tuple[tuple[str, int], ...]) -> Text:
    return columns_of([Text(title, style="dim") for title, _ in columns], [width for _, width in columns])


def _function(function: FunctionFigures, glyphs: Glyphs) -> Text:
    cells = (
        Text(function.name),
        Text(figures.count(function.invocations, glyphs)),
        _alarming(function.errors, glyphs, "bold red"),
        _alarming(function.throttles, glyphs, "yellow"),
        *(
            Text(figures.milliseconds(value, glyphs))
            for value in (function.p50_ms, function.p95_ms, function.p99_ms)
        ),
    )
    return columns_of(cells, [width for _, width in FUNCTIONS])


def _alarming(value: float | None, glyphs: Glyphs, style: str) -> Text:
    return Text(figures.count(value, glyphs), style=style if value else "")


def _stream(platform: Platform, glyphs: Glyphs, *, short: bool = False) -> Text:
    age = platform.iterator_age_ms
    shown = figures.lag(age, glyphs)
    return Text(f"lag {shown}" if short else f"{shown} behind at worst (iterator age)")
