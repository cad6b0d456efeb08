"""What `doctor` and `status` find out, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from liveinsight_cli.core.alarms import AlarmStatus
from liveinsight_cli.core.domain import DomainStatus
from liveinsight_cli.core.stages import Stage


@dataclass(frozen=True)
class Check:
    """One precondition: how it stands, and the command that mends it.

    `fix` is what `doctor --fix` would do about it. Skipped is what could not be looked at, as something else failed.
    """

    name: str
    state: Literal["ok", "warn", "fail", "skipped"]
    found: str
    mend: str | None = None
    fix: str | None = None


@dataclass(frozen=True)
class Fix:
    """Something that `doctor --fix` did, or why it could not."""

    check: str
    what: str
    error: str | None = None


@dataclass(frozen=True)
class Doctor:
    """The answer of `doctor`; `fixes` is what was done before the checks were made once more."""

    environment: str
    checks: tuple[Check, ...]
    fixes: tuple[Fix, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return self.of("fail")

    def of(self, state: str) -> tuple[Check, ...]:
        """Return the checks with this state."""
        return tuple(check for check in self.checks if check.state == state)


@dataclass(frozen=True)
class FunctionStatus:
    """A function: the version in service, the newest one, and the share of traffic that others get."""

    name: str
    in_service: str | None
    newest: str | None
    weights: Mapping[str, float]


@dataclass(frozen=True)
class AlarmCounts:
    """How many alarms are in which state; `firing` names those in ALARM."""

    ok: int
    alarm: int
    insufficient: int
    firing: tuple[str, ...]


@dataclass(frozen=True)
class DriftNote:
    """What differs from the last deploy, in short. `code_only`: the infrastructure was not looked at."""

    code_only: bool
    differences: tuple[str, ...]


@dataclass(frozen=True)
class DataAge:
    """How old the data is, in seconds: the newest event, and how far the aggregator was behind at worst.

    `problem` says why the API does not tell; without events or calls of the aggregator there is nothing to tell.
    """

    newest_event_seconds: float | None
    behind_seconds: float | None
    problem: str | None = None


@dataclass(frozen=True)
class EnvironmentStatus:
    """The answer of `status`. What could not be read is None, and `problem` says why.

    `pinned` are the functions that deploys leave at their version after a rollback; `canary` is a release that gets a
    part of the traffic.
    """

    environment: str
    target: str
    deployed: bool
    stage: Stage | None
    is_dummy: bool
    release: str | None
    deployed_at: str | None
    deployed_by: str | None
    api_gateway_url: str | None
    cloudfront_url: str | None
    domain: DomainStatus | None
    functions: tuple[FunctionStatus, ...]
    alarms: AlarmCounts | None
    embedded: str | None
    problem: str | None
    pinned: tuple[str, ...] = ()
    canary: str | None = None
    now: float = 0.0
    git: str | None = None
    ringing: tuple[AlarmStatus, ...] = ()
    drift: DriftNote | None = None
    data: DataAge | None = None


def count_alarms(alarms: Iterable[Mapping[str, Any]]) -> AlarmCounts:
    """Count the alarms of DescribeAlarms by state."""
    by_state: dict[str, list[str]] = {}
    for alarm in alarms:
        by_state.setdefault(str(alarm["StateValue"]), []).append(str(alarm["AlarmName"]))
    firing = tuple(sorted(by_state.get("ALARM", ())))
    return AlarmCounts(
        len(by_state.get("OK", ())), len(firing), len(by_state.get("INSUFFICIENT_DATA", ())), firing
    )
