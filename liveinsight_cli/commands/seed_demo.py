"""`liveinsight seed-demo`: believable visitors, the same for the same seed, and the figures they must give."""

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.demo import DAY_MS, DemoSpec, Visitor, visitors
from liveinsight_cli.core.demo_figures import Expected, expected
from liveinsight_cli.core.ranges import explicit
from liveinsight_cli.errors import PreconditionError, TimedOut

if TYPE_CHECKING:
    from liveinsight_cli.adapters.demo_runs import DemoRun, DemoRuns
    from liveinsight_cli.adapters.ingest import ApiIngest, TableIngest

SITE = "demo.liveinsight.example"
REQUESTS_PER_SECOND = 8.0  # well inside the share that the stage's throttle gives to POST
CATCH_UP_SECONDS = 180.0


@dataclass(frozen=True)
class Seeded:
    """The answer: what was sent before or just now, and the figures that the APIs must give."""

    environment: str
    spec: DemoSpec
    sent_now: int
    expected: Expected


@dataclass(frozen=True)
class Purged:
    """The answer of `--purge`."""

    site: str
    deleted_items: int


def seed_demo(
    ctx: typer.Context,
    seed: Annotated[int, typer.Option(help="The same seed gives the same visitors.")] = 1,
    sessions: Annotated[int, typer.Option(min=1, max=200_000, help="Visits in all.")] = 500,
    days: Annotated[int, typer.Option(min=1, max=39, help="Spread over that many days up to now.")] = 1,
    rate: Annotated[
        float, typer.Option(min=0.1, help="Requests a second through the API.")
    ] = REQUESTS_PER_SECOND,
    via: Annotated[
        Literal["api", "table"],
        typer.Option(
            help="table: with times of the past, by the functions' ingest code; api: now, by the URL."
        ),
    ] = "table",
    site: Annotated[str, typer.Option(help="Site that the visitors visit.")] = SITE,
    live: Annotated[
        bool, typer.Option("--live", help="Keep sending to live.<site> by the API until Ctrl-C.")
    ] = False,
    purge: Annotated[
        bool, typer.Option("--purge", help="Delete the demo of the site instead, and nothing else.")
    ] = False,
    confirm: Annotated[
        str | None, typer.Option(help="With --yes --purge: the name of a protected environment.")
    ] = None,
) -> None:
    """Fill an environment with believable visitors and print the figures that must come out.

    The same command again sends nothing twice and changes no figure; a run that was cut off goes on.

    \b
    Examples:
      liveinsight seed-demo --seed 7 --sessions 500 --days 1
      liveinsight seed-demo --live
      liveinsight seed-demo --purge
    """
    from liveinsight_cli.adapters.demo_runs import DemoRuns

    context = Context.of(ctx)
    runs = DemoRuns(context.aws, context.deployed.tables)
    if purge:
        context.terminal.answer("seed-demo", _purged(context, runs, site, confirm), _purged_view)
    elif live:
        _keep_sending(context, DemoSpec(seed, 100, 1, live_site(site), "api"), rate)
    else:
        spec = DemoSpec(seed, sessions, days, site, via)
        context.terminal.answer("seed-demo", _seeded(context, runs, spec, rate), _view)


def _purged(context: Context, runs: "DemoRuns", site: str, confirmed: str | None) -> Purged:
    """Delete a demo; data of a site that no demo was made for is somebody's own and stays."""
    if site != SITE and all(run.spec.site != site for run in runs.all()):
        raise PreconditionError(
            f"{site} holds no demo; nothing was deleted.",
            code="no_demo",
            hint="Give the site of a seeded demo: --site.",
        )
    protected = context.environment if context.settings.protected else None
    context.terminal.confirm(
        f"Delete the demo of {site}?", protected_name=protected, confirmed_name=confirmed
    )
    return Purged(site, runs.purge((site, live_site(site))))


def live_site(site: str) -> str:
    """Return the site that `--live` sends to: apart, because live traffic has no expected figures."""
    return f"live.{site}"


def _seeded(context: Context, runs: "DemoRuns", spec: DemoSpec, rate: float) -> Seeded:
    run = _run(context, runs, spec)
    everybody = list(visitors(spec, run.anchor_ms))
    sent_now = 0
    if not run.complete:
        runs.register(spec.site, explicit(run.anchor_ms - spec.days * DAY_MS, run.anchor_ms)[:10])
        sent_now = len(everybody) - run.sent
        run = _sent(context, runs, run, everybody, rate)
        run = replace(run, complete=True, expected=figures_of(context, run.spec, run.anchor_ms, everybody))
        runs.save(run)
    figures = run.expected
    if figures is None:  # a bug: complete runs have figures
        raise RuntimeError("a complete run without figures")
    catch_up(context, figures)
    return Seeded(context.environment, spec, sent_now, figures)


def _run(context: Context, runs: "DemoRuns", spec: DemoSpec) -> "DemoRun":
    """Return the run of this spec, a new one if there is none; a site holds one demo at a time."""
    from liveinsight_cli.adapters.demo_runs import DemoRun

    for run in runs.all():
        if run.spec == spec:
            return run
        if run.spec.site == spec.site:
            raise PreconditionError(
                f"{spec.site} already holds a demo (seed {run.spec.seed}, {run.spec.sessions} sessions, "
                f"{run.spec.days} days, via {run.spec.via}).",
                code="other_demo",
                hint="Delete it: liveinsight seed-demo --purge --yes. Or give another --site.",
            )
    if runs.knows(spec.site):
        raise PreconditionError(
            f"{spec.site} has visitors of its own: a demo would mix with them.",
            code="site_in_use",
            hint="Give a site that is used for nothing else: --site demo2.liveinsight.example",
        )
    run = DemoRun(spec, int(context.clock.now() * 1000))
    runs.save(run)
    return run


def _sent(
    context: Context, runs: "DemoRuns", run: "DemoRun", everybody: list[Visitor], rate: float
) -> "DemoRun":
    from liveinsight_cli.adapters.ingest import send_all

    latest = run
    with context.terminal.progress(f"Sending {len(everybody)} visitors") as step:
        step.update(done=run.sent, total=len(everybody))

        def sent(count: int) -> None:
            nonlocal latest
            latest = runs.advance(latest, count)
            step.update(done=latest.sent, total=len(everybody))

        pace = _Pace(context, rate) if run.spec.via == "api" else None
        send_all(ingest_of(context, run.spec, run.anchor_ms), everybody[run.sent :], sent, pace)
    return latest


def ingest_of(context: Context, spec: DemoSpec, anchor_ms: int) -> "TableIngest | ApiIngest":
    from liveinsight_cli.adapters.ingest import ApiIngest, TableIngest

    if spec.via == "table":
        return TableIngest(context.aws, context.deployed.tables, context.environment, spec, anchor_ms)
    bind = context.settings.target == "embedded" and sys.platform == "linux"
    return ApiIngest(context.deployed, spec, bind)


@dataclass
class _Pace:
    """Waits so that no more than `rate` requests a second are sent."""

    context: Context
    rate: float
    next_at: float = 0.0

    def __call__(self, requests: int) -> None:
        now = self.context.clock.monotonic()
        if self.next_at > now:
            self.context.clock.sleep(self.next_at - now)
        self.next_at = max(self.next_at, now) + requests / self.rate


def figures_of(context: Context, spec: DemoSpec, anchor_ms: int, everybody: list[Visitor]) -> Expected:
    """Return the figures; what was sent by the API lies in the hours in which it was sent."""
    figures = expected(spec, anchor_ms, everybody)
    now = int(context.clock.now() * 1000)
    hour = 3_600_000
    return replace(figures, to_ms=now - now % hour + hour) if spec.via == "api" else figures


def catch_up(context: Context, figures: Expected) -> None:
    """Wait until the read API has counted every event, or raise TimedOut."""

    api = context.api
    wanted = figures.totals["events"] or 0
    deadline = context.clock.monotonic() + CATCH_UP_SECONDS
    with context.terminal.progress("Waiting for the figures to catch up") as step:
        while True:
            answer = api.stats(site=figures.site, range=explicit(figures.from_ms, figures.to_ms), limit=100)
            events, bots = answer["totals"]["events"], sum(answer["meta"].get("bots", {}).values())
            step.update(done=events, total=wanted)
            if events >= wanted and bots >= figures.bots:
                return
            if context.clock.monotonic() > deadline:
                raise TimedOut(
                    f"Only {events} of {wanted:.0f} events are counted after {CATCH_UP_SECONDS:.0f} s.",
                    hint="See what the aggregator says: liveinsight tail aggregator --since 10m",
                )
            context.clock.sleep(1.0)


def _keep_sending(context: Context, spec: DemoSpec, rate: float) -> None:
    from liveinsight_cli.adapters.ingest import send_all

    context.terminal.say(f"Sending to {spec.site}, about {rate:g} requests a second. Ctrl-C ends it.")
    count, pace = 0, _Pace(context, rate)

    def sent(by: int) -> None:
        nonlocal count
        count += by

    try:
        while True:
            anchor = int(context.clock.now() * 1000)
            turn = replace(spec, seed=anchor)
            send_all(ingest_of(context, turn, anchor), list(visitors(turn, anchor)), sent, pace)
    except KeyboardInterrupt:
        context.terminal.say(f"Sent {count} visitors.")


def _view(seeded: Seeded) -> Any:
    from liveinsight_cli.render.demo import seeded_view

    return seeded_view(seeded.spec, seeded.sent_now, seeded.expected)


def _purged_view(purged: Purged) -> str:
    return f"Deleted {purged.deleted_items} items of {purged.site}."
