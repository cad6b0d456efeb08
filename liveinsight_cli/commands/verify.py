"""`liveinsight verify`: does an environment count what happens, exactly, and how soon."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.demo import DAY_MS, visitors
from liveinsight_cli.core.demo_figures import Comparison, Expected, compare
from liveinsight_cli.core.demo_live import WINDOW_MS, compare_live
from liveinsight_cli.core.ranges import explicit
from liveinsight_cli.errors import ComparisonFailed, PreconditionError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.demo_runs import DemoRun
    from liveinsight_cli.adapters.probe import Probed
    from liveinsight_cli.core.probe import Timings

KEPT_DAYS = 39  # of hour blocks; an older demo cannot be compared any more
SECONDS = 120.0


@dataclass(frozen=True)
class Compared:
    """A comparison with the figures of a seeded demo."""

    site: str
    range: str
    rows: tuple[Comparison, ...]


@dataclass(frozen=True)
class Verified:
    """The answer: one row a figure.

    Site, range and rows are of the visits that were sent, with `timings`; `seeded` is of the demo. With `--only seeded`
    there is the demo alone.
    """

    environment: str
    site: str
    range: str
    rows: tuple[Comparison, ...]
    seeded: "Compared | None" = None
    timings: "Timings | None" = None
    deleted_items: int | None = None

    @property
    def all_rows(self) -> tuple[Comparison, ...]:
        """All rows of both."""
        return (*self.rows, *(self.seeded.rows if self.seeded else ()))


Only = Annotated[
    Literal["probe", "seeded"] | None,
    typer.Option(help="probe: only send visits; seeded: only compare the last seeded demo, sending nothing."),
]
Timeout = Annotated[
    float,
    typer.Option(min=1, max=3600, help="Seconds until what was sent must be counted, else exit code 8."),
]


def verify(ctx: typer.Context, only: Only = None, timeout: Timeout = SECONDS) -> None:
    """Send a few known visits to a reserved site and compare every figure; exit code 10 on any difference.

    They are in no figure that does not name that site, and are deleted afterwards, so this may run anywhere at any
    time, also while visitors come, and several times at once. Where a demo was seeded it is compared too.

    \b
    Examples:
      liveinsight verify --env prod
      liveinsight verify --env prod --only probe --timeout 60 --json
      liveinsight seed-demo && liveinsight verify --only seeded
    """
    from liveinsight_cli.adapters.seeding import compare_account

    context = Context.of(ctx)
    run = _seeded(context) if only != "probe" else None
    if only == "seeded" and run is None:
        raise PreconditionError(
            "There is no seeded demo to compare.", code="no_demo", hint="Seed one: liveinsight seed-demo"
        )
    seeded = _compared(context, run, run.expected) if run is not None and run.expected is not None else None
    if only == "seeded" and seeded is not None:
        _answer(context, Verified(context.environment, seeded.site, seeded.range, seeded.rows))
        return
    compare_account(context)
    sent = _probed(context, timeout)
    _answer(
        context,
        Verified(
            context.environment, sent.site, sent.range, sent.rows, seeded, sent.timings, sent.deleted_items
        ),
    )


def _answer(context: Context, verified: Verified) -> None:
    wrong = [row.metric for row in verified.all_rows if not row.ok]
    if not (wrong and context.terminal.json_output):
        context.terminal.answer("verify", verified, _view)
    if wrong:
        raise ComparisonFailed(
            f"{len(wrong)} of {len(verified.all_rows)} figures differ: {', '.join(wrong[:3])}",
            hint="Late events may still be on their way; run it again, then see: liveinsight tail aggregator",
            data=verified,
        )


def _probed(context: Context, seconds: float) -> "Probed":
    from liveinsight_cli.adapters.probe import Probe
    from liveinsight_cli.adapters.releases import Ledger

    _ = context.api  # "not running" is said before AWS is asked
    Ledger.of(context).require_functions(context.environment)
    return Probe(context, seconds).run()


def _seeded(context: Context) -> "DemoRun | None":
    """Return the last demo that was seeded to its end, while its hours are kept."""
    from liveinsight_cli.adapters.demo_runs import DemoRuns

    oldest = context.clock.now() * 1000 - KEPT_DAYS * DAY_MS
    runs = DemoRuns(context.aws, context.deployed.tables).all()
    kept = [run for run in runs if run.complete and run.expected and run.expected.from_ms >= oldest]
    return kept[-1] if kept else None


def _compared(context: Context, run: "DemoRun", wanted: Expected) -> Compared:
    asked = explicit(wanted.from_ms, wanted.to_ms)
    rows = compare(wanted, context.api.stats(site=wanted.site, range=asked, limit=100))
    return Compared(wanted.site, asked, (*rows, *_live(context, run)))


def _live(context: Context, run: "DemoRun") -> tuple[Comparison, ...]:
    """Compare the realtime figures while they still reach back to the run; when it came by the API nobody knows."""
    if run.spec.via == "api" or context.clock.now() * 1000 - run.anchor_ms > WINDOW_MS:
        return ()
    return compare_live(visitors(run.spec, run.anchor_ms), context.api.realtime(site=run.spec.site))


def _view(verified: Verified) -> "RenderableType":
    from rich.console import Group

    from liveinsight_cli.render.verify import comparison_view, timings_view

    was_sent = verified.timings is not None
    parts = [comparison_view("probe" if was_sent else "seeded", verified.site, verified.rows)]
    if verified.seeded is not None:
        parts.append(comparison_view("seeded", verified.seeded.site, verified.seeded.rows))
    if verified.timings is not None:
        parts.append(timings_view(verified.timings, verified.deleted_items or 0))
    return Group(*parts)
