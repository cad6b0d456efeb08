"""The answer of `seed-demo` for people."""

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.demo import DemoSpec
from liveinsight_cli.core.demo_figures import Expected
from liveinsight_cli.render.tables import table

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
    return Group(head, view, lists, Text("Compare: liveinsight verify --only seeded"))
