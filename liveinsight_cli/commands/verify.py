"""`liveinsight verify`: what the APIs answer against what they must answer, exactly."""

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.demo import DemoSpec, visitors
from liveinsight_cli.core.demo_figures import Comparison, Expected, compare
from liveinsight_cli.core.demo_live import WINDOW_MS, compare_live
from liveinsight_cli.core.health import SMOKE_SITE
from liveinsight_cli.core.ranges import explicit
from liveinsight_cli.errors import ComparisonFailed

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.api import Api
    from liveinsight_cli.adapters.demo_runs import DemoRun

HOUR_MS = 3_600_000
PROBE_SESSIONS = 5


@dataclass(frozen=True)
class Verified:
    """The answer: one row a metric."""

    environment: str
    site: str
    range: str
    rows: tuple[Comparison, ...]


def verify(ctx: typer.Context) -> None:
    """Compare what the APIs answer with what the last seed-demo must give; exit code 10 on any difference.

    Without a seeded demo a few known visits to a reserved site are sent first.

    \b
    Examples:
      liveinsight seed-demo && liveinsight verify
      liveinsight verify --json
    """
    context = Context.of(ctx)
    api = context.api
    run = _seeded(context)
    verified = _compared(context, run, run.expected) if run and run.expected else _probed(context, api)
    wrong = [row.metric for row in verified.rows if not row.ok]
    if not (wrong and context.terminal.json_output):
        context.terminal.answer("verify", verified, _view)
    if wrong:
        raise ComparisonFailed(
            f"{len(wrong)} of {len(verified.rows)} figures differ: {', '.join(wrong[:3])}",
            hint="Late events may still be on their way; run it again, then see: liveinsight tail aggregator",
            data=verified,
        )


def _seeded(context: Context) -> "DemoRun | None":
    from liveinsight_cli.adapters.demo_runs import DemoRuns

    runs = [run for run in DemoRuns(context.aws, context.deployed.tables).all() if run.complete]
    return runs[-1] if runs else None


def _compared(context: Context, run: "DemoRun", wanted: Expected) -> Verified:
    asked = explicit(wanted.from_ms, wanted.to_ms)
    rows = compare(wanted, context.api.stats(site=wanted.site, range=asked, limit=100))
    return Verified(context.environment, wanted.site, asked, (*rows, *_live(context, run)))


def _live(context: Context, run: "DemoRun") -> tuple[Comparison, ...]:
    """Compare the realtime figures while they still reach back to the run; when it came by the API nobody knows."""
    if run.spec.via == "api" or context.clock.now() * 1000 - run.anchor_ms > WINDOW_MS:
        return ()
    return compare_live(visitors(run.spec, run.anchor_ms), context.api.realtime(site=run.spec.site))


def _probed(context: Context, api: "Api") -> Verified:
    """Send a few visits to the reserved site and compare by how much its figures grew."""
    from liveinsight_cli.adapters.demo_runs import DemoRun
    from liveinsight_cli.adapters.seeding import catch_up, figures_of, send

    now = int(context.clock.now() * 1000)
    spec = DemoSpec(uuid.uuid4().int >> 96, PROBE_SESSIONS, 1, SMOKE_SITE, "api")
    everybody = list(visitors(spec, now))
    wanted = replace(figures_of(context, spec, now, everybody), from_ms=now - now % HOUR_MS - HOUR_MS)
    asked = explicit(wanted.from_ms, wanted.to_ms)
    before = api.stats(site=SMOKE_SITE, range=asked, limit=100)
    send(context, DemoRun(spec, now), everybody, lambda _: None)
    counted = ("pageviews", "visitors", "sessions", "events", "engaged_s")
    grown = {name: round(before["totals"][name] + (wanted.totals[name] or 0), 3) for name in counted}
    catch_up(context, replace(wanted, totals=grown, bots=0))
    after = api.stats(site=SMOKE_SITE, range=asked, limit=100)["totals"]
    rows = tuple(Comparison(name, grown[name], after[name], grown[name] == after[name]) for name in counted)
    return Verified(context.environment, SMOKE_SITE, asked, rows)


def _view(verified: Verified) -> "RenderableType":
    from liveinsight_cli.render.demo import verified_view

    return verified_view(verified.site, verified.rows)
