"""The platform's half of `stats`: functions, API, tables and the stream, as tables or in short lines."""

from rich.text import Text

from liveinsight_cli.core.stats_figures import percentage
from liveinsight_cli.core.stats_platform import FunctionFigures, Platform
from liveinsight_cli.render import stats_figures as figures
from liveinsight_cli.render.charts import ACCENT, Glyphs, sparkline
from liveinsight_cli.render.stats_lines import columns_of, heading

FUNCTIONS = (
    ("function", 15),
    ("calls", 9),
    ("errors", 7),
    ("throttled", 10),
    ("conc", 5),
    ("p50", 6),
    ("p95", 7),
    ("p99", 7),
)
API = (("API", 15), ("requests", 9), ("4xx", 7), ("5xx", 10), ("", 5), ("p50", 6), ("p95", 7), ("p99", 7))
TABLES = (("table", 15), ("read units", 13), ("write units", 13), ("throttled", 11))
WIDTH = sum(width for _, width in FUNCTIONS)
MINUTE, HOUR, DAY = 60, 3600, 86400
SPARKS = 30
SHORT = 6  # characters of a number that stands in a line of others
STALE_SECONDS = 75  # two askings of --watch and the time they take


def functions(platform: Platform, width: int, glyphs: Glyphs, age_seconds: float) -> list[Text]:
    """Return the heading and a row for each function; durations in milliseconds."""
    title = heading("Platform", width, glyphs, f"{_window(platform)}, {_freshness(platform)}, times in ms")
    if age_seconds > STALE_SECONDS:
        note = f"as of {figures.duration(age_seconds, glyphs)} ago, {_freshness(platform)}"
        title = heading("Platform", width, glyphs, note, style="yellow")
    return [title, _header(FUNCTIONS), *(_function(function, glyphs) for function in platform.functions)]


def nothing(width: int, glyphs: Glyphs) -> list[Text]:
    """Return what stands in the platform's place while there are no figures of it."""
    return [heading("Platform", width, glyphs), Text("no figures", style="dim")]


def parts(platform: Platform, glyphs: Glyphs) -> list[Text]:
    """Return tables of the API, the DynamoDB tables and the stream."""
    api = platform.api
    cells = (
        Text("all routes"),
        Text(figures.fitted(api.requests, 8, glyphs)),
        _alarming(api.errors_4xx, glyphs, "yellow", 6),
        _alarming(api.errors_5xx, glyphs, "bold red", 9),
        Text(),
        *(Text(figures.milliseconds(value, glyphs)) for value in (api.p50_ms, api.p95_ms, api.p99_ms)),
    )
    lines = [Text(), _header(API), columns_of(cells, [width for _, width in API]), _sparks(platform, glyphs)]
    lines += [Text(), _header(TABLES)]
    for table in platform.tables:
        row = (
            Text(table.name),
            *(Text(figures.units(value, glyphs)) for value in (table.read_units, table.write_units)),
            _alarming(table.throttles, glyphs, "yellow"),
        )
        lines.append(columns_of(row, [width for _, width in TABLES]))
    letters = Text.assemble("dead letters ", _alarming(platform.dead_letters, glyphs, "bold red"))
    stream = Text.assemble(("stream ", "dim"), _stream(platform, glyphs), f" {glyphs.dot} ", letters)
    return [*lines, Text(), stream]


def short_parts(platform: Platform, glyphs: Glyphs) -> list[Text]:
    """Return the same in two lines."""
    api = platform.api
    between = f" {glyphs.dot} "
    rate = percentage(api.errors_4xx, api.requests)
    first = Text.assemble(
        ("API      ", "dim"),
        f"{figures.fitted(api.requests, SHORT, glyphs)} requests{between}",
        _alarming(api.errors_4xx, glyphs, "yellow"),
        f" 4xx ({figures.percent(None if rate is None else rate / 100, glyphs)}){between}",
        _alarming(api.errors_5xx, glyphs, "bold red"),
        f" 5xx{between}p95 {figures.lag(api.p95_ms, glyphs)}{between}",
        _stream(platform, glyphs, short=True),
    )
    used = between.join(
        f"{table.name} {figures.fitted(table.read_units, SHORT, glyphs)}"
        f"/{figures.fitted(table.write_units, SHORT, glyphs)}"
        for table in platform.tables
    )
    second = Text.assemble(("r/w units", "dim"), f" {used}")
    throttled = [table.throttles for table in platform.tables if table.throttles is not None]
    if any(throttled):
        second.append_text(Text(f"{between}{sum(throttled):,.0f} throttled", style="yellow"))
    if platform.dead_letters:
        second.append_text(Text(f"{between}{platform.dead_letters:,.0f} dead letters", style="bold red"))
    return [first, second]


def _sparks(platform: Platform, glyphs: Glyphs) -> Text:
    """Return the API's requests over the window: each cell the busiest step of those it stands for."""
    peak = max((value for value in platform.requests if value is not None), default=None)
    per = "per minute" if platform.step_seconds == MINUTE else f"per {platform.step_seconds // MINUTE} min"
    row = sparkline(platform.requests, SPARKS, glyphs)
    return Text.assemble(
        (f"{per:<16}", "dim"), (f"{row:<{SPARKS}}", ACCENT), (f"  peak {figures.count(peak, glyphs)}", "dim")
    )


def _freshness(platform: Platform) -> str:
    """Return how far CloudWatch tells: it learns of a minute one or two later."""
    return "no calls yet" if platform.fresh_to is None else f"newest {figures.clock(platform.fresh_to)} UTC"


def _window(platform: Platform) -> str:
    return {HOUR: "last hour", DAY: "last 24 hours"}.get(
        platform.window_seconds, f"last {platform.window_seconds // 60} min"
    )


def _header(columns: tuple[tuple[str, int], ...]) -> Text:
    return columns_of([Text(title, style="dim") for title, _ in columns], [width for _, width in columns])


def _function(function: FunctionFigures, glyphs: Glyphs) -> Text:
    cells = (
        Text(function.name),
        Text(figures.fitted(function.invocations, 8, glyphs)),
        _alarming(function.errors, glyphs, "bold red", 6),
        _alarming(function.throttles, glyphs, "yellow", 9),
        Text(figures.fitted(function.concurrency, 4, glyphs)),
        *(
            Text(figures.milliseconds(value, glyphs))
            for value in (function.p50_ms, function.p95_ms, function.p99_ms)
        ),
    )
    return columns_of(cells, [width for _, width in FUNCTIONS])


def _alarming(value: float | None, glyphs: Glyphs, style: str, room: int = SHORT) -> Text:
    return Text(figures.fitted(value, room, glyphs), style=style if value else "")


def _stream(platform: Platform, glyphs: Glyphs, *, short: bool = False) -> Text:
    age = platform.iterator_age_ms
    shown = figures.lag(age, glyphs)
    return Text(f"lag {shown}" if short else f"{shown} behind at worst (iterator age)")
