"""What a month costs: units times list prices, line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from liveinsight_cli.core.cost_actual import Used, modelled_traffic, monthly_units
from liveinsight_cli.core.prices import Price, PriceTable
from liveinsight_cli.core.usage import (
    MINUTES_A_MONTH,
    StackShape,
    Traffic,
    are_dashboards_refused,
    at_the_limit,
    largest_requests,
    monthly,
    most_dashboards,
)

MILLION = 1_000_000
SHORT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class CostLine:
    """One thing that is paid for. `per_million_events` is what traffic adds; `units` None: nothing is known."""

    name: str
    service: str
    what: str
    units: float | None
    unit: str
    usd: float
    per: float
    usd_source: str
    usd_read: str | None
    dollars: float | None
    dollars_free_tier: float | None
    per_million_events: float | None


@dataclass(frozen=True)
class Bill:
    """All lines of a month, and their sums."""

    lines: tuple[CostLine, ...]
    dollars: float
    dollars_free_tier: float
    per_million_events: float | None


@dataclass(frozen=True)
class Ceiling:
    """What a month at the rate limit costs: with ordinary requests, and with the largest that are let through."""

    requests_per_minute: int
    dollars: float
    dollars_largest_requests: float


@dataclass(frozen=True)
class Actual:
    """What was used in the last `seconds`, as if a month went on like that; see cost_actual.py."""

    seconds: int
    bill: Bill


@dataclass(frozen=True)
class Estimate:
    """The answer of `cost`. `idle` is a month without any traffic, `per_million_views` what a million views add."""

    environment: str
    region: str
    prices_as_of: str
    free_tier: bool
    traffic: Traffic
    events: float
    requests: float
    bill: Bill
    idle: float
    idle_free_tier: float
    per_million_views: float
    ceiling: Ceiling
    actual: Actual | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """An estimate in three figures, of list prices before free allowances; printed before a first deploy."""

    region: str
    prices_as_of: str
    idle: float
    per_million_views: float
    ceiling: Ceiling


def bill(
    units: Mapping[str, float | None], table: PriceTable, events: float, unvisited: Mapping[str, float]
) -> Bill:
    """Return the bill of these units a month; what is taken `unvisited`, without any events, is not theirs.

    A price of no units has no line. Unknown units (None) add nothing to the sums.
    """
    lines = tuple(
        _line(price, units.get(name, 0.0), events, unvisited.get(name, 0.0))
        for name, price in table.prices.items()
        if units.get(name, 0.0) != 0.0
    )
    variable = [line.per_million_events for line in lines if line.per_million_events is not None]
    return Bill(
        lines,
        sum(line.dollars or 0.0 for line in lines),
        sum(line.dollars_free_tier or 0.0 for line in lines),
        sum(variable) if events else None,
    )


def estimate(
    environment: str, traffic: Traffic, stack: StackShape, table: PriceTable, *, free_tier: bool
) -> Estimate:
    """Return what the traffic costs in a month in such a stack."""
    idle = bill(monthly(replace(traffic, views=0.0, dashboards=0.0), stack), table, 0.0, {})
    unvisited = monthly(replace(traffic, views=0.0), stack)
    return Estimate(
        environment=environment,
        region=table.region,
        prices_as_of=table.as_of,
        free_tier=free_tier,
        traffic=traffic,
        events=traffic.events,
        requests=traffic.requests,
        bill=bill(monthly(traffic, stack), table, traffic.events, unvisited),
        idle=idle.dollars,
        idle_free_tier=idle.dollars_free_tier,
        per_million_views=_views_alone(traffic, stack, table),
        ceiling=ceiling(traffic, stack, table),
        notes=_notes(traffic, stack),
    )


def with_actual(found: Estimate, used: Used, stack: StackShape, table: PriceTable) -> Estimate:
    """Return the estimate with what was used beside a model of that traffic; the ceiling stays as it was."""
    traffic = modelled_traffic(used, found.traffic) or replace(found.traffic, views=0.0, dashboards=0.0)
    modelled = monthly(traffic, stack)
    priced = bill(monthly_units(used, stack, modelled), table, 0.0, {})
    notes = list(_notes(traffic, stack))
    if used.seconds < SHORT_SECONDS:
        notes.append(f"{_span(used.seconds)} stand for a month: one quiet or busy hour changes everything.")
    unknown = [f"{line.service} {line.what}" for line in priced.lines if line.dollars is None]
    if unknown:
        notes.append(f"No figures, and in no sum: {', '.join(unknown)}.")
    return replace(
        found,
        traffic=traffic,
        events=traffic.events,
        requests=traffic.requests,
        bill=bill(modelled, table, traffic.events, monthly(replace(traffic, views=0.0), stack)),
        actual=Actual(used.seconds, priced),
        notes=tuple(notes),
    )


def summary(traffic: Traffic, stack: StackShape, table: PriceTable) -> Summary:
    """Return the estimate of an environment of which nothing is known but its settings."""
    found = estimate("", traffic, stack, table, free_tier=False)
    return Summary(table.region, table.as_of, found.idle, found.per_million_views, found.ceiling)


def ceiling(traffic: Traffic, stack: StackShape, table: PriceTable) -> Ceiling:
    """Return what a month costs in which the API lets through as much as its throttles allow."""
    ordinary, largest = (
        _dollars_at_the_limit(one, stack, table) for one in (traffic, largest_requests(traffic))
    )
    return Ceiling(stack.requests_per_minute, ordinary, largest)


def _dollars_at_the_limit(traffic: Traffic, stack: StackShape, table: PriceTable) -> float:
    # Preflights and wrong methods have the rest of the limit: API Gateway answers these itself, and charges for them.
    all_requests = stack.requests_per_minute * MINUTES_A_MONTH
    units = {**monthly(at_the_limit(traffic, stack), stack), "api_requests": all_requests}
    return bill(units, table, 0.0, {}).dollars


def _views_alone(traffic: Traffic, stack: StackShape, table: PriceTable) -> float:
    """Dollars that a million views add, at a million a month and without dashboards."""
    million, nothing = (
        monthly(replace(traffic, views=views, dashboards=0.0), stack) for views in (float(MILLION), 0.0)
    )
    return bill(million, table, 0.0, {}).dollars - bill(nothing, table, 0.0, {}).dollars


def _line(price: Price, units: float | None, events: float, unvisited: float) -> CostLine:
    dollars = None if units is None else price.dollars(units)
    return CostLine(
        name=price.name,
        service=price.service,
        what=price.what,
        units=units,
        unit=price.unit,
        usd=price.usd[0],
        per=price.per,
        usd_source=price.source,
        usd_read=price.read,
        dollars=dollars,
        dollars_free_tier=None if units is None else price.dollars(units, free_tier=True),
        per_million_events=(
            (dollars - price.dollars(unvisited)) / events * MILLION
            if dollars is not None and events
            else None
        ),
    )


def _span(seconds: int) -> str:
    return f"{seconds / 3600:.0f} hours" if seconds >= 2 * 3600 else f"{seconds // 60} minutes"


def _notes(traffic: Traffic, stack: StackShape) -> tuple[str, ...]:
    notes = []
    limited = at_the_limit(traffic, stack)
    if traffic.requests > limited.requests:
        notes.append(
            f"{traffic.requests:,.0f} requests are more than the {limited.requests:,.0f} a month that "
            f"requests_per_minute = {stack.requests_per_minute} lets through: raise it, or they are refused."
        )
    if are_dashboards_refused(traffic, stack):
        notes.append(
            f"{traffic.dashboards:g} dashboards ask for more than requests_per_minute = {stack.requests_per_minute} "
            f"lets through, which is {most_dashboards(stack):g} at a time; the rest of their looks is refused."
        )
    return tuple(notes)
