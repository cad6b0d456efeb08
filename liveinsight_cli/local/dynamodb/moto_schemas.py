"""Reads table schemas from moto's control plane, which runs in this process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from .schema import IndexSchema, KeyAttribute, StreamSchema, TableSchema


class MotoSchemas:
    """The tables of one account and region in moto's DynamoDB backend."""

    def __init__(self, account_id: str, region: str) -> None:
        self._account_id = account_id
        self._region = region

    def table(self, name: str) -> TableSchema | None:
        """The table of that name, or None."""
        table = self._tables().get(name)
        return None if table is None else _schema(table)

    def names(self) -> Iterable[str]:
        """The names of all tables."""
        return list(self._tables())

    def _tables(self) -> dict[str, Any]:
        tables: dict[str, Any] = dynamodb_backends[self._account_id][self._region].tables
        return tables


def _schema(table: Any) -> TableSchema:
    types = {attribute["AttributeName"]: attribute["AttributeType"] for attribute in table.attr}
    partition, sort = _keys(table.schema, types)
    indexes = [(index, True) for index in table.global_indexes] + [(index, False) for index in table.indexes]
    return TableSchema(
        name=table.name,
        partition=partition,
        sort=sort,
        indexes=tuple(_index(index, types, is_global=is_global) for index, is_global in indexes),
        ttl_attribute=_ttl_attribute(table.ttl),
        stream=_stream(table),
    )


def _keys(schema: list[dict[str, str]], types: dict[str, Any]) -> tuple[KeyAttribute, KeyAttribute | None]:
    names = {element["KeyType"]: element["AttributeName"] for element in schema}
    keys = {kind: KeyAttribute(name, types[name]) for kind, name in names.items()}
    return keys["HASH"], keys.get("RANGE")


def _index(index: Any, types: dict[str, Any], *, is_global: bool) -> IndexSchema:
    partition, sort = _keys(index.schema, types)
    projection = index.projection or {}
    return IndexSchema(
        name=index.name,
        partition=partition,
        sort=sort,
        projection=projection.get("ProjectionType", "ALL"),
        included=frozenset(projection.get("NonKeyAttributes") or ()),
        is_global=is_global,
    )


def _ttl_attribute(ttl: dict[str, str]) -> str | None:
    return ttl.get("AttributeName") if ttl.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") else None


def _stream(table: Any) -> StreamSchema | None:
    specification = table.stream_specification or {}
    if not specification.get("StreamEnabled"):
        return None
    label = table.latest_stream_label
    return StreamSchema(f"{table.table_arn}/stream/{label}", label, specification["StreamViewType"])
