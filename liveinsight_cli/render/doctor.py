"""`doctor` for people: short lines of what is well, then what is wrong and what mends it, nearest to the prompt."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from liveinsight_cli.core.checks import Check, Doctor
from liveinsight_cli.render.text import plain

COLOURS = {"ok": "green", "warn": "yellow", "fail": "bold red", "skipped": "dim"}


def doctor_view(doctor: Doctor) -> RenderableType:
    """Return what is in order, what was skipped and why, the problems, the worst last, and a line that counts."""
    problems = [_problem(check) for check in (*doctor.of("warn"), *doctor.of("fail"))]
    calm = _lines([*doctor.of("ok"), *_together(doctor.of("skipped"))])
    spaced = [part for problem in problems for part in (Text(""), problem)]
    before_count = [Text("")] if problems else []
    head = Text(f"Environment {doctor.environment}", style="bold")
    return Group(head, calm, *spaced, *before_count, _counted(doctor))


def _together(skipped: tuple[Check, ...]) -> list[Check]:
    """Return one line for all that was skipped for the same reason."""
    reasons: dict[str, list[str]] = {}
    for check in skipped:
        reasons.setdefault(check.found, []).append(check.name)
    return [Check(reason, "skipped", ", ".join(names)) for reason, names in reasons.items()]


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
