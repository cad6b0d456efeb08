"""A world per test, and dynalite for the tests that compare with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lambdas.world import World
from tests.local.dynamodb.dynalite import running_dynalite


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty LiveInsight at 2025-11-23 10:50 UTC."""
    made = World(tmp_path / "data.sqlite")
    made.now = 1_763_895_000_000
    yield made
    made.close()


@pytest.fixture
def dynalite_port() -> Iterator[int]:
    """The port of an empty dynalite."""
    with running_dynalite() as port:
        yield port
