"""Whether a load stayed within its limits, whether that may be believed, and what it says about the stack."""

from dataclasses import dataclass

from liveinsight_cli.core.load.figures import LoadFigures
from liveinsight_cli.core.load.samples import OUTCOMES, STOPPED, TIMED_OUT

LEAST_SAMPLES = 20  # fewer have no 95th percentile
MOST_NEW = 0.05  # of requests on a connection of their own: with more of them, opening it may be what is slow


@dataclass(frozen=True)
class Limits:
    """What is promised: the 95th percentile in seconds, and the share of answers that may be failures."""

    p95_seconds: float = 0.1
    error_rate: float = 0.01


@dataclass(frozen=True)
class Condition:
    """One limit beside what was measured, in its unit; no data has not passed."""

    name: str
    limit: float
    actual: float | None
    unit: str
    failed: bool

    def in_words(self) -> str:
        """Return the finding for a person."""
        if self.actual is None:
            return f"{self.name}: no data"
        relation = "is above" if self.failed else "is within"
        return f"{self.name} {self.actual:,.3g} {self.unit} {relation} {self.limit:g} {self.unit}"


@dataclass(frozen=True)
class Verdict:
    """Both limits, and what speaks against believing the figures (`doubts`)."""

    conditions: tuple[Condition, ...]
    doubts: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether every limit holds."""
        return not any(one.failed for one in self.conditions)

    @property
    def is_valid(self) -> bool:
        """Whether the figures are about the stack."""
        return not self.doubts

    @property
    def broken(self) -> str:
        """The limits that do not hold, in words."""
        return "; ".join(one.in_words() for one in self.conditions if one.failed)


def judge(figures: LoadFigures, limits: Limits) -> Verdict:
    """Hold figures against limits. What was throttled is in neither: it is no answer of the functions."""
    p95, rate = figures.latency.p95, figures.error_rate
    limit_ms = limits.p95_seconds * 1000
    conditions = (
        Condition("p95", limit_ms, p95, "ms", p95 is None or p95 > limit_ms),
        Condition(
            "error rate",
            limits.error_rate * 100,
            None if rate is None else rate * 100,
            "%",
            rate is None or rate > limits.error_rate,
        ),
    )
    return Verdict(conditions, _doubts(figures, limits))


def statement(figures: LoadFigures, verdict: Verdict, limits: Limits) -> str:
    """Return what one load shows, in a sentence."""
    if not verdict.is_valid:
        return f"Nothing can be said of the stack: {verdict.doubts[0]}"
    if not verdict.is_passed:
        return f"At {rate(figures.offered_rps)} this stack is outside its limits: {verdict.broken}."
    if figures.throttled:
        return (
            f"This stack answers {figures.answered_rps:,.1f} of {rate(figures.offered_rps)} "
            f"{promise(limits)}; its throttle refuses the others."
        )
    return f"This stack answers {rate(figures.answered_rps)} {promise(limits)}."


def rate(rps: float) -> str:
    """Return a rate in words."""
    return f"{rps:,.1f}".removesuffix(".0") + " requests/s"


def promise(limits: Limits) -> str:
    """Return the limits in words."""
    return f"at p95 <= {limits.p95_seconds * 1000:g} ms and errors <= {limits.error_rate * 100:g} %"


def _doubts(figures: LoadFigures, limits: Limits) -> tuple[str, ...]:
    """Lateness adds to latencies and flatters none: a limit that holds in spite of it holds. One that breaks without it
    breaks too, unless the generator was so late that it sent in bunches what was due one after the other."""
    doubts, limit_ms = [], limits.p95_seconds * 1000
    late, p95, begun = figures.late.p99 or 0.0, figures.latency.p95 or 0.0, figures.begun.p95 or 0.0
    if late > limit_ms or begun <= limit_ms < p95:
        doubts.append(
            f"the generator itself was behind by {late:,.0f} ms at the 99th percentile "
            f"({figures.late.max or 0:,.0f} ms at most), and latencies hold that too."
        )
    elif _is_short_of_connections(figures, limits):
        doubts.append(
            "requests waited here for a free connection (--connections): once sent, 95 % were answered within "
            f"{figures.service.p95 or 0:,.0f} ms, and latencies hold the wait too."
        )
    if figures.latency.count < LEAST_SAMPLES:
        doubts.append(f"{figures.latency.count} answers are too few for percentiles.")
    return tuple(doubts)


def _is_short_of_connections(figures: LoadFigures, limits: Limits) -> bool:
    """Whether a limit breaks by the wait for a connection of ours alone, which may last until a request times out."""
    service, begun = figures.service.p95, figures.begun.p95
    if service is None or begun is None or not service <= limits.p95_seconds * 1000 < begun:
        return False
    silent = sum(figures.outcomes.get(OUTCOMES[one], 0) for one in (TIMED_OUT, STOPPED))
    return (  # whoever times out takes its connection along, so that many a new one is no sign then
        figures.ok > 0
        and figures.new_connections - silent < MOST_NEW * figures.requests
        and figures.errors - silent <= limits.error_rate * figures.requests
    )
