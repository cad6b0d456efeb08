"""What GET /api/realtime reads: read units of one answer, for few and many live sessions and many events in each.

Run: python benchmarks/realtime.py   (about a minute, for sending 16,000 requests)
Counted by the embedded DynamoDB from the items that each Query reads, as AWS counts.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import benchmarks.support  # noqa: F401 - puts the functions on the path
from tests.lambdas.metered import realtime_read_units

CASES = ((500, 1), (500, 50), (6000, 1))


def main() -> None:
    """Print one line for each case."""
    print(f"{'live sessions':>13}  {'events in each':>14}  read units")
    for sessions, events in CASES:
        with tempfile.TemporaryDirectory() as directory:
            units = realtime_read_units(Path(directory) / "data", sessions, events)
        print(f"{sessions:>13,}  {events:>14}  {units:.1f}")


if __name__ == "__main__":
    main()
