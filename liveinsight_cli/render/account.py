"""The account-wide part in a few lines."""

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.account_part import AccountChange, AccountReport
from liveinsight_cli.render.tables import facts


def report_view(report: AccountReport) -> RenderableType:
    """Return what is set, and by whom."""
    if report.role is None:
        managed = "none is set; the next deploy sets one"
    elif report.managed:
        managed = f"by this project; state: {report.place}"
    else:
        managed = "not by this project: it is left alone"
    named = [
        ("account", f"{report.account}, {report.region}"),
        ("CloudWatch role", report.role or "-"),
        ("managed", managed),
    ]
    return Group(*facts(named))


def deployed_view(change: AccountChange) -> RenderableType:
    """Return the answer in one line."""
    said = "API Gateway writes its logs with" if change.changed else "Nothing to do: API Gateway has the role"
    return Text(f"{said} {change.role}.")


def destroyed_view(change: AccountChange) -> RenderableType:
    """Return the answer in one line."""
    if not change.changed:
        return Text("Nothing to remove: this project set no role here.")
    rest = (
        f"The setting is somebody else's and stays: {change.role}."
        if change.role
        else "No role is set any more."
    )
    return Text(f"Removed this project's role. {rest}")
