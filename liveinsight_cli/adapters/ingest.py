"""Sends a demo: through the public API, or with times of the past through the deployed functions' own ingest code."""

import hashlib
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
class DemoClient:
    """A DynamoDB client for writing the past: everything goes to the client behind it, but for two things.

    Salts are the demo's own: the real ones of past days are gone. And nothing expires before the run has ended,
    or a run that is continued would meet visitors that it has sent as if they were new.
    """

    client: Any
    secret: str
    expires: int

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def get_item(self, **request: Any) -> Any:
        """Return the demo's own salt for a salt, else what the table has."""
        key = request["Key"]
        if key["pk"]["S"] != "salts":
            return self.client.get_item(**request)
        salt = hashlib.blake2b(key["sk"]["S"].encode(), key=self.secret.encode(), digest_size=32).digest()
        return {"Item": {**key, "salt": {"B": salt}}}

    def put_item(self, **request: Any) -> Any:
        """Write a visitor's row."""
        return self.client.put_item(**{**request, "Item": self._lasting(request["Item"], "ttl")})

    def update_item(self, **request: Any) -> Any:
        """Extend a visitor's row."""
        values = self._lasting(request.get("ExpressionAttributeValues", {}), ":ttl")
        return self.client.update_item(**{**request, "ExpressionAttributeValues": values})

    def batch_write_item(self, **request: Any) -> Any:
        """Write events."""
        tables = {
            table: [{"PutRequest": {"Item": self._lasting(one["PutRequest"]["Item"], "ttl")}} for one in puts]
            for table, puts in request["RequestItems"].items()
        }
        return self.client.batch_write_item(**{**request, "RequestItems": tables})

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
    def _collector(self) -> Any:
        sources = str(lambda_sources())
        if sources not in sys.path:
            sys.path.insert(0, sources)
        from event_collector.ingest import Collector
        from shared.settings import Settings

        settings = Settings(
            events_table=self.tables.events,
            sessions_table=self.tables.sessions,
            state_table=self.tables.state,
            environment=self.environment,
        )
        return Collector(
            DemoClient(self.aws.client("dynamodb"), self.spec.digest, self.anchor_ms // 1000 + KEPT_SECONDS),
            settings,
        )

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

    def prepare(self) -> None:
        """Import and connect once, before threads do."""
        _ = self._collector


@dataclass
class ApiIngest:
    """Sends each visitor's requests through the public URL; `bind` gives each an address of its own."""

    deployed: Deployed
    spec: DemoSpec
    bind: bool

    def prepare(self) -> None:
        """Nothing is shared."""

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
    with ThreadPoolExecutor(WORKERS) as pool:
        for start in range(0, len(visitors), chunk):
            part = visitors[start : start + chunk]
            if pace:
                pace(sum(len(one.requests) for one in part))
            _finish(pool.map(ingest.send, part))
            sent(len(part))


def _finish(results: Iterable[None]) -> None:
    for _ in results:
        pass
