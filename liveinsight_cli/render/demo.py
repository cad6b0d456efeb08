"""The answers of `seed-demo` and `verify` for people."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.demo import DemoSpec
from liveinsight_cli.core.demo_figures import Comparison, Expected
from liveinsight_cli.render.tables import table
from liveinsight_cli.render.text import plain

SHOWN = 5


def seeded_view(spec: DemoSpec, sent_now: int, expected: Expected) -> RenderableType:
    """Return the figures that the APIs must answer."""
    said = f"{sent_now} visitors sent" if sent_now else "Already there, nothing sent"
    head = Text(f"{said}. {spec.site} must now answer:", style="bold")
    view = table(None, "figure", "value", numbers=("value",))
    for name, value in expected.totals.items():
        view.add_row(name, "-" if value is None else f"{value:,}")
    view.add_row("bot events", f"{expected.bots:,}")
    lists = table(None, "list", "first of it")
    for name, counts in expected.top.items():
        first = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
        lists.add_row(name, "  ".join(f"{one} {count}" for one, count in first))
    return Group(head, view, lists, Text("Compare: liveinsight verify"))


def verified_view(site: str, rows: Sequence[Comparison]) -> RenderableType:
    """Return the comparison: totals and every row that differs, the equal list rows as a sum."""
    wrong = [row for row in rows if not row.ok]
    head = "all equal" if not wrong else f"{len(wrong)} of {len(rows)} differ"
    title = Text(f"{plain(site)}: {head}", style="bold")
    view = table(None, "metric", "expected", "answered", "", numbers=("expected", "answered"))
    for row in rows:
        if not row.ok or ": " not in row.metric:
            mark = Text("ok", style="green") if row.ok else Text("differs", style="bold red")
            view.add_row(plain(row.metric), _shown(row.expected), _shown(row.answered), mark)
    equal = sum(row.ok for row in rows if ": " in row.metric)
    return Group(title, view, Text(f"{equal} rows of the lists are equal."))


def _shown(value: object) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int | float) else plain(str(value))
