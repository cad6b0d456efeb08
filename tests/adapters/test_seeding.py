"""Which figures a demo can be held to depends on the way it went."""

from types import SimpleNamespace
from typing import Any

import pytest

from liveinsight_cli.adapters.seeding import figures_of
from liveinsight_cli.core.demo import DemoSpec, visitors

NOW = 1_800_000_000
ANCHOR_MS = NOW * 1000


@pytest.mark.parametrize(
    ("via", "target", "has_countries"),
    [("api", "aws", False), ("api", "embedded", True), ("table", "aws", True), ("table", "embedded", True)],
)
def test_countries_are_not_expected_where_the_edge_tells_them(
    via: Any, target: str, has_countries: bool
) -> None:
    spec = DemoSpec(7, 20, 1, "demo.example", via)
    context: Any = SimpleNamespace(
        clock=SimpleNamespace(now=lambda: NOW), settings=SimpleNamespace(target=target)
    )
    figures = figures_of(context, spec, ANCHOR_MS, list(visitors(spec, ANCHOR_MS)))
    assert ("countries" in figures.top) == has_countries
    assert {"pages", "devices"} <= figures.top.keys()
