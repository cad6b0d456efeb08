"""`liveinsight open`: the pages of an environment, in the browser."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.pages import OF_THE_CONSOLE, Opened, console_url, forwarding_page
from liveinsight_cli.errors import PreconditionError

if TYPE_CHECKING:
    from rich.console import RenderableType


class Page(StrEnum):
    """What can be opened."""

    DASHBOARD = "dashboard"
    DEMO = "demo"
    CLOUDWATCH = "cloudwatch"
    ALARMS = "alarms"
    LOGS = "logs"
    QUERIES = "queries"


INSTEAD = {
    Page.CLOUDWATCH: "liveinsight stats --watch",
    Page.ALARMS: "liveinsight alarms",
    Page.LOGS: "liveinsight tail",
    Page.QUERIES: "liveinsight logs query",
}


def open(  # noqa: A001 - the name of the command
    ctx: typer.Context,
    page: Annotated[Page, typer.Argument(help="What to open.")] = Page.DASHBOARD,
    print_only: Annotated[bool, typer.Option("--print", help="Only print the address.")] = False,
) -> None:
    """Open the dashboard, the demo page or a page of the AWS console in the browser.

    The address is printed too; without a display it is only printed. The dashboard's has the read token in it: it goes
    to the browser by way of a file that only you can read, never among a program's arguments.

    \b
    Examples:
      liveinsight open
      liveinsight open cloudwatch --env prod
      liveinsight open --print
    """
    context = Context.of(ctx)
    url = _url(context, page)
    if not print_only and context.settings.target == "embedded":
        context.embedded.require()
    why_not = _why_not(context, print_only=print_only)
    if why_not is None and not _shown(context, url, is_secret=page is Page.DASHBOARD):
        why_not = "no browser took it"
    context.terminal.out.soft_wrap = True
    opened = Opened(context.environment, page.value, url, why_not is None, why_not)
    context.terminal.answer("open", opened, _view)
    if why_not is not None and not print_only:
        context.terminal.say(f"Not opened: {why_not}.")


def _url(context: Context, page: Page) -> str:
    deployed = context.deployed
    if page.value in OF_THE_CONSOLE:
        if context.settings.target == "embedded":
            raise PreconditionError(
                "The embedded AWS has no console.", code="no_console", hint=f"Instead: {INSTEAD[page]}"
            )
        return console_url(
            page.value, deployed.region, context.settings.project, deployed.monitoring_dashboard
        )
    if page is Page.DEMO:
        return f"{deployed.cloudfront_url.rstrip('/')}/demo/index.html"
    return context.dashboard_link(deployed)


def _why_not(context: Context, *, print_only: bool) -> str | None:
    if print_only:
        return "--print"
    if context.terminal.json_output or context.terminal.in_ci:
        return "nobody looks on"
    return context.browser.missing()


def _shown(context: Context, url: str, *, is_secret: bool) -> bool:
    if not is_secret:
        return context.browser.show(url)
    from liveinsight_cli.adapters.files import unwritable, write_atomically

    path = context.files.forwarding_page
    with unwritable(path):
        write_atomically(path, forwarding_page(url).encode(), mode=0o600)
    return context.browser.show(path.resolve().as_uri())


def _view(opened: Opened) -> "RenderableType":
    from rich.text import Text

    return Text(opened.url)
