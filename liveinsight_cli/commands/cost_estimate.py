"""The estimate that `deploy` shows before an environment is deployed for the first time, and what it is made of."""

from liveinsight_cli.context import Context
from liveinsight_cli.core.cost import Summary, summary
from liveinsight_cli.core.usage import ALARM_METRICS, StackShape, Traffic
from liveinsight_cli.errors import LiveInsightError
from liveinsight_cli.settings import Settings


def shape_of(settings: Settings) -> StackShape:
    """Return what of the environment costs something, as far as it is configured."""
    return StackShape(
        memory_mb=settings.memory_mb,
        log_retention_days=settings.log_retention_days,
        requests_per_minute=settings.requests_per_minute,
        is_protected=settings.protected,
        has_domain=settings.domain is not None,
        has_waf=settings.waf,
        has_key=settings.customer_managed_key,
        alarm_metrics=ALARM_METRICS + (settings.charges_alarm_usd is not None),
    )


def estimate_of_the_first_deploy(context: Context) -> Summary | None:
    """Return the estimate of an environment that will be paid for and was never deployed; None for any other.

    A region whose prices are not known has none, and that is said: it must not keep anybody from deploying.
    """
    from liveinsight_cli.adapters.price_file import load_prices

    if context.settings.target != "aws" or context.files.outputs.exists() or context.state.facts is not None:
        return None
    try:
        table = load_prices(context.settings.region)
    except LiveInsightError as error:
        context.terminal.say(f"No estimate of what this costs: {error.message}")
        return None
    return summary(Traffic(views=0.0), shape_of(context.settings), table)


def show_estimate(context: Context, found: Summary | None) -> None:
    """Say it in the conversation."""
    from liveinsight_cli.render.cost import summary_line

    if found is not None:
        context.terminal.say(summary_line(found, context.environment))
