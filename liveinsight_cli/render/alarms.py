"""Alarms for people: those that ring in full, the others by name."""

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from liveinsight_cli.core.alarms import Alarms, AlarmStatus, Change
from liveinsight_cli.render.tables import table
from liveinsight_cli.render.text import plain

STATES = {
    "ALARM": ("RINGS", "bold red"),
    "OK": ("ok", "green"),
    "INSUFFICIENT_DATA": ("no data yet", "yellow"),
}
WORD_WIDTH = max(len(word) for word, _ in STATES.values()) + 2
FEW = 6  # so many quiet alarms are shown with their figures
MINUTE, HOUR, DAY = 60, 3600, 86_400


def alarms_view(found: Alarms) -> RenderableType:
    """Return alarms, then their history if it was asked for."""
    if found.history is not None:
        return Group(_history(found.history), Text(_counts(found)))
    quiet = [alarm for alarm in found.alarms if alarm.state != "ALARM"]
    parts: list[RenderableType] = [ringing_view(alarm, found.now) for alarm in found.ringing]
    if quiet:
        parts.append(_detailed(quiet, found.now) if len(quiet) <= FEW else _named(quiet))
    return Group(*parts, Text(_counts(found)))


def ringing_view(alarm: AlarmStatus, now: float) -> RenderableType:
    """Return one that rings: since when, why, and where to go on."""
    since = f"for {lasting(now - alarm.since)}, since {clock(alarm.since)}"
    head = Text.assemble(("RINGS  ", "bold red"), (plain(alarm.alarm), "bold"), f"  {since}")
    lines = [Text(plain(alarm.why))]
    if alarm.command:
        lines.append(Text.assemble(("look at  ", "dim"), (alarm.command, "cyan")))
        lines.append(Text.assemble(("read     ", "dim"), alarm.section or ""))
    else:
        lines.append(Text(plain(alarm.means)))
    return Padding(Group(head, *(Padding(line, (0, 0, 0, 7)) for line in lines)), (0, 0, 1, 0))


def _detailed(alarms: list[AlarmStatus], now: float) -> RenderableType:
    view = table(None, "alarm", "state", "for", "figures")
    for alarm in alarms:
        word, style = STATES[alarm.state]
        view.add_row(
            plain(alarm.alarm), Text(word, style=style), lasting(now - alarm.since), Text(plain(alarm.why))
        )
    return view


def _named(alarms: list[AlarmStatus]) -> RenderableType:
    lines = []
    for state in ("INSUFFICIENT_DATA", "OK"):
        names = [plain(alarm.alarm) for alarm in alarms if alarm.state == state]
        if names:
            word, style = STATES[state]
            lines.append(Text.assemble((f"{word}  ", style), ", ".join(names)))
    return Group(*lines, Text())


def _counts(found: Alarms) -> str:
    by_state = {state: sum(alarm.state == state for alarm in found.alarms) for state in STATES}
    rings = "nothing rings" if not by_state["ALARM"] else f"{by_state['ALARM']} of {len(found.alarms)} ring"
    waiting = by_state["INSUFFICIENT_DATA"]
    without = f", {waiting} without data yet" if waiting else ""
    return f"{found.environment}: {rings}, {by_state['OK']} ok{without}. Times are UTC."


def _history(changes: tuple[Change, ...]) -> RenderableType:
    if not changes:
        return Text("No alarm changed its state in this time.")
    return Group(*(_change(change) for change in changes), Text())


def _change(change: Change) -> RenderableType:
    word, style = STATES.get(change.after, (plain(change.after), ""))
    lasted = "until now" if change.lasted_seconds is None else f"for {lasting(change.lasted_seconds)}"
    head = Text.assemble(
        f"{clock(change.at)}  ",
        (f"{word:<{WORD_WIDTH}}", style),
        (plain(change.alarm), "bold"),
        f"  {lasted}",
    )
    return Group(head, Padding(Text(plain(change.why), style="dim"), (0, 0, 0, 13)))


def lasting(seconds: float) -> str:
    """Return how long something lasted, in its two largest units."""
    seconds = max(0, int(seconds))
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"
    return f"{seconds // DAY} d {seconds % DAY // HOUR} h"


def clock(at: float) -> str:
    """Return a moment, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M")
