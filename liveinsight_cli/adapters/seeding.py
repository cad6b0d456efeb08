"""Sends a demo to the environment in use, not too fast, and waits until it is counted."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from liveinsight_cli.adapters.account import require_account
from liveinsight_cli.adapters.demo_runs import DemoRun, DemoRuns
from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.adapters.ingest import ApiIngest, TableIngest, send_all
from liveinsight_cli.context import Clock, Context
from liveinsight_cli.core.demo import DAY_MS, HOUR_MS, DemoSpec, Visitor
from liveinsight_cli.core.demo_figures import Expected, expected
from liveinsight_cli.core.ranges import explicit
from liveinsight_cli.errors import TimedOut

STALLED_SECONDS = 60.0
CONTINUABLE_MS = DAY_MS  # later, the rows that know what was sent already begin to expire


@dataclass
class Pace:
    """Waits so that no more than `rate` requests a second are sent."""

    clock: Clock
    rate: float
    next_at: float = 0.0

    def __call__(self, requests: int) -> None:
        now = self.clock.monotonic()
        if self.next_at > now:
            self.clock.sleep(self.next_at - now)
        self.next_at = max(self.next_at, now) + requests / self.rate


def send(
    context: Context,
    run: DemoRun,
    everybody: list[Visitor],
    sent: Callable[[int], None],
    pace: Pace | None = None,
) -> None:
    """Send those visitors that are not sent yet; `sent` is told how many more are."""
    send_all(ingest_of(context, run.spec, run.anchor_ms), everybody[run.sent :], sent, pace)


def ingest_of(context: Context, spec: DemoSpec, anchor_ms: int) -> TableIngest | ApiIngest:
    """Return the way that a spec goes."""
    if spec.via == "table":
        return TableIngest(context.aws, context.deployed.tables, context.environment, spec, anchor_ms)
    is_bound = context.settings.target == "embedded" and sys.platform == "linux"
    return ApiIngest(context.deployed, spec, is_bound)


def figures_of(context: Context, spec: DemoSpec, anchor_ms: int, everybody: list[Visitor]) -> Expected:
    """Return the figures; what was sent by the API lies in the hours in which it was sent.

    In an account all of it comes from where we are: CloudFront's edge says so, whatever the demo claims.
    """
    figures = expected(spec, anchor_ms, everybody)
    if spec.via == "table":
        return figures
    now = int(context.clock.now() * 1000)
    places = {"countries"} if context.settings.target == "aws" else set()
    top = {name: counts for name, counts in figures.top.items() if name not in places}
    return replace(figures, to_ms=now - now % HOUR_MS + HOUR_MS, top=top)


def catch_up(context: Context, figures: Expected) -> None:
    """Wait until the read API has counted every event; raise TimedOut when it gets no further."""
    wanted, most, give_up_at = figures.totals["events"] or 0, -1, 0.0
    with context.terminal.progress("Waiting for the figures to catch up") as step:
        while True:
            answer = context.api.stats(**query_of(figures))
            events, bots = answer["totals"]["events"], sum(answer["meta"].get("bots", {}).values())
            step.update(done=events, total=wanted)
            if events >= wanted and bots >= figures.bots:
                return
            now = context.clock.monotonic()
            if events + bots > most:
                most, give_up_at = events + bots, now + STALLED_SECONDS
            if now > give_up_at:
                raise TimedOut(
                    f"{events} of {wanted:.0f} events are counted, and no more for {STALLED_SECONDS:.0f} s.",
                    hint="See what the aggregator says: liveinsight tail aggregator --since 10m",
                )
            context.clock.sleep(1.0)


def log_visits(context: Context, runs: DemoRuns, run: DemoRun, figures: Expected) -> None:
    """Write the visit log of the demo's past once, so that filters reach all of it, while its events are there."""
    ingest = ingest_of(context, run.spec, run.anchor_ms)
    now = int(context.clock.now() * 1000)
    if not isinstance(ingest, TableIngest) or runs.is_logged(run.spec.site) or now - run.anchor_ms > DAY_MS:
        return
    first = run.anchor_ms - (run.spec.days + 1) * DAY_MS
    with context.terminal.progress("Writing the visit log"):
        types = figures.top["event_types"]
        ingest.log_visits(types, first - first % HOUR_MS, run.anchor_ms - run.anchor_ms % HOUR_MS)


def query_of(figures: Expected) -> dict[str, str | int]:
    """Return the query of `GET /api/stats` that must answer the figures."""
    return {"site": figures.site, "range": explicit(figures.from_ms, figures.to_ms), "limit": 100}


def write_figures(context: Context, run: DemoRun) -> None:
    """Leave the figures of a complete run in the project directory."""
    if run.expected is None:  # a bug: complete runs have figures
        raise RuntimeError("a complete run without figures")
    path = context.files.seed
    with unwritable(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        body = {**asdict(run), "query": query_of(run.expected)}
        write_atomically(path, json.dumps(body, indent=1).encode())


def forget_figures(context: Context, sites: tuple[str, ...]) -> None:
    """Remove the file of figures if it is about one of the sites."""
    path = context.files.seed
    try:
        if json.loads(path.read_text(encoding="utf-8"))["spec"]["site"] in sites:
            path.unlink()
    except (OSError, ValueError, KeyError, TypeError):
        return  # there is none, or it is not ours


def compare_account(context: Context) -> None:
    """Raise CredentialsError unless the credentials belong to the account that the configuration names."""
    if context.settings.account_id is not None:
        require_account(context)
