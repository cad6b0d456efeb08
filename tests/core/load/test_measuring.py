"""The generator measures what it claims to: latencies from when requests were due, percentiles that are exact."""

import random
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

import pytest

from liveinsight_cli.adapters.load_client import Client
from liveinsight_cli.adapters.load_worker import EARLY_SECONDS, Sender
from liveinsight_cli.core.load.arrivals import due_times
from liveinsight_cli.core.load.figures import LoadFigures, figures_of, stored
from liveinsight_cli.core.load.plan import (
    LoadPlan,
    processes_for,
    seconds_in,
    share_in,
    shares_of,
    throttle_of,
)
from liveinsight_cli.core.load.samples import NO_CONNECTION, RECORD, TIMED_OUT, Sample, Samples, percentile
from tests.core.load.virtual import OneByOne, run_virtually


def measured(plan: LoadPlan, server: OneByOne) -> list[Sample]:
    """Send a plan to a server in virtual time."""
    samples = Samples()

    async def main(now: float) -> None:
        server.still = (now + server.still[0], now + server.still[1])
        sender = Sender(plan, 0, "http://server/v1", None, samples.add)
        sender.connect = cast("type[Client]", server.connected)  # type: ignore[method-assign]
        await sender.run(now)

    run_virtually(main)
    return sorted(samples, key=lambda one: one.due)


def waited_for(due: Sequence[float], seconds: float, still: tuple[float, float]) -> list[float]:
    """The same server by hand: each request waits for those before it and for the end of the standstill."""
    free, found = 0.0, []
    for at in due:
        begin = max(free, at)
        begin = still[1] if still[0] <= begin < still[1] else begin
        free = begin + seconds
        found.append(free - at)
    return found


def test_a_server_that_stands_still_for_a_second_is_seen_by_all_who_would_have_waited() -> None:
    plan = LoadPlan(rps=100, seconds=10, warm_up_seconds=0, arrivals="constant")
    server = OneByOne(0.005, 5.0, 6.0)
    samples = measured(plan, server)
    expected = waited_for(server.received, 0.005, (5.0, 6.0))
    assert len(samples) == 1000
    assert [one.latency for one in samples] == pytest.approx(expected, abs=1e-5)
    ordered = sorted(expected)
    figures = figures_of(samples, 0, 10)
    assert figures.latency.p99 == pytest.approx(ordered[989] * 1000, abs=0.01)
    assert figures.latency.p90 == pytest.approx(ordered[899] * 1000, abs=0.01)
    assert figures.latency.p90 > 400, "one who waits for answers would have sent one request in that second"
    assert figures.late.max == 0.0


def test_percentiles_are_those_of_the_servers_known_distribution() -> None:
    """Exponential times of work on a server that does everything at once."""
    chance, served = random.Random(7), []

    class Parallel(OneByOne):
        def ready_at(self, begin: float) -> float:
            served.append(chance.expovariate(1 / 0.04))
            return self.loop.time() + served[-1]

    samples = measured(LoadPlan(rps=400, seconds=20, warm_up_seconds=0), Parallel(0.0))
    figures = figures_of(samples, 0, 20)
    assert len(served) == len(samples) > 7000
    for share, value in (
        (0.5, figures.latency.p50),
        (0.95, figures.latency.p95),
        (0.99, figures.latency.p99),
    ):
        exact = sorted(served)[-int(-len(served) * share // 1) - 1]
        assert value == pytest.approx(exact * 1000, rel=0.01)


def test_requests_are_begun_when_they_are_due_and_no_later() -> None:
    plan = LoadPlan(rps=50, seconds=4, warm_up_seconds=1, arrivals="constant")
    server = OneByOne(3.0)
    samples = measured(plan, server)
    assert [one.due for one in samples] == pytest.approx([number / 50 for number in range(250)])
    for one, received in zip(samples, server.received, strict=True):
        assert one.due - EARLY_SECONDS - 1e-6 <= received <= one.due + 1e-6
        assert one.late == 0.0


def test_a_generator_that_is_held_up_counts_that_into_latencies_and_says_so() -> None:
    plan = LoadPlan(rps=100, seconds=2, warm_up_seconds=0, arrivals="constant")

    class HoldingUp(OneByOne):
        def send(self, exchange: object) -> None:
            if len(self.received) == 50:
                self.loop.selector.now += 0.5  # type: ignore[attr-defined]
            super().send(exchange)  # type: ignore[arg-type]

    samples = measured(plan, HoldingUp(0.0001))
    figures = figures_of(samples, 0, 2)
    assert figures.late.max == pytest.approx(490, abs=1.1)
    assert figures.latency.max is not None
    assert figures.latency.max > 490
    assert figures.begun.p99 is not None
    assert figures.begun.p99 < 20


def test_what_never_answers_ends_with_the_load() -> None:
    class Silent(OneByOne):
        def send(self, exchange: object) -> None:
            pass

    samples = measured(LoadPlan(rps=10, seconds=2, warm_up_seconds=0, timeout_seconds=0.5), Silent(0.0))
    assert {one.outcome for one in samples} == {-4}
    assert figures_of(samples, 0, 2).error_rate == 1.0


@pytest.mark.parametrize("arrivals", ["constant", "poisson"])
@pytest.mark.parametrize("processes", [1, 3])
def test_processes_share_a_rate(arrivals: str, processes: int) -> None:
    plan = LoadPlan(rps=90, seconds=100, warm_up_seconds=0, arrivals=arrivals, processes=processes)  # type: ignore[arg-type]
    due = sorted(at for number in range(processes) for at in due_times(plan, number))
    assert len(due) == pytest.approx(9000, rel=0.05)
    assert all(0 <= at < 100 for at in due)
    gaps = [later - earlier for earlier, later in pairwise(due)]
    if arrivals == "constant":
        assert gaps == pytest.approx([1 / 90] * len(gaps))
    else:
        mean = sum(gaps) / len(gaps)
        deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
        assert deviation == pytest.approx(mean, rel=0.1), "of exponential gaps"


def test_percentiles_are_the_least_value_that_so_many_do_not_exceed() -> None:
    chance = random.Random(3)
    for count in (1, 2, 7, 100, 999):
        values = sorted(chance.random() for _ in range(count))
        for share in (0.0, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0):
            wanted = min(one for one in values if sum(other <= one for other in values) >= share * count)
            assert percentile(values, share) == wanted
    assert percentile([], 0.5) is None


def sample(due: float, latency: float = 0.01, outcome: int = 202, **more: int) -> Sample:
    return Sample(due, 0.0, 0.0, latency, outcome, **more)


def test_throttled_requests_are_neither_failures_nor_latencies() -> None:
    samples = [
        sample(1, 0.2),
        sample(2, 0.001, 429),
        sample(3, 0.4, 503),
        sample(4, 10.0, TIMED_OUT),
        sample(0.5),
    ]
    figures: LoadFigures = figures_of(samples, 1, 5)
    assert (figures.requests, figures.ok, figures.errors, figures.throttled) == (4, 1, 2, 1)
    assert figures.error_rate == pytest.approx(2 / 3)
    assert figures.throttled_rate == 0.25
    assert (figures.latency.p50, figures.latency.max) == (400.0, 10_000.0)
    assert figures.outcomes == {"202": 1, "429": 1, "503": 1, "timed out": 1}
    assert sum(one.requests for one in figures.intervals) == 4


def test_nothing_measured_is_no_data_and_not_zero() -> None:
    figures = figures_of([], 1, 5)
    assert figures.error_rate is figures.throttled_rate is figures.latency.p95 is None
    assert figures.intervals[0].p95 is None


def test_events_of_unknown_fate_are_those_whose_answer_is_missing_or_a_failure() -> None:
    found = stored(
        [
            sample(1, accepted=3, events=3),
            sample(2, outcome=429, events=2),
            sample(3, outcome=NO_CONNECTION, events=4),
            sample(4, outcome=503, events=5),
        ]
    )
    assert (found.accepted, found.of_unknown_fate) == (3, 9)


def test_samples_come_through_a_pipe_as_they_are() -> None:
    one = Sample(1.5, 0.25, 0.5, 0.75, -1, 2, 3, 4, 1)
    samples = Samples()
    samples.add(one.packed() * 2)
    assert list(samples) == [one, one]
    assert (len(samples), list(samples.since(2)), RECORD.size) == (2, [], 26)


def test_words_of_the_command_line_are_read() -> None:
    assert [seconds_in(text) for text in ("250ms", "1.5s", "2m", "2", "", "1h")] == [
        0.25,
        1.5,
        120,
        None,
        None,
        None,
    ]
    assert [share_in(text) for text in ("1%", "0.5 %", "101%", "x")] == [0.01, 0.005, None, None]
    assert sum(shares_of("mixed").values()) == pytest.approx(1)
    assert throttle_of("events", {"events": 11.6, "stats": 1.0}) == 11.6
    assert throttle_of("mixed", {"events": 8.0, "realtime": 1.2, "stats": 0.6}) == pytest.approx(
        0.6 / (0.06 / 0.88)
    )
    assert throttle_of("events", {}) is None
    assert [processes_for(rps) for rps in (1, 1000, 1001, 50_000)] == [1, 1, 2, 16]
