"""How many examples property tests try, and from which seed.

In CI the examples are always the same ones, so that a failure is somebody's change. `pytest --hypothesis-seed=N` tries
others there too, `PROPERTY_EXAMPLES=5000` tries so many of each property.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

IN_CI = os.environ.get("CI", "").lower() in ("1", "true")
_LOCAL_SHARE = 5
_LONGEST_SECONDS = 900


def register(seed: str | None) -> None:
    """Make the profiles known and load the one that is due; with a seed of one's own nothing is fixed."""
    settings.register_profile("local", deadline=None)
    settings.register_profile("ci", deadline=None, derandomize=seed is None, database=None, print_blob=True)
    settings.load_profile("ci" if IN_CI else "local")


def examples(in_ci: int) -> Callable[[Any], Any]:
    """Makes a test an expensive property: so many examples in CI, a fifth of them elsewhere, and time for them."""
    wished = os.environ.get("PROPERTY_EXAMPLES")
    count = int(wished) if wished else in_ci if IN_CI else -(-in_ci // _LOCAL_SHARE)
    limits = settings(
        max_examples=count,
        # Explaining a failure runs hundreds of examples more; the turns are printed, and shrunk, without it.
        phases=[phase for phase in Phase if phase is not Phase.explain],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    has_time = pytest.mark.timeout(max(_LONGEST_SECONDS, 2 * count))
    return lambda test: has_time(limits(test))
