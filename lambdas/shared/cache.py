"""A small per-container cache: many viewers cost as much as one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_LARGEST = 256


class Cache:
    """Remembers answers for a number of seconds; at most 256 of them."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._entries: dict[str, tuple[float, Any]] = {}

    def get(self, key: str, make: Callable[[], Any], seconds_of: Callable[[Any], float] | None = None) -> Any:
        """The remembered answer, or a new one; `seconds_of` it says for how long. Failures are not remembered."""
        now = self._clock()
        found = self._entries.get(key)
        if found is not None and now < found[0]:
            return found[1]
        answer = make()
        if len(self._entries) >= _LARGEST:
            self._entries.clear()
        seconds = seconds_of(answer) if seconds_of else self._seconds
        self._entries[key] = (now + seconds, answer)
        return answer
