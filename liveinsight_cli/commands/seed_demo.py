"""`liveinsight seed-demo`: believable visitors, the same for the same seed, and the figures they must give."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.demo import DAY_MS, DemoSpec, Visitor, visitors
from liveinsight_cli.core.demo_figures import Expected
from liveinsight_cli.core.ranges import explicit
from liveinsight_cli.errors import PreconditionError, UsageError
from liveinsight_cli.settings import HOST

if TYPE_CHECKING:
    from liveinsight_cli.adapters.demo_runs import DemoRun, DemoRuns

SITE = "demo.liveinsight.example"
REQUESTS_PER_SECOND = 8.0  # well inside the share that the stage's throttle gives to POST


@dataclass(frozen=True)
class Seeded:
    """The answer: what was sent before or just now, and the figures that the APIs must give."""

    environment: str
    spec: DemoSpec
    sent_now: int
    expected: Expected
    query: dict[str, str | int]


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
        str | None, typer.Option(help="With --yes: the name of a protected environment.")
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
    _require_host(site)
    tables = context.deployed.tables  # "never deployed" is said before "not running"
    runs = DemoRuns(context.aws, tables)
    if purge:
        context.terminal.answer("seed-demo", _purged(context, runs, site, confirm), _purged_view)
        return
    _permit(context, confirm)
    if live:
        _keep_sending(context, DemoSpec(seed, 100, 1, live_site(site), "api"), rate)
    else:
        spec = DemoSpec(seed, sessions, days, site, via)
        context.terminal.answer("seed-demo", _seeded(context, runs, spec, rate), _view)


def _require_host(site: str) -> None:
    if not HOST.fullmatch(site):
        raise UsageError(f"--site {site!r} is no host name.", hint="Such as demo2.liveinsight.example.")


def _permit(context: Context, confirmed: str | None) -> None:
    """Keep invented visitors out of a protected environment, unless it is named, and out of a foreign account."""
    from liveinsight_cli.adapters.releases import Ledger
    from liveinsight_cli.adapters.seeding import compare_account

    compare_account(context)
    Ledger.of(context).require_functions(context.environment)
    if context.settings.protected:
        context.terminal.confirm(
            f"Send invented visitors to {context.environment}?",
            protected_name=context.environment,
            confirmed_name=confirmed,
        )


def _purged(context: Context, runs: "DemoRuns", site: str, confirmed: str | None) -> Purged:
    """Delete a demo; data of a site that no demo was made for is somebody's own and stays."""
    from liveinsight_cli.adapters.seeding import compare_account, forget_figures

    compare_account(context)
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
    sites = (site, live_site(site))
    deleted = runs.purge(sites)
    forget_figures(context, sites)
    return Purged(site, deleted)


def live_site(site: str) -> str:
    """Return the site that `--live` sends to: apart, because live traffic has no expected figures."""
    return f"live.{site}"


def _seeded(context: Context, runs: "DemoRuns", spec: DemoSpec, rate: float) -> Seeded:
    from liveinsight_cli.adapters.seeding import catch_up, figures_of, log_visits, query_of, write_figures

    run = _run(context, runs, spec)
    sent_now = 0
    if not run.complete:
        runs.register(spec.site, explicit(run.anchor_ms - spec.days * DAY_MS, run.anchor_ms)[:10])
        everybody = list(visitors(spec, run.anchor_ms))
        sent_now = len(everybody) - run.sent
        run = _sent(context, runs, run, everybody, rate)
        run = replace(run, complete=True, expected=figures_of(context, spec, run.anchor_ms, everybody))
        runs.save(run)
    figures = run.expected
    if figures is None:  # a bug: complete runs have figures
        raise RuntimeError("a complete run without figures")
    write_figures(context, run)
    catch_up(context, figures)
    log_visits(context, runs, run, figures)
    return Seeded(context.environment, spec, sent_now, figures, query_of(figures))


def _run(context: Context, runs: "DemoRuns", spec: DemoSpec) -> "DemoRun":
    """Return the run of this spec, a new one if there is none; a site holds one demo at a time."""
    from liveinsight_cli.adapters.demo_runs import DemoRun

    for run in runs.all():
        if run.spec == spec:
            return _continuable(context, run)
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


def _continuable(context: Context, run: "DemoRun") -> "DemoRun":
    """Return a run that is complete, or recent enough to be continued without counting anything twice."""
    from liveinsight_cli.adapters.seeding import CONTINUABLE_MS

    if not run.complete and context.clock.now() * 1000 - run.anchor_ms > CONTINUABLE_MS:
        raise PreconditionError(
            f"The demo of {run.spec.site} was cut off more than a day ago and cannot be continued any more.",
            code="demo_cut_off",
            hint="Delete it: liveinsight seed-demo --purge --yes. Then seed it again.",
        )
    return run


def _sent(
    context: Context, runs: "DemoRuns", run: "DemoRun", everybody: list[Visitor], rate: float
) -> "DemoRun":
    from liveinsight_cli.adapters.seeding import Pace, send

    latest = run
    with context.terminal.progress(f"Sending {len(everybody) - run.sent} visitors") as step:
        step.update(done=run.sent, total=len(everybody))

        def sent(count: int) -> None:
            nonlocal latest
            latest = runs.advance(latest, count)
            step.update(done=latest.sent, total=len(everybody))

        send(context, run, everybody, sent, Pace(context.clock, rate) if run.spec.via == "api" else None)
    return latest


def _keep_sending(context: Context, spec: DemoSpec, rate: float) -> None:
    from liveinsight_cli.adapters.demo_runs import DemoRun
    from liveinsight_cli.adapters.seeding import Pace, send

    context.terminal.say(f"Sending to {spec.site}, about {rate:g} requests a second. Ctrl-C ends it.")
    count, pace = 0, Pace(context.clock, rate)

    def sent(by: int) -> None:
        nonlocal count
        count += by

    try:
        while True:
            anchor = int(context.clock.now() * 1000)
            turn = replace(spec, seed=anchor)
            send(context, DemoRun(turn, anchor), list(visitors(turn, anchor)), sent, pace)
    except KeyboardInterrupt:
        context.terminal.say(f"Sent {count} visitors.")


def _view(seeded: Seeded) -> Any:
    from liveinsight_cli.render.demo import seeded_view

    return seeded_view(seeded.spec, seeded.sent_now, seeded.expected)


def _purged_view(purged: Purged) -> str:
    return f"Deleted {purged.deleted_items} items of {purged.site}."
