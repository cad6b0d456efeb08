"""`liveinsight rollback`: an earlier release into service again."""

from typing import TYPE_CHECKING, Annotated

import typer

from liveinsight_cli.commands.rollback_steps import (
    DryRun,
    Functions,
    How,
    NoCheck,
    Wanted,
    begin,
    put,
)
from liveinsight_cli.context import Context
from liveinsight_cli.core.release import Release, in_service, unfinished_canary
from liveinsight_cli.core.rollback import NoTarget, UnknownRelease, is_there, named, previous, restorable
from liveinsight_cli.errors import PreconditionError, UsageError
from liveinsight_cli.options import Confirm

if TYPE_CHECKING:
    from liveinsight_cli.adapters.moving import Present


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
    """Put an earlier release into service again, all functions at once.

    Without a name it is the one that was in service before the present one.

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
    mover, present = begin(context)
    functions = mover.functions(tuple(function or ()))
    target = _target(context, present, functions, release)
    versions = {name: target.versions[name] for name in functions}
    wanted = Wanted("rollback", versions, target, f"Roll {context.environment} back to {target.id}?")
    put(context, mover, present, wanted, How(dry_run, not no_health_check, confirm), started)


def _target(context: Context, present: "Present", functions: tuple[str, ...], name: str | None) -> Release:
    """Return the release to go back to; raises UsageError for none of that name, PreconditionError for none at all."""
    published = {function: code.published for function, code in present.codes.items()}
    possible = restorable(present.releases, published, functions)
    if name is not None:
        return _named(present, possible, name)
    active = in_service(present.releases)
    is_open = unfinished_canary(present.releases) and any(one.weights for one in present.aliases.values())
    if is_open and active is not None and is_there(active, published, functions):
        return active  # a sync as well: nothing but the canary is to end
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
