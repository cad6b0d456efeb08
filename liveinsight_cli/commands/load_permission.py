"""Who may send a load, and what it will cost."""

from liveinsight_cli.commands.cost_estimate import shape_of
from liveinsight_cli.commands.load_options import Wanted
from liveinsight_cli.context import Context
from liveinsight_cli.core.load.cost import LoadCost, cost_of
from liveinsight_cli.core.load.search import Search, step_of
from liveinsight_cli.errors import LiveInsightError, PreconditionError


def permit(context: Context, wanted: Wanted, confirmed: str | None) -> LoadCost | None:
    """Return the cost of the load, None where it costs nothing or nobody knows; raises for who may not send it."""
    from liveinsight_cli.adapters.releases import Ledger
    from liveinsight_cli.adapters.seeding import compare_account

    context.require_name(confirmed)
    _say_what_is_by_passed(context, context.deployed.public_api_url)  # "never deployed" is said first
    if context.settings.protected and confirmed is None:
        raise PreconditionError(
            f"{context.environment} is protected: a load takes capacity from its visitors and sets off its alarms.",
            code="protected",
            hint=f"Send it to another environment. If it must be this one: --confirm {context.environment}",
        )
    compare_account(context)
    Ledger.of(context).require_functions(context.environment)
    if context.settings.target == "embedded":
        return None
    cost = _cost(context, wanted)
    dollars = f", about ${cost.dollars:,.2f}" if cost else ""
    requests = cost.requests if cost else _requests(wanted)
    context.confirm(
        f"Send at most {requests:,} requests to {context.environment}{dollars}?",
        confirmed,
    )
    return cost


def _say_what_is_by_passed(context: Context, url: str) -> None:
    from liveinsight_cli.adapters.proxies import proxy_of

    if proxy_of(url):
        context.terminal.warn(
            "The load goes straight to the API: the proxy of the environment is not used for it."
        )


def _cost(context: Context, wanted: Wanted) -> LoadCost | None:
    from liveinsight_cli.adapters.price_file import load_prices

    try:
        table = load_prices(context.settings.region)
    except LiveInsightError as error:
        context.terminal.say(f"No estimate of what this costs: {error.message}")
        return None
    return cost_of(wanted.plan, shape_of(context.settings), table, _requests(wanted))


def _requests(wanted: Wanted) -> int:
    """Return how many requests there are at most."""
    if wanted.most_rps is None:
        return wanted.plan.requests
    rates = Search(wanted.plan.rps, wanted.most_rps).at_worst()
    return sum(step_of(wanted.plan, rps).requests for rps in rates)
