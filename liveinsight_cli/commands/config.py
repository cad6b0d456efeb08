"""`liveinsight config show`: the settings in effect, and where each came from."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.setting_themes import by_theme
from liveinsight_cli.settings import Effective, Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

app = typer.Typer(help="Settings in effect.", no_args_is_help=True, rich_markup_mode=None)


@dataclass(frozen=True)
class ShownSetting:
    """One row of `config show`."""

    name: str
    value: object
    origin: str
    help: str
    theme: str


@dataclass(frozen=True)
class ShownSettings:
    """The answer of `config show`."""

    environment: str
    project: str
    settings: list[ShownSetting]


def _shown(project: str, effective: Effective) -> ShownSettings:
    known = {item.name: item for item in fields(Settings)}
    rows = [
        ShownSetting(
            name,
            getattr(effective.values, name),
            effective.origins[name],
            known[name].metadata["help"],
            theme,
        )
        for theme, names in by_theme(known)
        for name in names
    ]
    return ShownSettings(effective.environment, project, rows)


def _view(shown: ShownSettings) -> "RenderableType":
    from liveinsight_cli.render.settings import settings_view

    title = f"{shown.environment} in {shown.project}"
    return settings_view(title, [(one.theme, one.name, one.value, one.origin) for one in shown.settings])


@app.command("show")
def show(ctx: typer.Context) -> None:
    """Show every setting, its value and the place it was taken from. `init` writes what each is for into the file.

    \b
    Examples:
      liveinsight config show --env prod
      liveinsight config show --env prod --json
    """
    context = Context.of(ctx)
    shown = _shown(str(context.project.root), context.effective)
    context.terminal.answer("config-show", shown, _view)
