"""The product's half of `stats`: visitors now, the last thirty minutes, totals, top lists."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from liveinsight_cli.core.addresses import LISTS
from liveinsight_cli.core.stats import Live, Named, Period
from liveinsight_cli.render import stats_figures as figures
from liveinsight_cli.render.charts import ACCENT, Glyphs, bar, columns, sparkline
from liveinsight_cli.render.stats_lines import beside, heading, padded

LABELS = {
    "pages": "Pages",
    "entry_pages": "Entry pages",
    "exit_pages": "Exit pages",
    "sources": "Sources",
    "referrers": "Referrers",
    "utm_source": "UTM source",
    "utm_medium": "UTM medium",
    "utm_campaign": "UTM campaign",
    "utm_term": "UTM term",
    "utm_content": "UTM content",
    "countries": "Countries",
    "devices": "Devices",
    "browsers": "Browsers",
    "os": "Operating systems",
    "event_types": "Event types",
}
NOW_WIDTH = 19
GAP = 4
TILES = 6
WIDE_TILES = 72
WIDE_AXIS = 50
LIST_WIDTH = 27
STEADY_DIGITS = 6  # so that bars stay where they are until there are a hundred thousand


def now(live: Live, width: int, height: int, glyphs: Glyphs) -> list[Text]:
    """Return the figures of this moment beside the chart of the last thirty minutes, `height` + 1 lines."""
    facts = (
        (live.active_visitors, "visitors now"),
        (live.active_sessions, "open sessions"),
        (live.pageviews_30m, "views 30m"),
        (live.visitors_30m, "visitors 30m"),
    )
    left = [
        Text.assemble(
            (f"{value:>5,}", "bold" if row else f"bold {ACCENT}"), " ", (label, "" if row == 0 else "dim")
        )
        for row, (value, label) in enumerate(facts[: height + 1])
    ]
    return beside(left, _chart(live, width - NOW_WIDTH - 1, height, glyphs), NOW_WIDTH, 1)


def _chart(live: Live, width: int, height: int, glyphs: Glyphs) -> list[Text]:
    minutes = live.minutes
    step = max(1, min(3, (width + 1) // max(1, len(minutes))))
    rows = columns([minute.pageviews for minute in minutes], height, glyphs, step=step)
    lines = [Text(row, style=ACCENT) for row in rows]
    if minutes and minutes[-1].partial:
        for line in lines:
            line.stylize("dim", len(line) - max(1, step - 1))
    return [*lines, _axis(live, len(rows[0]), glyphs)]


def _axis(live: Live, width: int, glyphs: Glyphs) -> Text:
    """Return the line below the chart: where it begins, what it counts, its tallest column, now."""
    peak = max((minute.pageviews for minute in live.minutes), default=0)
    begin = figures.clock(live.minutes[0].t) if live.minutes else ""
    label = f" views a minute, peak {peak:,} " if width > WIDE_AXIS else f" peak {peak:,} "
    return Text(f"{begin} {label.center(width - 10, glyphs.rule)} now", style="dim")


def totals(period: Period, width: int, glyphs: Glyphs) -> list[Text]:
    """Return the period's figures with their change, as tiles in one or two rows."""
    found, change = period.totals, period.change
    about = "~" if period.has_estimated_visitors else ""
    tiles = [
        ("Page views", figures.count(found.pageviews, glyphs), "pageviews"),
        ("Visitors", about + figures.count(found.visitors, glyphs), "visitors"),
        ("Sessions", figures.count(found.sessions, glyphs), "sessions"),
        ("Bounce rate", figures.percent(found.bounce_rate, glyphs), "bounce_rate"),
        ("Avg. visit", figures.duration(found.avg_duration_s, glyphs), "avg_duration_s"),
        ("Views/visit", _ratio(found.views_per_session, glyphs), "views_per_session"),
    ]
    per_row = TILES if width >= WIDE_TILES else TILES // 2
    cell = min(18, width // per_row)
    lines: list[Text] = []
    for first in range(0, TILES, per_row):
        row = tiles[first : first + per_row]
        lines += [Text()] if lines else []
        lines.append(_row([Text(label, style="dim") for label, _, _ in row], cell))
        lines.append(_row([Text(value, style="bold") for _, value, _ in row], cell))
        changes = (
            figures.change(name, change.get(name), glyphs, has_value=getattr(found, name) is not None)
            for _, _, name in row
        )
        lines.append(_row(list(changes), cell))
    return lines


def course(period: Period, width: int, glyphs: Glyphs) -> list[Text]:
    """Return the views of the period's minutes, hours or days as one line, where the answer has more than one."""
    views = [step.pageviews for step in period.series]
    if len(views) < 2:
        return []
    label = f"views {'an' if period.step == 'hour' else 'a'} {period.step} "
    peak = f"  peak {max(views):,}"
    row = sparkline(views, width - len(label) - len(peak), glyphs)
    return [Text.assemble((label, "dim"), (row, ACCENT), (peak, "dim"))]


def _ratio(value: float | None, glyphs: Glyphs) -> str:
    return glyphs.dash if value is None else f"{value:,.2f}"


def _row(cells: Sequence[Text], width: int) -> Text:
    return Text.assemble(*(padded(cell, width) for cell in cells))


def lists(
    period: Period, names: Sequence[str], width: int, rows: int, glyphs: Glyphs, *, is_steady: bool = False
) -> list[Text]:
    """Return top lists in two columns where there is room, `rows` entries each; a steady one always takes them."""
    per_row = 2 if len(names) > 1 and width >= 2 * LIST_WIDTH + GAP else 1
    cell = (width - GAP * (per_row - 1)) // per_row
    lines: list[Text] = []
    for first in range(0, len(names), per_row):
        blocks = [
            _list(name, period.top.get(name, ()), cell, rows, glyphs, STEADY_DIGITS if is_steady else 1)
            for name in names[first : first + per_row]
        ]
        joined = blocks[0]
        for block in blocks[1:]:
            joined = beside(joined, block, cell, GAP)
        missing = rows + 1 - len(joined) if is_steady else 0
        lines += ([Text()] if lines else []) + joined + [Text()] * missing
    return lines


def _list(
    dimension: str, entries: Sequence[Named], width: int, rows: int, glyphs: Glyphs, least_digits: int
) -> list[Text]:
    shown = entries[:rows]
    lines = [heading(LABELS[dimension], width, glyphs)]
    if not shown:
        return [*lines, Text("none yet", style="dim")]
    largest = max(entry.count for entry in shown)
    digits = max(least_digits, *(cell_len(f"{entry.count:,}") for entry in shown))
    bars = max(6, width // 4)
    name_width = max(4, width - bars - digits - 2)
    for entry in shown:
        text = figures.address(entry.name, glyphs) if dimension in LISTS else entry.name
        drawn = bar(entry.count, largest, bars, glyphs)
        lines.append(
            Text.assemble(
                figures.name(text, name_width, glyphs),
                " ",
                (f"{drawn:<{bars}}", ACCENT),
                " ",
                f"{entry.count:>{digits},}",
            )
        )
    return lines


def shares(period: Period, dimension: str, width: int, glyphs: Glyphs) -> Text:
    """Return a list as one line of shares, for where there is no room for bars."""
    entries = period.top.get(dimension, ())
    line = Text(f"{LABELS[dimension]:<11}", style="dim")
    whole = period.totals.sessions
    if not entries or not whole:
        return line.append("none yet")
    for entry in entries:
        text = figures.name(
            entry.name, min(16, cell_len(figures.name(entry.name, 99, glyphs).rstrip())), glyphs
        )
        part = Text.assemble((text, "not dim"), (f" {entry.count / whole:.0%}  ", "not dim bold"))
        if line.cell_len + part.cell_len > width:
            break
        line.append_text(part)
    return line


def bots(period: Period) -> str:
    """Return what was left out of every figure, by reason, the most frequent first."""
    if not period.bots:
        return "bot events left out: none"
    reasons = sorted(period.bots.items(), key=lambda one: (-one[1], one[0]))
    return f"bot events left out: {sum(period.bots.values()):,} ({', '.join(f'{name} {n:,}' for name, n in reasons)})"
