"""The DynamoDB Streams API over the stored records; every stream has one shard, open for ever."""

from __future__ import annotations

import base64
import binascii
import json
import sqlite3
from typing import Any

from .context import Context
from .errors import DynamoDBError, not_found, validation
from .schema import KeyAttribute, TableSchema
from .stream_records import RETENTION_SECONDS, finished, row_of, sequence_number, shard_id
from .tables import OpenTable

ITERATOR_SECONDS = 15 * 60
DEFAULT_RECORDS = 1000
MAX_ANSWER_BYTES = 1024 * 1024


def read(
    connection: sqlite3.Connection, table: OpenTable, after_row: int, limit: int, now: float
) -> list[dict[str, Any]]:
    """Records of a table's present stream behind a row, oldest first, none older than 24 hours."""
    stream = table.schema.stream
    if stream is None:
        return []
    found = connection.execute(
        "SELECT sequence, created_at, body FROM stream_records "
        "WHERE table_id = ? AND sequence > ? AND label = ? AND created_at > ? ORDER BY sequence LIMIT ?",
        (table.id, after_row, stream.label, now - RETENTION_SECONDS, limit),
    )
    return [finished(row, created_at, body, stream.arn) for row, created_at, body in found]


def list_streams(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """The streams of one table or of all."""
    given = request.get("TableName")
    names = sorted(context.schemas.names()) if given is None else [given]
    found = [context.schemas.table(name) for name in names]
    streams = [_named(schema) for schema in found if schema is not None and schema.stream is not None]
    start = request.get("ExclusiveStartStreamArn")
    arns = [stream["StreamArn"] for stream in streams]
    first = arns.index(start) + 1 if start in arns else 0
    page = streams[first : first + request.get("Limit", 100)]
    answer: dict[str, Any] = {"Streams": page}
    if first + len(page) < len(streams):
        answer["LastEvaluatedStreamArn"] = page[-1]["StreamArn"]
    return answer


def _named(schema: TableSchema) -> dict[str, str]:
    stream = schema.stream
    return {"StreamArn": stream.arn, "TableName": schema.name, "StreamLabel": stream.label} if stream else {}


def describe_stream(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """A stream and its shard."""
    table = _table(context, request["StreamArn"])
    stream = table.schema.stream
    if stream is None:
        raise not_found()
    keys = [_key(key, kind) for key, kind in zip(table.schema.keys, ("HASH", "RANGE"), strict=False)]
    description = {
        **_named(table.schema),
        "StreamStatus": "ENABLED",
        "StreamViewType": stream.view_type,
        "KeySchema": keys,
        "Shards": [],
    }
    if request.get("ExclusiveStartShardId") is None:
        first = {"StartingSequenceNumber": sequence_number(0)}
        description["Shards"] = [{"ShardId": shard_id(stream.arn), "SequenceNumberRange": first}]
    return {"StreamDescription": description}


def _key(key: KeyAttribute, kind: str) -> dict[str, str]:
    return {"AttributeName": key.name, "KeyType": kind}


def get_shard_iterator(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """A place in the shard to read on from."""
    table = _table(context, request["StreamArn"])
    if request["ShardId"] != shard_id(request["StreamArn"]):
        raise not_found("Requested resource not found: Shard does not exist")
    return {"ShardIterator": _iterator(context, request["StreamArn"], _start_row(context, table, request))}


def _start_row(context: Context, table: OpenTable, request: dict[str, Any]) -> int:
    kind, given = request["ShardIteratorType"], request.get("SequenceNumber")
    if kind == "TRIM_HORIZON":
        return 0
    if kind == "LATEST":
        with context.store.read() as connection:
            return _newest_row(connection, table)
    if given is None or not given.isdigit():
        raise validation("A valid SequenceNumber must be given for this ShardIteratorType")
    first_excluded = row_of(int(given)) - int(kind == "AT_SEQUENCE_NUMBER")
    return max(0, first_excluded)


def _newest_row(connection: sqlite3.Connection, table: OpenTable) -> int:
    (row,) = connection.execute(
        "SELECT max(sequence) FROM stream_records WHERE table_id = ?", (table.id,)
    ).fetchone()
    return int(row or 0)


def get_records(context: Context, request: dict[str, Any]) -> dict[str, Any]:
    """Records behind an iterator, and the next iterator; the shard never closes."""
    arn, row, issued_at = _decoded(request["ShardIterator"])
    if context.clock() - issued_at > ITERATOR_SECONDS:
        raise DynamoDBError("ExpiredIteratorException", "Iterator expired")
    table = _table(context, arn)
    with context.store.read() as connection:
        limit = request.get("Limit", DEFAULT_RECORDS)
        records = _fitting(read(connection, table, row, limit, context.clock()))
    if records:
        row = row_of(int(records[-1]["dynamodb"]["SequenceNumber"]))
    return {
        "Records": [_in_api_form(record) for record in records],
        "NextShardIterator": _iterator(context, arn, row),
    }


def _fitting(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    size = 0
    for count, record in enumerate(records):
        size += record["dynamodb"]["SizeBytes"]
        if size > MAX_ANSWER_BYTES and count:
            return records[:count]
    return records


def _in_api_form(record: dict[str, Any]) -> dict[str, Any]:
    """Lambda adds the stream's ARN and writes the identity's members small; the API does neither."""
    shown = {name: value for name, value in record.items() if name not in ("eventSourceARN", "userIdentity")}
    identity = record.get("userIdentity")
    if identity:
        shown["userIdentity"] = {"PrincipalId": identity["principalId"], "Type": identity["type"]}
    return shown


def _table(context: Context, stream_arn: str) -> OpenTable:
    schema = context.schemas.table(stream_arn.partition(":table/")[2].partition("/stream/")[0])
    if schema is None or schema.stream is None or schema.stream.arn != stream_arn:
        raise not_found(f"Requested resource not found: Stream: {stream_arn} not found")
    return context.tables.open(schema)


def _iterator(context: Context, stream_arn: str, row: int) -> str:
    place = base64.urlsafe_b64encode(json.dumps([row, context.clock()]).encode()).decode()
    return f"{stream_arn}|1|{place}"


def _decoded(iterator: str) -> tuple[str, int, float]:
    try:
        arn, _version, place = iterator.split("|")
        row, issued_at = json.loads(base64.urlsafe_b64decode(place))
        return arn, int(row), float(issued_at)
    except (ValueError, TypeError, binascii.Error) as error:
        raise validation("Invalid ShardIterator") from error
