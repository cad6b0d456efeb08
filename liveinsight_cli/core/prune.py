"""Which old versions of the functions may go."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from liveinsight_cli.core.release import AliasState, FunctionCode, Release


def superfluous(
    codes: Mapping[str, FunctionCode],
    aliases: Mapping[str, AliasState],
    releases: Sequence[Release],
    keep: int,
) -> dict[str, tuple[str, ...]]:
    """Return function -> versions to delete, oldest first.

    Never one that is in service, is among a function's `keep` newest, belongs to one of the last `keep` releases that
    can be restored, or to a canary that has not ended.
    """
    held = [one for one in releases if one.is_restorable][-keep:]
    held += [one for one in releases if one.status in ("active", "canary")]
    found = {}
    for name, code in sorted(codes.items()):
        needed = {one.versions.get(name) for one in held} | set(list(code.published)[-keep:])
        needed |= {aliases[name].version, *aliases[name].weights}
        found[name] = tuple(version for version in code.published if version not in needed)
    return {name: versions for name, versions in found.items() if versions}


def with_pruned(releases: Sequence[Release], deleted: Mapping[str, Sequence[str]]) -> list[Release]:
    """Return the entries, those marked that cannot be restored any more."""
    return [
        replace(one, status="pruned")
        if one.is_restorable and any(one.versions.get(name) in versions for name, versions in deleted.items())
        else one
        for one in releases
    ]
