"""What a query of the logs found: a table where it fits the screen, else a paragraph a row."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text

from liveinsight_cli.core.insights import (
    ABOUT,
    Found,
    Presets,
    columns_of,
    is_moment,
    is_time,
    moment,
    short_groups,
)
from liveinsight_cli.render.tables import table
from liveinsight_cli.render.text import plain

BETWEEN_COLUMNS = 3
LONGEST_IN_HEAD = 40


@dataclass(frozen=True)
class FoundView:
    """An answer of `logs query`; `groups` are the log groups' short names."""

    found: Found
    groups: Mapping[str, str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw rows, then what they cost."""
        rows = [self._shown(row) for row in self.found.rows]
        columns = columns_of(rows)
        if rows and _fits(columns, rows, options.max_width):
            yield _table(columns, rows)
        else:
            yield from map(_paragraph, rows)
        yield Text(summary(self.found), style="dim")

    def _shown(self, row: Mapping[str, str]) -> dict[str, str]:
        return {
            plain(name): plain(self._text(name, text).rstrip().replace("\t", "  "), keep="\n")
            for name, text in row.items()
            if text != ""
        }

    def _text(self, name: str, text: str) -> str:
        if is_moment(text, self.found.start_ms, self.found.end_ms):
            return moment(float(text))
        return text if is_time(name) else short_groups(text, self.groups)


def _fits(columns: tuple[str, ...], rows: list[dict[str, str]], width: int) -> bool:
    """Whether all rows fit beside each other, one line each."""
    texts = {name: [row.get(name, "") for row in rows] for name in columns}
    if any("\n" in text for column in texts.values() for text in column):
        return False
    widths = [max(map(cell_len, (name, *column))) for name, column in texts.items()]
    return sum(widths) + BETWEEN_COLUMNS * len(widths) <= width


def _table(columns: tuple[str, ...], rows: list[dict[str, str]]) -> RenderableType:
    numbers = tuple(name for name in columns if all(_is_number(row[name]) for row in rows if row.get(name)))
    view = table(None, *columns, numbers=numbers)
    for row in rows:
        view.add_row(*(Text(row.get(name, "")) for name in columns))
    return view


def _paragraph(row: dict[str, str]) -> RenderableType:
    """When and where, from the first columns where they are short; then the others by name, a message as it is."""
    named = list(row.items())
    short = [
        *itertools.takewhile(lambda one: len(one[1]) <= LONGEST_IN_HEAD and "\n" not in one[1], named[:2])
    ]
    head = Text("  ".join(text for _, text in short), style="bold")
    parts = [
        Text(text) if name == "@message" else Text.assemble((f"{name}=", "dim"), text)
        for name, text in named[len(short) :]
    ]
    return Group(head, Padding(Text("  ").join(parts), (0, 0, 1, 2)))


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdecimal()


def summary(found: Found) -> str:
    """Say how many were found among how many, and the price of it."""
    rows = f"{len(found.rows):,} row{'' if len(found.rows) == 1 else 's'}"
    if found.read_units is not None:
        looked = f"{found.matched:,} events of the events table, {found.read_units:,g} read units"
    else:
        looked = (
            f"{found.matched:,} of {found.scanned:,} log events matched, {size(found.bytes_scanned)} scanned"
        )
    span = f"{moment(found.start_ms)[:16]} to {moment(found.end_ms)[:16]} UTC"
    return f"{rows}: {looked}, {price(found.dollars, is_free=found.is_free)}. {span}."


def size(number: float | None) -> str:
    """Return a number of bytes in words."""
    if number is None:
        return "-"
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"


def price(dollars: float | None, *, is_free: bool = False) -> str:
    """Return what a scan costs, in words."""
    if dollars is None:
        return "at a price not known for this region"
    amount = (
        f"${dollars:,.2f}" if dollars >= 0.01 else f"${dollars:.4f}" if dollars >= 0.0001 else "under $0.0001"
    )
    return f"free here ({amount} in an account)" if is_free else amount


def presets_view(answer: Presets, *, in_full: bool) -> RenderableType:
    """Return the presets: what each is for, or the query that it stands for."""
    view = table(f"Presets of {answer.environment}", "preset", "query" if in_full else "what it shows")
    for preset in answer.presets:
        words = preset.query if in_full else ABOUT.get(preset.name) or preset.query.partition("\n")[0]
        view.add_row(Text(plain(preset.name), style="bold"), Text(plain(words, keep="\n")))
    more = "" if in_full else " --verbose shows the queries."
    return Group(
        view, Text(f"Run one: liveinsight logs query NAME. Any other query is taken as it is.{more}")
    )
