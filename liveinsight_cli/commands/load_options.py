"""What somebody asks of `load`, checked before anything is sent."""

from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.core.load.plan import (
    MOST_REQUESTS,
    MOST_SECONDS,
    Arrivals,
    Endpoint,
    LoadPlan,
    processes_for,
    seconds_in,
    share_in,
)
from liveinsight_cli.core.load.verdict import Limits
from liveinsight_cli.errors import UsageError

FORMATS = (".html", ".json", ".md")


@dataclass(frozen=True)
class Wanted:
    """A load; with `most_rps` a search that begins at the plan's rate. `asked_processes` None: by the rate."""

    plan: LoadPlan
    limits: Limits
    most_rps: float | None
    asked_processes: int | None
    report: Path | None
    has_server_side: bool

    @property
    def is_search(self) -> bool:
        """Whether the limit is to be found."""
        return self.most_rps is not None


def wanted_of(
    *,
    rps: float,
    duration: str | None,
    warm_up: str | None,
    endpoint: Endpoint,
    p95: str,
    max_errors: str,
    max_rps: float | None,
    arrivals: Arrivals,
    processes: int | None,
    connections: int,
    timeout: str,
    report: Path | None,
    has_server_side: bool,
    seed: int,
) -> Wanted:
    """Return what the options mean; raises UsageError."""
    is_search = max_rps is not None
    seconds = _seconds("--duration", duration or ("15s" if is_search else "30s"), 1.0)
    warm_up_seconds = _seconds("--warm-up", warm_up or ("3s" if is_search else "5s"), 0.0)
    if seconds + warm_up_seconds > MOST_SECONDS:
        raise UsageError(
            f"A load takes at most {MOST_SECONDS / 60:.0f} minutes, its warm-up included.",
            hint="Longer ones belong on a machine of their own, with a tool made for that.",
        )
    plan = LoadPlan(
        rps=rps,
        seconds=seconds,
        warm_up_seconds=warm_up_seconds,
        endpoint=endpoint,
        arrivals=arrivals,
        processes=processes or processes_for(rps),
        connections=connections,
        timeout_seconds=_seconds("--timeout", timeout, 0.1),
        seed=seed,
    )
    most = plan.all_seconds * max(rps, max_rps or 0.0)
    if most > MOST_REQUESTS:
        raise UsageError(
            f"That may be {most:,.0f} requests; a load has at most {MOST_REQUESTS:,}.",
            hint="Give a lower --rps, --max-rps or a shorter --duration.",
        )
    if max_rps is not None and max_rps < rps:
        raise UsageError(f"--max-rps {max_rps:g} is below the first rate, --rps {rps:g}.")
    return Wanted(plan, _limits(p95, max_errors), max_rps, processes, _report(report), has_server_side)


def _limits(p95: str, max_errors: str) -> Limits:
    share = share_in(max_errors)
    if share is None:
        raise UsageError(f"--max-errors {max_errors!r} is no share.", hint="Such as 1% or 0.5%.")
    return Limits(_seconds("--p95", p95, 0.001), share)


def _seconds(option: str, text: str, least: float) -> float:
    seconds = seconds_in(text)
    if seconds is None or seconds < least:
        at_least = f", {least:g}s or more" if least else ""
        raise UsageError(f"{option} {text!r} is no time.", hint=f"Such as 100ms, 30s or 2m{at_least}.")
    return seconds


def _report(path: Path | None) -> Path | None:
    """Return the file of the report; what could not be written after ten minutes is said before."""
    if path is None:
        return None
    if path.suffix not in FORMATS:
        raise UsageError(
            f"--report {str(path)!r}: its name ends with {', '.join(FORMATS[:-1])} or {FORMATS[-1]}."
        )
    if not path.parent.is_dir():
        raise UsageError(f"--report {str(path)!r}: there is no directory {str(path.parent)!r}.")
    return path
