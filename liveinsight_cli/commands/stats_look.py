"""One look of `stats`: two requests to the API, one to CloudWatch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from liveinsight_cli.context import Context
from liveinsight_cli.core.stats import UNFILTERED_MINUTES, Live, Period, Stats
from liveinsight_cli.core.stats_figures import figures
from liveinsight_cli.core.stats_filters import live_filters
from liveinsight_cli.core.stats_platform import Platform
from liveinsight_cli.core.stats_range import AskedRange
from liveinsight_cli.core.thresholds import Threshold
from liveinsight_cli.errors import LiveInsightError, PreconditionError, UsageError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.api import Api, ApiError
    from liveinsight_cli.adapters.metrics import Metrics

BAD_REQUEST = 400
LIMIT_OF_OLDER_APIS = 100


@dataclass(frozen=True)
class Wanted:
    """What was asked for."""

    range: AskedRange
    timezone: str
    site: str | None
    limit: int
    by: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    filters: Mapping[str, str] = field(default_factory=dict)

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
            raise _refused(error, wanted) from error
        raise
    try:
        found = Live.read(live, live_filters(wanted.filters)), Period.read(period)
    except (KeyError, TypeError, AttributeError) as error:
        raise _of_another_version("The API's answer is not one that this version reads.") from error
    if not _are_filtered(*found, wanted):
        raise _of_another_version("The deployed API does not know filters.")
    return found


def _answers(api: "Api", wanted: Wanted, now: float) -> tuple[dict[str, Any], dict[str, Any]]:
    return api.realtime(site=wanted.site, limit=1, **live_filters(wanted.filters)), api.stats(
        site=wanted.site,
        range=wanted.range.at(now),
        timezone=wanted.timezone,
        compare="previous",
        limit=wanted.limit,
        **wanted.filters,
    )


def _are_filtered(live: Live, period: Period, wanted: Wanted) -> bool:
    """Whether both answers are of the visits that were asked for: an older API overlooks what it does not know."""
    said = {reason.get("code") for reason in live.meta.reasons}
    return period.filters == wanted.filters and (UNFILTERED_MINUTES in said or not live.filters)


def _refused(error: "ApiError", wanted: Wanted) -> LiveInsightError:
    """Return what it means that the API finds a request wrong."""
    if error.code == "filter_out_of_reach":
        return UsageError(
            f"{error.message} The range {wanted.range.text} begins earlier.",
            code=error.code,
            hint="With --where: --range 30m, 24h, today, 7d, 30d, or any other within the last 40 days.",
        )
    is_right = {"range": wanted.range.text == "30m", "limit": wanted.limit > LIMIT_OF_OLDER_APIS}
    if error.field is not None and is_right.get(error.field):
        return _of_another_version(f"The deployed API does not know this {error.field}: {error.message}")
    return UsageError(error.message, hint="See: liveinsight stats --help")


def _of_another_version(message: str) -> PreconditionError:
    return PreconditionError(message, code="api_version", hint="Deploy this version: liveinsight deploy.")
