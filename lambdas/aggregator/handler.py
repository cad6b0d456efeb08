"""Entry point of the aggregator: stream batches, scheduled tasks, the smoke test."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from aggregator.batch import BatchResult, Folder
from aggregator.store import AggregatorStore
from aggregator.upkeep import fold_days, sweep
from aggregator.visits import log_visits
from shared.dynamo import DynamoDB, connect_early, default_connection, take_throttles
from shared.emf import Metric
from shared.log import Log
from shared.settings import Settings
from shared.tasks import ping

_settings = Settings.from_environment(os.environ)
_log = Log(_settings.log_level, _settings.function_name)
connect_early()
_log.container_started()
# What each task does, in order.
_TASKS = {"sweep": (sweep, log_visits), "fold_days": (fold_days,)}
# A task begins nothing new when so little of the function's time is left: a day takes some seconds to fold.
_SPARED_MS = 10_000


class UnexpectedEvent(Exception):
    """An invocation that is neither a batch of a known shard nor a task."""


@lru_cache(maxsize=1)
def _store() -> AggregatorStore:
    return AggregatorStore(DynamoDB(default_connection()), _settings)


@lru_cache(maxsize=1)
def _folder() -> Folder:
    return Folder(_store())


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Fold a batch and say what has to be delivered again, or do a task."""
    pinged = ping(event, context, "aggregator")
    if pinged:
        return pinged
    started = time.perf_counter()
    request_id = str(getattr(context, "aws_request_id", ""))
    now_ms = time.time_ns() // 1_000_000
    if "task" in event:
        return _run_task(str(event["task"]), now_ms, context, request_id, started)
    records = event.get("Records") or []
    if not records:
        return {"state": {}, "batchItemFailures": []}
    if not event.get("shardId"):
        raise UnexpectedEvent("the batch has no shardId: the event source mapping needs a tumbling window")
    result = _folder().fold_batch(str(event["shardId"]), records, now_ms)
    for poison in result.poison:
        _log.line("ERROR", "record skipped", request_id, sequence=poison.sequence, reason=poison.reason)
    _log.line(
        "ERROR" if result.errors else "INFO",
        "batch",
        request_id,
        _measured(result),
        route="stream",
        status=500 if result.errors else 200,
        duration_ms=_elapsed(started),
        records=result.records,
        blocks=result.blocks,
        sessions=result.sessions,
        skipped=len(result.poison),
        errors=result.errors[:5] or None,
    )
    retry = [] if result.retry_from is None else [{"itemIdentifier": _identifier(records, result.retry_from)}]
    return {"state": {}, "batchItemFailures": retry}


def _run_task(task: str, now_ms: int, context: Any, request_id: str, started: float) -> dict[str, Any]:
    if task not in _TASKS:
        raise UnexpectedEvent("no such task")
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    has_time = (lambda: remaining() > _SPARED_MS) if remaining else (lambda: True)
    done: dict[str, int] = {}
    for part in _TASKS[task]:
        done |= part(_store(), now_ms, has_time)
    _log.line(
        "INFO",
        "task",
        request_id,
        _throttled(),
        route=task,
        status=200,
        duration_ms=_elapsed(started),
        **done,
    )
    return {"ok": True, "task": task, **done}


def _measured(result: BatchResult) -> dict[Metric, int]:
    """How late and how much: once a batch, so that the price of a request does not grow with it."""
    failures = len(result.poison) + bool(result.errors)
    values: dict[Metric, int] = {
        "Events": result.folded.events,
        "PageViews": result.folded.pageviews,
        "Sessions": result.folded.sessions,
        "BotEvents": result.folded.bot_events,
    }
    if result.oldest is not None:
        # Also of a batch that could not be folded: it becomes later and later.
        values["Freshness"] = max(0, time.time_ns() // 1_000_000 - result.oldest)
    if failures:
        values["HandledFailures"] = failures
    return values | _throttled()


def _throttled() -> dict[Metric, int]:
    throttles = take_throttles()
    return {"StorageThrottles": throttles} if throttles else {}


def _identifier(records: list[Mapping[str, Any]], sequence: int) -> str:
    """The sequence number exactly as it was delivered."""
    numbers = (str(record.get("dynamodb", {}).get("SequenceNumber", "")) for record in records)
    return next(number for number in numbers if number.isdigit() and int(number) == sequence)


def _elapsed(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
