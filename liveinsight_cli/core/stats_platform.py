"""The platform's figures, as CloudWatch tells them. No data is None, never zero."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FunctionFigures:
    """One Lambda function over the window; durations in milliseconds, `concurrency` at its highest."""

    name: str
    invocations: float | None
    errors: float | None
    throttles: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    concurrency: float | None


@dataclass(frozen=True)
class ApiFigures:
    """API Gateway over the window; latency as callers see it, in milliseconds."""

    requests: float | None
    errors_4xx: float | None
    errors_5xx: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True)
class TableFigures:
    """Capacity that a table consumed over the window and requests it refused, both without its indexes."""

    name: str
    read_units: float | None
    write_units: float | None
    throttles: float | None


@dataclass(frozen=True)
class Platform:
    """All of it; moments in epoch milliseconds.

    `fresh_to` is the end of the newest step that CloudWatch tells calls of, or now in a running one; None when it tells
    of none. `requests` are those of the API in each step of the window, oldest first. `iterator_age_ms` is how far the
    stream's reader was behind, and `dead_letters` how many messages the queue of failures held, both at worst.
    """

    window_seconds: int
    begin: int
    end: int
    asked_at: int
    fresh_to: int | None
    functions: tuple[FunctionFigures, ...]
    api: ApiFigures
    tables: tuple[TableFigures, ...]
    iterator_age_ms: float | None
    dead_letters: float | None
    step_seconds: int
    requests: tuple[float | None, ...]
