"""How much of the browser tests' matrix runs: what differs most each time, all of it with BROWSER_MATRIX=full."""

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def chosen(always: Iterable[T], more: Iterable[T]) -> list[T]:
    """What runs always, and with it, in a full run, what resembles it."""
    return [*always, *(more if os.environ.get("BROWSER_MATRIX") == "full" else ())]
