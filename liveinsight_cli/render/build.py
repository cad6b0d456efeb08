"""The answer of `build` as a table."""

from rich.table import Table

from liveinsight_cli.core.build import Build
from liveinsight_cli.render.tables import table


def build_table(build: Build) -> Table:
    """Return function, digest, size, number of dependencies and whether the zip was there already."""
    view = table(None, "function", "digest", "size", "dependencies", "", numbers=("size", "dependencies"))
    for built in build.functions:
        size = f"{built.size_bytes / 1024:.1f} KiB"
        dependencies = str(built.dependencies) if built.dependencies else "-"
        state = "cached" if built.cached else "built"
        view.add_row(built.function, built.digest[:12], size, dependencies, state)
    return view
