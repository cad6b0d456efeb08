"""The answer of `init` for people: the file, what it sets, what to do next."""

from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.text import Text


def init_view(
    path: str, sections: Mapping[str, Mapping[str, object]], commands: tuple[str, ...]
) -> RenderableType:
    """Return what was written; everything else in the file stands behind # with what is built in."""
    lines = [Text(f"Wrote {path}.", style="bold green"), Text()]
    for section, values in sections.items():
        lines.append(Text(f"  [{section}]", style="bold"))
        lines += [Text(f"  {name} = {_shown(value)}") for name, value in values.items()]
    lines += [Text(), Text("Next:", style="bold"), *(Text(f"  {command}") for command in commands)]
    return Group(*lines)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
