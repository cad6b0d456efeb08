"""What the samples of a load say: counts, exact percentiles, and how they moved."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from liveinsight_cli.core.load.plan import ROUTES
from liveinsight_cli.core.load.samples import (
    NEW_CONNECTION,
    OUTCOMES,
    SENT_AGAIN,
    Sample,
    percentile,
)

# The points of the percentile curve, each a tenth as far from the end as the one before it by the last three.
CURVE = (
    *(0.0, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.975, 0.98, 0.99),
    *(0.995, 0.998, 0.999, 0.9995, 0.9999, 1.0),
)


@dataclass(frozen=True)
class Latency:
    """Percentiles in ms; None where there is no sample."""

    count: int
    mean: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None
    p999: float | None
    max: float | None

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Latency":
        """Return those of durations in seconds."""
        ordered = sorted(seconds)
        points = (_ms(percentile(ordered, share)) for share in (0.5, 0.9, 0.95, 0.99, 0.999, 1.0))
        return cls(len(ordered), _ms(sum(ordered) / len(ordered) if ordered else None), *points)


@dataclass(frozen=True)
class Interval:
    """What was due in the `seconds` from `start` (since the load began); latencies in ms."""

    start: float
    seconds: float
    requests: int
    ok: int
    errors: int
    throttled: int
    p50: float | None
    p95: float | None
    max: float | None


@dataclass(frozen=True)
class RouteFigures:
    """One route of a mixture."""

    route: str
    requests: int
    errors: int
    throttled: int
    latency: Latency


@dataclass(frozen=True)
class LoadFigures:
    """The measured part of a load.

    `latency` counts from when a request was due, `service` from when it was sent; both leave out what was throttled,
    and a request that timed out counts with its whole time. `late` is how far the generator was behind when it began
    requests, and `begun` what latencies would be without that. `answered_rps` are good answers a second, counted
    when they came.
    """

    seconds: float
    requests: int
    ok: int
    errors: int
    throttled: int
    offered_rps: float
    answered_rps: float
    error_rate: float | None
    throttled_rate: float | None
    outcomes: dict[str, int]
    latency: Latency
    service: Latency
    late: Latency
    begun: Latency
    curve: tuple[tuple[float, float], ...]
    intervals: tuple[Interval, ...]
    routes: tuple[RouteFigures, ...]
    new_connections: int
    sent_again: int


@dataclass(frozen=True)
class Stored:
    """Events of a whole load, the warm-up included: what answers say is stored, and what nobody knows of."""

    accepted: int
    of_unknown_fate: int


def figures_of(samples: Iterable[Sample], begin: float, end: float, points: int = 60) -> LoadFigures:
    """Return the figures of what was due from `begin` to `end`; the intervals are at most `points`."""
    measured = [one for one in samples if begin <= one.due < end]
    seconds = max(end - begin, 1e-9)
    ok = sum(one.is_ok for one in measured)
    throttled = sum(one.is_throttled for one in measured)
    errors = len(measured) - ok - throttled
    timed = [one for one in measured if not one.is_throttled]
    ordered = sorted(one.latency for one in timed)
    in_time = sum(one.is_ok and one.due + one.latency <= end for one in measured)
    return LoadFigures(
        seconds=seconds,
        requests=len(measured),
        ok=ok,
        errors=errors,
        throttled=throttled,
        offered_rps=len(measured) / seconds,
        answered_rps=in_time / seconds,
        error_rate=errors / len(timed) if timed else None,
        throttled_rate=throttled / len(measured) if measured else None,
        outcomes=_outcomes(measured),
        latency=Latency.of(ordered),
        service=Latency.of(one.service for one in timed),
        late=Latency.of(one.late for one in measured),
        begun=Latency.of(one.latency - one.late for one in timed),
        curve=_curve(ordered),
        intervals=_intervals(measured, begin, end, points),
        routes=_routes(measured),
        new_connections=sum(bool(one.flags & NEW_CONNECTION) for one in measured),
        sent_again=sum(bool(one.flags & SENT_AGAIN) for one in measured),
    )


def stored(samples: Iterable[Sample]) -> Stored:
    """Return what became of the events that were sent: a refusal stores nothing, no answer may have stored all."""
    accepted = unknown = 0
    for one in samples:
        accepted += one.accepted
        if one.outcome < 0 or one.outcome >= 500:
            unknown += one.events
    return Stored(accepted, unknown)


def _curve(ordered: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Return (share, ms) as far as there are samples beyond, and the longest at last."""
    shown = [share for share in CURVE if share == 1 or (1 - share) * len(ordered) >= 1]
    found = ((share, _ms(percentile(ordered, share))) for share in shown)
    return tuple((share, value) for share, value in found if value is not None)


def _outcomes(measured: Iterable[Sample]) -> dict[str, int]:
    counted = Counter(one.outcome for one in measured)
    return {
        OUTCOMES.get(code, str(code)): counted[code] for code in sorted(counted, key=lambda c: (c < 0, c))
    }


def _intervals(measured: Sequence[Sample], begin: float, end: float, points: int) -> tuple[Interval, ...]:
    whole = end - begin
    count = max(1, min(points, int(whole)))
    length = whole / count
    groups: list[list[Sample]] = [[] for _ in range(count)]
    for one in measured:
        groups[min(int((one.due - begin) / length), count - 1)].append(one)
    return tuple(_interval(begin + number * length, length, group) for number, group in enumerate(groups))


def _interval(start: float, seconds: float, group: Sequence[Sample]) -> Interval:
    ordered = sorted(one.latency for one in group if not one.is_throttled)
    ok, throttled = sum(one.is_ok for one in group), sum(one.is_throttled for one in group)
    points = (_ms(percentile(ordered, share)) for share in (0.5, 0.95, 1.0))
    return Interval(start, seconds, len(group), ok, len(group) - ok - throttled, throttled, *points)


def _routes(measured: Sequence[Sample]) -> tuple[RouteFigures, ...]:
    found = []
    for number in sorted({one.route for one in measured}):
        group = [one for one in measured if one.route == number]
        found.append(
            RouteFigures(
                ROUTES[number],
                len(group),
                sum(one.is_error for one in group),
                sum(one.is_throttled for one in group),
                Latency.of(one.latency for one in group if not one.is_throttled),
            )
        )
    return tuple(found)


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
