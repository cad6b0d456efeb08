"""The DynamoDB data plane on SQLite: items, queries, transactions, streams; tables come from a `SchemaSource`."""

from .capacity import Capacity, Units
from .data_plane import DataPlane
from .errors import DynamoDBError
from .schema import IndexSchema, KeyAttribute, SchemaSource, StreamSchema, TableSchema
from .stream_records import shard_id

__all__ = [
    "Capacity",
    "DataPlane",
    "DynamoDBError",
    "IndexSchema",
    "KeyAttribute",
    "SchemaSource",
    "StreamSchema",
    "TableSchema",
    "Units",
    "shard_id",
]
