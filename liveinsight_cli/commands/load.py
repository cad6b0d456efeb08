"""`liveinsight load`: how many requests a second the deployed stack answers, and how fast."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.commands.load_options import Wanted, wanted_of
from liveinsight_cli.context import Context
from liveinsight_cli.core.load.plan import MOST_RPS, MOST_SECONDS, Arrivals, Endpoint
from liveinsight_cli.errors import ComparisonFailed, Interrupted, LiveInsightError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.core.load.report import LoadReport

SECONDS = "As in 30s or 2m."


def load(
    ctx: typer.Context,
    rps: Annotated[
        float,
        typer.Option(min=0.1, max=MOST_RPS, help="Requests a second; with --find-limit the first rate."),
    ] = 10.0,
    duration: Annotated[
        str | None,
        typer.Option(
            help=f"What is measured, at most {MOST_SECONDS / 60:.0f}m. {SECONDS}  [default: 30s; of a step 15s]"
        ),
    ] = None,
    warm_up: Annotated[
        str | None, typer.Option(help=f"Sent before, not measured. {SECONDS}  [default: 5s; of a step 3s]")
    ] = None,
    endpoint: Annotated[
        Endpoint, typer.Option(help="mixed: as the stage's throttles share the rate out.")
    ] = "events",
    p95: Annotated[str, typer.Option(help="Limit of the 95th percentile of latencies.")] = "100ms",
    max_errors: Annotated[str, typer.Option(help="Limit of failures among the answers.")] = "1%",
    find_limit: Annotated[
        bool, typer.Option("--find-limit", help="Raise the rate step by step until a limit breaks.")
    ] = False,
    max_rps: Annotated[
        float, typer.Option(min=0.1, max=MOST_RPS, help="With --find-limit: the highest rate.")
    ] = 500.0,
    arrivals: Annotated[
        Arrivals, typer.Option(help="poisson: as visitors come; constant: evenly spaced.")
    ] = "poisson",
    processes: Annotated[
        int | None, typer.Option(min=1, max=16, help="Processes that send.  [default: one for 1000 a second]")
    ] = None,
    connections: Annotated[
        int, typer.Option(min=1, max=2000, help="Connections at most; requests wait for a free one.")
    ] = 128,
    timeout: Annotated[str, typer.Option(help=f"How long an answer is waited for. {SECONDS}")] = "10s",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a report too: .html, .json or .md.")
    ] = None,
    server_side: Annotated[
        bool,
        typer.Option(
            "--server-side/--no-server-side",
            help="Wait for CloudWatch's figures and count the stored events.",
        ),
    ] = True,
    purge: Annotated[
        bool, typer.Option("--purge", help="Delete what loads have left behind instead, and nothing else.")
    ] = False,
    confirm: Annotated[
        str | None, typer.Option(help="The name of a protected environment, which is refused without.")
    ] = None,
) -> None:
    """Send a bounded load to the deployed API and tell how it answered, from outside and inside.

    Requests are begun when they are due, whatever became of earlier ones, and latencies count from then on. What a
    throttle refuses (429) is counted apart. The events are of the site load.liveinsight.invalid, which is in no figure
    that does not name it. Ends with 10 when a limit is broken, or when the generator itself was behind.

    \b
    Examples:
      liveinsight load
      liveinsight load --rps 50 --duration 1m --report load.html
      liveinsight load --endpoint mixed --p95 200ms --max-errors 0.5%
      liveinsight load --env dev --find-limit --max-rps 200 --yes
      liveinsight load --purge
    """
    context = Context.of(ctx)
    if purge:
        _purge(context, confirm)
        return
    wanted = wanted_of(
        rps=rps,
        duration=duration,
        warm_up=warm_up,
        endpoint=endpoint,
        p95=p95,
        max_errors=max_errors,
        max_rps=max_rps if find_limit else None,
        arrivals=arrivals,
        processes=processes,
        connections=connections,
        timeout=timeout,
        report=report,
        has_server_side=server_side,
        seed=int(context.clock.now() * 1000),
    )
    found = _loaded(context, wanted, confirm)
    if wanted.report is not None:
        _write(context, wanted.report, found)
    _answer(context, found)


def _loaded(context: Context, wanted: Wanted, confirmed: str | None) -> "LoadReport":
    from liveinsight_cli.commands.load_permission import permit
    from liveinsight_cli.commands.load_steps import run

    cost = permit(context, wanted, confirmed)
    return run(context, wanted, cost)


def _write(context: Context, path: Path, found: "LoadReport") -> None:
    from liveinsight_cli.adapters.files import unwritable, write_atomically
    from liveinsight_cli.render.load_page import page
    from liveinsight_cli.render.load_text import markdown
    from liveinsight_cli.terminal import envelope

    if path.suffix == ".html":
        text = page(found)
    elif path.suffix == ".md":
        text = markdown(found)
    else:
        failure = _failure(found)
        error = failure and {"code": failure.code, "message": failure.message, "hint": failure.hint}
        text = envelope("load", found, warnings=[*found.notes], error=error) + "\n"
    with unwritable(path):
        write_atomically(path, text.encode())
    context.terminal.say(f"Report: {path}")


def _answer(context: Context, found: "LoadReport") -> None:
    """Give the answer, and raise what it means for whoever looks at the exit code."""
    failure = _failure(found)
    if context.terminal.json_output:
        context.terminal.warnings += found.notes
        if failure is not None:
            raise failure
    context.terminal.answer("load", found, _view)
    if failure is not None:
        raise failure


def _failure(found: "LoadReport") -> LiveInsightError | None:
    if not found.is_whole:
        return Interrupted("The load was ended early.", data=found, hint="The answer holds what was sent.")
    if found.steps:
        return None if found.capacity_rps is not None else _missed(found, "No rate that was tried holds.")
    if not found.verdict.is_valid:
        return ComparisonFailed(
            found.statement,
            code="load_invalid",
            hint="Send from a machine with nothing else to do, with more --processes or --connections, for longer, "
            "or less at a time.",
            data=found,
        )
    return None if found.verdict.is_passed else _missed(found, f"A limit is broken: {found.verdict.broken}.")


def _missed(found: "LoadReport", message: str) -> ComparisonFailed:
    return ComparisonFailed(
        message,
        data=found,
        hint="Compare with the server side above; what the functions say: liveinsight tail --since 10m --no-follow",
    )


def _view(found: "LoadReport") -> "RenderableType":
    from liveinsight_cli.render.load import LoadView

    return LoadView(found)


def _purge(context: Context, confirmed: str | None) -> None:
    from liveinsight_cli.adapters.demo_runs import DemoRuns
    from liveinsight_cli.adapters.seeding import compare_account
    from liveinsight_cli.core.load.purge import Purged
    from liveinsight_cli.core.load.requests import LOAD_SITE

    context.require_name(confirmed)
    runs = DemoRuns(context.aws, context.deployed.tables)
    compare_account(context)
    question = (
        f"Delete the events of {LOAD_SITE}? The tables of {context.environment} are read as a whole for that."
    )
    if context.settings.target != "embedded" or context.settings.protected:
        context.confirm(question, confirmed)
    purged = Purged(LOAD_SITE, runs.purge((LOAD_SITE,)))
    context.terminal.answer(
        "load", purged, lambda value: f"Deleted {value.deleted_items} items of {value.site}."
    )
