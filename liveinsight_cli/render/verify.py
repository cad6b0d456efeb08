"""The answer of `verify` for people: what differs, the figures that count, how soon they were there."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.demo_figures import Comparison
from liveinsight_cli.core.probe import Timings
from liveinsight_cli.render.tables import table
from liveinsight_cli.render.text import plain

TITLES = {"probe": "Visits sent to", "seeded": "Seeded demo of"}


def comparison_view(of: str, site: str, rows: Sequence[Comparison]) -> RenderableType:
    """Return the rows that differ, then single figures; the equal rows of lists and series as a sum."""
    wrong = [row for row in rows if not row.ok]
    said = f"all {len(rows)} figures equal" if not wrong else f"{len(wrong)} of {len(rows)} figures differ"
    title = Text.assemble(
        (f"{TITLES[of]} {plain(site)}: ", "bold"), (said, "bold red" if wrong else "bold green")
    )
    view = table(None, "figure", "expected", "answered", "", numbers=("expected", "answered"))
    single = [row for row in rows if row.ok and ": " not in row.metric]
    for row in (*wrong, *single):
        mark = Text("ok", style="green") if row.ok else Text("differs", style="bold red")
        view.add_row(plain(row.metric), _shown(row.expected), _shown(row.answered), mark)
    equal = len(rows) - len(wrong) - len(single)
    return Group(title, view, Text(f"{equal} rows of lists and series are equal."), Text(""))


def timings_view(timings: Timings, deleted_items: int) -> RenderableType:
    """Return how soon what was sent was stored, shown and counted."""
    return Text(
        f"Stored after {_seconds(timings.accepted_ms)}, in the realtime feed {_seconds(timings.realtime_ms)} later, "
        f"counted {_seconds(timings.stats_ms)} after the last; {_seconds(timings.total_ms)} in all. "
        f"{deleted_items} items deleted again."
    )


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(map(_shown, value))
    return "-" if value is None else f"{value:,}" if isinstance(value, int | float) else plain(str(value))
