"""A plan for people: what is risky first, then changes by service."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from liveinsight_cli.core.plan import Plan, PlannedChange
from liveinsight_cli.render.tables import table

ACTIONS = ("create", "update", "replace", "delete")
LISTED_AT_MOST = 25
DRIFT_LISTED = 10


def plan_view(plan: Plan) -> RenderableType:
    """Return the whole summary."""
    if not plan.has_changes:
        return Text("No changes.")
    parts: list[RenderableType] = []
    parts += [Text(f"! {risk.address} {risk.message}", style="bold red") for risk in plan.risks]
    parts += [Text(f"{function}: code changed", style="cyan") for function in plan.code_changes]
    parts += _drift(plan.drift)
    if plan.changes:
        parts.append(_services(plan))
    else:
        parts.append(Text("Only outputs change."))
    if 0 < len(plan.changes) <= LISTED_AT_MOST:
        parts += [Text(f"  {_sign(change)} {change.address}") for change in plan.changes]
    parts.append(Text(summary(plan)))
    return Group(*parts)


def summary(plan: Plan) -> str:
    """Return the plan in one line, e.g. "Plan: 3 to create, 1 to update."."""
    counts = {action: sum(one.action == action for one in plan.changes) for action in ACTIONS}
    other = len(plan.changes) - sum(counts.values())
    parts = [f"{count} to {action}" for action, count in counts.items() if count]
    parts += [f"{other} other"] if other else []
    return f"Plan: {', '.join(parts) or 'outputs only'}."


def _services(plan: Plan) -> Table:
    view = table(None, "service", *ACTIONS, numbers=ACTIONS)
    for service in plan.services:
        view.add_row(service.service, *(str(service.counts.get(action, "")) for action in ACTIONS))
    return view


def _drift(addresses: tuple[str, ...]) -> Iterable[RenderableType]:
    if addresses:
        more = len(addresses) - DRIFT_LISTED
        listed = ", ".join(addresses[:DRIFT_LISTED]) + (f" and {more} more" if more > 0 else "")
        yield Text(f"Changed outside of Terraform: {listed}", style="yellow")


def _sign(change: PlannedChange) -> str:
    return {"create": "+", "update": "~", "replace": "±", "delete": "-"}.get(change.action, change.action)
