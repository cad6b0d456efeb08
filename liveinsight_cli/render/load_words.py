"""The figures of a load in words and rows, the same for the terminal and for files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from liveinsight_cli.core.load.figures import Latency
from liveinsight_cli.core.load.report import LoadReport
from liveinsight_cli.core.load.server import Arrival, ServerSide

DASH = "-"
FUNCTIONS = {"events": "event-collector", "realtime": "realtime-api", "stats": "stats-api"}


@dataclass(frozen=True)
class LatencyRow:
    """One place where latencies were measured, in ms."""

    place: str
    cells: tuple[float | None, ...]


@dataclass(frozen=True)
class FunctionRow:
    """One function in the minutes of a load."""

    name: str
    cells: tuple[str, ...]


LATENCY_COLUMNS = ("p50", "p90", "p95", "p99", "p99.9", "max")
FUNCTION_COLUMNS = ("calls", "errors", "throttled", "cold starts", "at once")


def milliseconds(value: float | None) -> str:
    """Return ms with three digits that mean something, a dash for none."""
    if value is None:
        return DASH
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def number(value: float | None) -> str:
    """Return a count, a dash for none."""
    return DASH if value is None else f"{value:,.0f}"


def share(value: float | None) -> str:
    """Return a share in per cent, a dash for none; what is not zero does not look like it."""
    if value is None:
        return DASH
    return f"{value * 100:.3g} %"


def head(report: LoadReport) -> str:
    """Return what was sent where, in a line."""
    plan = report.plan
    many = f" from {plan.processes} processes" if plan.processes > 1 else ""
    early = "" if report.is_whole else ", ended early"
    return (
        f"{plan.rps:,.4g} requests/s ({plan.arrivals}) to {plan.endpoint} for {report.figures.seconds:,.0f} s "
        f"after {plan.warm_up_seconds:g} s of warm-up{many}{early}"
    )


def counts(report: LoadReport) -> list[tuple[str, str]]:
    """Return what became of the requests, by name."""
    figures = report.figures
    outcomes = ", ".join(f"{count:,} x {name}" for name, count in figures.outcomes.items())
    return [
        (
            "requests",
            f"{figures.requests:,} due ({figures.offered_rps:,.1f} a second), "
            f"{figures.ok:,} answered ({figures.answered_rps:,.1f} a second in time)",
        ),
        (
            "failures",
            f"{figures.errors:,} ({share(figures.error_rate)}); "
            f"apart from these throttled: {figures.throttled:,} ({share(figures.throttled_rate)})",
        ),
        ("outcomes", outcomes or DASH),
        ("generator", _generator(report)),
    ]


def _generator(report: LoadReport) -> str:
    figures = report.figures
    late = (
        f"behind by {milliseconds(figures.late.p99)} ms at p99, {milliseconds(figures.late.max)} ms at most"
    )
    opened = f"{figures.new_connections:,} connections opened"
    again = f", {figures.sent_again:,} sent again on another" if figures.sent_again else ""
    return f"{late}; {opened}{again}"


def latency_rows(report: LoadReport) -> Iterator[LatencyRow]:
    """Yield latencies from the outside to the inside; each place has what those behind it take."""
    figures = report.figures
    yield LatencyRow("since it was due", _cells(figures.latency))
    if len(figures.routes) > 1:
        for route in figures.routes:
            yield LatencyRow(f"  {route.route}", _cells(route.latency))
    yield LatencyRow("since it was sent", _cells(figures.service))
    if report.server is None or report.steps:
        return  # the minutes of a search are those of all its steps
    platform = report.server.platform
    yield LatencyRow(
        "API Gateway", (platform.api.p50_ms, None, platform.api.p95_ms, platform.api.p99_ms, None, None)
    )
    asked = {FUNCTIONS[one.route] for one in figures.routes}
    for one in platform.functions:
        if one.name in asked:
            yield LatencyRow(one.name, (one.p50_ms, None, one.p95_ms, one.p99_ms, None, None))


def function_rows(server: ServerSide) -> Iterator[FunctionRow]:
    """Yield the functions; the share of cold starts is of the calls."""
    more = {one.name: one for one in server.functions}
    for one in server.platform.functions:
        extra = more[one.name]
        cold = number(extra.cold_starts)
        if extra.cold_starts and one.invocations:
            cold += f" ({extra.cold_starts / one.invocations:.1%})"
        cells = (
            number(one.invocations),
            number(one.errors),
            number(one.throttles),
            cold,
            number(one.concurrency),
        )
        yield FunctionRow(one.name, cells)


def server_lines(server: ServerSide) -> list[tuple[str, str]]:
    """Return what else the servers say, by name."""
    platform = server.platform
    minutes = platform.window_seconds // 60
    api = platform.api
    tables = ", ".join(
        f"{one.name} {number(one.write_units)} / {number(one.read_units)}" for one in platform.tables
    )
    refused = [one.throttles for one in platform.tables if one.throttles is not None]
    throttled = number(sum(refused)) if refused else DASH
    waited = f", after {server.waited_seconds:.0f} s" if server.waited_seconds >= 1 else ""
    return [
        ("window", f"{minutes} whole minute{'s' if minutes != 1 else ''} of all callers{waited}"),
        (
            "API Gateway",
            f"{number(api.requests)} requests, {number(api.errors_4xx)} 4xx, {number(api.errors_5xx)} 5xx",
        ),
        ("write / read", f"{tables} units"),
        (
            "storage",
            f"{throttled} throttled by the tables, {number(server.storage_throttles)} met by functions",
        ),
    ]


def arrival_line(arrival: Arrival) -> str:
    """Return whether what was accepted is there."""
    if arrival.counted is None:
        return f"{arrival.accepted:,} accepted"
    said = f"{arrival.accepted:,} accepted, {arrival.counted:,} counted {arrival.waited_seconds:.0f} s later"
    if arrival.lost:
        return f"{said}: {arrival.lost:,} MISSING"
    more = arrival.counted - arrival.accepted
    if not more:
        return f"{said}: none lost"
    unknown = f" ({arrival.of_unknown_fate:,} had no answer)" if arrival.of_unknown_fate else ""
    return f"{said}: none lost, {more:,} more{unknown}"


def step_rows(report: LoadReport) -> Iterator[Sequence[str]]:
    """Yield the steps of a search, in the order in which they were tried."""
    for one in report.steps:
        figures = one.figures
        yield (
            f"{one.rps:,.4g}",
            f"{figures.answered_rps:,.1f}",
            milliseconds(figures.latency.p50),
            milliseconds(figures.latency.p95),
            milliseconds(figures.latency.p99),
            share(figures.error_rate),
            share(figures.throttled_rate),
            one.outcome,
        )


STEP_COLUMNS = ("requests/s", "answered/s", "p50 ms", "p95 ms", "p99 ms", "failed", "throttled", "")


def left_behind(site: str) -> str:
    """Return what a load leaves, and for how long."""
    return (
        f"The events of {site} are gone after 24 hours, the visitors after 48, its hourly figures after 40 days; "
        "no figure holds them that does not name the site. At once: liveinsight load --purge"
    )


def _cells(latency: Latency) -> tuple[float | None, ...]:
    return (latency.p50, latency.p90, latency.p95, latency.p99, latency.p999, latency.max)
