"""`stats` as a table of one figure a row, for spreadsheets: section, name, figure, value."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from liveinsight_cli.core.addresses import LISTS, readable
from liveinsight_cli.core.stats import Period, Stats
from liveinsight_cli.core.stats_platform import Platform

HEADER = ("section", "name", "figure", "value")
# What a spreadsheet takes for a formula when a cell begins with it, the full-width forms included.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001 - these are meant

Row = tuple[str, str, str, str]


def rows(stats: Stats) -> Iterator[Row]:
    """Yield the rows without the header; a figure without data has an empty value."""
    yield _row("look", "", "taken_at", stats.taken_at)
    yield _row("look", "", "fresh_to", stats.fresh_to)
    yield _row("look", "", "exact", int(stats.is_sound))
    if stats.live is not None:
        for name in ("active_visitors", "active_sessions", "visitors_30m", "pageviews_30m"):
            yield _row("now", "", name, getattr(stats.live, name))
        for minute in stats.live.minutes:
            yield _row("minute", str(minute.t), "pageviews", minute.pageviews)
    if stats.period is not None:
        yield from _filters(stats.period.filters, {} if stats.live is None else stats.live.filters)
        yield from _period(stats.period, stats.by)
    if stats.platform is not None:
        yield from _platform(stats.platform)


def _filters(filters: Mapping[str, str], of_now: Mapping[str, str]) -> Iterator[Row]:
    """Yield the filters of the range, and which of them hold for the visits of now."""
    for name, value in filters.items():
        yield "where", name, "range", harmless_cell(value)
        yield "where", name, "now", harmless_cell(of_now.get(name, ""))


def _period(period: Period, by: tuple[str, ...]) -> Iterator[Row]:
    for name, value in asdict(period.totals).items():
        yield _row("totals", "", name, value)
        yield _row("previous", "", name, None if period.previous is None else getattr(period.previous, name))
        yield _row("change", "", name, period.change.get(name))
    section = "range_minute" if period.step == "minute" else period.step  # the last minutes are of all visits
    for step in period.series:
        yield _row(section, str(step.t), "pageviews", step.pageviews)
    for step in period.previous_series:
        yield _row(f"previous_{period.step}", str(step.t), "pageviews", step.pageviews)
    for dimension in by or period.top:
        for entry in period.top.get(dimension, ()):
            name = readable(entry.name) if dimension in LISTS else entry.name
            yield _row(dimension, name, "count", entry.count)
    for reason, count in sorted(period.bots.items()):
        yield _row("bots", reason, "count", count)


def _platform(platform: Platform) -> Iterator[Row]:
    for section, parts in (("function", platform.functions), ("table", platform.tables)):
        for part in parts:
            figures = asdict(part)
            name = figures.pop("name")
            for figure, value in figures.items():
                yield _row(section, name, figure, value)
    for figure, value in asdict(platform.api).items():
        yield _row("api", "", figure, value)
    yield _row("stream", "", "iterator_age_ms", platform.iterator_age_ms)
    yield _row("stream", "", "dead_letters", platform.dead_letters)
    yield _row("platform", "", "window_seconds", platform.window_seconds)
    yield _row("platform", "", "fresh_to", platform.fresh_to)


def harmless_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _row(section: str, name: str, figure: str, value: float | None) -> Row:
    return section, harmless_cell(name), figure, "" if value is None else f"{value:.15g}"
