"""How many invocations of each function run at this moment, and how many may."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from liveinsight_cli.local.execution.invocation import Throttled


class Concurrency:
    """Counts running invocations."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    @contextmanager
    def one_more(self, function: str, limit: int | None) -> Iterator[int]:
        """Count one for the length of the body; tells how many run with it. Raises Throttled above the limit."""
        with self._lock:
            if limit is not None and self._running[function] >= limit:
                raise Throttled
            self._running[function] += 1
            running = self._running[function]
        try:
            yield running
        finally:
            with self._lock:
                self._running[function] -= 1
