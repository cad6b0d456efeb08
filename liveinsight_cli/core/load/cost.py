"""What a load costs before it is sent: the model of `cost`, for the requests of a few minutes instead of a month."""

from dataclasses import dataclass

from liveinsight_cli.core.cost import bill
from liveinsight_cli.core.load.plan import LoadPlan, shares_of
from liveinsight_cli.core.prices import PriceTable
from liveinsight_cli.core.usage import (
    ACCESS_LOG_BYTES,
    CALL_MS,
    CORE_MB,
    GB,
    INVOCATION_LOG_BYTES,
    READ_CALLS,
    READ_CPU_MS,
    StackShape,
    Traffic,
    monthly,
)

EVENTS_A_REQUEST = 1.6  # of requests.py, measured
REQUESTS_A_VISIT = 3.0
READ_UNITS = 10.0  # a read that no container remembers the answer of


@dataclass(frozen=True)
class LoadCost:
    """List prices, without what is free; `dollars` is a guess on the high side."""

    requests: int
    dollars: float


def cost_of(plan: LoadPlan, stack: StackShape, table: PriceTable, requests: int | None = None) -> LoadCost:
    """Return what the plan's requests, or so many, cost in such a stack."""
    total = plan.requests if requests is None else requests
    shares = shares_of(plan.endpoint)
    sent = total * shares.get("events", 0.0)
    units = dict(_difference(sent, stack))
    reads = total - sent
    core = min(1.0, stack.memory_mb / CORE_MB)
    gb_seconds = reads * (READ_CALLS * CALL_MS + READ_CPU_MS / core) / 1000 * stack.memory_mb / 1024
    for name, more in (
        ("api_requests", reads),
        ("lambda_requests", reads),
        ("lambda_gb_seconds", gb_seconds),
        ("read_units", reads * READ_UNITS),
        ("log_gb", reads * (INVOCATION_LOG_BYTES + ACCESS_LOG_BYTES) / GB),
    ):
        units[name] = units.get(name, 0.0) + more
    return LoadCost(total, bill(units, table, 0.0, {}).dollars)


def _difference(requests: float, stack: StackShape) -> dict[str, float]:
    """Return what a month with so many requests takes beyond one without: spread out, folding costs most."""
    views = requests * EVENTS_A_REQUEST
    traffic = Traffic(
        views, events_per_request=EVENTS_A_REQUEST, views_per_visit=EVENTS_A_REQUEST * REQUESTS_A_VISIT
    )
    idle = monthly(Traffic(0.0), stack)
    # Another metric or alarm is paid for by the month, and is there without the load.
    fixed = ("alarm_metrics", "custom_metrics", "dashboards", "log_stored_gb")
    return {
        name: max(0.0, units - idle.get(name, 0.0))
        for name, units in monthly(traffic, stack).items()
        if name not in fixed
    }
