"""What traffic costs: counted operations times list prices."""

from collections.abc import Mapping
from dataclasses import dataclass

from liveinsight_cli.core.prices import Prices

MILLION = 1_000_000
GB = 1024**3
STORED_DAYS = 2.0  # 24 hours, and about a day more until DynamoDB has deleted what expired


@dataclass(frozen=True)
class Usage:
    """What some events took: counts of operations, and bytes."""

    events: int
    api_requests: int
    invocations: int
    gb_seconds: float
    write_units: float
    read_units: float
    event_bytes: int
    log_bytes: int


def dollars_per_million_events(usage: Usage, prices: Prices) -> Mapping[str, float]:
    """Return dollars by service for a million events of the same kind."""
    per_million = MILLION / usage.events
    stored_gb_months = usage.event_bytes * per_million / GB * STORED_DAYS / 30
    return {
        "API Gateway": usage.api_requests * per_million * prices.api_requests_per_million / MILLION,
        "Lambda": per_million
        * (
            usage.invocations * prices.invocations_per_million / MILLION + usage.gb_seconds * prices.gb_second
        ),
        "DynamoDB": per_million
        * (
            usage.write_units * prices.write_units_per_million
            + usage.read_units * prices.read_units_per_million
        )
        / MILLION
        + stored_gb_months * prices.stored_gb_month,
        "CloudWatch Logs": usage.log_bytes * per_million / GB * prices.log_gb,
    }
