"""Delivery of stream records, with a stream and a function in memory and a clock of the test's own."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from liveinsight_cli.local.execution.checkpoints import Checkpoints
from liveinsight_cli.local.execution.invocation import Invocation, Throttled
from liveinsight_cli.local.execution.stream_consumer import StreamConsumer
from liveinsight_cli.local.execution.stream_mapping import StreamMapping
from liveinsight_cli.local.execution.streams import StreamPollers
from liveinsight_cli.local.telemetry.database import Database
from tests.local.execution.conftest import Samples

STREAM = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/events/stream/2026"
FUNCTION = "arn:aws:lambda:ap-northeast-2:123456789012:function:aggregator:live"
BASE = 10**20


@dataclass
class Stream:
    """Records in memory, as the data plane gives them."""

    records: list[dict[str, Any]] = field(default_factory=list)

    def add(self, *names: str, at: float = 1000.0, kind: str = "INSERT") -> None:
        for name in names:
            image = {"name": {"S": name}}
            number = str(BASE + len(self.records) + 1)
            self.records.append(
                {
                    "eventName": kind,
                    "dynamodb": {
                        "SequenceNumber": number,
                        "ApproximateCreationDateTime": at,
                        "NewImage": image,
                    },
                }
            )

    def read_stream(self, table: str, after: int, limit: int) -> list[dict[str, Any]]:
        assert table == "events"
        return [r for r in self.records if int(r["dynamodb"]["SequenceNumber"]) > after][:limit]


@dataclass
class Aggregator:
    """The function: remembers its events, and does what the test wants."""

    act: Callable[[dict[str, Any]], Any] = lambda event: {}
    events: list[dict[str, Any]] = field(default_factory=list)

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> Invocation:
        assert name == FUNCTION
        event = json.loads(payload)
        self.events.append(event)
        try:
            answer = self.act(event)
        except ValueError:
            return Invocation(200, b"{}", "1", "id", "Unhandled")
        return Invocation(200, json.dumps(answer).encode(), "1", "id")

    @property
    def batches(self) -> list[list[str]]:
        return [names(event) for event in self.events]


def names(event: dict[str, Any]) -> list[str]:
    return [record["dynamodb"]["NewImage"]["name"]["S"] for record in event["Records"]]


@dataclass
class Setting:
    database: Database
    samples: Samples
    stream: Stream = field(default_factory=Stream)
    function: Aggregator = field(default_factory=Aggregator)
    now: float = 1000.0

    def consumer(self, **changes: Any) -> StreamConsumer:
        arguments: dict[str, Any] = {"id": "m1", "starting_position": "TRIM_HORIZON", **changes}
        mapping = StreamMapping(stream_arn=STREAM, function_arn=FUNCTION, **arguments)
        checkpoints = Checkpoints(self.database)
        return StreamConsumer(
            mapping, "shard-1", self.stream, self.function, checkpoints, self.samples, lambda: self.now
        )

    def run(self, consumer: StreamConsumer, steps: int = 20) -> None:
        """Steps without waiting for batching windows or retries."""
        for _ in range(steps):
            consumer.step()


@pytest.fixture
def setting(tmp_path: Path, samples: Samples) -> Iterator[Setting]:
    database = Database(tmp_path / "checkpoints.db")
    yield Setting(database, samples)
    database.close()


def test_records_arrive_in_order_in_batches_of_the_given_size(setting: Setting) -> None:
    setting.stream.add("a", "b", "c", "d", "e")
    setting.run(setting.consumer(batch_size=2))
    assert setting.function.batches == [["a", "b"], ["c", "d"], ["e"]]
    assert "window" not in setting.function.events[0]


def test_latest_begins_behind_what_is_there(setting: Setting) -> None:
    setting.stream.add("old")
    consumer = setting.consumer(starting_position="LATEST")
    setting.stream.add("new")
    setting.run(consumer)
    assert setting.function.batches == [["new"]]


def test_a_batching_window_waits_for_more_and_a_full_batch_does_not(setting: Setting) -> None:
    consumer = setting.consumer(batching_seconds=5, batch_size=3)
    setting.stream.add("a")
    assert consumer.step() > 0
    setting.now += 4.9
    consumer.step()
    assert setting.function.batches == []
    setting.stream.add("b")
    setting.now += 0.2
    consumer.step()
    assert setting.function.batches == [["a", "b"]]
    setting.stream.add("c", "d", "e")
    consumer.step()
    assert setting.function.batches[1:] == [["c", "d", "e"]]


def test_a_restart_goes_on_behind_the_last_batch_that_was_done(setting: Setting) -> None:
    setting.stream.add("a", "b", "c")
    consumer = setting.consumer(batch_size=2)
    consumer.step()
    again = setting.consumer(batch_size=2)  # the process ended before the second batch
    setting.run(again)
    setting.run(setting.consumer(batch_size=2))
    assert setting.function.batches == [["a", "b"], ["c"]]


def test_a_crash_inside_a_batch_delivers_it_again(setting: Setting) -> None:
    def crash(event: dict[str, Any]) -> Any:
        raise RuntimeError("the server died")

    setting.stream.add("a")
    setting.function.act = crash
    with pytest.raises(RuntimeError):
        setting.consumer().step()
    setting.function.act = lambda event: {}
    setting.run(setting.consumer())
    assert setting.function.batches == [["a"], ["a"]]


def test_records_that_the_filter_drops_are_neither_delivered_nor_read_again(setting: Setting) -> None:
    setting.stream.add("a", kind="INSERT")
    setting.stream.add("b", "c", kind="MODIFY")
    setting.stream.add("d", kind="INSERT")
    setting.stream.add("e", kind="REMOVE")
    filters = ('{"eventName": ["INSERT"]}',)
    setting.run(setting.consumer(filters=filters))
    assert setting.function.batches == [["a", "d"]]
    setting.run(setting.consumer())
    assert setting.function.batches == [["a", "d"]], "the checkpoint is behind what was dropped"


def test_a_failing_batch_is_repeated_until_it_works(setting: Setting) -> None:
    attempts = iter([ValueError, ValueError, None])

    def act(event: dict[str, Any]) -> Any:
        error = next(attempts)
        if error:
            raise error
        return {}

    setting.stream.add("a", "b")
    setting.function.act = act
    consumer = setting.consumer()
    assert consumer.step() >= 0.5, "it waits before the next attempt"
    setting.run(consumer)
    assert setting.function.batches == [["a", "b"]] * 3


def test_retries_come_to_an_end_and_the_next_batch_follows(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    setting.stream.add("bad", "good")

    def act(event: dict[str, Any]) -> Any:
        if "bad" in names(event):
            raise ValueError
        return {}

    setting.function.act = act
    setting.run(setting.consumer(batch_size=1, max_retries=2))
    assert setting.function.batches == [["bad"]] * 3 + [["good"]]
    assert "RetryAttemptsExhausted" in caplog.text


def test_bisecting_isolates_the_record_that_fails(setting: Setting) -> None:
    setting.stream.add("a", "b", "bad", "c", "d")
    done: list[str] = []

    def act(event: dict[str, Any]) -> Any:
        if "bad" in names(event):
            raise ValueError
        done.extend(names(event))
        return {}

    setting.function.act = act
    setting.run(setting.consumer(is_bisecting=True, max_retries=1))
    assert done == ["a", "b", "c", "d"]
    assert setting.function.batches.count(["bad"]) == 2


def test_a_partial_failure_repeats_from_the_first_failed_record(setting: Setting) -> None:
    setting.stream.add("a", "b", "c")
    first = [True]

    def act(event: dict[str, Any]) -> Any:
        if first[0]:
            first[0] = False
            failed = [record["dynamodb"]["SequenceNumber"] for record in event["Records"][1:]]
            return {"batchItemFailures": [{"itemIdentifier": number} for number in reversed(failed)]}
        return {"batchItemFailures": []}

    setting.function.act = act
    setting.run(setting.consumer(has_partial_failures=True))
    assert setting.function.batches == [["a", "b", "c"], ["b", "c"]]


@pytest.mark.parametrize("failures", [[{"itemIdentifier": "nonsense"}], [{}], ["x"]])
def test_a_report_that_makes_no_sense_fails_the_whole_batch(setting: Setting, failures: list[Any]) -> None:
    setting.stream.add("a", "b")
    setting.function.act = lambda event: {"batchItemFailures": failures}
    setting.run(setting.consumer(has_partial_failures=True, max_retries=1))
    assert setting.function.batches == [["a", "b"], ["a", "b"]]


def test_throttling_is_no_attempt(setting: Setting) -> None:
    setting.stream.add("a")
    refusals = [True, True, True]

    def act(event: dict[str, Any]) -> Any:
        if refusals:
            refusals.pop()
            raise Throttled
        return {}

    setting.function.act = act
    consumer = setting.consumer(max_retries=0)
    assert [consumer.step() for _ in range(4)] == [0.5, 1, 2, 0]
    assert setting.function.batches == [["a"]] * 4


def test_records_that_are_too_old_are_dropped(setting: Setting, caplog: pytest.LogCaptureFixture) -> None:
    setting.stream.add("old", at=900.0)
    setting.stream.add("new", at=990.0)
    setting.run(setting.consumer(max_age_seconds=60))
    assert setting.function.batches == [["new"]]
    assert "RecordAgeExceeded" in caplog.text


def test_a_tumbling_window_carries_its_state_and_ends_with_an_empty_final_call(setting: Setting) -> None:
    def count(event: dict[str, Any]) -> Any:
        return {"state": {"n": event["state"].get("n", 0) + len(event["Records"])}}

    setting.function.act = count
    setting.stream.add("a", "b", "c", at=1000.0)
    setting.stream.add("d", at=1030.0)
    setting.now = 1031.0
    consumer = setting.consumer(window_seconds=60, batch_size=2)
    setting.run(consumer)
    calls = [
        (names(e), e["state"], e["isFinalInvokeForWindow"], e["window"]["start"])
        for e in setting.function.events
    ]
    first, second = "1970-01-01T00:16:00Z", "1970-01-01T00:17:00Z"
    assert calls == [
        (["a", "b"], {}, False, first),
        (["c"], {"n": 2}, False, first),
        ([], {"n": 3}, True, first),
        (["d"], {}, False, second),
    ]
    event = setting.function.events[0]
    assert event["window"]["end"] == second
    assert (event["shardId"], event["eventSourceARN"]) == ("shard-1", STREAM)
    assert event["isWindowTerminatedEarly"] is False
    setting.now = 1081.0
    setting.run(setting.consumer(window_seconds=60, batch_size=2))
    final = setting.function.events[-1]
    assert (final["Records"], final["state"], final["isFinalInvokeForWindow"]) == ([], {"n": 1}, True)
    assert len(setting.function.events) == 5


def test_a_state_over_one_megabyte_ends_the_window_early(setting: Setting) -> None:
    setting.function.act = lambda event: {"state": {"big": "x" * (1 << 20)}} if event["Records"] else {}
    setting.stream.add("a")
    setting.run(setting.consumer(window_seconds=60))
    final = setting.function.events[-1]
    assert (final["isFinalInvokeForWindow"], final["isWindowTerminatedEarly"]) == (True, True)


def test_the_iterator_age_is_the_age_of_the_newest_record(setting: Setting) -> None:
    setting.stream.add("a", at=990.0)
    setting.stream.add("b", at=997.5)
    setting.run(setting.consumer())
    assert setting.samples.of("IteratorAge", FunctionName="aggregator") == [2500]


@dataclass
class Deployed:
    found: list[StreamMapping] = field(default_factory=list)

    def mappings(self) -> list[StreamMapping]:
        return self.found


def test_pollers_come_and_go_with_the_mappings(setting: Setting) -> None:
    import threading

    arrived = threading.Semaphore(0)

    def act(event: dict[str, Any]) -> Any:
        arrived.release()
        return {}

    setting.function.act = act
    mapping = StreamMapping("m1", STREAM, FUNCTION, "TRIM_HORIZON")
    deployed = Deployed([mapping])

    def make(mapping: StreamMapping) -> StreamConsumer:
        checkpoints = Checkpoints(setting.database)
        return StreamConsumer(mapping, "s", setting.stream, setting.function, checkpoints, setting.samples)

    pollers = StreamPollers(deployed, make)
    setting.stream.add("a")
    pollers.sync()
    assert arrived.acquire(timeout=10)
    setting.stream.add("b")
    pollers.wake("events")
    assert arrived.acquire(timeout=10)
    deployed.found = []
    pollers.sync()
    setting.stream.add("c")
    deployed.found = [mapping]
    pollers.sync()
    assert arrived.acquire(timeout=10)
    pollers.close()
    assert setting.function.batches == [["a"], ["b"], ["c"]]
