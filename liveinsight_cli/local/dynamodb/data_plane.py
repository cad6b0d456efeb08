"""The data plane: one method that answers every operation, and what the host needs beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from . import batches, expiry, reads, streams, transactions, writes
from .capacity import Capacity, Meter, Outcome
from .context import Context
from .errors import DynamoDBError
from .requests import RequestModel
from .schema import SchemaSource
from .store import Store
from .stream_records import row_of
from .tables import Tables

_Operation = Callable[[Context, dict[str, Any]], dict[str, Any]]
_OPERATIONS: dict[str, _Operation] = {
    "PutItem": writes.put_item,
    "UpdateItem": writes.update_item,
    "DeleteItem": writes.delete_item,
    "GetItem": reads.get_item,
    "Query": reads.query,
    "Scan": reads.scan,
    "BatchGetItem": batches.batch_get_item,
    "BatchWriteItem": batches.batch_write_item,
    "TransactGetItems": transactions.transact_get_items,
    "TransactWriteItems": transactions.transact_write_items,
    "ListStreams": streams.list_streams,
    "DescribeStream": streams.describe_stream,
    "GetShardIterator": streams.get_shard_iterator,
    "GetRecords": streams.get_records,
}
_OUTCOMES: dict[str, Outcome] = {
    "ConditionalCheckFailedException": "condition_failed",
    "ProvisionedThroughputExceededException": "throttled",
    "ThrottlingException": "throttled",
}


class DataPlane:
    """DynamoDB's data plane on one SQLite file; safe for any number of threads of one process."""

    OPERATIONS: ClassVar[frozenset[str]] = frozenset(_OPERATIONS)

    def __init__(
        self,
        path: Path,
        schemas: SchemaSource,
        clock: Callable[[], float] = time.time,
        on_request: Callable[[Capacity], None] | None = None,
    ) -> None:
        self._store = Store(path)
        self._tables = Tables(self._store)
        self._schemas = schemas
        self._clock = clock
        self._on_request = on_request
        self._model = RequestModel()

    def handle(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Answers a request in wire form; raises DynamoDBError for what AWS would refuse."""
        if operation not in _OPERATIONS:
            raise DynamoDBError("UnknownOperationException", "")
        started = time.perf_counter()
        meter = Meter(operation, request.get("ReturnConsumedCapacity") if isinstance(request, dict) else None)
        context = self._context(meter)
        outcome: Outcome = "system_error"
        error_code: str | None = None
        try:
            answer = _OPERATIONS[operation](context, self._model.check(operation, request))
            outcome = "success"
        except DynamoDBError as error:
            outcome, error_code = _OUTCOMES.get(error.code, "user_error"), error.code
            raise
        finally:
            self._tell(meter, outcome, error_code, time.perf_counter() - started)
        return answer

    def item_count(self, table: str) -> tuple[int, int]:
        """Items of a table, and their bytes."""
        return self._tables.counts(table)

    def drop(self, table: str) -> None:
        """Removes everything that is stored of a table; for when the control plane deletes it."""
        self._tables.drop(table)

    def read_stream(self, table: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Stream records as Lambda hands them to functions, oldest first.

        `after` is the SequenceNumber read last, as a number; 0 begins with the oldest record there is.
        """
        schema = self._schemas.table(table)
        if schema is None or schema.stream is None:
            return []
        opened = self._tables.open(schema)
        with self._store.read() as connection:
            return streams.read(connection, opened, row_of(after), limit, self._clock())

    def sweep_expired(self, now: float | None = None) -> int:
        """Deletes items past their time to live and trims streams; answers how many items went."""
        moment = self._clock() if now is None else now
        schemas = [self._schemas.table(name) for name in self._schemas.names()]
        expiring = [schema for schema in schemas if schema is not None and schema.ttl_attribute is not None]
        deleted = sum(expiry.sweep(self._store, self._tables.open(schema), moment) for schema in expiring)
        expiry.trim_streams(self._store, moment)
        return deleted

    def close(self) -> None:
        """Closes the database."""
        self._store.close()

    def _context(self, meter: Meter) -> Context:
        return Context(self._store, self._tables, self._schemas, self._clock, meter)

    def _tell(self, meter: Meter, outcome: Outcome, error_code: str | None, seconds: float) -> None:
        if self._on_request is None:
            return
        for capacity in meter.capacities(outcome, error_code, seconds):
            self._on_request(capacity)
