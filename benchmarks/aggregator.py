"""What folding costs: CPU of the aggregator for each event, and how large an hour's block gets.

Run: python benchmarks/aggregator.py [events an hour]   (default 60000: 1000 requests a minute of one event each)
The tables are in memory: the figures are the function's own work, from stream records to requests. The best of nine
rounds counts: what others do on the machine only ever adds.
"""

from __future__ import annotations

import sys
import time

import benchmarks.support  # noqa: F401 - puts the functions on the path
from aggregator.batch import Folder
from aggregator.store import AggregatorStore
from benchmarks.support.memory_tables import SETTINGS, MemoryTables
from benchmarks.support.traffic import START, Traffic, records
from shared.dynamo import DynamoDB

BATCHES = (25, 100, 500)
ROUNDS = 9


def folder(tables: MemoryTables) -> Folder:
    """A container's folder over tables in memory."""
    return Folder(AggregatorStore(DynamoDB(tables), SETTINGS))


def main() -> None:
    """Fill a block to its last batches, and time those."""
    events = Traffic(int(sys.argv[1]) if len(sys.argv) > 1 else 60_000).hour(0)
    delivered = records(events)
    now = START + 3_600_000
    tables = MemoryTables()
    for first in range(0, len(delivered), 2500):
        folder(tables).fold_batch("shard", delivered[first : first + 2500], now)
    print(f"{len(events)} events in an hour")
    print(f"{'batch':>6}  {'us an event':>12}  {'events/s/core':>14}")
    for size in BATCHES:
        best = min(_micros(tables, size, now, number) for number in range(ROUNDS))
        print(f"{size:>6}  {best:>12.1f}  {1e6 / best:>14,.0f}")
    [block] = [item for rows in tables.items.values() for item in rows.values() if "last_sequence" in item]
    sizes = {name: len(value["B"]) * 3 // 4 for name, value in block.items() if "B" in value}
    print(f"block of the hour: {sum(sizes.values()) / 1024:.1f} KB {sizes}")


def _micros(tables: MemoryTables, size: int, now: int, number: int) -> float:
    """CPU time per event of a few more batches on top of a full block."""
    more = records(
        Traffic(3000, seed=100 + number).hour(0)[: size * 4], first_sequence=10**7 * (number + 1) * size
    )
    one = folder(tables)
    started = time.process_time()
    for first in range(0, len(more), size):
        one.fold_batch("shard", more[first : first + size], now)
    return (time.process_time() - started) * 1e6 / len(more)


if __name__ == "__main__":
    main()
