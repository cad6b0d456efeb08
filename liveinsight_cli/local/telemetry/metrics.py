"""CloudWatch metrics' data: every sample, so that any percentile of any period can be told exactly."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from liveinsight_cli.local.telemetry.database import Database
from liveinsight_cli.local.telemetry.statistics import Bucket, Sample

FLUSH_SECONDS = 1.0
KEEP_DAYS = 15  # CloudWatch keeps one-minute points for 15 days

_SCHEMA = """
CREATE TABLE IF NOT EXISTS metric_series (
  id INTEGER PRIMARY KEY, namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL,
  UNIQUE (namespace, name, dimensions));
CREATE TABLE IF NOT EXISTS metric_samples (
  series INTEGER NOT NULL, at INTEGER NOT NULL, unit TEXT NOT NULL,
  low REAL NOT NULL, high REAL NOT NULL, total REAL NOT NULL, count REAL NOT NULL);
CREATE INDEX IF NOT EXISTS metric_samples_by_time ON metric_samples (series, at);
"""


@dataclass(frozen=True)
class Metric:
    """What identifies a series of numbers; dimensions sorted by name."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> "Metric":
        """A metric from its dimensions in any order."""
        return cls(namespace, name, tuple(sorted(dimensions.items())))


@dataclass(frozen=True)
class _Key:
    metric: Metric
    at: int
    unit: str
    low: float
    high: float


class MetricStore:
    """Samples on disk. Those of the last second wait in memory, equal ones added up; a read sees them too."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._pending: dict[_Key, tuple[float, float]] = {}
        self._flushed = clock()
        self._series: dict[Metric, int] = {}
        database.define(_SCHEMA)

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str = "None",
        at: float | None = None,
        count: float = 1,
    ) -> None:
        """Record a value, `count` times; `at` is epoch seconds, now when left out."""
        self.put_statistics(
            Metric.of(namespace, name, dimensions), Sample(value, value, value * count, count), unit, at
        )

    def put_statistics(
        self, metric: Metric, sample: Sample, unit: str = "None", at: float | None = None
    ) -> None:
        """Record values of which only the summary is known."""
        now = self._clock()
        key = _Key(metric, int(now if at is None else at), unit, float(sample.low), float(sample.high))
        with self._lock:
            total, count = self._pending.get(key, (0.0, 0.0))
            self._pending[key] = (total + sample.total, count + sample.count)
            due = now - self._flushed >= FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Write what waits in memory."""
        with self._lock:
            pending, self._pending = self._pending, {}
            self._flushed = self._clock()
            if not pending:
                return
            with self._database.write() as cursor:
                cursor.executemany(
                    "INSERT INTO metric_samples VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        (self._series_id(key.metric), key.at, key.unit, key.low, key.high, total, count)
                        for key, (total, count) in pending.items()
                    ],
                )

    def buckets(
        self, metric: Metric, start: int, end: int, period: int, unit: str | None = None
    ) -> dict[int, Bucket]:
        """The samples with start <= time < end, by the start of their period; periods are counted from `start`."""
        self.flush()
        rows = self._database.read(
            "SELECT at, low, high, total, count FROM metric_samples JOIN metric_series ON id = series "
            "WHERE namespace = ? AND name = ? AND dimensions = ? AND at >= ? AND at < ? AND (? IS NULL OR unit = ?)",
            (metric.namespace, metric.name, _dump(metric), start, end, unit, unit),
        )
        found: dict[int, list[Sample]] = {}
        for at, low, high, total, count in rows:
            found.setdefault(start + (at - start) // period * period, []).append(
                Sample(low, high, total, count)
            )
        return {at: Bucket(tuple(found[at])) for at in sorted(found)}

    def unit(self, metric: Metric, start: int, end: int) -> str:
        """The unit of the newest sample in the span, `None` when there is none."""
        rows = self._database.read(
            "SELECT unit FROM metric_samples JOIN metric_series ON id = series "
            "WHERE namespace = ? AND name = ? AND dimensions = ? AND at >= ? AND at < ? ORDER BY at DESC LIMIT 1",
            (metric.namespace, metric.name, _dump(metric), start, end),
        )
        return str(rows[0][0]) if rows else "None"

    def metrics(self, namespace: str | None = None, name: str | None = None) -> Iterable[Metric]:
        """Every metric that has samples, sorted."""
        self.flush()
        rows = self._database.read(
            "SELECT namespace, name, dimensions FROM metric_series WHERE (? IS NULL OR namespace = ?) "
            "AND (? IS NULL OR name = ?) AND EXISTS (SELECT 1 FROM metric_samples WHERE series = id) ORDER BY 1, 2, 3",
            (namespace, namespace, name, name),
        )
        return [Metric(space, title, tuple(map(tuple, json.loads(pairs)))) for space, title, pairs in rows]

    def expire(self, keep_days: int = KEEP_DAYS) -> None:
        """Drop what is older."""
        with self._database.write() as cursor:
            cursor.execute(
                "DELETE FROM metric_samples WHERE at < ?", (int(self._clock() - keep_days * 86_400),)
            )

    def _series_id(self, metric: Metric) -> int:
        if metric not in self._series:
            key = (metric.namespace, metric.name, _dump(metric))
            with_id = "SELECT id FROM metric_series WHERE namespace = ? AND name = ? AND dimensions = ?"
            rows = self._database.read(with_id, key)
            if not rows:
                insert = (
                    "INSERT INTO metric_series (namespace, name, dimensions) VALUES (?, ?, ?) RETURNING id"
                )
                rows = self._database.read(insert, key)
            self._series[metric] = int(rows[0][0])
        return self._series[metric]


def _dump(metric: Metric) -> str:
    return json.dumps(metric.dimensions)
