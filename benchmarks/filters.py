"""What a filtered answer of GET /api/stats costs: calls to DynamoDB, CPU and read units, by events looked at.

Run: python benchmarks/filters.py   (half a minute)
From a question to the answer's JSON, parsing what DynamoDB sends included. The best of some rounds counts.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

import benchmarks.support
from benchmarks.support.memory_tables import SETTINGS, MemoryTables
from benchmarks.support.traffic import START, Traffic
from shared.block import Block
from shared.dynamo import DynamoDB
from shared.event import to_item
from shared.fold import fold
from shared.keys import DAY_MS, HOUR_MS, hour_block
from shared.raw_events import READ
from stats_api.events import MOST_EVENTS
from stats_api.report import Query, report
from stats_api.store import StatsStore

ROUNDS = 5
PAGE_BYTES = 1_000_000
SITE = "shop.example"
QUESTIONS: tuple[dict[str, str], ...] = (
    {"range": "30m"},
    {"range": "24h", "country": "KR"},
    {"range": "24h", "page": "/section-1/page-1"},
)


class MemoryEvents(MemoryTables):
    """Answers Queries of the index of events too, newest first, in pages of one megabyte; counts read units."""

    def __init__(self) -> None:
        super().__init__()
        self.by_type: dict[str, list[tuple[int, str]]] = {}
        self.read_units = 0.0

    def put(self, item: dict[str, Any], projected: list[str]) -> None:
        """Keep an event as the index would."""
        text = json.dumps({name: item[name] for name in projected if name in item})
        self.by_type.setdefault(item["event_type"]["S"], []).append((-int(item["timestamp"]["N"]), text))

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Answer as DynamoDB would, without any of its rules."""
        if request.get("TableName") != SETTINGS.events_table:
            return super().send(operation, request)
        self.calls[operation] += 1
        found: dict[str, Any] = json.loads(self._page(request))
        return found

    def _page(self, request: Mapping[str, Any]) -> str:
        values = request["ExpressionAttributeValues"]
        if ":type" not in values:
            return '{"Items": [], "ScannedCount": 0}'
        rows = self.by_type.get(values[":type"]["S"], [])
        start = request.get("ExclusiveStartKey")
        first = bisect_left(rows, (1 - int(start["timestamp"]["N"]), "")) if start else 0
        end = bisect_left(rows, (1 - int(values[":since"]["N"]), ""))
        last, size = first, 0
        while last < min(end, first + request["Limit"]) and size < PAGE_BYTES:
            size += len(rows[last][1])
            last += 1
        self.read_units += -(-size // 4096) / 2
        more = (
            "" if last >= end else f', "LastEvaluatedKey": {{"timestamp": {{"N": "{-rows[last - 1][0]}"}}}}'
        )
        items = ",".join(text for _, text in rows[first:last])
        return f'{{"Items": [{items}], "ScannedCount": {last - first}{more}}}'


def filled(events_a_day: int) -> MemoryEvents:
    """A day of events and of their hour blocks."""
    tables = MemoryEvents()
    for hour in range(24):
        block, at = Block(), START + hour * HOUR_MS
        for event in Traffic(events_a_day // 24, site=SITE).hour(hour):
            fold(block, at, event)
            tables.put(to_item(event, 0), list(READ))
        key = hour_block(SITE, at, "shardId-000")
        parts = {name: {"B": b64encode(data).decode()} for name, data in block.encoded().items()}
        tables.items.setdefault(key.pk, {})[key.sk] = {**key.attributes(), **parts}
    for rows in tables.by_type.values():
        rows.sort()
    return tables


def main() -> None:
    """Print one line for each question and traffic."""
    print(
        f"{'events a day':>12}  {'question':<42}  {'read':>6}  {'calls':>5}  {'CPU ms':>7}  {'at 256 MB':>9}"
        f"  {'per 1000':>8}  {'units':>6}"
    )
    now = START + DAY_MS - 30_000
    for events_a_day in (2_400, MOST_EVENTS, 240_000):
        tables = filled(events_a_day)
        for question in QUESTIONS:
            query = Query.of({"site": SITE, **question}, SETTINGS, now)
            best = float("inf")
            for _ in range(ROUNDS):
                tables.calls.clear()
                tables.read_units = 0
                store = StatsStore(DynamoDB(tables), SETTINGS)
                started = time.process_time()
                answer = report(store, query, SETTINGS, now)
                json.dumps(answer)
                best = min(best, (time.process_time() - started) * 1000)
            read = answer["meta"]["events_read"]
            print(
                f"{events_a_day:>12,}  {' '.join(question.values()):<42}  {read:>6,}  {sum(tables.calls.values()):>5}"
                f"  {best:>7.1f}  {best / benchmarks.support.VCPU_256_MB:>9.0f}  {best * 1000 / max(read, 1):>8.1f}"
                f"  {tables.read_units:>6.0f}"
            )


if __name__ == "__main__":
    main()
