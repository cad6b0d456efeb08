"""What GET /api/stats costs: calls to DynamoDB and CPU, for little and for much traffic.

Run: python benchmarks/stats.py   (about two minutes, nearly all of it for making 1.44 million events)
From a question to the answer's JSON, parsing what DynamoDB sends included; the connection is measured elsewhere.
The best of many rounds counts: what others do on the machine only ever adds.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode

import benchmarks.support
from aggregator.store import AggregatorStore
from benchmarks.support.memory_tables import SETTINGS, MemoryTables
from benchmarks.support.traffic import START, Traffic
from shared import keys
from shared.block import Block
from shared.day import fold_day
from shared.dynamo import DynamoDB
from shared.fold import fold
from shared.keys import DAY_MS, HOUR_MS
from shared.rollups import Rollups
from stats_api.report import Query, report
from stats_api.store import StatsStore

ROUNDS = 25
SITE = "shop.example"


def filled(events_a_day: int) -> MemoryTables:
    """Two days of hour blocks, the first of them folded into each of thirty days."""
    tables = MemoryTables()
    for hour in range(24):
        block, at = Block(), START + hour * HOUR_MS
        for event in Traffic(events_a_day // 24, site=SITE).hour(hour):
            fold(block, at, event)
        for day in (0, 1):
            key = keys.hour_block(SITE, at + day * DAY_MS, "shardId-000")
            parts = {name: {"B": b64encode(data).decode()} for name, data in block.encoded().items()}
            item = {**key.attributes(), **parts, "last_sequence": {"S": "1"}}
            tables.items.setdefault(key.pk, {})[key.sk] = item
    rollups = Rollups(DynamoDB(tables), "state")
    folded = b64encode(fold_day(rollups.hour_blocks(SITE, keys.day_of(START))).encoded()).decode()
    for number in range(30):
        key = keys.day_block(SITE, keys.day_of(START - number * DAY_MS))
        item = {**key.attributes(), "data": {"B": folded}, "folded_marks": {"N": "0"}}
        tables.items.setdefault(key.pk, {})[key.sk] = item
    AggregatorStore(DynamoDB(tables), SETTINGS).register_site(SITE, keys.day_of(START - 40 * DAY_MS))
    tables.items[keys.SITES][SITE]["first_day"] = {"S": keys.day_of(START - 40 * DAY_MS)}
    tables.remember()
    return tables


def main() -> None:
    """Print one line for each question and traffic."""
    print(f"{'events a day':>12}  {'range':>5}  {'calls':>5}  {'CPU ms':>7}  {'at 256 MB':>9}  visitors")
    now = START + DAY_MS + 11 * HOUR_MS + 1000
    for events_a_day in (10_000, 1_440_000):
        tables = filled(events_a_day)
        for name in ("24h", "7d", "30d"):
            query = Query.of({"site": SITE, "range": name}, SETTINGS, now)
            best = float("inf")
            for _ in range(ROUNDS):
                tables.calls.clear()
                store = StatsStore(DynamoDB(tables), SETTINGS)
                started = time.process_time()
                answer = report(store, query, SETTINGS, now)
                json.dumps(answer)
                best = min(best, (time.process_time() - started) * 1000)
            small = best / benchmarks.support.VCPU_256_MB
            calls, visitors = sum(tables.calls.values()), answer["totals"]["visitors"]
            print(f"{events_a_day:>12,}  {name:>5}  {calls:>5}  {best:>7.1f}  {small:>9.0f}  {visitors:,}")


if __name__ == "__main__":
    main()
