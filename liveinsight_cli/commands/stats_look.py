"""One look of `stats`: two requests to the API, one to CloudWatch."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from liveinsight_cli.context import Context
from liveinsight_cli.core.stats import Live, Period, Stats
from liveinsight_cli.core.stats_figures import figures
from liveinsight_cli.core.stats_platform import Platform
from liveinsight_cli.core.stats_range import AskedRange
from liveinsight_cli.core.thresholds import Threshold
from liveinsight_cli.errors import LiveInsightError, PreconditionError, UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.api import Api
    from liveinsight_cli.adapters.metrics import Metrics

BAD_REQUEST = 400


@dataclass(frozen=True)
class Wanted:
    """What was asked for."""

    range: AskedRange
    timezone: str
    site: str | None
    limit: int
    by: tuple[str, ...]
    thresholds: tuple[Threshold, ...]

    def checked(self, stats: Stats) -> Stats:
        """Return the look with what its figures mean for the conditions."""
        known = figures(stats)
        return replace(stats, checks=tuple(threshold.check(known) for threshold in self.thresholds))


def look(context: Context, wanted: Wanted) -> Stats:
    """Return all figures: two requests to the API and one to CloudWatch."""
    api, metrics = context.api, context.metrics  # says so before any request when the embedded AWS is down
    now = context.clock.now()
    live, period = product(api, wanted, now)
    platform, problem = None, None
    try:
        platform = platform_of(metrics, wanted, context.clock.now())
    except LiveInsightError as error:  # the product's figures are worth showing without it
        problem = without_platform(error)
    return wanted.checked(
        Stats(
            environment=context.environment,
            taken_at=int(now * 1000),
            by=wanted.by,
            live=live,
            period=period,
            platform=platform,
            problems=(problem,) if problem else (),
        )
    )


def platform_of(metrics: "Metrics", wanted: Wanted, now: float) -> Platform:
    """Return the platform's figures for the window that belongs to the range."""
    return metrics.platform(now, wanted.range.platform_seconds)


def without_platform(error: LiveInsightError) -> str:
    """Return why CloudWatch does not tell."""
    return f"No figures of the platform: {error.message}"


def product(api: "Api", wanted: Wanted, now: float) -> tuple[Live, Period]:
    """Return what the realtime and the stats API answer; what they refuse as wrong was wrong on the command line."""
    from liveinsight_cli.adapters.api import ApiError

    try:
        live, period = _answers(api, wanted, now)
    except ApiError as error:
        if error.status == BAD_REQUEST:
            raise UsageError(error.message, hint="See: liveinsight stats --help") from error
        raise
    try:
        return Live.read(live), Period.read(period)
    except (KeyError, TypeError, AttributeError) as error:
        raise PreconditionError(
            "The API's answer is not one that this version reads.",
            code="api_version",
            hint="Deploy this version: liveinsight deploy.",
        ) from error


def _answers(api: "Api", wanted: Wanted, now: float) -> tuple[dict[str, Any], dict[str, Any]]:
    return api.realtime(site=wanted.site, limit=1), api.stats(
        site=wanted.site,
        range=wanted.range.at(now),
        timezone=wanted.timezone,
        compare="previous",
        limit=wanted.limit,
    )
