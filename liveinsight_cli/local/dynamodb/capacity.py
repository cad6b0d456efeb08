"""What a request costs, as AWS counts read and write units, and how answers and metrics are told."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .keys import index_position
from .schema import IndexSchema, TableSchema
from .values import Item, item_size

Outcome = Literal["success", "condition_failed", "user_error", "throttled", "system_error"]

READ_UNIT_BYTES = 4096
WRITE_UNIT_BYTES = 1024


@dataclass(frozen=True)
class Units:
    """Capacity units of a table or an index."""

    read: float = 0.0
    write: float = 0.0


@dataclass(frozen=True)
class Capacity:
    """What one request did to one table: `read_units` and `write_units` are the table's own, without its indexes'."""

    operation: str
    table: str
    read_units: float
    write_units: float
    indexes: Mapping[str, Units]
    outcome: Outcome
    error_code: str | None = None
    returned_items: int = 0
    seconds: float = 0.0


@dataclass
class _Usage:
    read: float = 0.0
    write: float = 0.0
    returned_items: int = 0
    global_indexes: dict[str, Units] = field(default_factory=dict)
    local_indexes: dict[str, Units] = field(default_factory=dict)


class Meter:
    """Adds up what one request uses."""

    def __init__(self, operation: str, wanted: str | None) -> None:
        self.operation = operation
        self._wanted = wanted
        self._usage: dict[str, _Usage] = {}

    def touch(self, table: str) -> None:
        """Notes that the request concerns a table."""
        self._usage.setdefault(table, _Usage())

    def add(
        self, table: str, *, read: float = 0.0, write: float = 0.0, index: IndexSchema | None = None
    ) -> None:
        """Adds units of a table or of one of its indexes."""
        usage = self._usage.setdefault(table, _Usage())
        if index is None:
            usage.read += read
            usage.write += write
            return
        indexes = usage.global_indexes if index.is_global else usage.local_indexes
        before = indexes.get(index.name, Units())
        indexes[index.name] = Units(before.read + read, before.write + write)

    def returned(self, table: str, items: int) -> None:
        """Adds items that the answer shows."""
        self._usage.setdefault(table, _Usage()).returned_items += items

    def consumed(self) -> list[dict[str, Any]]:
        """The answer's ConsumedCapacity, one for each table; empty if the request did not ask."""
        if self._wanted not in ("TOTAL", "INDEXES"):
            return []
        return [self._told(table, usage) for table, usage in self._usage.items()]

    def _told(self, table: str, usage: _Usage) -> dict[str, Any]:
        indexes = [*usage.global_indexes.values(), *usage.local_indexes.values()]
        own = usage.read + usage.write
        told: dict[str, Any] = {
            "TableName": table,
            "CapacityUnits": own + sum(units.read + units.write for units in indexes),
        }
        if self.operation.startswith("Transact"):
            kind = "WriteCapacityUnits" if self.operation == "TransactWriteItems" else "ReadCapacityUnits"
            told[kind] = told["CapacityUnits"]
        if self._wanted == "INDEXES":
            told["Table"] = {"CapacityUnits": own}
            for name, used in (
                ("GlobalSecondaryIndexes", usage.global_indexes),
                ("LocalSecondaryIndexes", usage.local_indexes),
            ):
                if used:
                    told[name] = {
                        index: {"CapacityUnits": units.read + units.write} for index, units in used.items()
                    }
        return told

    def capacities(self, outcome: Outcome, error_code: str | None, seconds: float) -> Iterator[Capacity]:
        """The same for metrics, one for each table."""
        for table, usage in self._usage.items():
            yield Capacity(
                operation=self.operation,
                table=table,
                read_units=usage.read,
                write_units=usage.write,
                indexes={**usage.global_indexes, **usage.local_indexes},
                outcome=outcome,
                error_code=error_code,
                returned_items=usage.returned_items,
                seconds=seconds,
            )


def read_units(size: int, *, consistent: bool) -> float:
    """Units of reading so many bytes: at least one block of 4 KB, half price when eventually consistent."""
    blocks = max(1, math.ceil(size / READ_UNIT_BYTES))
    return float(blocks) if consistent else blocks / 2


def write_units(*sizes: int) -> float:
    """Units of writing: the larger of before and after, in whole KB, at least one."""
    return float(max(1, math.ceil(max(sizes) / WRITE_UNIT_BYTES)))


def index_write_units(table: TableSchema, index: IndexSchema, old: Item | None, new: Item | None) -> float:
    """Units an index takes for a change: none if its entry stays, two writes (delete, put) if its key changes."""
    before = _entry(table, index, old)
    after = _entry(table, index, new)
    if before == after:
        return 0.0
    if before is None or after is None:
        return write_units(item_size(before or after or {}))
    if index_position(index, before) == index_position(index, after):
        return write_units(item_size(before), item_size(after))
    return write_units(item_size(before)) + write_units(item_size(after))


def _entry(table: TableSchema, index: IndexSchema, item: Item | None) -> Item | None:
    if item is None or index_position(index, item) is None:
        return None
    return projected(table, index, item)


def projected(table: TableSchema, index: IndexSchema, item: Item) -> Item:
    """What an index holds of an item."""
    names = table.projected(index)
    if names is None:
        return item
    return {name: value for name, value in item.items() if name in names}
