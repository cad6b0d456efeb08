"""`liveinsight cost`: what a month costs, by a model of the traffic or by what was used."""

import math
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.commands.cost_estimate import shape_of
from liveinsight_cli.context import Context
from liveinsight_cli.core.cost import Estimate, estimate, with_actual
from liveinsight_cli.core.cost_actual import Used
from liveinsight_cli.core.usage import MOST_EVENTS_A_REQUEST, Traffic
from liveinsight_cli.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

HOUR = 3600
RANGES = {"1h": HOUR, "24h": 24 * HOUR, "7d": 7 * 24 * HOUR, "30d": 30 * 24 * HOUR}
EMBEDDED_KEEPS_SECONDS = 15 * 24 * HOUR
LEAST_SECONDS = 300


def cost(
    ctx: typer.Context,
    views: Annotated[float, typer.Option(min=0, help="Page views a month.")] = 100_000,
    views_per_visit: Annotated[float, typer.Option(min=1, help="Page views of one visit.")] = 3,
    events_per_view: Annotated[
        float, typer.Option(min=1, help="Events for each page view, the view itself included.")
    ] = 1,
    events_per_request: Annotated[
        float, typer.Option(min=1, max=MOST_EVENTS_A_REQUEST, help="Events that are sent together.")
    ] = 1,
    dashboards: Annotated[
        float, typer.Option(min=0, help="Dashboards on somebody's screen, as a mean over the whole month.")
    ] = 0.25,
    free_tier: Annotated[
        bool, typer.Option("--free-tier/--no-free-tier", help="Take off what every account has for nothing.")
    ] = False,
    actual: Annotated[
        bool, typer.Option("--actual", help="Price what was really used, beside the model.")
    ] = False,
    range_name: Annotated[
        str | None, typer.Option("--range", help=f"With --actual: {', '.join(RANGES)}.  [default: 24h]")
    ] = None,
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="Prices of a further region, or newer ones."),
    ] = None,
    prices_of: Annotated[
        str | None, typer.Option("--prices-of", metavar="REGION", help="Take the prices of another region.")
    ] = None,
) -> None:
    """Estimate what a month costs in AWS: by service, for a million events, and at most.

    Without --actual nothing has to be deployed and nothing is asked. The price list is dated, in US dollars, without
    taxes; a price with ~ is remembered and was not looked up. Free allowances belong to the account, not to an
    environment. docs/cost.md says what is counted, what is assumed, and how to pay less.

    \b
    Examples:
      liveinsight cost
      liveinsight cost --env prod --views 2000000 --dashboards 2
      liveinsight cost --events-per-view 5 --events-per-request 5 --free-tier
      liveinsight cost --env prod --actual --range 30d
      liveinsight cost --region eu-west-1 --prices-of us-east-1
    """
    from liveinsight_cli.adapters.price_file import load_prices

    context = Context.of(ctx)
    seconds = _seconds(range_name, actual=actual)
    traffic = _traffic(views, events_per_view, events_per_request, views_per_visit, dashboards)
    stack = shape_of(context.settings)
    table = load_prices(prices_of or context.settings.region, prices)
    used = _used(context, seconds) if actual else None
    found = estimate(context.environment, traffic, stack, table, free_tier=free_tier)
    if used is not None:
        found = with_actual(found, used, stack, table)
    if context.terminal.json_output:
        context.terminal.warnings += found.notes
    context.terminal.answer("cost", found, _view)


def _traffic(*figures: float) -> Traffic:
    if not all(map(math.isfinite, figures)):
        raise UsageError("Traffic is told in numbers.", hint="liveinsight cost --views 1000000")
    return Traffic(*figures)


def _seconds(range_name: str | None, *, actual: bool) -> int:
    if range_name is not None and not actual:
        raise UsageError(
            f"--range {range_name} needs --actual.", hint="liveinsight cost --actual --range 24h"
        )
    seconds = RANGES.get(range_name or "24h")
    if seconds is None:
        raise UsageError(f"There is no range {range_name!r}.", hint=f"Ranges: {', '.join(RANGES)}.")
    return seconds


def _used(context: Context, seconds: int) -> Used:
    """Return what was used since the range began, or since the first deploy when that was later."""
    from liveinsight_cli.adapters.releases import Ledger

    now = context.clock.now()
    if context.settings.target == "embedded":
        seconds = min(seconds, EMBEDDED_KEEPS_SECONDS)
    living = [one for one in Ledger.of(context).releases() if one.status != "destroyed"]
    if living:
        age = int(now - datetime.fromisoformat(living[0].at).timestamp())
        seconds = min(seconds, max(age, LEAST_SECONDS))
    return context.usage.last(seconds, now)


def _view(found: Estimate) -> "RenderableType":
    from liveinsight_cli.render.cost import cost_view

    return cost_view(found)
