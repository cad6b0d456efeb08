"""The figures of a look by the names that thresholds use; None where there is no data."""

from collections.abc import Iterable

from liveinsight_cli.core.stats import Stats
from liveinsight_cli.core.stats_platform import FunctionFigures, Platform


def figures(stats: Stats) -> dict[str, float | None]:
    """Return every figure that a threshold can name."""
    found: dict[str, float | None] = {}
    if stats.platform is not None:
        found |= _of_the_platform(stats.platform)
    if stats.live is not None:
        found |= {
            "active_visitors": stats.live.active_visitors,
            "active_sessions": stats.live.active_sessions,
            "visitors_30m": stats.live.visitors_30m,
            "pageviews_30m": stats.live.pageviews_30m,
        }
        if stats.fresh_to is not None:
            found["event_age"] = max(0, stats.live.now - stats.fresh_to) / 1000
    if stats.period is not None:
        totals = stats.period.totals
        found |= {name: getattr(totals, name) for name in ("pageviews", "visitors", "sessions", "events")}
        found["bounce_rate"] = None if totals.bounce_rate is None else totals.bounce_rate * 100
    return found


def percentage(part: float | None, whole: float | None) -> float | None:
    """Return `part` of `whole` in percent; None without data, also when there was nothing to divide by."""
    return part / whole * 100 if part is not None and whole else None


def _of_the_platform(platform: Platform) -> dict[str, float | None]:
    functions, api = platform.functions, platform.api
    found: dict[str, float | None] = {
        "invocations": _sum(function.invocations for function in functions),
        "errors": _sum(function.errors for function in functions),
        "throttles": _sum(function.throttles for function in functions),
        "p50": api.p50_ms,
        "p95": api.p95_ms,
        "p99": api.p99_ms,
        "api_requests": api.requests,
        "api_4xx_rate": percentage(api.errors_4xx, api.requests),
        "api_5xx_rate": percentage(api.errors_5xx, api.requests),
        "iterator_age": platform.iterator_age_ms,
        "concurrency": max((f.concurrency for f in functions if f.concurrency is not None), default=None),
        "table_throttles": _sum(table.throttles for table in platform.tables),
        "dead_letters": platform.dead_letters,
    }
    found["error_rate"] = percentage(found["errors"], found["invocations"])
    for function in functions:
        found |= {f"{function.name}.{part}": value for part, value in _of_a_function(function).items()}
    return found


def _of_a_function(function: FunctionFigures) -> dict[str, float | None]:
    return {
        "error_rate": percentage(function.errors, function.invocations),
        "errors": function.errors,
        "throttles": function.throttles,
        "invocations": function.invocations,
        "p50": function.p50_ms,
        "p95": function.p95_ms,
        "p99": function.p99_ms,
        "concurrency": function.concurrency,
    }


def _sum(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
