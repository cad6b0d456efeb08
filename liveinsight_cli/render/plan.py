"""A plan for people: what is at risk first, then what changes, service by service, then what was changed by others."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from liveinsight_cli.core.plan import Plan, ServiceChanges
from liveinsight_cli.core.plan_names import counted
from liveinsight_cli.render.plan_diff import diff_view
from liveinsight_cli.render.tables import table
from liveinsight_cli.render.text import plain

ACTIONS = ("create", "update", "replace", "delete")
LISTED = 10


def plan_view(plan: Plan) -> RenderableType:
    """Return the whole of it."""
    if not plan.has_changes:
        return Text("No changes.")
    parts: list[RenderableType] = [*_risks(plan)]
    parts += [_services(plan)] if plan.changes else [Text(f"Only outputs change: {_listed(plan.outputs)}.")]
    parts += _named("Settings that differ from the last deploy from here", plan.settings)
    parts += _named("Changed outside of Terraform, and put right", plan.drift, style="yellow")
    if plan.diff is not None:
        parts += [
            Text("Attribute by attribute:", style="bold"),
            diff_view(plan.diff, plan.output_diff),
            Text(),
        ]
    parts.append(Text(summary(plan)))
    return Group(*parts)


def summary(plan: Plan) -> str:
    """Return the plan in one line, e.g. "Plan: 3 to create, 1 to update."."""
    counts = {action: sum(one.action == action for one in plan.changes) for action in ACTIONS}
    other = len(plan.changes) - sum(counts.values())
    parts = [f"{count} to {action}" for action, count in counts.items() if count]
    parts += [f"{other} other"] if other else []
    return f"Plan: {', '.join(parts) or 'outputs only'}."


def _risks(plan: Plan) -> Iterable[RenderableType]:
    for risk in plan.risks:
        yield Text(f"! {plain(risk.message)}", style="bold red")
        for line in risk.because:
            yield Padding(Text(plain(line), style="red"), (0, 0, 0, 2), expand=False)
        yield Padding(Text(plain(risk.address), style="dim"), (0, 0, 0, 2), expand=False)
    if plan.risks:
        yield Text()


def _services(plan: Plan) -> Table:
    view = table(None, "service", "what would change")
    for service in plan.services:
        for number, line in enumerate(service.lines or [_counts(service)]):
            view.add_row(service.service if number == 0 else "", Text(plain(line)))
    return view


def _counts(service: ServiceChanges) -> str:
    return ", ".join(f"{action} {counted(count, 'resource')}" for action, count in service.counts.items())


def _named(title: str, lines: tuple[str, ...], style: str = "") -> Iterable[RenderableType]:
    if lines:
        yield Text(f"{title}:", style=style)
        yield from (
            Padding(Text(plain(line), style=style), (0, 0, 0, 2), expand=False) for line in lines[:LISTED]
        )
        if len(lines) > LISTED:
            yield Padding(Text(f"and {len(lines) - LISTED} more", style=style), (0, 0, 0, 2), expand=False)
        yield Text()


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "") if names else "of the stack"
