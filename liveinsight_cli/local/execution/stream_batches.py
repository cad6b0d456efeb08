"""From a stream's records to what one call delivers: filters, batch size, bytes, batching time, tumbling window."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from liveinsight_cli.local.execution.event_filters import compile_filters
from liveinsight_cli.local.execution.stream_mapping import StreamMapping, StreamReader, sequence, size

READ_RECORDS = 1000
MAX_EVENT_BYTES = 6_000_000
IDLE_SECONDS = 0.2
Record = dict[str, Any]


@dataclass
class Segment:
    """Records to deliver in one call; those of a final call of a window are none."""

    records: list[Record]
    through: int
    is_final: bool = False
    is_early: bool = False
    attempts: int = 0
    refusals: int = 0


class Batches:
    """The records that were read and not cut yet."""

    def __init__(
        self, mapping: StreamMapping, reader: StreamReader, after: int, clock: Callable[[], float]
    ) -> None:
        self._mapping = mapping
        self._reader = reader
        self._clock = clock
        self._passes = compile_filters(mapping.filters)
        self._read_through = after
        self._buffer: deque[Record] = deque()
        self._buffered_since: float | None = None

    def fill(self, skipped: Callable[[int], None]) -> None:
        """Read on until there is a whole batch or nothing more; `skipped` is told of what was filtered out whole."""
        while len(self._buffer) < self._mapping.batch_size:
            records = self._reader.read_stream(self._mapping.table, self._read_through, READ_RECORDS)
            if not records:
                return
            self._buffer += [record for record in records if self._passes(record)]
            self._read_through = sequence(records[-1])
            if self._buffer and self._buffered_since is None:
                self._buffered_since = self._clock()
            if not self._buffer:  # all of it was filtered out
                skipped(self._read_through)

    def cut(self, window: int | None, after: int) -> Segment | None:
        """Return what is to be delivered next when it is time for it; `window` is the open one, begun `after`."""
        if window is not None and self._is_over(window):
            return Segment([], after, is_final=True)
        if not self._buffer or not self._is_due():
            return None
        records = self._take()
        is_last = not self._buffer
        self._buffered_since = None if is_last else self._buffered_since
        return Segment(records, self._read_through if is_last else sequence(records[-1]))

    def _is_over(self, window: int) -> bool:
        """A window ends when a later record is next, or its time has passed and nothing of it is left."""
        if self._buffer:
            return self._mapping.window_of(self._buffer[0]) != window
        return self._clock() >= window + self._mapping.window_seconds

    def _is_due(self) -> bool:
        if len(self._buffer) >= self._mapping.batch_size or self._buffered_since is None:
            return True
        if self._mapping.window_seconds:
            first = self._mapping.window_of(self._buffer[0])
            if (
                self._mapping.window_of(self._buffer[-1]) != first
                or self._clock() >= first + self._mapping.window_seconds
            ):
                return True
        return self._clock() - self._buffered_since >= self._mapping.batching_seconds

    def _take(self) -> list[Record]:
        """As many records as fit in one call: batch size, bytes, one window."""
        window = self._mapping.window_of(self._buffer[0])
        records: list[Record] = []
        total = 0
        while self._buffer and len(records) < self._mapping.batch_size:
            total += size(self._buffer[0])
            is_full = records and total > MAX_EVENT_BYTES
            if is_full or self._mapping.window_of(self._buffer[0]) != window:
                break
            records.append(self._buffer.popleft())
        return records

    def patience(self) -> float:
        """Return how many seconds to wait before the next look."""
        if self._buffered_since is None:
            return IDLE_SECONDS
        left = self._buffered_since + self._mapping.batching_seconds - self._clock()
        return min(max(left, 0.01), IDLE_SECONDS)
