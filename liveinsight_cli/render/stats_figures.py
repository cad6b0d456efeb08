"""Numbers as `stats` writes them: thousands separated, no data a dash, changes with an arrow."""

from datetime import UTC, datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from liveinsight_cli.core.addresses import readable
from liveinsight_cli.render.charts import Glyphs
from liveinsight_cli.render.text import encodable, plain

MINUTE, HOUR, DAY = 60, 3600, 86400
SMALL_CHANGE = 0.0005
MANIFOLD = 9
THOUSANDS = 4  # digits that can be read without a comma
LESS_IS_BETTER = frozenset({"bounce_rate"})


def count(value: float | None, glyphs: Glyphs) -> str:
    """Return a whole number."""
    return glyphs.dash if value is None else f"{value:,.0f}"


def fitted(value: float | None, room: int, glyphs: Glyphs) -> str:
    """Return a number within `room` characters: in full, or in thousands or millions when that is too long."""
    full = units(value, glyphs)
    if value is None or len(full) <= room:
        return full
    for whole in (f"{value:,.0f}", f"{value:.0f}"):
        if len(whole) <= room and ("," in whole or len(whole) <= THOUSANDS):
            return whole
    for factor, letter in ((1e3, "k"), (1e6, "M"), (1e9, "G")):
        scaled = value / factor
        shown = f"{scaled:.1f}{letter}" if scaled < 9.95 else f"{scaled:.0f}{letter}"
        if scaled < 999.5:
            break
    return shown


def units(value: float | None, glyphs: Glyphs) -> str:
    """Return capacity units, which may be halves."""
    if value is None:
        return glyphs.dash
    return f"{value:,.1f}" if value % 1 else f"{value:,.0f}"


def milliseconds(value: float | None, glyphs: Glyphs) -> str:
    """Return milliseconds with two or three meaningful digits."""
    if value is None:
        return glyphs.dash
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def percent(value: float | None, glyphs: Glyphs) -> str:
    """Return a ratio in percent."""
    return glyphs.dash if value is None else f"{value:.1%}"


def duration(seconds: float | None, glyphs: Glyphs) -> str:
    """Return a span of time in its two largest units."""
    if seconds is None:
        return glyphs.dash
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m {whole % MINUTE:02}s"
    if whole < DAY:
        return f"{whole // HOUR}h {whole % HOUR // MINUTE:02}m"
    return f"{whole // DAY}d {whole % DAY // HOUR:02}h"


def lag(milliseconds_: float | None, glyphs: Glyphs) -> str:
    """Return how long something is behind, in the unit that reads best."""
    if milliseconds_ is None:
        return glyphs.dash
    if milliseconds_ < 1000:
        return f"{milliseconds_:.0f} ms"
    return (
        f"{milliseconds_ / 1000:.1f} s"
        if milliseconds_ < MINUTE * 1000
        else duration(milliseconds_ / 1000, glyphs)
    )


def change(name: str, value: float | None, glyphs: Glyphs, *, has_value: bool = True) -> Text:
    """Return a relative change: green where it is for the better, red where it is not.

    A figure that had nothing before to compare with has n/a, one that is none itself a dash.
    """
    if value is None:
        return Text("n/a" if has_value else glyphs.dash, style="dim")
    if abs(value) < SMALL_CHANGE:
        return Text("0.0%", style="dim")
    rises = value > 0
    good = rises != (name in LESS_IS_BETTER)
    arrow = glyphs.up if rises else glyphs.down
    shown = f"{abs(value):,.0%}" if abs(value) >= 1 else f"{abs(value):.1%}"
    if value >= MANIFOLD:
        shown = f"{1 + value:,.0f}x"
    return Text(f"{arrow} {shown}", style="green" if good else "red")


def clock(milliseconds_: int, pattern: str = "%H:%M") -> str:
    """Return the UTC time of day of an epoch."""
    return datetime.fromtimestamp(milliseconds_ / 1000, UTC).strftime(pattern)


def address(text: str, glyphs: Glyphs) -> str:
    """Return a path or referrer as people write it, where the terminal can."""
    shown = readable(text)
    return shown if encodable(shown, glyphs.encoding) == shown else text


def name(text: str, width: int, glyphs: Glyphs) -> str:
    """Return a visitor's text, harmless and exactly `width` cells wide."""
    shown = encodable(plain(text), glyphs.encoding)
    if cell_len(shown) > width:
        shown = set_cell_size(shown, max(0, width - cell_len(glyphs.ellipsis))).rstrip() + glyphs.ellipsis
    return set_cell_size(shown, width)
