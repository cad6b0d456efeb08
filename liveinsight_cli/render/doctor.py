"""`doctor` for people: what is wrong first, each with what mends it, then all that is well in short lines."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from liveinsight_cli.core.checks import Check, Doctor
from liveinsight_cli.render.text import plain

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red", "skipped": "dim"}


def doctor_view(doctor: Doctor) -> RenderableType:
    """Return problems, then what is in order, then a line that counts."""
    calm = [check for check in doctor.checks if check.state in ("ok", "skipped")]
    parts: list[RenderableType] = [
        Text(f"Environment {doctor.environment}", style="bold"),
        *(_problem(check) for check in (*doctor.of("fail"), *doctor.of("warn"))),
        _lines(calm),
        _counted(doctor),
    ]
    return Group(
        *(
            Padding(part, (0 if number == 0 else 1, 0, 0, 0), expand=False)
            for number, part in enumerate(parts)
        )
    )


def _problem(check: Check) -> Table:
    view = _lines([check])
    if check.mend:
        view.add_row("", Text("to mend it", style="dim"), Text(plain(check.mend), style="bold"))
    return view


def _lines(checks: list[Check]) -> Table:
    view = Table.grid(padding=(0, 2, 0, 0))
    view.add_column(width=7)
    view.add_column(width=17)
    view.add_column(overflow="fold")
    for check in checks:
        style = "dim" if check.state == "skipped" else ""
        view.add_row(
            Text(check.state, style=COLOURS[check.state]), check.name, Text(plain(check.found), style=style)
        )
    return view


def _counted(doctor: Doctor) -> Text:
    words = {"fail": "failed", "warn": "to look at", "skipped": "skipped", "ok": "ok"}
    counts = [f"{len(doctor.of(state))} {word}" for state, word in words.items() if doctor.of(state)]
    line = ", ".join(counts) + "."
    if any(check.fix for check in doctor.checks):
        line += " Some of it can be mended at no risk: liveinsight doctor --fix"
        line += "" if doctor.environment == "local" else f" --env {doctor.environment}"
    return Text(line)
