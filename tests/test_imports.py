"""The layers hold: who may import whom, read from the sources."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PACKAGE = "liveinsight_cli"
FUNCTIONS = ("event_collector", "aggregator", "realtime_api", "stats_api")

# layer -> what it may import of this project
ALLOWED = {
    "core": ("core",),
    "render": ("core", "render", "terminal", "errors"),
    "adapters": (
        "core",
        "adapters",
        "local",
        "errors",
        "assets",
        "project",
        "settings",
        "context",
        "terminal",
        "__version__",
    ),
    "local": ("local", "errors", "assets", "project", "__version__"),
}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import in a file, also those inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def sources(directory: str) -> list[Path]:
    return sorted((REPOSITORY / directory).rglob("*.py"))


@pytest.mark.parametrize("layer", ALLOWED)
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    files = sources(f"{PACKAGE}/{layer}")
    assert files
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{line} imports {name}"
        for path in files
        for line, name in imports(path)
        if name.startswith(PACKAGE + ".") and name.split(".")[1] not in ALLOWED[layer]
    ]
    assert wrong == []


def test_core_needs_nothing_but_the_standard_library() -> None:
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{line} imports {name}"
        for path in sources(f"{PACKAGE}/core")
        for line, name in imports(path)
        if name.split(".")[0] not in sys.stdlib_module_names | {PACKAGE}
    ]
    assert wrong == []


def test_only_the_fence_imports_boto3_in_the_command_line() -> None:
    """The fence is aws.py with the signer that it lends boto3, which nobody else touches."""
    outside = [
        path
        for path in sources(PACKAGE)
        if path.relative_to(REPOSITORY / PACKAGE).parts[0] not in ("local", "_assets")
        and path.name not in ("aws.py", "regionless.py")
    ]
    fenced = ("boto3", "botocore", f"{PACKAGE}.adapters.regionless")
    wrong = [
        str(path.relative_to(REPOSITORY))
        for path in outside
        if any(f"{name}.".startswith(f"{one}.") for one in fenced for _, name in imports(path))
    ]
    assert wrong == []


@pytest.mark.parametrize("function", [*FUNCTIONS, "dummy", "shared"])
def test_a_function_imports_itself_the_shared_code_and_the_runtime(function: str) -> None:
    files = sources(f"lambdas/{function}")
    assert files
    allowed = {function, "shared"} | sys.stdlib_module_names
    wrong = [
        f"{path.relative_to(REPOSITORY)}:{line} imports {name}"
        for path in files
        for line, name in imports(path)
        if name.split(".")[0] not in allowed
    ]
    assert wrong == []
