"""Sends a demo: through the public API, or with times of the past through the deployed functions' own ingest code."""

import hashlib
import sys
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from liveinsight_cli.adapters.api import Api
from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.adapters.deployed import Deployed, Tables
from liveinsight_cli.assets import lambda_sources
from liveinsight_cli.core.demo import DemoSpec, Visitor

WORKERS = 8
KEPT_SECONDS = 26 * 3600  # as long as the row of a visitor of today


@dataclass(frozen=True)
class DemoConnection:
    """A connection to DynamoDB for writing the past: all calls go to the one behind it, but for two things.

    Salts are the demo's own: the real ones of past days are gone. And nothing expires before the run has ended,
    or a run that is continued would meet visitors that it has sent as if they were new.
    """

    behind: Any
    secret: str
    expires: int

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call of the collector's."""
        if operation == "GetItem" and request["Key"]["pk"]["S"] == "salts":
            return self._salt(request["Key"])
        if operation == "PutItem":
            request = {**request, "Item": self._lasting(request["Item"], "ttl")}
        elif operation == "UpdateItem":
            values = self._lasting(request.get("ExpressionAttributeValues", {}), ":ttl")
            request = {**request, "ExpressionAttributeValues": values}
        elif operation == "BatchWriteItem":
            request = {**request, "RequestItems": self._lasting_events(request["RequestItems"])}
        answer: dict[str, Any] = self.behind.send(operation, request)
        return answer

    def _salt(self, key: dict[str, Any]) -> dict[str, Any]:
        salt = hashlib.blake2b(key["sk"]["S"].encode(), key=self.secret.encode(), digest_size=32).digest()
        return {"Item": {**key, "salt": {"B": b64encode(salt).decode()}}}

    def _lasting_events(self, tables: dict[str, Any]) -> dict[str, Any]:
        return {
            table: [{"PutRequest": {"Item": self._lasting(one["PutRequest"]["Item"], "ttl")}} for one in puts]
            for table, puts in tables.items()
        }

    def _lasting(self, values: dict[str, Any], name: str) -> dict[str, Any]:
        if name not in values:
            return values
        return {**values, name: {"N": str(max(int(values[name]["N"]), self.expires))}}


@dataclass
class TableIngest:
    """Runs `lambdas/event_collector` in this process against the deployed tables."""

    aws: Aws
    tables: Tables
    environment: str
    spec: DemoSpec
    anchor_ms: int

    @cached_property
    def _connection(self) -> Any:
        _make_importable()
        from shared.connection import Connection
        from shared.signing import Credentials

        return Connection(
            self.aws.endpoint("dynamodb"), self.aws.region, lambda: Credentials(*self.aws.keys())
        )

    @cached_property
    def _collector(self) -> Any:
        _make_importable()
        from event_collector.ingest import Collector
        from shared.settings import Settings

        settings = Settings(
            events_table=self.tables.events,
            sessions_table=self.tables.sessions,
            state_table=self.tables.state,
            environment=self.environment,
        )
        expires = self.anchor_ms // 1000 + KEPT_SECONDS
        return Collector(DemoConnection(self._connection, self.spec.digest, expires), settings)

    def send(self, visitor: Visitor) -> None:
        """Send a visitor's requests in order; raises AwsError for what was not stored."""
        for index, request in enumerate(visitor.requests):
            for _ in range(2 if request.repeated else 1):
                result = self._collector.collect(
                    visitor.body(self.spec, index),
                    source_ip=visitor.source_ip,
                    user_agent=visitor.user_agent,
                    country=visitor.country,
                    received_at_ms=request.received_at,
                )
                if result.status != 202:
                    raise AwsError(str(result.status), str(result.body), "collect")

    def log_visits(self, event_types: Iterable[str], first_ms: int, end_ms: int) -> None:
        """Write the visit log of the hours that lie in between; the aggregator writes that of the last day only."""
        _make_importable()
        from shared.dynamo import DynamoDB
        from shared.past import log_past
        from shared.raw_events import events_between
        from shared.visit_log import VisitLog

        with closing(self):
            dynamodb = DynamoDB(self._connection)
            events = (
                event
                for name in event_types
                for event in events_between(dynamodb, self.tables.events, name, first_ms, end_ms)
            )
            log = VisitLog(dynamodb, self.tables.state)
            log_past(log, self.spec.site, events, first_ms, end_ms)

    def prepare(self) -> None:
        """Import once, before threads do."""
        _ = self._collector

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()


def _make_importable() -> None:
    sources = str(lambda_sources())
    if sources not in sys.path:
        sys.path.insert(0, sources)


@dataclass
class ApiIngest:
    """Sends each visitor's requests through the public URL; `bind` gives each an address of its own."""

    deployed: Deployed
    spec: DemoSpec
    bind: bool

    def prepare(self) -> None:
        """Nothing is shared."""

    def close(self) -> None:
        """Nothing is kept."""

    def send(self, visitor: Visitor) -> None:
        """Send a visitor's requests in order."""
        api = Api(self.deployed, source_ip=visitor.source_ip if self.bind else None)
        try:
            for index, request in enumerate(visitor.requests):
                for _ in range(2 if request.repeated else 1):
                    api.send(
                        visitor.body(self.spec, index),
                        visitor.user_agent,
                        {"CloudFront-Viewer-Country": visitor.country},
                    )
        finally:
            api.close()


def send_all(
    ingest: TableIngest | ApiIngest,
    visitors: Sequence[Visitor],
    sent: Callable[[int], None],
    pace: Callable[[int], None] | None = None,
) -> None:
    """Send visitors in parallel, chunk by chunk; `sent` is told how many are done, `pace` may wait before."""
    chunk = 4 if pace else WORKERS * 5
    ingest.prepare()
    with closing(ingest), ThreadPoolExecutor(WORKERS) as pool:
        for start in range(0, len(visitors), chunk):
            part = visitors[start : start + chunk]
            if pace:
                pace(sum(len(one.requests) for one in part))
            _finish(pool.map(ingest.send, part))
            sent(len(part))


def _finish(results: Iterable[None]) -> None:
    for _ in results:
        pass
