"""The one look of every table, and of every list of facts."""

from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text


def table(title: str | None, *columns: str, numbers: tuple[str, ...] = ()) -> Table:
    """Return an empty table in the house style; columns named in `numbers` are right-aligned."""
    view = Table(
        title=title,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        pad_edge=False,
    )
    for column in columns:
        view.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return view


def facts(named: Iterable[tuple[str, str]], *, width: int = 16, indent: str = "") -> list[Text]:
    """Return a line for each (name, value), the names in bold and `width` wide."""
    return [Text.assemble((f"{indent}{name:<{width}} ", "bold"), value) for name, value in named]
