"""Releases as a table, and what a rollback or a promotion moved."""

from collections import Counter
from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from liveinsight_cli.core.release import Release, ReleaseList
from liveinsight_cli.core.rollback import Moved, MoveResult
from liveinsight_cli.render.tables import table
from liveinsight_cli.render.text import plain

STATUS = {
    "active": "in service",
    "replaced": "replaced",
    "rolled_back": "rolled back",
    "canary": "canary, not ended",
    "aborted": "canary, aborted",
    "failed": "failed its check",
    "pruned": "replaced, versions deleted",
    "destroyed": "destroyed",
}
COLOURS = {"active": "green", "canary": "yellow", "aborted": "red", "failed": "red"}


def releases_view(found: ReleaseList) -> RenderableType:
    """Return a row a release."""
    if not found.releases:
        return Text(f"{found.environment} has no releases yet: deploy it.")
    view = table(
        f"Releases of {found.environment}",
        "release (UTC)",
        "by, commit",
        "what",
        "versions",
        "status",
    )
    for column in (view.columns[0], view.columns[2]):
        column.no_wrap = True  # an id that is broken over two lines cannot be copied
    for one in found.releases:
        status = Text(_status(one), style=COLOURS.get(one.status, ""))
        view.add_row(one.id, Text(_by(one)), _kind(one), _versions(one.versions), status)
    left = found.total - len(found.releases)
    return Group(view, Text(f"{left} older ones: --limit {found.total}")) if left else view


def moves_view(moved: Mapping[str, Moved]) -> RenderableType:
    """Return a row a function that gets another version."""
    view = table(None, "function", "in service", "then")
    for name, one in sorted(moved.items()):
        shares = "".join(f", {share:.0%} to {version}" for version, share in one.shares.items())
        view.add_row(name, f"{one.before}{shares}", one.after)
    return view


def result_view(result: MoveResult) -> RenderableType:
    """Return what was done, and what it means for later deploys."""
    if not (result.moved or result.changed):
        said = "It is in service already" if result.target else "The newest versions are in service already"
        return Text(f"{said}; nothing to do.")
    if result.dry_run:
        return Group(Text("This would be put into service; nothing was changed."), moves_view(result.moved))
    what = f"Rolled back to {result.target}" if result.kind == "rollback" else "Promoted the newest versions"
    lines = [Text(f"{what} in {result.duration_s:.1f} s: release {result.release}.", style="bold green")]
    if result.pinned:
        lines.append(
            Text("Deploys leave it in service until you deploy other code, or run `liveinsight promote`.")
        )
    if result.kind == "rollback":
        lines.append(Text("Tables, API and the dashboard's files are as they were."))
    return Group(*lines)


def _status(release: Release) -> str:
    pinned = ", pinned" if release.status == "active" and release.pinned else ""
    return f"{STATUS[release.status]}{pinned}"


def _kind(release: Release) -> str:
    if release.kind == "rollback":
        return f"rollback to\n{release.target}"
    dummies = " of dummies" if release.is_dummy else ""
    return f"{release.kind}{dummies}" + (f"\ncanary {release.canary}" if release.canary else "")


def _by(release: Release) -> str:
    """Return who made it, and from which commit; + says that files differed from it."""
    if not release.git_sha:
        return plain(release.by)
    return f"{plain(release.by)}\n{release.git_sha[:7]}{'+' if release.git_dirty else ''}"


def _versions(versions: Mapping[str, str]) -> str:
    """Return the number that most functions have, and those that have another one."""
    if not versions:
        return "-"
    usual, _ = Counter(versions.values()).most_common(1)[0]
    others = [f"{name} {version}" for name, version in sorted(versions.items()) if version != usual]
    return f"{usual}, but {', '.join(others)}" if others else usual
