"""The same minutes as the servers saw them: what else of CloudWatch is asked for beside the figures of `stats`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from liveinsight_cli.core.stats_metrics import Metric, Names
from liveinsight_cli.core.stats_platform import Platform

MINUTE = 60
NAMESPACE = "LiveInsight"


@dataclass(frozen=True)
class ServerFunction:
    """What a function did beside answering; None where CloudWatch has no data."""

    name: str
    cold_starts: float | None
    handled_failures: float | None


@dataclass(frozen=True)
class ServerSide:
    """CloudWatch's figures of whole minutes, other callers' requests included. `is_complete`: they have caught up."""

    platform: Platform
    functions: tuple[ServerFunction, ...]
    waited_seconds: float
    is_complete: bool
    storage_throttles: float | None = None


@dataclass(frozen=True)
class Arrival:
    """Events whose storing was answered, beside those that the statistics have counted since."""

    accepted: int
    of_unknown_fate: int
    counted: int | None
    waited_seconds: float

    @property
    def lost(self) -> int | None:
        """How many accepted events are not there."""
        return None if self.counted is None else max(0, self.accepted - self.counted)


@dataclass(frozen=True)
class Window:
    """Whole minutes around a load, in epoch seconds."""

    begin: int
    end: int

    @classmethod
    def around(cls, begin: float, end: float) -> "Window":
        """Return the minutes that a load touches."""
        return cls(int(begin) // MINUTE * MINUTE, (int(end) // MINUTE + 1) * MINUTE)

    @property
    def seconds(self) -> int:
        """Its length."""
        return self.end - self.begin


def wanted(names: Names) -> dict[str, Metric]:
    """Return the further metrics by a key of their own."""
    found: dict[str, Metric] = {}
    for short, name in names.functions.items():
        function = {"FunctionName": name}
        for metric in ("ColdStarts", "HandledFailures", "StorageThrottles"):
            found[f"{metric} {short}"] = Metric(NAMESPACE, metric, "Sum", function)
    return found


@dataclass(frozen=True)
class Reading:
    """One look at CloudWatch."""

    platform: Platform
    more: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def requests(self) -> float:
        """Requests that API Gateway has reported so far."""
        return self.platform.api.requests or 0.0


def assembled(names: Names, reading: Reading, waited_seconds: float, *, is_complete: bool) -> ServerSide:
    """Return the server side from its figures."""
    more = reading.more
    throttles = [
        value for short in names.functions if (value := more.get(f"StorageThrottles {short}")) is not None
    ]
    return ServerSide(
        reading.platform,
        tuple(
            ServerFunction(
                short,
                more.get(f"ColdStarts {short}"),
                more.get(f"HandledFailures {short}"),
            )
            for short in names.functions
        ),
        waited_seconds,
        is_complete,
        sum(throttles) if throttles else None,
    )
