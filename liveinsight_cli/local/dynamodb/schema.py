"""What the data plane needs to know about a table: keys, indexes, time to live and stream."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

ScalarType = Literal["S", "N", "B"]
Projection = Literal["ALL", "KEYS_ONLY", "INCLUDE"]
ViewType = Literal["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]


@dataclass(frozen=True)
class KeyAttribute:
    """One attribute of a key and its type."""

    name: str
    type: ScalarType


@dataclass(frozen=True)
class IndexSchema:
    """A secondary index. `included` names the non-key attributes of an INCLUDE projection."""

    name: str
    partition: KeyAttribute
    sort: KeyAttribute | None = None
    projection: Projection = "ALL"
    included: frozenset[str] = frozenset()
    is_global: bool = True

    @cached_property
    def keys(self) -> tuple[KeyAttribute, ...]:
        """Partition key, then sort key if there is one."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)


@dataclass(frozen=True)
class StreamSchema:
    """The stream of a table. Enabling it again makes a new label, and so another stream."""

    arn: str
    label: str
    view_type: ViewType


@dataclass(frozen=True)
class TableSchema:
    """A table as the control plane describes it."""

    name: str
    partition: KeyAttribute
    sort: KeyAttribute | None = None
    indexes: tuple[IndexSchema, ...] = ()
    ttl_attribute: str | None = None
    stream: StreamSchema | None = None

    @cached_property
    def keys(self) -> tuple[KeyAttribute, ...]:
        """Partition key, then sort key if there is one."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)

    @cached_property
    def key_names(self) -> frozenset[str]:
        """Names of the key attributes."""
        return frozenset(key.name for key in self.keys)

    @cached_property
    def index_key_types(self) -> dict[str, tuple[ScalarType, str]]:
        """Attribute name -> its type and the first index that has it as a key."""
        types: dict[str, tuple[ScalarType, str]] = {}
        for index in self.indexes:
            for key in index.keys:
                types.setdefault(key.name, (key.type, index.name))
        return types

    def index(self, name: str) -> IndexSchema | None:
        """The index of that name."""
        return next((index for index in self.indexes if index.name == name), None)

    def projected(self, index: IndexSchema) -> frozenset[str] | None:
        """The attributes an index holds; None means all of them."""
        if index.projection == "ALL":
            return None
        return self.key_names | {key.name for key in index.keys} | index.included


class SchemaSource(Protocol):
    """Where tables are described: the control plane."""

    def table(self, name: str) -> TableSchema | None:
        """The table of that name, or None."""

    def names(self) -> Iterable[str]:
        """The names of all tables."""
