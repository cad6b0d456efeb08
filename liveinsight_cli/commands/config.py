"""`liveinsight config show`: the settings in effect, and where each came from."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.settings import Effective, Settings

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(help="Settings in effect.", no_args_is_help=True, rich_markup_mode=None)


@dataclass(frozen=True)
class ShownSetting:
    """One row of `config show`."""

    name: str
    value: object
    origin: str
    help: str


@dataclass(frozen=True)
class ShownSettings:
    """The answer of `config show`."""

    environment: str
    project: str
    settings: list[ShownSetting]


def _shown(project: str, effective: Effective) -> ShownSettings:
    rows = [
        ShownSetting(
            item.name,
            getattr(effective.values, item.name),
            effective.origins[item.name],
            item.metadata["help"],
        )
        for item in fields(Settings)
    ]
    return ShownSettings(effective.environment, project, rows)


def _table(shown: ShownSettings) -> "Table":
    from liveinsight_cli.render.tables import table

    view = table(f"{shown.environment} in {shown.project}", "setting", "value", "from", "what it is")
    for row in shown.settings:
        value = ", ".join(row.value) if isinstance(row.value, list) else row.value
        view.add_row(row.name, "-" if value in (None, "") else str(value), row.origin, row.help)
    return view


@app.command("show")
def show(ctx: typer.Context) -> None:
    """Show every setting, its value and the place it was taken from.

    \b
    Example:
      liveinsight config show --env prod
    """
    context = Context.of(ctx)
    shown = _shown(str(context.project.root), context.effective)
    context.terminal.answer("config-show", shown, _table)
