"""`stats` as one screen: product and platform beside each other where there is room, below each other elsewhere."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from liveinsight_cli.core.stats import Period, Stats
from liveinsight_cli.core.stats_dimensions import FURTHER_DIMENSIONS, MAIN_DIMENSIONS
from liveinsight_cli.render import stats_platform, stats_product
from liveinsight_cli.render.charts import ASCII, Glyphs, glyphs_for
from liveinsight_cli.render.stats_lines import beside
from liveinsight_cli.render.stats_notes import notes, steady_notes
from liveinsight_cli.render.stats_rooms import Room, rooms_for
from liveinsight_cli.render.stats_title import chosen, title

BETWEEN = 4
TWO_COLUMNS = 120
WIDEST = 200


@dataclass(frozen=True)
class StatsView:
    """Draws one look to the width it is given; with `fill` also within the height of the terminal.

    With `now` (epoch seconds) it tells how old figures are instead of when they were taken, and marks them when they
    are older than `stale_seconds`. `spare_lines` of the height stay free.
    """

    stats: Stats
    limit: int = 10
    fill: bool = False
    footer: str = ""
    ascii_only: bool = False
    now: Callable[[], float] | None = None
    stale_seconds: float = 10.0
    spare_lines: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = ASCII if self.ascii_only else glyphs_for(options.encoding)
        width = max(20, min(options.max_width, WIDEST))
        height = max(1, options.size.height - self.spare_lines) if self.fill else None
        lines = self.lines(width, height, glyphs)
        for line in lines:
            line.no_wrap, line.overflow = True, "crop"
            yield line

    def lines(self, width: int, height: int | None, glyphs: Glyphs) -> list[Text]:
        """Return the screen; where `height` is too small for everything, less of everything."""
        rooms = rooms_for(self.limit, may_be_tall=self.fill)
        if height is None:
            return self._all(width, rooms[0], glyphs)
        fitting = bisect_left(rooms, True, key=lambda room: len(self._all(width, room, glyphs)) <= height)
        if fitting < len(rooms):
            return self._all(width, rooms[fitting], glyphs)
        return _cut(
            list(self._drawn(width, rooms[-1], glyphs)), self._notes(width, rooms[-1], glyphs), height
        )

    def _all(self, width: int, room: Room, glyphs: Glyphs) -> list[Text]:
        drawn, said = list(self._drawn(width, room, glyphs)), self._notes(width, room, glyphs)
        return [*drawn, *([Text()] if room.is_airy and said else []), *said]

    def _drawn(self, width: int, room: Room, glyphs: Glyphs) -> Iterator[Text]:
        air = [Text()] if room.is_airy else []
        yield title(self.stats, width, glyphs, None if self.now is None else self.now(), self.stale_seconds)
        yield from chosen(self.stats, width, glyphs)
        yield from air
        if width >= TWO_COLUMNS and (self.fill or self.stats.platform is not None):
            left, right = width - stats_platform.WIDTH - BETWEEN, stats_platform.WIDTH
            names = self.stats.by or (*MAIN_DIMENSIONS[:2], *(FURTHER_DIMENSIONS[:2] if room.is_tall else ()))
            sides = self._product(left, names, room, glyphs), self._right(right, room, glyphs)
            yield from beside(*sides, left, BETWEEN)
        else:
            names = self.stats.by or (*MAIN_DIMENSIONS, *(FURTHER_DIMENSIONS if room.is_tall else ()))
            yield from self._product(width, names, room, glyphs)
            platform = self._platform(width, room, glyphs)
            yield from [*air, *platform] if platform else []

    def _age(self, at: int) -> float:
        """Return how many seconds ago a moment (epoch ms) is; 0 where ages are not told."""
        return 0.0 if self.now is None else max(0.0, self.now() - at / 1000)

    def _product(self, width: int, names: Sequence[str], room: Room, glyphs: Glyphs) -> list[Text]:
        air = [Text()] if room.is_airy else []
        live, period = self.stats.live, self.stats.period
        lines: list[Text] = []
        if live is not None:
            lines += stats_product.now(live, width, room.chart, glyphs)
        if period is not None:
            lines += [*([Text()] if lines else []), *stats_product.totals(period, width, glyphs)]
            lines += [*([] if room.is_short else stats_product.course(period, width, glyphs)), *air]
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
        names = (*MAIN_DIMENSIONS[2:], *(FURTHER_DIMENSIONS[2:] if room.is_tall else ()))
        rows = min(room.rows, self.limit)
        return [
            *lines,
            Text(),
            *stats_product.lists(self.stats.period, names, width, rows, glyphs, is_steady=self.fill),
        ]

    def _platform(self, width: int, room: Room, glyphs: Glyphs) -> list[Text]:
        platform = self.stats.platform
        if platform is None:
            return stats_platform.nothing(min(width, 80), glyphs) if self.fill else []
        age = self._age(platform.asked_at)
        lines = stats_platform.functions(platform, min(width, 80), glyphs, age)
        if room.is_short:
            return lines + stats_platform.short_parts(platform, glyphs)
        return lines + stats_platform.parts(platform, glyphs)

    def _notes(self, width: int, room: Room, glyphs: Glyphs) -> list[Text]:
        if self.fill:
            return steady_notes(self.stats, width, glyphs, self.footer, 2 if room.is_airy else 1)
        return notes(self.stats, width, glyphs)


def _cut(drawn: list[Text], said: list[Text], height: int) -> list[Text]:
    """Return what fits: the last note (the trouble, or how to end), as much as can be of the rest from the top."""
    if height < 2 or not said:
        return drawn[:height]
    *others, last = said
    return [*[*drawn, *others][: height - 1], last]
