"""One page of a Query or Scan: up to a limit or 1 MB of items, filtered and projected, and where to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .capacity import projected
from .errors import invalid_values, validation
from .expressions.conditions import ParsedCondition, parse_condition
from .expressions.paths import Path, check_key_paths
from .expressions.placeholders import Placeholders
from .expressions.projections import parse_projection, project
from .rows import Stored
from .schema import IndexSchema, KeyAttribute, TableSchema
from .values import Item, item_size

MAX_PAGE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class PageRequest:
    """What a page shows of which index (None: the table itself)."""

    schema: TableSchema
    index: IndexSchema | None
    limit: int | None
    filter: ParsedCondition | None
    projection: tuple[Path, ...] | None
    counts_only: bool
    whole_items: bool
    consistent: bool

    @property
    def keys(self) -> tuple[KeyAttribute, ...]:
        """The key that orders the page."""
        return self.index.keys if self.index else self.schema.keys

    @property
    def start_key_names(self) -> list[str]:
        """The attributes of a LastEvaluatedKey: the table's key, and the index's."""
        names = [key.name for key in self.schema.keys]
        return names + [key.name for key in self.keys if key.name not in names]


@dataclass
class Page:
    """What was read: `size` counts every item looked at, filtered out or not."""

    items: list[Item]
    scanned: int = 0
    size: int = 0
    last: Item | None = None


def page_request(schema: TableSchema, request: dict[str, Any], placeholders: Placeholders) -> PageRequest:
    """The parts of a Query or Scan that both have, checked."""
    index = _index(schema, request)
    consistent = bool(request.get("ConsistentRead", False))
    if index is not None and index.is_global and consistent:
        raise validation("Consistent reads are not supported on global secondary indexes")
    condition, projection = _expressions(request, placeholders)
    _check_select(schema, index, request)
    check_key_paths(schema, [*(condition.paths if condition else ()), *(projection or ())])
    _check_projected(schema, index, projection)
    return PageRequest(
        schema=schema,
        index=index,
        limit=request.get("Limit"),
        filter=condition,
        projection=projection,
        counts_only=request.get("Select") == "COUNT",
        whole_items=index is None or request.get("Select") == "ALL_ATTRIBUTES",
        consistent=consistent,
    )


def read_page(rows: Iterator[Stored], wanted: PageRequest, belongs: Callable[[Item], bool]) -> Page:
    """Reads items until the limit or 1 MB is reached, or there are no more."""
    page = Page([])
    for stored in rows:
        if not belongs(stored.item):
            continue
        item, size = _seen(stored, wanted)
        page.scanned += 1
        page.size += size
        if wanted.filter is None or wanted.filter.holds(item):
            page.items.append(item if wanted.projection is None else project(item, wanted.projection))
        if page.scanned == wanted.limit or page.size >= MAX_PAGE_BYTES:
            page.last = {name: stored.item[name] for name in wanted.start_key_names}
            break
    return page


def answer_members(page: Page, wanted: PageRequest) -> dict[str, Any]:
    """The page in wire form, without ConsumedCapacity."""
    members: dict[str, Any] = {"Count": len(page.items), "ScannedCount": page.scanned}
    if not wanted.counts_only:
        members["Items"] = page.items
    if page.last is not None:
        members["LastEvaluatedKey"] = page.last
    return members


def _seen(stored: Stored, wanted: PageRequest) -> tuple[Item, int]:
    if wanted.index is None or wanted.whole_items or wanted.index.projection == "ALL":
        return stored
    item = projected(wanted.schema, wanted.index, stored.item)
    return item, item_size(item)


def _index(schema: TableSchema, request: dict[str, Any]) -> IndexSchema | None:
    name = request.get("IndexName")
    if name is None:
        return None
    index = schema.index(name)
    if index is None:
        raise validation(f"The table does not have the specified index: {name}")
    return index


def _expressions(
    request: dict[str, Any], placeholders: Placeholders
) -> tuple[ParsedCondition | None, tuple[Path, ...] | None]:
    condition = projection = None
    if request.get("FilterExpression") is not None:
        condition = parse_condition("FilterExpression", request["FilterExpression"], placeholders)
    if request.get("ProjectionExpression") is not None:
        projection = parse_projection(request["ProjectionExpression"], placeholders)
    placeholders.check_all_used()
    return condition, projection


def _check_select(schema: TableSchema, index: IndexSchema | None, request: dict[str, Any]) -> None:
    select = request.get("Select")
    if request.get("ProjectionExpression") is not None:
        if select not in (None, "SPECIFIC_ATTRIBUTES"):
            raise validation(f"Cannot specify the ProjectionExpression when choosing to get {select}")
    elif select == "SPECIFIC_ATTRIBUTES":
        raise validation("Must specify the ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
    if select == "ALL_PROJECTED_ATTRIBUTES" and index is None:
        raise validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    if select == "ALL_ATTRIBUTES" and index is not None and index.is_global and index.projection != "ALL":
        raise invalid_values(
            f"Select type ALL_ATTRIBUTES is not supported for global secondary index {index.name} "
            "because its projection type is not ALL"
        )


def _check_projected(
    schema: TableSchema, index: IndexSchema | None, projection: tuple[Path, ...] | None
) -> None:
    names = schema.projected(index) if index is not None and index.is_global else None
    if names is None or index is None:
        return
    lacking = [str(path[0]) for path in projection or () if path[0] not in names]
    if lacking:
        raise invalid_values(f"Global secondary index {index.name} does not project [{', '.join(lacking)}]")
