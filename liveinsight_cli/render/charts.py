"""Bars and columns out of characters, in Unicode or, where the terminal lacks it, in ASCII."""

from collections.abc import Sequence
from dataclasses import dataclass

ACCENT = "dark_cyan"


@dataclass(frozen=True)
class Glyphs:
    """The characters that drawings are made of. `columns` rise from empty to full, `eighths` fill from the left."""

    columns: str
    eighths: str
    full: str
    up: str
    down: str
    dash: str
    dot: str
    ellipsis: str
    rule: str
    encoding: str


UNICODE = Glyphs(" ▁▂▃▄▅▆▇█", "▏▎▍▌▋▊▉", "█", "▲", "▼", "–", "·", "…", "─", "utf-8")  # noqa: RUF001 - a dash it is
ASCII = Glyphs(" .:#", "", "#", "+", "-", "-", "|", "~", "-", "ascii")


def glyphs_for(encoding: str | None) -> Glyphs:
    """Return the characters that a stream of this encoding can take."""
    try:
        "".join((UNICODE.columns, UNICODE.eighths, UNICODE.up, UNICODE.rule)).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def bar(value: float, largest: float, width: int, glyphs: Glyphs) -> str:
    """Return a bar of at most `width` cells; something above zero is never invisible."""
    if value <= 0 or largest <= 0 or width <= 0:
        return ""
    steps = len(glyphs.eighths) + 1
    filled = max(1, round(min(value / largest, 1) * width * steps))
    whole, rest = divmod(filled, steps)
    return glyphs.full * whole + (glyphs.eighths[rest - 1] if rest else "")


def columns(values: Sequence[float], height: int, glyphs: Glyphs, *, step: int = 1) -> list[str]:
    """Return `height` rows, top first, of a column chart; each value takes `step` cells, the last of them a gap."""
    largest = max(values, default=0)
    levels = len(glyphs.columns) - 1
    heights = [_height(value, largest, height * levels) for value in values]
    thick, gap = max(1, step - 1), " " if step > 1 else ""
    rows = []
    for row in reversed(range(height)):
        cells = (glyphs.columns[min(max(filled - row * levels, 0), levels)] for filled in heights)
        rows.append(gap.join(cell * thick for cell in cells))
    return rows


def sparkline(values: Sequence[float | None], cells: int, glyphs: Glyphs) -> str:
    """Return one row of at most `cells`, each the highest of the values that it stands for; no data is a gap."""
    group = max(1, -(-len(values) // max(1, cells)))
    highest = [
        max((v for v in values[at : at + group] if v is not None), default=0)
        for at in range(0, len(values), group)
    ]
    return columns(highest, 1, glyphs)[0]


def _height(value: float, largest: float, full: int) -> int:
    return max(1, round(value / largest * full)) if value > 0 else 0
