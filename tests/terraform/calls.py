"""The DynamoDB calls that a function's code can make, read from its syntax tree.

Names are followed, not types: a method counts as reachable when something reachable calls a method of that name.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLES = {
    "_events_table": "events",
    "_sessions_table": "sessions",
    "_state_table": "state",
    "_table": "state",
}


@dataclass(frozen=True, order=True)
class Call:
    """An IAM action on a table or on an index of one: `state`, `sessions/index/ActivityIndex`."""

    action: str
    target: str


def calls_of(lambdas: Path, package: str) -> set[Call]:
    """Every call that `<package>.handler` can come to."""
    trees = list(_modules(lambdas, f"{package}.handler", set()))
    methods: dict[str, list[ast.AST]] = {}
    reached: list[ast.AST] = []
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                methods.setdefault(node.name, []).append(node)
        reached += [node for node in tree.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
    waiting = [*reached, *methods.get("__init__", []), *methods.get("handler", [])]
    seen: set[int] = set()
    found: set[Call] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        found |= set(_calls_in(node))
        for name in _names_in(node):
            waiting += methods.get(name, [])
    return found


def _modules(lambdas: Path, name: str, seen: set[str]) -> Iterator[ast.Module]:
    path = lambdas / f"{name.replace('.', '/')}.py"
    if name in seen or not path.is_file():
        return
    seen.add(name)
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield tree
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from _modules(lambdas, node.module, seen)
            for alias in node.names:
                yield from _modules(lambdas, f"{node.module}.{alias.name}", seen)


def _names_in(node: ast.AST) -> Iterator[str]:
    """Names of methods and functions that code refers to, called or handed on; its own variables are not."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Name) and not _is_variable(part.id, node):
            yield part.id


def _is_variable(name: str, function: ast.AST) -> bool:
    stored = (
        part.id
        for part in ast.walk(function)
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
    )
    given = (part.arg for part in ast.walk(function) if isinstance(part, ast.arg))
    return name in (*stored, *given)


def _calls_in(node: ast.AST) -> Iterator[Call]:
    for part in ast.walk(node):
        if not (isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)):
            continue
        given = {keyword.arg: keyword.value for keyword in part.keywords}
        if part.func.attr == "query" and "TableName" in given:
            yield Call("dynamodb:Query", _table(given["TableName"]) + _index(given))
        elif part.func.attr == "call" and given.keys() & {"TableName", "RequestItems"}:
            operation = part.args[0]
            assert isinstance(operation, ast.Constant), ast.dump(operation)
            yield Call(f"dynamodb:{operation.value}", _table(_place(given)) + _index(given))


def _index(given: dict[str | None, ast.expr]) -> str:
    index = given.get("IndexName")
    return f"/index/{index.value}" if isinstance(index, ast.Constant) else ""


def _place(given: dict[str | None, ast.expr]) -> ast.expr:
    if "TableName" in given:
        return given["TableName"]
    items = given["RequestItems"]
    assert isinstance(items, ast.Dict)
    assert items.keys[0] is not None
    return items.keys[0]


def _table(expression: ast.expr) -> str:
    if isinstance(expression, ast.Name):  # a parameter, called as the attributes are
        return TABLES[f"_{expression.id}"]
    assert isinstance(expression, ast.Attribute), ast.dump(expression)
    return TABLES[expression.attr]
