"""What AWS knows of a load: the stage's throttles before it, the same minutes' metrics and stored events after it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liveinsight_cli.adapters.metric_data import values_of
from liveinsight_cli.adapters.metrics import Metrics
from liveinsight_cli.context import Clock
from liveinsight_cli.core.load.plan import ROUTES
from liveinsight_cli.core.load.requests import LOAD_SITE
from liveinsight_cli.core.load.server import (
    MINUTE,
    Arrival,
    Reading,
    ServerSide,
    Window,
    assembled,
    wanted,
)
from liveinsight_cli.core.ranges import explicit
from liveinsight_cli.core.stats_metrics import merged
from liveinsight_cli.errors import LiveInsightError

if TYPE_CHECKING:
    from liveinsight_cli.adapters.api import Api
    from liveinsight_cli.adapters.aws import Aws
    from liveinsight_cli.adapters.deployed import Deployed

HOUR = 3600
METHODS = {"events": "POST", "realtime": "GET", "stats": "GET"}
STALLED_SECONDS = 20.0  # nothing more has been counted for so long: nothing more will be


def throttles(aws: "Aws", deployed: "Deployed") -> dict[str, float]:
    """Return how many requests a second the deployed stage lets through, by route; what cannot be read is left out."""
    names = {"restApiId": deployed.rest_api_id, "stageName": deployed.stage_name}
    try:
        settings = aws.call("apigateway", "get_stage", **names).get("methodSettings", {})
    except LiveInsightError:
        return {}
    found = {}
    for method_path, one in settings.items():
        *_, route, method = method_path.replace("~1", "/").split("/")
        if METHODS.get(route) == method and one.get("throttlingRateLimit", -1) >= 0:
            found[route] = float(one["throttlingRateLimit"])
    return {route: found[route] for route in ROUTES if route in found}


@dataclass(frozen=True)
class ServerFigures:
    """Asks CloudWatch for a window until it has what the answers say, or for so long at most."""

    metrics: Metrics
    clock: Clock
    between_seconds: float
    most_seconds: float

    def of(self, window: Window, answered: int, say: Callable[[str], None]) -> ServerSide:
        """Return the figures of a window in which `answered` requests of ours were answered by API Gateway."""
        began = self.clock.monotonic()
        while True:
            reading = self._read(window)
            waited = self.clock.monotonic() - began
            is_complete = reading.requests >= answered
            if is_complete or waited >= self.most_seconds:
                return assembled(self.metrics.names, reading, waited, is_complete=is_complete)
            say(f"Waiting for CloudWatch: it has {reading.requests:,.0f} of {answered:,} requests")
            self.clock.sleep(self.between_seconds)

    def _read(self, window: Window) -> Reading:
        platform = self.metrics.platform(window.end - 1, window.seconds)
        metrics = wanted(self.metrics.names)
        values = values_of(self.metrics.aws, metrics, window.begin, window.end, MINUTE)
        return Reading(platform, {key: merged(metrics[key], found) for key, found in values.items()})


@dataclass(frozen=True)
class StoredEvents:
    """Counts the events of the load's site in the statistics: how many more there are afterwards."""

    api: "Api"
    clock: Clock
    between_seconds: float = 1.0

    def count(self, begin: float, end: float) -> int:
        """Return how many there are in the hours of a load; events may be 15 minutes older than their request."""
        first, last = int(begin) // HOUR * HOUR - HOUR, (int(end) // HOUR + 1) * HOUR
        asked = explicit(first * 1000, last * 1000)
        return int(self.api.stats(site=LOAD_SITE, range=asked)["totals"]["events"])

    def arrival(
        self,
        before: int,
        accepted: int,
        of_unknown_fate: int,
        span: tuple[float, float],
        say: Callable[[str], None],
    ) -> Arrival:
        """Wait until all accepted events are counted, or no more are for a while."""
        began = self.clock.monotonic()
        most, last_growth = -1, began
        while True:
            counted = self.count(*span) - before
            now = self.clock.monotonic()
            if counted > most:
                most, last_growth = counted, now
            if counted >= accepted or now - last_growth > STALLED_SECONDS:
                return Arrival(accepted, of_unknown_fate, counted, now - began)
            say(f"Waiting until the events are counted: {counted:,} of {accepted:,}")
            self.clock.sleep(self.between_seconds)
