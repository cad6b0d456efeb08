"""Write units of an hour of visits: as the model of `liveinsight cost` has them, beside those that were counted.

Run: python benchmarks/write_units.py   (about eight minutes, most of it for the last case)
Counted by the embedded DynamoDB from the requests that the functions make, as AWS counts, with one shard. The last
column is where BLOCK_UNITS of liveinsight_cli/core/usage.py come from.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

import benchmarks.support  # noqa: F401 - puts the functions on the path
from liveinsight_cli.core.usage import block_units, write_units
from tests.lambdas.metered import Visits, counted

CASES = (
    Visits(count=40, events=3, per_request=1, requests_a_minute=2),
    Visits(count=240, events=3, per_request=1, requests_a_minute=12),
    Visits(count=600, events=3, per_request=1, requests_a_minute=30),
    Visits(count=600, events=6, per_request=3, requests_a_minute=20),
    Visits(count=600, events=6, per_request=1, requests_a_minute=60),
    Visits(count=1200, events=3, per_request=1, requests_a_minute=60),
    Visits(count=2000, events=3, per_request=1, requests_a_minute=100),
    Visits(count=5000, events=3, per_request=1, requests_a_minute=250),
    Visits(count=20_000, events=3, per_request=1, requests_a_minute=1000),
)


def main() -> None:
    """Print one line for each case: write units of an event, and of one write of a block."""
    print(f"{'':24}  {'of an event':>14}  {'size':>6}  {'of a block':>14}")
    print(
        f"{'visits':>7}  {'events':>6}  {'at once':>7}  {'counted':>7}{'model':>7}  {'':>6}  {'counted':>7}{'model':>7}"
    )
    for case in CASES:
        with tempfile.TemporaryDirectory() as directory:
            found = counted(Path(directory) / "data", case)
        per_event = sum(found.written.values()) / found.events
        model = write_units(case.traffic, case.hours, shards=1).total / found.events
        # What is not the visitors' rows is blocks, but for two writes: the site's registration and the day's salt.
        rows = case.traffic.requests + case.traffic.visits
        block = (found.written["state"] - rows - 2) / found.batches
        modelled = block_units(case.traffic, case.hours, shards=1)
        size = math.sqrt(case.traffic.visits * case.traffic.events)
        print(
            f"{case.count:>7,}  {case.events:>6}  {case.per_request:>7}  {per_event:>7.2f}{model:>7.2f}  "
            f"{size:>6.0f}  {block:>7.2f}{modelled:>7.2f}"
        )


if __name__ == "__main__":
    main()
