"""The first lines of `stats`: of what, of when, and how old; below, which visits were chosen."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text

from liveinsight_cli.core.addresses import FILTERS
from liveinsight_cli.core.stats import Period, Stats
from liveinsight_cli.render import stats_figures as figures
from liveinsight_cli.render.charts import Glyphs
from liveinsight_cli.render.stats_notes import safe

RANGES = {"30m": "last 30 minutes", "24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days"}


def title(stats: Stats, width: int, glyphs: Glyphs, now: float | None, stale_seconds: float) -> Text:
    """Return what is shown at the left, and at the right as much of its freshness as there is room for.

    With `now` (epoch seconds) that is how old it is, marked beyond `stale_seconds`; without, when it was taken.
    """
    between = f" {glyphs.dot} "
    period = stats.period
    site = (period.site if period else None) or "all sites"
    left = Text.assemble(("LiveInsight", "bold"), f" {stats.environment}{between}{safe(site, glyphs)}")
    if period is not None:
        left.append(f"{between}{_range(period, glyphs)}")
    age = 0.0 if now is None else max(0.0, now - stats.taken_at / 1000)
    fitting = (words for words in _ages(stats, age, glyphs, now) if left.cell_len + len(words) + 2 <= width)
    right = Text(next(fitting, ""), style="yellow" if age > stale_seconds else "dim")
    return Text.assemble(left, " " * max(2, width - left.cell_len - right.cell_len), right)


def chosen(stats: Stats, width: int, glyphs: Glyphs) -> list[Text]:
    """Return which visits the figures are of, and which figures are of others; nothing without filters."""
    if stats.period is None or not stats.period.filters:
        return []
    lines = [Text(line, "bold") for line in _filled(_where(stats.period.filters, glyphs), width, glyphs)]
    return [
        *lines,
        *(Text(line, "dim") for line in _filled(_of_others(stats, stats.period, glyphs), width, glyphs)),
    ]


def _where(filters: Mapping[str, str], glyphs: Glyphs) -> list[str]:
    words = ("where", *("and" for _ in filters))
    shown = {
        name: figures.address(value, glyphs) if name in FILTERS else value for name, value in filters.items()
    }
    return [f"{word} {name}={value}" for word, (name, value) in zip(words, shown.items(), strict=False)]


def _of_others(stats: Stats, period: Period, glyphs: Glyphs) -> list[str]:
    """Return which figures are not, or not quite, of the visits that were chosen."""
    parts, of_all = [], []
    if stats.live is not None:
        of_all.append("views of 30m")
        if not stats.live.filters:
            of_all.insert(0, "visitors now")
        elif stats.live.filters != period.filters:
            parts = ["visitors now:", *_where(stats.live.filters, glyphs)]
            parts[-1] += ";"
    of_all += [] if stats.platform is None else ["platform"]
    return [*parts, f"{', '.join(of_all)}: all visits"] if of_all else parts


def _filled(parts: Sequence[str], width: int, glyphs: Glyphs) -> list[str]:
    """Return the parts one after the other in lines of at most `width` cells; what is longer is cut."""
    lines: list[str] = []
    for part in parts:
        shown = safe(part, glyphs)
        if lines and cell_len(lines[-1]) + 1 + cell_len(shown) <= width:
            lines[-1] += f" {shown}"
        else:
            lines.append(figures.name(part, min(width, cell_len(shown)), glyphs))
    return lines


def _ages(stats: Stats, age: float, glyphs: Glyphs, now: float | None) -> list[str]:
    """Return how fresh it is, in ever fewer words."""
    between = f" {glyphs.dot} "
    at = figures.clock(stats.taken_at, "%H:%M:%S UTC")
    if stats.live is None and stats.period is None:
        return [at]
    newest = _newest(stats, age, glyphs, 0 if now is None else 3)
    if now is None:
        return [newest + between + at, newest, at]
    at = f"as of {figures.duration(age, glyphs):>3} ago"
    return [newest + between + at, newest.removeprefix("newest ") + between + at, at]


def _newest(stats: Stats, age: float, glyphs: Glyphs, least: int) -> str:
    """Return how old the newest event is; of `least` characters, so that what counts seconds does not move."""
    if stats.fresh_to is None:
        return "no events yet"
    now = stats.live.now if stats.live is not None else stats.taken_at
    seconds = figures.duration(max(0, now - stats.fresh_to) / 1000 + age, glyphs)
    return f"newest event {seconds:>{least}} ago"


def _range(period: Period, glyphs: Glyphs) -> str:
    zone = "" if period.timezone == "UTC" else f" {safe(period.timezone, glyphs)}"
    if period.range == "custom" or period.begins_late:
        return f"{period.begin[:16].replace('T', ' ')} to {period.end[:16].replace('T', ' ')}{zone}"
    return RANGES.get(period.range, period.range) + zone
