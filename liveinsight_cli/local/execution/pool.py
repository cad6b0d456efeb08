"""Warm workers: reused for the same code and configuration, capped for each function, ended when idle."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from liveinsight_cli.local.execution.invocation import ShuttingDown, Throttled
from liveinsight_cli.local.execution.worker import Worker

REAP_SECONDS = 10.0


@dataclass(eq=False)
class Slot:
    """Room for one worker of a function; `worker` is None until it has been started."""

    function: str
    key: str
    log_stream: str
    worker: Worker | None = None
    idle_since: float = field(default=0.0)


class WorkerPool:
    """Hands out slots and takes them back; any thread may ask."""

    def __init__(self, limit: int, idle_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._idle_seconds = idle_seconds
        self._clock = clock
        self._changed = threading.Condition()
        self._idle: list[Slot] = []
        self._busy: list[Slot] = []
        self._count: Counter[str] = Counter()
        self._is_closed = False
        self._reaper = threading.Thread(target=self._reap, name="worker-reaper", daemon=True)
        self._reaper.start()

    def take(self, function: str, key: str, log_stream: str, timeout_seconds: float) -> Slot:
        """A warm worker of that key, or room to start one; waits while the function has as many as it may.

        Raises Throttled when none becomes free in time, ShuttingDown when the pool is closed.
        """
        end = time.monotonic() + timeout_seconds
        stale: Slot | None = None
        with self._changed:
            while True:
                if self._is_closed:
                    raise ShuttingDown
                slot = self._pop(lambda slot: slot.key == key)
                if slot is not None:
                    break
                if self._count[function] >= self._limit:
                    stale = self._pop(lambda slot: slot.function == function)
                    if stale is not None:  # an older version's worker makes room
                        self._count[function] -= 1
                if self._count[function] < self._limit:
                    self._count[function] += 1
                    slot = Slot(function, key, log_stream)
                    break
                if not self._changed.wait(max(0.0, end - time.monotonic())):
                    raise Throttled("ConcurrentInvocationLimitExceeded")
            self._busy.append(slot)
        if stale is not None and stale.worker is not None:
            stale.worker.close()
        return slot

    def give_back(self, slot: Slot) -> None:
        """The worker is fit for more work."""
        slot.idle_since = self._clock()
        with self._changed:
            if not self._is_closed:
                self._busy.remove(slot)
                self._idle.append(slot)
                self._changed.notify_all()
                return
        self.discard(slot)

    def discard(self, slot: Slot) -> None:
        """End the worker and free its room."""
        if slot.worker is not None:
            slot.worker.close()
        with self._changed:
            self._count[slot.function] -= 1
            if slot in self._busy:
                self._busy.remove(slot)
            self._changed.notify_all()

    def reap(self) -> None:
        """End the workers that have been idle for too long or have died."""
        oldest = self._clock() - self._idle_seconds
        with self._changed:
            gone = [s for s in self._idle if s.idle_since <= oldest or (s.worker and not s.worker.is_alive)]
            self._idle = [slot for slot in self._idle if slot not in gone]
        for slot in gone:
            self.discard(slot)

    @property
    def is_closed(self) -> bool:
        """Whether every worker is being ended."""
        return self._is_closed

    def close(self) -> None:
        """End every worker, busy or not."""
        with self._changed:
            self._is_closed = True
            idle, self._idle = self._idle, []
            self._changed.notify_all()
            for slot in self._busy:
                if slot.worker is not None:
                    slot.worker.kill()
        for slot in idle:
            self.discard(slot)
        self._reaper.join()

    def _pop(self, fits: Callable[[Slot], bool]) -> Slot | None:
        for index in range(len(self._idle) - 1, -1, -1):  # the one used last is the warmest
            if fits(self._idle[index]):
                return self._idle.pop(index)
        return None

    def _reap(self) -> None:
        while True:
            with self._changed:
                if self._is_closed or self._changed.wait_for(lambda: self._is_closed, REAP_SECONDS):
                    return
            self.reap()
