"""`stats` as one screen: product and platform beside each other where there is room, below each other elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from liveinsight_cli.core.stats import MAIN_DIMENSIONS, Period, Stats
from liveinsight_cli.render import stats_figures as figures
from liveinsight_cli.render import stats_platform, stats_product
from liveinsight_cli.render.charts import Glyphs, glyphs_for
from liveinsight_cli.render.stats_lines import beside
from liveinsight_cli.render.text import encodable, plain

BETWEEN = 4
TWO_COLUMNS = 2 * stats_platform.WIDTH + BETWEEN - 14
WIDEST = 168
RANGES = {"24h": "last 24 hours", "7d": "last 7 days", "30d": "last 30 days"}


@dataclass(frozen=True)
class Room:
    """How much of everything is drawn; screens try from the most to the least."""

    rows: int
    chart: int
    is_short: bool
    is_airy: bool


ROOMS = (
    *(Room(rows, 4, is_short=False, is_airy=True) for rows in (100, 50, 20, 15, 10, 8, 6, 5, 4, 3)),
    *(Room(rows, 3, is_short=True, is_airy=True) for rows in (6, 5, 4, 3)),
    Room(3, 2, is_short=True, is_airy=True),
    Room(3, 2, is_short=True, is_airy=False),
    Room(2, 2, is_short=True, is_airy=False),
    Room(1, 1, is_short=True, is_airy=False),
)


@dataclass(frozen=True)
class StatsView:
    """Draws one look to the width it is given; with `fill` also within the height of the terminal."""

    stats: Stats
    limit: int = 10
    fill: bool = False
    footer: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options.encoding)
        width = max(20, min(options.max_width, WIDEST))
        lines = self.lines(width, options.size.height if self.fill else None, glyphs)
        for line in lines:
            line.no_wrap, line.overflow = True, "crop"
            yield line

    def lines(self, width: int, height: int | None, glyphs: Glyphs) -> list[Text]:
        """Return the screen; where `height` is too small for everything, less of everything."""
        drawn: list[Text] = []
        enough = min(room.rows for room in ROOMS if room.rows >= self.limit)
        for room in (room for room in ROOMS if room.rows <= enough):
            drawn = list(self._drawn(width, room, glyphs))
            if height is None or len(drawn) <= height:
                return drawn
        return drawn[: height or 0]

    def _drawn(self, width: int, room: Room, glyphs: Glyphs) -> Iterator[Text]:
        air = [Text()] if room.is_airy else []
        yield self._title(width, glyphs)
        yield from air
        if width >= TWO_COLUMNS and self.stats.platform is not None:
            left, right = width - stats_platform.WIDTH - BETWEEN, stats_platform.WIDTH
            names = self.stats.by or MAIN_DIMENSIONS[:2]
            sides = self._product(left, names, room, glyphs), self._right(right, room, glyphs)
            yield from beside(*sides, left, BETWEEN)
        else:
            yield from self._product(width, self.stats.by or MAIN_DIMENSIONS, room, glyphs)
            platform = self._platform(width, room, glyphs)
            yield from [*air, *platform] if platform else []
        notes = self._notes(width, glyphs)
        yield from [*air, *notes] if notes else []

    def _title(self, width: int, glyphs: Glyphs) -> Text:
        between = f" {glyphs.dot} "
        stats = self.stats
        period = stats.period
        site = (period.site if period else None) or "all sites"
        left = Text.assemble(("LiveInsight", "bold"), f" {stats.environment}{between}{_safe(site, glyphs)}")
        if period is not None:
            left.append(f"{between}{_range(period, glyphs)}")
        at = figures.clock(stats.taken_at, "%H:%M:%S UTC")
        fresh = _freshness(stats, glyphs)
        choices = [f"{fresh}{between}{at}", fresh, at] if fresh else [at]
        fitting = (words for words in choices if left.cell_len + len(words) + 2 <= width)
        right = Text(next(fitting, ""), style="dim")
        return Text.assemble(left, " " * max(2, width - left.cell_len - right.cell_len), right)

    def _product(self, width: int, names: Sequence[str], room: Room, glyphs: Glyphs) -> list[Text]:
        air = [Text()] if room.is_airy else []
        live, period = self.stats.live, self.stats.period
        lines: list[Text] = []
        if live is not None:
            lines += stats_product.now(live, width, room.chart, glyphs)
        if period is not None:
            lines += [*([Text()] if lines else []), *stats_product.totals(period, width, glyphs), *air]
            lines += self._lists(period, names, width, room, glyphs)
        return lines

    def _lists(
        self, period: Period, names: Sequence[str], width: int, room: Room, glyphs: Glyphs
    ) -> list[Text]:
        rows = min(room.rows, self.limit)
        if self.stats.by or not room.is_short:
            return stats_product.lists(period, names, width, rows, glyphs, is_steady=self.fill)
        lines = stats_product.lists(period, names[:2], width, rows, glyphs, is_steady=self.fill)
        return lines + [stats_product.shares(period, name, width, glyphs) for name in names[2:]]

    def _right(self, width: int, room: Room, glyphs: Glyphs) -> list[Text]:
        """Return the platform, and below it the lists that the left side has no room for."""
        lines = self._platform(width, room, glyphs)
        if self.stats.by or self.stats.period is None:
            return lines
        names = MAIN_DIMENSIONS[2:]
        rows = min(room.rows, self.limit)
        return [
            *lines,
            Text(),
            *stats_product.lists(self.stats.period, names, width, rows, glyphs, is_steady=self.fill),
        ]

    def _platform(self, width: int, room: Room, glyphs: Glyphs) -> list[Text]:
        platform = self.stats.platform
        if platform is None:
            return []
        lines = stats_platform.functions(platform, min(width, 80), glyphs)
        if room.is_short:
            return lines + stats_platform.short_parts(platform, glyphs)
        return lines + stats_platform.parts(platform, glyphs)

    def _notes(self, width: int, glyphs: Glyphs) -> list[Text]:
        stats = self.stats
        notes = [("bold red", problem) for problem in stats.problems if not self.fill]
        for check in stats.checks:
            state, style = ("failed", "bold red") if check.failed else ("passed", "green")
            notes.append((style, f"{state}  {check.in_words()}"))
        if stats.period is not None:
            notes.append(("dim", stats_product.bots(stats.period)))
        notes += [("dim" if stats.is_sound else "yellow", warning) for warning in stats.warnings]
        lines = [Text(line, style) for style, note in notes for line in wrap(_safe(note, glyphs), width)]
        if self.fill:  # one line whatever happens: a screen that jumps cannot be read
            problem = _safe(" ".join(stats.problems), glyphs)
            lines.append(Text(problem, style="bold red") if problem else Text(self.footer, style="dim"))
        return lines


def _safe(text: str, glyphs: Glyphs) -> str:
    return encodable(plain(text), glyphs.encoding)


def _range(period: Period, glyphs: Glyphs) -> str:
    zone = "" if period.timezone == "UTC" else f" {_safe(period.timezone, glyphs)}"
    if period.range in RANGES:
        return RANGES[period.range] + zone
    if "," in period.range:
        return f"{period.begin[:16].replace('T', ' ')} to {period.end[:16].replace('T', ' ')}{zone}"
    return period.range + zone


def _freshness(stats: Stats, glyphs: Glyphs) -> str:
    if stats.live is None and stats.period is None:
        return ""
    if stats.fresh_to is None:
        return "no events yet"
    now = stats.live.now if stats.live is not None else stats.taken_at
    return f"newest event {figures.duration(max(0, now - stats.fresh_to) / 1000, glyphs)} ago"
