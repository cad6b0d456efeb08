"""Delivers one stream to one function, a step at a time: calls, partial failures, retries, checkpoints.

At least once: a checkpoint moves when a batch is done, so a crash in between delivers the batch again.
"""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from liveinsight_cli.local.execution.checkpoints import Checkpoint, Checkpoints
from liveinsight_cli.local.execution.deployed import split_name
from liveinsight_cli.local.execution.invocation import InvocationRefused
from liveinsight_cli.local.execution.invoker import Invoker
from liveinsight_cli.local.execution.sinks import Metrics
from liveinsight_cli.local.execution.stream_batches import READ_RECORDS, Batches, Record, Segment
from liveinsight_cli.local.execution.stream_mapping import (
    FOR_EVER,
    StreamMapping,
    StreamReader,
    created,
    sequence,
)
from liveinsight_cli.local.times import rfc3339

MAX_STATE_BYTES = 1 << 20
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
log = logging.getLogger(__name__)


class StreamConsumer:
    """Not for several threads; whoever runs it calls `step` and waits as long as that says."""

    def __init__(
        self,
        mapping: StreamMapping,
        shard_id: str,
        reader: StreamReader,
        functions: Invoker,
        checkpoints: Checkpoints,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._mapping = mapping
        self._shard_id = shard_id
        self._functions = functions
        self._checkpoints = checkpoints
        self._metrics = metrics
        self._clock = clock
        self._checkpoint = checkpoints.load(mapping.id) or self._begin(reader)
        self._batches = Batches(mapping, reader, self._checkpoint.after, clock)
        self._segments: deque[Segment] = deque()

    def step(self) -> float:
        """Do at most one invocation; how many seconds to wait before the next step."""
        if not self._segments:
            self._batches.fill(self._skip)
            segment = self._batches.cut(self._checkpoint.window, self._checkpoint.after)
            if segment is None:
                return self._batches.patience()
            self._segments.append(segment)
        return self._deliver(self._segments[0])

    def _begin(self, reader: StreamReader) -> Checkpoint:
        """LATEST skips what the stream holds already."""
        after = 0
        if self._mapping.starting_position == "LATEST":
            while records := reader.read_stream(self._mapping.table, after, READ_RECORDS):
                after = sequence(records[-1])
        checkpoint = Checkpoint(after)
        self._checkpoints.save(self._mapping.id, checkpoint)
        return checkpoint

    def _skip(self, through: int) -> None:
        self._save(replace(self._checkpoint, after=through))

    def _deliver(self, segment: Segment) -> float:
        self._drop_aged(segment)
        if not segment.records and not segment.is_final:
            return self._finish(segment, self._checkpoint.state)
        try:
            invocation = self._functions.invoke(
                self._mapping.function_arn, None, json.dumps(self._event(segment)).encode()
            )
        except InvocationRefused as refusal:
            log.info("%s does not take records now: %s", self._mapping.function_arn, refusal)
            segment.refusals += 1  # no attempt was made: it does not count as one
            return _delay(segment.refusals)
        self._measure_age(segment)
        if invocation.function_error is not None:
            return self._failed(segment, None)
        answer = _answer(invocation.payload)
        failed = self._first_failure(segment, answer)
        if failed is not None:
            return self._failed(segment, failed)
        return self._finish(segment, answer.get("state"))

    def _event(self, segment: Segment) -> dict[str, Any]:
        event: dict[str, Any] = {"Records": segment.records}
        if self._mapping.window_seconds:
            start = (
                self._mapping.window_of(segment.records[0])
                if segment.records
                else self._checkpoint.window or 0
            )
            event |= {
                "window": {"start": rfc3339(start), "end": rfc3339(start + self._mapping.window_seconds)},
                "state": self._checkpoint.state,
                "shardId": self._shard_id,
                "eventSourceARN": self._mapping.stream_arn,
                "isFinalInvokeForWindow": segment.is_final,
                "isWindowTerminatedEarly": segment.is_early,
            }
        return event

    def _first_failure(self, segment: Segment, answer: Mapping[str, Any]) -> int | None:
        """Index of the first record that the function reports as failed; 0 when the report makes no sense."""
        failures = answer.get("batchItemFailures") if self._mapping.has_partial_failures else None
        if not failures or not segment.records:
            return None
        indexes = {record["dynamodb"]["SequenceNumber"]: n for n, record in enumerate(segment.records)}
        try:
            return min(indexes[str(failure["itemIdentifier"])] for failure in failures)
        except (KeyError, TypeError):
            return 0

    def _failed(self, segment: Segment, first: int | None) -> float:
        """Keep what was done, halve or repeat the rest, and give up when the attempts are used up."""
        if first:
            done = segment.records[:first]
            self._save(replace(self._checkpoint, after=sequence(done[-1])))
            segment.records, segment.attempts = segment.records[first:], 0
            if self._mapping.is_bisecting and len(segment.records) > 1:
                return self._bisect(segment)
            return self._again(segment)
        if self._mapping.is_bisecting and len(segment.records) > 1:
            return self._bisect(segment)
        return self._again(segment)

    def _bisect(self, segment: Segment) -> float:
        """Halving is no attempt of its own."""
        middle = len(segment.records) // 2
        head, tail = segment.records[:middle], segment.records[middle:]
        self._segments.popleft()
        self._segments.appendleft(Segment(tail, segment.through))
        self._segments.appendleft(Segment(head, sequence(head[-1])))
        return 0

    def _again(self, segment: Segment) -> float:
        segment.attempts += 1
        if self._mapping.max_retries != FOR_EVER and segment.attempts > self._mapping.max_retries:
            self._give_up(segment.records, "RetryAttemptsExhausted")
            return self._finish(segment, self._checkpoint.state)
        return _delay(segment.attempts)

    def _drop_aged(self, segment: Segment) -> None:
        if self._mapping.max_age_seconds == FOR_EVER:
            return
        oldest = self._clock() - self._mapping.max_age_seconds
        aged = [record for record in segment.records if created(record) < oldest]
        if aged:
            self._give_up(aged, "RecordAgeExceeded")
            segment.records = [record for record in segment.records if created(record) >= oldest]

    def _give_up(self, records: list[Record], reason: str) -> None:
        """There is no queue to send them to here: the log says which they were."""
        if records:
            log.error(
                "%s: gave up %d records (%s), sequence numbers %d to %d; destination %s",
                self._mapping.function_arn, len(records), reason, sequence(records[0]), sequence(records[-1]),
                self._mapping.failure_destination or "none",
            )  # fmt: skip

    def _finish(self, segment: Segment, state: Any) -> float:
        """The segment is done, one way or the other."""
        self._segments.popleft()
        if segment.is_final:
            self._save(Checkpoint(self._checkpoint.after))
            return 0
        window = self._checkpoint.window
        if self._mapping.window_seconds and segment.records:
            window = self._mapping.window_of(segment.records[0])
        kept = state if isinstance(state, dict) and self._mapping.window_seconds else {}
        if len(json.dumps(kept)) > MAX_STATE_BYTES:
            kept = self._checkpoint.state
            self._segments.appendleft(Segment([], segment.through, is_final=True, is_early=True))
        self._save(Checkpoint(segment.through, window, kept))
        return 0

    def _save(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self._checkpoints.save(self._mapping.id, checkpoint)

    def _measure_age(self, segment: Segment) -> None:
        if segment.records:
            function, _ = split_name(self._mapping.function_arn)
            age_ms = max(0.0, self._clock() - created(segment.records[-1])) * 1000
            self._metrics.put(
                "AWS/Lambda", "IteratorAge", {"FunctionName": function}, round(age_ms), "Milliseconds"
            )


def _delay(failures: int) -> float:
    return RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]


def _answer(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
