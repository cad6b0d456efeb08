"""The inner loop: which functions' code is not what is in service, and how the ledger notes that it was changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from liveinsight_cli.core.release import AliasState, FunctionCode, Release, in_service, with_added


@dataclass(frozen=True)
class SyncedFunction:
    """A function whose new code is in service now."""

    function: str
    version: str
    size_bytes: int


@dataclass(frozen=True)
class SyncResult:
    """The answer of `sync`. Without `functions` everything was up to date, and `release` is the one before."""

    environment: str
    functions: tuple[SyncedFunction, ...]
    release: str | None
    duration_s: float


def outdated(
    names: Iterable[str],
    built_sha256: Mapping[str, str],
    codes: Mapping[str, FunctionCode],
    aliases: Mapping[str, AliasState],
) -> tuple[str, ...]:
    """Return the functions whose version in service does not hold the code of the build."""
    return tuple(
        name for name in names if codes[name].published.get(aliases[name].version) != built_sha256[name]
    )


def hindrance(releases: Sequence[Release], aliases: Mapping[str, AliasState]) -> tuple[str, str] | None:
    """Return why other code must not be put into service now, as code and words; or None."""
    present = in_service(releases)
    if present is None:
        return "no_release", "No release is in service yet: the first deploy has not ended."
    if any(state.weights for state in aliases.values()):
        return "canary", "A canary is under way: part of the traffic goes to a version that is being tried."
    if present.pinned:
        names = ", ".join(sorted(present.pinned))
        return "pinned", f"An earlier release was put into service by hand, of {names}."
    return None


def with_synced(releases: Sequence[Release], synced: Release) -> list[Release]:
    """Return the entries with a sync in service. It takes the place of a sync before it, or a day of them would
    push the releases out of the ledger."""
    present = in_service(releases)
    kept = [one for one in releases if one != present or one.kind != "sync"]
    return with_added(kept, synced)


def synced_release(present: Release, news: Release) -> Release:
    """Return the entry of a sync: all of what is in service, with what is new."""
    return replace(
        news,
        digests={**present.digests, **news.digests},
        versions={**present.versions, **news.versions},
        code_sha256={**present.code_sha256, **news.code_sha256},
        kind="sync",
    )
