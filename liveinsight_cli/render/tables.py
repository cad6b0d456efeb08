"""The one look of every table."""

from rich import box
from rich.table import Table


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
