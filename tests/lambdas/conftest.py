"""A world per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lambdas.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty LiveInsight at 2025-11-23 10:50 UTC."""
    made = World(tmp_path / "data.sqlite")
    made.now = 1_763_895_000_000
    yield made
    made.close()
