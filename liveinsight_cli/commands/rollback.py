"""`liveinsight rollback` and `liveinsight promote`: other versions into service, at once and as one unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.release import Kind, Release, in_service, promotions, unfinished_canary
from liveinsight_cli.core.rollback import (
    Moved,
    MoveResult,
    NoTarget,
    UnknownRelease,
    named,
    previous,
    restorable,
)
from liveinsight_cli.errors import PreconditionError, UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from liveinsight_cli.adapters.moving import Mover, Present

Functions = Annotated[
    list[str] | None, typer.Option("--function", metavar="NAME", help="Only this function; may be repeated.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be put into service, and stop.")]
NoCheck = Annotated[
    bool,
    typer.Option("--no-health-check", help="Do not send an event afterwards to see whether it shows up."),
]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="ENV", help="With --yes: the name of a protected environment."),
]


@dataclass(frozen=True)
class _Wanted:
    """What is to be put into service: function -> version; the release it is of, where it is one."""

    kind: Kind
    versions: Mapping[str, str]
    target: Release | None
    question: str


@dataclass(frozen=True)
class _How:
    dry_run: bool
    check: bool
    confirm: str | None


def rollback(
    ctx: typer.Context,
    release: Annotated[
        str | None,
        typer.Argument(metavar="[RELEASE]", help="Its id, or how that begins.", show_default=False),
    ] = None,
    function: Functions = None,
    dry_run: DryRun = False,
    no_health_check: NoCheck = False,
    confirm: Confirm = None,
) -> None:
    """Put an earlier release into service again, all functions at once: the one before, or the named one.

    The functions' code and configuration go back, at once; tables, API and the dashboard's files stay as they are.
    Until `promote`, or a deploy of other code, every deploy leaves it in service. An open canary is ended.

    \b
    Examples:
      liveinsight rollback
      liveinsight releases && liveinsight rollback 20261126-0412
      liveinsight rollback --function stats-api --dry-run
      liveinsight rollback --env prod --yes --confirm prod
    """
    context = Context.of(ctx)
    context.require_name(confirm)
    started = context.clock.monotonic()
    mover, present = _begin(context)
    functions = mover.functions(tuple(function or ()))
    target = _target(context, present, functions, release)
    versions = {name: target.versions[name] for name in functions}
    wanted = _Wanted("rollback", versions, target, f"Roll {context.environment} back to {target.id}?")
    _put(context, mover, present, wanted, _How(dry_run, not no_health_check, confirm), started)


def promote(
    ctx: typer.Context,
    function: Functions = None,
    dry_run: DryRun = False,
    no_health_check: NoCheck = False,
    confirm: Confirm = None,
) -> None:
    """Put the newest version of every function into service: after a rollback, or to end a canary early.

    \b
    Examples:
      liveinsight promote
      liveinsight promote --env prod --dry-run
    """
    context = Context.of(ctx)
    context.require_name(confirm)
    started = context.clock.monotonic()
    mover, present = _begin(context)
    versions = {name: present.codes[name].newest for name in mover.functions(tuple(function or ()))}
    question = f"Put the newest versions into service in {context.environment}?"
    wanted = _Wanted("promote", versions, None, question)
    _put(context, mover, present, wanted, _How(dry_run, not no_health_check, confirm), started)


def _begin(context: Context) -> "tuple[Mover, Present]":
    from liveinsight_cli.adapters.moving import Mover
    from liveinsight_cli.adapters.releases import require_functions

    mover = Mover.of(context)
    present = mover.look()
    require_functions(in_service(present.releases), context.environment)
    return mover, present


def _put(
    context: Context, mover: "Mover", present: "Present", wanted: _Wanted, how: _How, started: float
) -> None:
    """Show, ask, move, note, answer."""
    moves = promotions(present.aliases, wanted.versions)
    moved = {one.function: Moved(one.before.version, one.to_version, one.before.weights) for one in moves}
    noted = None
    if moves and not how.dry_run:
        context.terminal.show(_moves_view(moved))
        context.confirm(wanted.question, how.confirm)
        with context.terminal.progress("Smoke-testing these versions, putting them into service, checking"):
            mover.move(moves, check=how.check)
        noted = mover.record(wanted.kind, present, wanted.versions, wanted.target)
    result = MoveResult(
        environment=context.environment,
        kind=wanted.kind,
        changed=noted is not None,
        dry_run=how.dry_run,
        target=wanted.target.id if wanted.target else None,
        release=noted.id if noted else None,
        moved=moved,
        in_service=noted.versions if noted else present.versions,
        pinned=tuple(sorted(noted.pinned)) if noted else (),
        duration_s=round(context.clock.monotonic() - started, 2),
    )
    context.terminal.answer(wanted.kind, result, _result_view)


def _target(context: Context, present: "Present", functions: tuple[str, ...], name: str | None) -> Release:
    """Return the release to go back to; raises UsageError for none of that name, PreconditionError for none at all."""
    published = {function: code.published for function, code in present.codes.items()}
    possible = restorable(present.releases, published, functions)
    if name is not None:
        return _named(present, possible, name)
    if unfinished_canary(present.releases) and any(state.weights for state in present.aliases.values()):
        return next(one for one in reversed(possible) if one.status == "active")
    try:
        return previous(present.releases, published, functions, present.versions)
    except NoTarget as error:
        raise PreconditionError(
            f"{context.environment}: {error}", code="no_release", hint=_choices(error.candidates)
        ) from error


def _named(present: "Present", possible: list[Release], name: str) -> Release:
    try:
        found = named(present.releases, name)
    except UnknownRelease as error:
        raise UsageError(str(error), hint="Which there are: liveinsight releases") from error
    if found in possible:
        return found
    reason = "has functions that keep nothing" if found.is_dummy else "cannot be put into service any more"
    if found.status in ("aborted", "failed", "canary"):
        reason = "was never wholly in service"
    elif found.is_restorable or found.status == "pruned":
        reason = "has versions that were deleted"
    raise PreconditionError(f"Release {found.id} {reason}.", code="not_restorable", hint=_choices(possible))


def _choices(possible: "tuple[Release, ...] | list[Release]") -> str:
    if not possible:
        return "No release can be put into service; deploy the code that you want."
    return f"These can be put into service: {', '.join(one.id for one in reversed(possible))}."


def _moves_view(moved: Mapping[str, Moved]) -> "RenderableType":
    from liveinsight_cli.render.releases import moves_view

    return moves_view(moved)


def _result_view(result: MoveResult) -> "RenderableType":
    from liveinsight_cli.render.releases import result_view

    return result_view(result)
