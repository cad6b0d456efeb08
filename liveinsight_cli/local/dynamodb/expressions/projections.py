"""Projection expressions: which parts of an item an answer shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liveinsight_cli.local.dynamodb.values import AttributeValue, Item

from .paths import Path, child, clash
from .placeholders import Placeholders
from .tokens import TokenReader

_KIND = "ProjectionExpression"
_Tree = dict[str | int, Any]


def parse_projection(expression: str, placeholders: Placeholders) -> tuple[Path, ...]:
    """The paths of a ProjectionExpression."""
    reader = TokenReader(_KIND, expression, placeholders)
    paths = [reader.path()]
    while reader.accept(","):
        paths.append(reader.path())
    reader.end()
    problem = clash(paths)
    if problem:
        raise reader.invalid(problem)
    return tuple(paths)


def project(item: Item, paths: Iterable[Path]) -> Item:
    """What the item holds at the paths, in its structure; chosen list elements close up in the list's order."""
    tree: _Tree = {}
    for path in paths:
        branch = tree
        for part in path:
            branch = branch.setdefault(part, {})
    shown = {str(name): _cut(item.get(str(name)), branch) for name, branch in tree.items()}
    return {name: value for name, value in shown.items() if value is not None}


def _cut(value: AttributeValue | None, tree: _Tree) -> AttributeValue | None:
    if value is None or not tree:
        return value
    parts = sorted(tree, key=lambda part: part if isinstance(part, int) else 0)
    shown = {part: _cut(child(value, part), tree[part]) for part in parts}
    kept = {part: found for part, found in shown.items() if found is not None}
    if not kept:
        return None
    return {"L": list(kept.values())} if isinstance(parts[0], int) else {"M": kept}
