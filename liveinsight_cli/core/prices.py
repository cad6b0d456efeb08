"""List prices in US dollars, without free tiers, as read on the days named: the one place to bring up to date.

Sources: aws.amazon.com/api-gateway/pricing (2026-09-20), the AWS Price List (2026-10-01) for Lambda, logs and API
Gateway, aws.amazon.com/dynamodb/pricing/on-demand (us-east-1 after its halving of November 2024; Seoul 2026-06-12).
"""

from collections.abc import Mapping
from dataclasses import dataclass

AS_OF = "2026-10-01"


@dataclass(frozen=True)
class Prices:
    """What one region charges."""

    api_requests_per_million: float  # REST API, up to 333 million a month
    invocations_per_million: float
    gb_second: float  # arm64, as terraform/modules/function has it
    write_units_per_million: float  # on demand
    read_units_per_million: float
    stored_gb_month: float
    log_gb: float  # ingestion, standard class


PRICES: Mapping[str, Prices] = {
    "us-east-1": Prices(3.50, 0.20, 0.0000133334, 0.625, 0.125, 0.25, 0.50),
    "ap-northeast-2": Prices(3.50, 0.20, 0.0000133334, 0.68, 0.1355, 0.27, 0.76),
}
