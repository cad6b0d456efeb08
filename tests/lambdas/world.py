"""The three tables with everything that touches them: collector, stream, aggregator and reads.

The tables are those that Terraform defines, in the embedded AWS's data plane; time is the test's own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, cast
from zlib import crc32

from aggregator.batch import BatchResult, Folder
from aggregator.store import AggregatorStore
from aggregator.upkeep import fold_days, sweep
from aggregator.visits import log_visits
from event_collector.ingest import Collector, CollectResult
from liveinsight_cli.local.dynamodb import DataPlane, DynamoDBError
from liveinsight_cli.local.dynamodb.schema import (
    IndexSchema,
    KeyAttribute,
    Projection,
    ScalarType,
    StreamSchema,
    TableSchema,
    ViewType,
)
from realtime_api import report as realtime_report
from realtime_api.store import RealtimeStore
from shared.connection import Refusal
from shared.dynamo import DynamoDB
from shared.settings import Settings
from stats_api import report as stats_report
from stats_api.store import StatsStore
from tests.strict import schemas as strict
from tests.strict.checker import Checker

EVENTS, SESSIONS, STATE = "liveinsight-events-test", "liveinsight-sessions-test", "liveinsight-state-test"
ENVIRONMENT = {
    "EVENTS_TABLE": EVENTS,
    "SESSIONS_TABLE": SESSIONS,
    "STATE_TABLE": STATE,
    "ENVIRONMENT": "test",
    "PUBLIC_DASHBOARD": "true",
}
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
_STREAM_LABEL = "2026-11-23T00:00:00.000"
_STREAM_ARN = f"arn:aws:dynamodb:ap-northeast-2:123456789012:table/{EVENTS}/stream/{_STREAM_LABEL}"


class Tables:
    """The schemas of the three tables, from Terraform's definitions."""

    def __init__(self) -> None:
        self._tables = {name: _schema(table) for name, table in strict.tables().items()}

    def table(self, name: str) -> TableSchema | None:
        return self._tables.get(name)

    def names(self) -> Iterable[str]:
        return self._tables

    def drop(self, name: str) -> None:
        del self._tables[name]


def _schema(table: strict.Table) -> TableSchema:
    def keys(names: tuple[str, ...]) -> tuple[KeyAttribute, KeyAttribute | None]:
        partition, *sort = (KeyAttribute(name, cast(ScalarType, table.types[name])) for name in names)
        return partition, sort[0] if sort else None

    indexes = tuple(
        IndexSchema(index.name, *keys(index.keys), cast(Projection, index.projection), index.included)
        for index in table.indexes.values()
    )
    stream = StreamSchema(_STREAM_ARN, _STREAM_LABEL, cast(ViewType, table.stream)) if table.stream else None
    return TableSchema(table.name, *keys(table.keys), indexes, table.ttl, stream)


class FakeTransport:
    """Calls go straight to the data plane, each past the strict checker first. `before_call` may raise, or count.

    `carry` may be put in the data plane's place.
    """

    def __init__(self, plane: DataPlane) -> None:
        self.plane = plane
        self.carry: Callable[[str, dict[str, Any]], dict[str, Any]] = self._to_plane
        self.checker = Checker(strict.tables())
        self.calls: list[str] = []
        self.before_call: Callable[[str, dict[str, Any]], None] = lambda operation, request: None

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        sent: dict[str, Any] = json.loads(json.dumps(request))  # as it is on the wire
        self.checker.check(operation, sent)
        self.calls.append(operation)
        self.before_call(operation, sent)
        return self.carry(operation, sent)

    def _to_plane(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.plane.handle(operation, request)
        except DynamoDBError as error:
            raise Refusal(error.status, error.code, error.extra) from error


class World:
    """The data plane of LiveInsight in one process."""

    def __init__(self, path: Path | str = ":memory:", **environment: str) -> None:
        self.now = 0
        self.tables = Tables()
        self.plane = DataPlane(Path(path), self.tables, clock=self.seconds)
        self.client = FakeTransport(self.plane)
        self.settings = Settings.from_environment({**ENVIRONMENT, **environment})
        self.collector = self.new_collector()
        self.store = self.new_store()
        self.folder = Folder(self.store)
        self.read_up_to = 0
        self.delivered: list[tuple[str, list[dict[str, Any]]]] = []

    def seconds(self) -> float:
        return self.now / 1000

    def new_collector(self) -> Collector:
        """Another container: it shares the tables and nothing else."""
        return Collector(self.client, self.settings, clock=self.seconds, sleep=lambda seconds: None)

    def new_store(self) -> AggregatorStore:
        """Another container's: it remembers nothing."""
        return AggregatorStore(DynamoDB(self.client), self.settings)

    def send(
        self, document: Any, ip: str = "203.0.113.1", user_agent: str = CHROME, **more: Any
    ) -> CollectResult:
        """Send a request at the present time."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        collector = more.pop("collector", self.collector)
        return collector.collect(body, source_ip=ip, user_agent=user_agent, received_at_ms=self.now, **more)

    def items(self, table: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        page: dict[str, Any] = {}
        while not page or "LastEvaluatedKey" in page:
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if page else {}
            page = self.client.carry("Scan", {"TableName": table, **start})
            found += page["Items"]
        return found

    def new_records(self) -> list[dict[str, Any]]:
        """Stream records that have not been read yet."""
        records = self.plane.read_stream(EVENTS, self.read_up_to, 10_000)
        if records:
            self.read_up_to = int(records[-1]["dynamodb"]["SequenceNumber"])
        return records

    def pump(self, shards: int = 1, batch: int = 1000) -> None:
        """Fold everything that is new, as the event source mapping would."""
        by_shard: dict[str, list[dict[str, Any]]] = {}
        for record in self.new_records():
            session_id = record["dynamodb"]["Keys"]["session_id"]["S"]
            by_shard.setdefault(f"shardId-{crc32(session_id.encode()) % shards}", []).append(record)
        for shard, records in by_shard.items():
            for first in range(0, len(records), batch):
                self.deliver(shard, records[first : first + batch])

    def deliver(self, shard: str, records: list[dict[str, Any]]) -> BatchResult:
        self.delivered.append((shard, records))
        return self.folder.fold_batch(shard, records, self.now)

    def redeliver(self) -> None:
        """Deliver all batches once more, to a container that knows nothing."""
        self.folder = Folder(self.store)
        for shard, records in list(self.delivered):
            self.folder.fold_batch(shard, records, self.now)

    def fold_days(self) -> dict[str, int]:
        return fold_days(self.store, self.now)

    def sweep(self) -> dict[str, int]:
        return sweep(self.store, self.now)

    def log_visits(self) -> dict[str, int]:
        return log_visits(self.store, self.now)

    def stats(self, **parameters: str) -> dict[str, Any]:
        """What GET /api/stats answers, from a fresh container."""
        query = stats_report.Query.of(parameters, self.settings, self.now)
        store = StatsStore(DynamoDB(self.client), self.settings)
        return stats_report.report(store, query, self.settings, self.now)

    def realtime(self, **parameters: str) -> dict[str, Any]:
        """What GET /api/realtime answers, from a fresh container."""
        query = realtime_report.Query.of(parameters, self.settings)
        return realtime_report.report(
            RealtimeStore(DynamoDB(self.client), self.settings), query, self.settings, self.now
        )

    def drop(self, table: str) -> None:
        """Take a table away."""
        self.tables.drop(table)

    def close(self) -> None:
        self.plane.close()
