"""`doctor` as a table."""

from rich.console import RenderableType
from rich.text import Text

from liveinsight_cli.core.checks import Doctor
from liveinsight_cli.render.tables import table

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red"}


def doctor_view(doctor: Doctor) -> RenderableType:
    """Return a row a check, with what mends it."""
    view = table(f"Environment {doctor.environment}", "", "check", "found", "to mend it")
    for check in doctor.checks:
        state = Text(check.state, style=COLOURS[check.state])
        view.add_row(state, check.name, Text(check.found), Text(check.mend or ""))
    return view
