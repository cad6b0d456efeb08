"""The pages that belong to an environment: its own, and those of the AWS console."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Literal

Target = Literal["dashboard", "demo", "cloudwatch", "alarms", "logs", "queries"]
OF_THE_CONSOLE: Mapping[Target, str] = {
    "cloudwatch": "dashboards/dashboard/{dashboard}",
    "alarms": "alarmsV2:?search={project}-",
    "logs": "logsV2:log-groups$3FlogGroupNameFilter$3D{project}-",
    "queries": "logsV2:logs-insights",
}


@dataclass(frozen=True)
class Opened:
    """The answer of `open`. `opened`: a browser was started; `why_not` says why none was."""

    environment: str
    target: Target
    url: str
    opened: bool
    why_not: str | None = None


def console_url(target: Target, region: str, project: str, dashboard: str) -> str:
    """Return the address of a page of the AWS console."""
    page = OF_THE_CONSOLE[target].format(project=project, dashboard=dashboard)
    return f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#{page}"


def forwarding_page(url: str) -> str:
    """Return a page that goes on to an address at once, and leaves no trace of itself in the history.

    The address holds the read token, which must not be among a browser's arguments, where everybody on the machine can
    read it.
    """
    target = escape(url, quote=True)
    return (
        '<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<title>LiveInsight</title><a id="go" href="{target}">Open the dashboard</a>'
        '<script>location.replace(document.getElementById("go").href)</script>\n'
    )
