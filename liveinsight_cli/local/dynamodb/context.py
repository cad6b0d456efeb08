"""What every operation works with: the database, the schemas, the clock, and a meter of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .capacity import Meter
from .errors import not_found
from .schema import SchemaSource, TableSchema
from .store import Store
from .tables import OpenTable, Tables


@dataclass(frozen=True)
class Context:
    """The data plane as one request sees it."""

    store: Store
    tables: Tables
    schemas: SchemaSource
    clock: Callable[[], float]
    meter: Meter

    def table(self, name_or_arn: str) -> OpenTable:
        """The table of that name or ARN; unknown ones raise ResourceNotFoundException."""
        schema = self.schema(name_or_arn)
        self.meter.touch(schema.name)
        return self.tables.open(schema)

    def schema(self, name_or_arn: str) -> TableSchema:
        """Its schema."""
        name = name_or_arn.partition(":table/")[2] if name_or_arn.startswith("arn:") else name_or_arn
        schema = self.schemas.table(name)
        if schema is None:
            raise not_found()
        return schema

    def answer(self, **members: Any) -> dict[str, Any]:
        """An answer for a single table, with its ConsumedCapacity if that was asked for."""
        consumed = self.meter.consumed()
        if consumed:
            members["ConsumedCapacity"] = consumed[0]
        return members
