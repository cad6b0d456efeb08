"""Document paths into an item, and the rule that two paths of one expression may not meet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liveinsight_cli.local.dynamodb.errors import SchemaMismatch
from liveinsight_cli.local.dynamodb.schema import TableSchema
from liveinsight_cli.local.dynamodb.values import AttributeValue, Item

Path = tuple[str | int, ...]


def resolve(path: Path, item: Item) -> AttributeValue | None:
    """The value at a path; None if there is nothing."""
    value: AttributeValue | None = item.get(str(path[0]))
    for part in path[1:]:
        if value is None:
            return None
        value = child(value, part)
    return value


def child(value: AttributeValue, part: str | int) -> AttributeValue | None:
    """What a map holds under a name, or a list at an index."""
    if isinstance(part, int):
        elements: list[Any] = value.get("L", [])
        return elements[part] if part < len(elements) else None
    entries: dict[str, Any] = value.get("M", {})
    return entries.get(part)


def text(path: Path) -> str:
    """A path as AWS's messages show it."""
    return f"[{', '.join(f'[{part}]' if isinstance(part, int) else part for part in path)}]"


def clash(paths: Iterable[Path]) -> str | None:
    """AWS's message for the first two paths that overlap, or that treat one place as a map and as a list."""
    seen: list[Path] = []
    for path in paths:
        for other in seen:
            verb = _relation(other, path)
            if verb:
                return (
                    f"Two document paths {verb} with each other; must remove or rewrite one of these paths; "
                    f"path one: {text(other)}, path two: {text(path)}"
                )
        seen.append(path)
    return None


def _relation(one: Path, two: Path) -> str | None:
    for left, right in zip(one, two, strict=False):
        if isinstance(left, int) != isinstance(right, int):
            return "conflict"
        if left != right:
            return None
    return "overlap"


def check_key_paths(table: TableSchema, paths: Iterable[Path]) -> None:
    """A path may not go into a key attribute: keys are scalars."""
    for path in paths:
        if len(path) == 1:
            continue
        head = path[0]
        kind = "Key" if head in table.key_names else "IndexKey" if head in table.index_key_types else None
        if kind:
            raise SchemaMismatch(
                "Key attributes must be scalars; list random access '[]' and map lookup '.' "
                f"are not allowed: {kind}: {head}"
            )
