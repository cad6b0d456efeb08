"""What `rollback` and `promote` have in common: other versions into service, at once and as one unit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.context import Context
from liveinsight_cli.core.release import Kind, Release, in_service, promotions
from liveinsight_cli.core.rollback import Moved, MoveResult, with_old_token
from liveinsight_cli.errors import PreconditionError

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


@dataclass(frozen=True)
class Wanted:
    """What is to be put into service: function -> version; the release it is of, where it is one."""

    kind: Kind
    versions: Mapping[str, str]
    target: Release | None
    question: str


@dataclass(frozen=True)
class How:
    """How it is put into service: shown only, with a check afterwards, with the name that was confirmed."""

    dry_run: bool
    check: bool
    confirm: str | None


def begin(context: Context) -> "tuple[Mover, Present]":
    """Take the turn and read what is there; raises PreconditionError where that is dummies."""
    from liveinsight_cli.adapters.moving import Mover
    from liveinsight_cli.adapters.releases import require_functions

    mover = Mover.of(context)
    present = mover.look()
    require_functions(in_service(present.releases), context.environment)
    return mover, present


def put(
    context: Context, mover: "Mover", present: "Present", wanted: Wanted, how: How, started: float
) -> None:
    """Show, ask, move, note, answer; where everything is moved already and not noted, only that is left."""
    versions = present.with_canary_ended(wanted.versions)
    _require_valid_token(context, present, versions)
    moves = promotions(present.aliases, versions)
    moved = {one.function: Moved(one.before.version, one.to_version, one.before.weights) for one in moves}
    noted = None

    def note() -> Release:
        return mover.record(wanted.kind, present, versions, wanted.target)

    if (moves or not present.is_noted(versions)) and not how.dry_run:
        context.terminal.show(
            _moves_view(moved) if moves else "In service already, but not noted as a release."
        )
        context.confirm(wanted.question, how.confirm)
        with context.terminal.progress("Smoke-testing these versions, putting them into service, checking"):
            noted = mover.move(moves, note, check=how.check)
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


def _require_valid_token(context: Context, present: "Present", versions: Mapping[str, str]) -> None:
    """Raise PreconditionError where a version would bring a replaced read token back: somebody has it who should not.

    The check afterwards cannot tell: it may be left out, ends early on a machine without a token, and reads from one
    function only.
    """
    if context.settings.public_dashboard:
        return
    old = with_old_token(present.aliases, present.codes, versions)
    if old:
        from liveinsight_cli.adapters.deployed import deploy_command

        named = " and ".join(f"version {versions[name]} of {name}" for name in old)
        raise PreconditionError(
            f"The read token was replaced since: {named} would take the old one, and refuse the new one.",
            code="old_token",
            hint=f"Deploy the code of that release again instead: {deploy_command(context.environment)}. "
            "Nothing was changed.",
        )


def _moves_view(moved: Mapping[str, Moved]) -> "RenderableType":
    from liveinsight_cli.render.releases import moves_view

    return moves_view(moved)


def _result_view(result: MoveResult) -> "RenderableType":
    from liveinsight_cli.render.releases import result_view

    return result_view(result)
