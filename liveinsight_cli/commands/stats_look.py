"""One look of `stats`: two requests to the API, one to CloudWatch."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from liveinsight_cli.context import Context
from liveinsight_cli.core.stats import Live, Period, Stats
from liveinsight_cli.core.stats_figures import figures
from liveinsight_cli.core.stats_platform import Platform, window_of
from liveinsight_cli.core.thresholds import Threshold
from liveinsight_cli.errors import LiveInsightError, PreconditionError, UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.api import Api

BAD_REQUEST = 400


@dataclass(frozen=True)
class Wanted:
    """What was asked for."""

    range: str
    timezone: str
    site: str | None
    limit: int
    by: tuple[str, ...]
    thresholds: tuple[Threshold, ...]


def look(context: Context, wanted: Wanted) -> Stats:
    """Return all figures: two requests to the API and one to CloudWatch."""
    api, metrics = context.api, context.metrics  # says so before any request when the embedded AWS is down
    live, period = _answers(api, wanted)
    now = context.clock.now()
    platform, problem = _platform(lambda: metrics.platform(now, window_of(wanted.range)))
    try:
        found = Stats(
            environment=context.environment,
            taken_at=int(now * 1000),
            by=wanted.by,
            live=Live.read(live),
            period=Period.read(period),
            platform=platform,
            problems=(problem,) if problem else (),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise PreconditionError(
            "The API's answer is not one that this version reads.",
            code="api_version",
            hint="Deploy this version: liveinsight deploy.",
        ) from error
    known = figures(found)
    return replace(found, checks=tuple(threshold.check(known) for threshold in wanted.thresholds))


def _answers(api: "Api", wanted: Wanted) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the realtime and the stats API answer; what they refuse as wrong was wrong on the command line."""
    from liveinsight_cli.adapters.api import ApiError

    try:
        live = api.realtime(site=wanted.site, limit=1)
        period = api.stats(
            site=wanted.site,
            range=wanted.range,
            timezone=wanted.timezone,
            compare="previous",
            limit=wanted.limit,
        )
    except ApiError as error:
        if error.status == BAD_REQUEST:
            raise UsageError(error.message, hint="See: liveinsight stats --help") from error
        raise
    return live, period


def _platform(ask: Callable[[], Platform]) -> tuple[Platform | None, str | None]:
    """Return the platform, or why CloudWatch does not tell: the product's figures are worth showing without it."""
    try:
        return ask(), None
    except LiveInsightError as error:
        return None, f"No figures of the platform: {error.message}"
