"""The Terraform state and its lock in a few lines."""

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.state import (
    BootstrapResult,
    LockReport,
    MigrationResult,
    PulledState,
    StateReport,
    UnlockResult,
)
from liveinsight_cli.core.terraform_errors import age_in_words
from liveinsight_cli.render.tables import facts


def report_view(report: StateReport) -> RenderableType:
    """Return where the state is and what it holds."""
    named = [("environment", report.environment), ("state", report.place)]
    if report.serial is None:
        named.append(("serial", "none yet; the first deploy begins it"))
    else:
        named += [
            ("serial", str(report.serial)),
            ("lineage", report.lineage or "-"),
            ("resources", str(report.resources)),
        ]
    if report.versions_kept is not None:
        named.append(("versions kept", str(report.versions_kept)))
    if report.leftover is not None:
        named.append(
            ("also here", f"{report.leftover}, which does not count; state migrate --to s3 puts it aside")
        )
    if report.lock is None:
        return Group(*facts([*named, ("lock", "none")]))
    return Group(*facts(named), lock_view(report.lock))


def lock_view(lock: LockReport) -> RenderableType:
    """Return who has a lock, for what and since when."""
    age = age_in_words(lock.age_seconds)
    named = [
        ("locked by", lock.who),
        ("operation", lock.operation),
        ("for", f"{age} (since {lock.created})"),
        ("lock id", lock.id),
    ]
    if lock.holder_is_dead:
        named.append(("holder", "dead: it was killed on this machine"))
    return Group(*facts(named))


def bootstrap_view(result: BootstrapResult) -> RenderableType:
    """Return what was made, repaired and moved."""
    lines = [f"Made s3://{result.bucket}." if result.created else f"s3://{result.bucket} is in order."]
    if result.repaired:
        lines = [f"Put right in s3://{result.bucket}: {', '.join(result.repaired)}."]
    lines += [f"Moved there: {path}" for path in result.moved]
    lines.append(f"The state of {result.environment} is found there from any machine: nothing to configure.")
    return Text("\n".join(lines))


def migration_view(result: MigrationResult) -> RenderableType:
    """Return the answer in one line."""
    held = f"serial {result.serial}, {result.resources} resources"
    said = "is now" if result.moved else "was already"
    return Text(f"The state of {result.environment} {said} {result.place} ({held}).")


def unlock_view(result: UnlockResult) -> RenderableType:
    """Return the answer in one line."""
    if result.lock is None:
        return Text(f"The state of {result.environment} is not locked.")
    return Text(f"Unlocked {result.environment}: the lock {result.lock.id} is gone.")


def pulled_view(pulled: PulledState) -> RenderableType:
    """Return where the copy is and what it is good for."""
    return Text(
        f"A copy of the state (serial {pulled.serial}, {pulled.resources} resources) is in {pulled.path}.\n"
        f"Look into it: terraform state list -state={pulled.path}\n"
        f"No command uses it. If the bucket is lost for good, copy it to .liveinsight/{pulled.environment}/"
        "terraform.tfstate and deploy."
    )
