"""Charts of a load as SVG inside a page: no script, and colours of the page, so that light and dark both work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from liveinsight_cli.core.load.figures import Interval

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 12, 32
NINES = ((0.0, "0"), (0.5, "50"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99"))


@dataclass(frozen=True)
class Line:
    """A line of (x, y) with a class of the page's style; a value that is not there breaks it."""

    name: str
    points: Sequence[tuple[float, float | None]]
    style: str


def over_time(intervals: Sequence[Interval], limit_ms: float) -> str:
    """Return percentiles over the seconds of the load, the limit across them."""
    middles = [one.start + one.seconds / 2 for one in intervals]
    lines = [
        Line("max", [(x, one.max) for x, one in zip(middles, intervals, strict=True)], "max"),
        Line("p95", [(x, one.p95) for x, one in zip(middles, intervals, strict=True)], "p95"),
        Line("p50", [(x, one.p50) for x, one in zip(middles, intervals, strict=True)], "p50"),
    ]
    first, last = intervals[0].start, intervals[-1].start + intervals[-1].seconds
    marks = [(x, f"{x:.0f} s") for x in _round_steps(first, last)]
    return _chart("Latency over time", lines, (first, last), marks, limit_ms)


def curve(points: Sequence[tuple[float, float]], limit_ms: float) -> str:
    """Return the latency by percentile, each nine as wide as the one before it."""
    line = Line("latency", [(_nines(share), value) for share, value in points if share < 1], "p95")
    last = max((x for x, _ in line.points), default=1.0)
    marks = [(_nines(share), f"{name} %") for share, name in NINES if _nines(share) <= last]
    return _chart("Latency by percentile", [line], (0.0, max(last, 1e-9)), marks, limit_ms)


def by_rate(points: Sequence[tuple[float, float | None]], limit_ms: float) -> str:
    """Return the 95th percentile by the rate of a search's steps."""
    ordered = sorted(points)
    line = Line("p95", ordered, "p95 dots")
    first, last = 0.0, ordered[-1][0]
    marks = [(x, f"{x:g}/s") for x in _round_steps(first, last)]
    return _chart("95th percentile by rate", [line], (first, last), marks, limit_ms)


def _chart(
    title: str,
    lines: Sequence[Line],
    span: tuple[float, float],
    marks: Sequence[tuple[float, str]],
    limit_ms: float,
) -> str:
    values = [y for line in lines for _, y in line.points if y is not None]
    top = max([*values, limit_ms]) * 1.08
    limit = f"{_y(limit_ms, top):.1f}"
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}"><title>{title}</title>',
        *(_gridline(y, top) for y in _round_steps(0.0, top)),
        *(
            f'<text class="tick" x="{_x(x, span):.1f}" y="{HEIGHT - 12}" text-anchor="{_anchor(x, span)}">{name}</text>'
            for x, name in marks
        ),
        f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{limit}" y2="{limit}"/>',
        *(_drawn(line, span, top) for line in lines),
        "</svg>",
    ]
    return "\n".join(parts)


def _gridline(y: float, top: float) -> str:
    at = _y(y, top)
    return (
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        f'<text class="tick" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{y:g}</text>'
    )


def _drawn(line: Line, span: tuple[float, float], top: float) -> str:
    runs: list[list[str]] = [[]]
    dots = []
    for x, y in line.points:
        if y is None:
            runs.append([])
            continue
        at = f"{_x(x, span):.1f},{_y(y, top):.1f}"
        runs[-1].append(at)
        if "dots" in line.style or len(line.points) < 2:
            cx, cy = at.split(",")
            dots.append(f'<circle class="{line.style}" cx="{cx}" cy="{cy}" r="3.5"/>')
    drawn = [f'<polyline class="{line.style}" points="{" ".join(run)}"/>' for run in runs if len(run) > 1]
    return "".join(drawn + dots)


def _anchor(x: float, span: tuple[float, float]) -> str:
    return "end" if _x(x, span) > WIDTH - RIGHT - 24 else "middle"


def _x(x: float, span: tuple[float, float]) -> float:
    first, last = span
    return LEFT + (x - first) / max(last - first, 1e-9) * (WIDTH - LEFT - RIGHT)


def _y(y: float, top: float) -> float:
    return HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)


def _nines(share: float) -> float:
    return -math.log10(max(1 - share, 1e-6))


def _round_steps(first: float, last: float, most: int = 6) -> list[float]:
    """Return round values between two, few enough to be read."""
    rough = max(last - first, 1e-9) / most
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    number = math.ceil(first / step)
    found = []
    while number * step <= last + 1e-9:
        found.append(round(number * step, 10))
        number += 1
    return found
