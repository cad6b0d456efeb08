"""`liveinsight token`: the read token, shown to whoever may see it, or put out of use by a new one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.deploying import dashboard_link
from liveinsight_cli.errors import UsageError
from liveinsight_cli.options import Confirm

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.deployed import Deployed
    from liveinsight_cli.core.build import Build
    from liveinsight_cli.core.plan import Plan
    from liveinsight_cli.terminal import Terminal

app = typer.Typer(
    help="The read token: show it, or put a new one in its place.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@dataclass(frozen=True)
class TokenReport:
    """The answer of `token show`. `token` and `link`, which holds it, are there only where they were asked for."""

    environment: str
    file: str
    sha256: str
    token: str | None
    link: str | None


@dataclass(frozen=True)
class Rotated:
    """The answer of `token rotate`; `link`, which holds the new token, is there only where it goes to a terminal."""

    environment: str
    file: str
    sha256: str
    release: str | None
    link: str | None
    duration_s: float


@app.command("show")
def show(
    ctx: typer.Context,
    raw: Annotated[
        bool, typer.Option("--raw", help="The bare token, for a program; with --json too.")
    ] = False,
) -> None:
    """Show the read token and the link that opens the dashboard with it. Changes nothing.

    Only to a terminal, because what is piped or logged is kept; --raw says that you mean it.

    \b
    Examples:
      liveinsight token show --env prod
      liveinsight token show --env prod --raw | gh secret set READ_TOKEN
    """
    from liveinsight_cli.adapters.read_token import token_sha256
    from liveinsight_cli.adapters.token_rotation import require_token

    context = Context.of(ctx)
    terminal = context.terminal
    token = require_token(context)
    if raw and not terminal.json_output:
        terminal.stdout.write(f"{token}\n")
        return
    is_seen = raw or _may_show(terminal)
    if not is_seen and not terminal.json_output:
        raise UsageError(
            "The token is shown to a terminal only.", hint="For a program: liveinsight token show --raw"
        )
    link = dashboard_link(context.deployed.cloudfront_url, token, public=False)
    report = TokenReport(
        context.environment,
        str(context.files.read_token),
        token_sha256(token),
        token if is_seen else None,
        link if is_seen else None,
    )
    terminal.out.soft_wrap = True
    terminal.answer("token-show", report, _shown)


@app.command("rotate")
def rotate(
    ctx: typer.Context,
    confirm: Confirm = None,
) -> None:
    """Put a new read token in the place of the old one, which ends with it; the API answers all the time.

    This is a deploy with another token, so it shows its plan and asks. Until the new functions are in service the old
    token is valid; from then on it opens nothing, and no rollback brings it back. Cut off half-way, it is gone on with
    by the same command, or by any deploy.

    \b
    Examples:
      liveinsight token rotate
      liveinsight token rotate --env prod --yes --confirm prod
    """
    from liveinsight_cli.adapters.read_token import token_sha256
    from liveinsight_cli.adapters.token_rotation import require_rotatable, require_token, settle_rotation
    from liveinsight_cli.commands.deploy_release import finished

    context = Context.of(ctx)
    context.require_name(confirm)
    _ = context.deployed  # "never deployed" is said before anything is looked at
    require_rotatable(context)
    started = context.clock.monotonic()
    deployed, build, plan = _applied(context, confirm)
    outcome = finished(context, deployed, build, plan, confirm, None)
    settle_rotation(context, deployed)
    context.__dict__.pop("deployed", None)  # which holds the old one
    token = require_token(context)
    is_seen = _may_show(context.terminal)
    result = Rotated(
        context.environment,
        str(context.files.read_token),
        token_sha256(token),
        outcome.release,
        dashboard_link(deployed.cloudfront_url, token, public=False) if is_seen else None,
        round(context.clock.monotonic() - started, 1),
    )
    context.terminal.out.soft_wrap = True
    context.terminal.answer("token-rotate", result, _rotated)


def _applied(context: Context, confirm: str | None) -> "tuple[Deployed, Build, Plan]":
    """Have Terraform give the functions the digest of a new token; before that nothing is left of it if it fails."""
    from liveinsight_cli.adapters.stack import Stack
    from liveinsight_cli.adapters.token_rotation import begin_rotation, drop_rotation
    from liveinsight_cli.commands.deploy import agree, applied, planned
    from liveinsight_cli.core.stages import Stage

    stack = Stack(context)
    stack.require()
    stack.connect()
    build = stack.build()
    is_new = begin_rotation(context)
    if not is_new:
        context.terminal.say("Going on with the rotation that was begun.")
    try:
        plan = planned(context, stack, build, Stage.ALL, None, with_diff=False)
        agree(context, plan, None, confirm)
    except BaseException:
        if is_new:
            drop_rotation(context.files)
        raise
    return applied(context, plan, build), build, plan


def _may_show(terminal: "Terminal") -> bool:
    """Tell whether what is printed goes to a terminal only: what is piped or logged is kept."""
    return terminal.stdout.isatty() and not terminal.keeps_secrets


def _shown(report: TokenReport) -> "RenderableType":
    from rich.console import Group

    from liveinsight_cli.render.tables import facts

    named = [("token", report.token or "-"), ("link", report.link or "-"), ("file", report.file)]
    return Group(*facts(named, width=8))


def _rotated(result: Rotated) -> "RenderableType":
    from rich.console import Group

    from liveinsight_cli.render.tables import facts

    named = [
        ("link", result.link or "shown to a terminal only: liveinsight token show"),
        ("file", result.file),
        ("release", result.release or "-"),
        ("took", f"{result.duration_s:.1f} s"),
    ]
    head = f"{result.environment} has a new read token. The old one is refused from now on, also in bookmarked links."
    return Group(head, *facts(named, width=8))
