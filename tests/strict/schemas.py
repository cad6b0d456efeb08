"""The tables as terraform/dynamodb.tf defines them, for the checker, the data planes and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import hcl2
from hcl2 import SerializationOptions

from tests.conftest import REPOSITORY


@dataclass(frozen=True)
class Index:
    """A global secondary index; `included` are the non-key attributes of an INCLUDE projection."""

    name: str
    keys: tuple[str, ...]
    projection: str
    included: frozenset[str]


@dataclass(frozen=True)
class Table:
    """A table; `keys` partition key first, `types` of all attributes that are a key somewhere."""

    name: str
    keys: tuple[str, ...]
    types: dict[str, str]
    indexes: dict[str, Index]
    ttl: str | None
    stream: str | None

    def projected(self, index: Index) -> frozenset[str] | None:
        """What an entry of the index has; None means everything."""
        if index.projection == "ALL":
            return None
        return index.included.union(self.keys, index.keys)

    def creation(self) -> dict[str, Any]:
        """The request that creates the table."""
        indexes = []
        for index in self.indexes.values():
            projection: dict[str, Any] = {"ProjectionType": index.projection}
            if index.included:
                projection["NonKeyAttributes"] = sorted(index.included)
            indexes.append(
                {"IndexName": index.name, "KeySchema": _key_schema(index.keys), "Projection": projection}
            )
        request: dict[str, Any] = {
            "TableName": self.name,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": _key_schema(self.keys),
            "AttributeDefinitions": [
                {"AttributeName": name, "AttributeType": kind} for name, kind in self.types.items()
            ],
        }
        return {**request, "GlobalSecondaryIndexes": indexes} if indexes else request


def tables(suffix: str = "test") -> dict[str, Table]:
    """All tables by their names in an environment."""
    return {table.name: table for table in _tables(suffix)}


@lru_cache(maxsize=4)
def _tables(suffix: str) -> tuple[Table, ...]:
    options = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
    with (REPOSITORY / "terraform" / "dynamodb.tf").open(encoding="utf-8") as file:
        document = hcl2.load(file, serialization_options=options)
    [index_names] = [block["indexes"] for block in document["locals"] if "indexes" in block]
    found = []
    for resource in document["resource"]:
        for label, body in resource.get("aws_dynamodb_table", {}).items():
            assert body["name"] == f"${{local.names.tables.{label}}}", body["name"]
            found.append(_table(f"liveinsight-{label}-{suffix}", body, index_names))
    return tuple(found)


def _table(name: str, body: dict[str, Any], index_names: dict[str, str]) -> Table:
    [ttl] = body.get("ttl") or [None]
    return Table(
        name=name,
        keys=_keys(body),
        types={attribute["name"]: attribute["type"] for attribute in body["attribute"]},
        indexes={
            index.name: index
            for index in (_index(block, index_names) for block in body.get("global_secondary_index", []))
        },
        ttl=ttl["attribute_name"] if ttl and ttl["enabled"] else None,
        stream=body["stream_view_type"] if body.get("stream_enabled") else None,
    )


def _index(block: dict[str, Any], index_names: dict[str, str]) -> Index:
    label = block["name"].removeprefix("${local.indexes.").removesuffix("}")
    included = frozenset(block.get("non_key_attributes", ()))
    return Index(index_names.get(label, label), _keys(block), block["projection_type"], included)


def _keys(block: dict[str, Any]) -> tuple[str, ...]:
    return (block["hash_key"], block["range_key"]) if "range_key" in block else (block["hash_key"],)


def _key_schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    kinds = ("HASH", "RANGE")[: len(keys)]
    return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(keys, kinds, strict=True)]
