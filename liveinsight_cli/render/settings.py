"""Settings for people: by theme, and the places that are files told from what is built in."""

from collections.abc import Iterable
from pathlib import PurePath

from rich.console import RenderableType
from rich.text import Text

from liveinsight_cli.render.tables import table

BUILT_IN = "built-in"


def settings_view(title: str, rows: Iterable[tuple[str, str, object, str]]) -> RenderableType:
    """Return a table of (theme, setting, value, origin); it fits into 80 columns."""
    view = table(title, "setting", "value", "from")
    current = None
    for theme, name, value, origin in rows:
        if theme != current:
            view.add_row(Text(theme, style="bold dim"), "", "")
            current = theme
        style = "dim" if origin == BUILT_IN else ""
        view.add_row(Text(f"  {name}"), Text(_shown(value), style=style), Text(_place(origin), style=style))
    return view


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return "-" if value is None or not text else text


def _place(origin: str) -> str:
    """Return an origin without the directories, which the title names."""
    return PurePath(origin).name if "/" in origin else origin
