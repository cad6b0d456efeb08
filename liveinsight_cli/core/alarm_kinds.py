"""The kinds of alarms that terraform/monitoring.tf makes: where the runbook speaks of each, and what shows more."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`section` is the anchor in docs/operations.md, `command` what to run first; `{function}` is put in."""

    section: str
    command: str


# Alarms with a name of their own, then those that end so, of each function and of each table.
NAMED: Mapping[str, Kind] = {
    "api-4xx-rate": Kind("api-4xx-rate", "logs query refused-requests"),
    "api-5xx-rate": Kind("api-5xx-rate-api-5xx-goal", "logs query errors"),
    "api-5xx-goal": Kind("api-5xx-rate-api-5xx-goal", "logs query errors"),
    "storage-throttles": Kind("storage-throttles", "tail --since 1h --no-follow --grep StorageThrottles"),
    "freshness": Kind("freshness", "logs query errors -f aggregator"),
    "aggregator-iterator-age": Kind("aggregator-iterator-age", "logs query errors -f aggregator"),
    "aggregator-failures": Kind("aggregator-failures", "logs query top-errors -f aggregator"),
    "charges": Kind("charges", "cost --actual"),
}
OF_TABLES: Mapping[str, Kind] = {
    "-read-throttles": Kind("table-read-throttles-table-write-throttles", "stats"),
    "-write-throttles": Kind("table-read-throttles-table-write-throttles", "stats"),
}
OF_FUNCTIONS: Mapping[str, Kind] = {
    "-errors": Kind("function-errors", "logs query top-errors -f {function}"),
    "-throttles": Kind("function-throttles", "stats"),
    "-slow": Kind("function-slow", "logs query slowest -f {function}"),
}


def kind_of(alarm: str) -> tuple[Kind | None, str]:
    """Return the kind of an alarm by its short name, and the function or table that it is of."""
    if alarm in NAMED:
        return NAMED[alarm], ""
    for endings in (OF_TABLES, OF_FUNCTIONS):
        for ending, kind in endings.items():
            if alarm.endswith(ending):
                return kind, alarm.removesuffix(ending)
    return None, ""
