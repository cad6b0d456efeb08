"""Runs a query over the log store. What only looks at one row at a time is done while events are read."""

import itertools
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from liveinsight_cli.local.telemetry.insights.parser import Query
from liveinsight_cli.local.telemetry.insights.steps import Columns, Fields, Filter, Parse, Step
from liveinsight_cli.local.telemetry.insights.values import EventRow, Row, Value, moment, text
from liveinsight_cli.local.telemetry.logs import EVENT_OVERHEAD_BYTES, FilterQuery, LogStore, Position

Status = Literal["Running", "Complete", "Cancelled", "Failed"]
_TIMES = ("@timestamp", "@ingestionTime")
_ROW_BY_ROW = (Filter, Fields, Parse)


@dataclass(frozen=True)
class Scan:
    """What a query looks at: groups, from when to when (epoch milliseconds, both included), the most rows."""

    groups: tuple[str, ...]
    start_ms: int
    end_ms: int
    limit: int
    account: str


@dataclass
class Run:
    """A query under way, or what came of it; a row is its fields and their texts, in order."""

    query: Query
    scan: Scan
    status: Status = "Running"
    rows: list[list[tuple[str, str]]] = field(default_factory=list)
    matched: int = 0
    scanned: int = 0
    bytes_scanned: int = 0
    cancelled: threading.Event = field(default_factory=threading.Event)

    def go(self, store: LogStore) -> None:
        """Read the logs and make the result."""
        try:
            rows = self._found(store)
            if self.cancelled.is_set():
                self.status = "Cancelled"
                return
            self.rows, self.status = self._result(rows), "Complete"
        except Exception:
            self.status = "Failed"
            raise

    def _found(self, store: LogStore) -> list[Row]:
        first, rest = _split(self.query.steps)
        found: list[Row] = []
        for event in self._events(store):
            rows: list[Row] = [event]
            for step in first:
                rows = step.run(rows)
            found += rows
            if self.cancelled.is_set():
                return []
        self.matched = len(found)
        found.sort(key=lambda row: -row.at if isinstance(row, EventRow) else 0)
        for step in rest:
            found = step.run(found)
        return found[: self.scan.limit]

    def _events(self, store: LogStore) -> Iterator[EventRow]:
        """Every event of the groups, each group's newest first."""
        for group in self.scan.groups:
            query = FilterQuery(group, start=self.scan.start_ms, end=self.scan.end_ms, newest_first=True)
            after: Position | None = None
            while True:
                page = store.filter(query, after)
                for event in page.events:
                    self.scanned += 1
                    self.bytes_scanned += len(event.message.encode()) + EVENT_OVERHEAD_BYTES
                    yield EventRow(
                        log=f"{self.scan.account}:{group}",
                        stream=event.stream,
                        at=event.at,
                        ingested=event.ingested,
                        message=event.message,
                        pointer=f"{event.id:056d}",
                    )
                if page.next is None:
                    break
                after = page.next

    def _result(self, rows: Sequence[Row]) -> list[list[tuple[str, str]]]:
        columns = Columns()
        for step in self.query.steps:
            step.describe(columns)
        names = [*columns.shown(), *(() if columns.is_aggregated else ("@ptr",))]
        return [
            [(name, _shown(name, value)) for name in names if (value := row.get(name)) is not None]
            for row in rows
        ]


def _split(steps: Sequence[Step]) -> tuple[list[Step], list[Step]]:
    first = list(itertools.takewhile(lambda step: isinstance(step, _ROW_BY_ROW), steps))
    return first, list(steps[len(first) :])


def _shown(name: str, value: Value) -> str:
    return moment(value) if name in _TIMES and isinstance(value, int) else text(value)
