"""What an edge location keeps: answers for as long as they may be given, and one request to the origin at a time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from liveinsight_cli.local.http import Answer

LARGEST_BYTES = 32 << 20
ENTRY_BYTES = 1024  # headers, key, and what Python needs for them
Key = tuple[str, ...]


@dataclass(frozen=True)
class _Kept:
    answer: Answer
    at: float
    until: float

    @property
    def size(self) -> int:
        return len(self.answer.body) + ENTRY_BYTES


@dataclass
class _Flight:
    """A request to the origin, and whoever asks the same waits for it."""

    is_over: threading.Event = field(default_factory=threading.Event)
    shared: Answer | None = None


class EdgeCache:
    """Keeps answers by key, the least recently used go first. The first two parts of a key: distribution and path."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, largest_bytes: int = LARGEST_BYTES
    ) -> None:
        self._clock, self._largest = clock, largest_bytes
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._flights: dict[Key, _Flight] = {}
        self._bytes = 0
        self._forgotten = 0  # times: what was asked for before one of them may be of the time before
        self._lock = threading.Lock()

    def look_up(self, key: Key) -> tuple[Answer, float] | None:
        """Return an answer that may still be given, and its age in seconds."""
        with self._lock:
            return self._found(key)

    def answer(
        self, key: Key, fetch: Callable[[], Answer], seconds: Callable[[Answer], float]
    ) -> tuple[Answer, float | None]:
        """Return the kept answer and its age, or a new one without an age.

        Those who ask at the same time get one answer, unless it may not be kept: then each asks for itself.
        """
        with self._lock:
            found = self._found(key)
            if found is not None:
                return found
            flight = self._flights.get(key)
            if flight is None:
                mine = self._flights[key] = _Flight()
            before = self._forgotten
        if flight is not None:
            flight.is_over.wait()
            return (flight.shared, 0.0) if flight.shared is not None else (fetch(), None)
        try:
            answer = fetch()
            kept_for = seconds(answer)
            if kept_for > 0 and answer.stream is None:
                mine.shared = answer
                self._keep(key, answer, kept_for, before)
        finally:
            with self._lock:
                del self._flights[key]
            mine.is_over.set()
        return answer, None

    def forget(self, distribution_id: str, paths: Iterable[str] = ("/*",)) -> None:
        """Drop what an invalidation names; an asterisk at the end stands for anything."""
        wanted = tuple(paths)
        with self._lock:
            self._forgotten += 1
            for key in [key for key in self._kept if key[0] == distribution_id and _is_named(key, wanted)]:
                self._drop(key)

    def _found(self, key: Key) -> tuple[Answer, float] | None:
        kept, now = self._kept.get(key), self._clock()
        if kept is None:
            return None
        if now >= kept.until:
            self._drop(key)
            return None
        self._kept.move_to_end(key)
        return kept.answer, now - kept.at

    def _keep(self, key: Key, answer: Answer, seconds: float, before: int) -> None:
        now = self._clock()
        kept = _Kept(answer, now, now + seconds)
        if kept.size > self._largest // 4:
            return
        with self._lock:
            if before != self._forgotten:
                return
            if key in self._kept:
                self._drop(key)
            self._kept[key] = kept
            self._bytes += kept.size
            while self._bytes > self._largest:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        self._bytes -= self._kept.pop(key).size


def _is_named(key: Key, paths: tuple[str, ...]) -> bool:
    path, query = key[1], key[2]
    whole = f"{path}?{query}" if query else path
    return any(whole.startswith(one[:-1]) if one.endswith("*") else whole == one for one in paths)
