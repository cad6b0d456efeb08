"""What a load is to be: how much of what, for how long, and the bounds that nobody goes beyond by mistake."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from liveinsight_cli.core.usage import ROUTE_SHARES

Endpoint = Literal["events", "realtime", "stats", "mixed"]
Arrivals = Literal["constant", "poisson"]

MOST_SECONDS = 15 * 60.0
MOST_RPS = 5_000.0
MOST_REQUESTS = 500_000  # every answer is kept until the end: some 60 MB then
MOST_PROCESSES = 16
RPS_A_PROCESS = 1_000.0  # a third of what a core can do: the machine has other things to do
ROUTES = ("events", "realtime", "stats")  # an answer's route is its place here
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}
AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m)\s*")
SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")


@dataclass(frozen=True)
class LoadPlan:
    """A load of `rps` requests a second, begun after each other whether or not earlier ones are answered.

    What is due in the first `warm_up_seconds` is sent and not measured; `seconds` are those that are.
    """

    rps: float
    seconds: float
    warm_up_seconds: float = 5.0
    endpoint: Endpoint = "events"
    arrivals: Arrivals = "poisson"
    processes: int = 1
    connections: int = 128
    timeout_seconds: float = 10.0
    seed: int = 1

    @property
    def all_seconds(self) -> float:
        """From the first to the last due time."""
        return self.warm_up_seconds + self.seconds

    @property
    def requests(self) -> int:
        """How many are due, all in all; for Poisson arrivals on average."""
        return math.ceil(self.rps * self.all_seconds)


def processes_for(rps: float) -> int:
    """Return how many processes send so many requests a second."""
    return min(MOST_PROCESSES, max(1, math.ceil(rps / RPS_A_PROCESS)))


def shares_of(endpoint: Endpoint) -> dict[str, float]:
    """Return what part of the requests goes to each route; a mixture has that of the stage's throttles."""
    if endpoint != "mixed":
        return {endpoint: 1.0}
    total = sum(ROUTE_SHARES.values())
    return {route: share / total for route, share in ROUTE_SHARES.items()}


def seconds_in(text: str) -> float | None:
    """Return the seconds of `250ms`, `30s` or `2m`, None for any other text."""
    found = AMOUNT.fullmatch(text)
    return float(found[1]) * UNITS[found[2]] if found else None


def share_in(text: str) -> float | None:
    """Return the share of `1%` as 0.01, None for any other text or more than all."""
    found = SHARE.fullmatch(text)
    share = float(found[1]) / 100 if found else 2.0
    return share if share <= 1 else None


def throttle_of(endpoint: Endpoint, limits: dict[str, float]) -> float | None:
    """Return the rate at which the first of an endpoint's routes is throttled; `limits` are by route, a second."""
    rates = [limits[route] / share for route, share in shares_of(endpoint).items() if route in limits]
    return min(rates, default=None)
