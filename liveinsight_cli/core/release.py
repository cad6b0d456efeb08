"""Releases: what was put in service, when and by whom; and which aliases have to move for one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

# 2: kinds of entries, pins, canaries. Entries of 1 are deploys.
SCHEMA = 2

Kind = Literal["deploy", "rollback", "promote", "sync"]
Status = Literal["active", "replaced", "rolled_back", "canary", "aborted", "failed", "pruned", "destroyed"]
LATEST = "$LATEST"  # what Lambda calls the code that is not published
# In service now or once, with versions that are still there.
RESTORABLE: frozenset[Status] = frozenset({"active", "replaced", "rolled_back"})


@dataclass(frozen=True)
class Release:
    """One entry of the ledger. `versions` are the published versions that it put in service, function -> number.

    `digests` are of what was built, `code_sha256` of the zips as Lambda reports them; both function -> hash.

    `is_dummy`: only the infrastructure was proven, by functions that keep nothing. `target` is the release that a
    rollback went back to. `pinned` says which functions stay at their version, and because of which code: function ->
    `code_sha256` of what was rolled back from. `canary` is the plan by which traffic was moved, as it was given.
    """

    id: str
    environment: str
    at: str
    by: str
    tool_version: str
    git_sha: str | None
    digests: Mapping[str, str]
    versions: Mapping[str, str]
    status: Status = "active"
    is_dummy: bool = False
    code_sha256: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "deploy"
    git_dirty: bool = False
    target: str | None = None
    pinned: Mapping[str, str] = field(default_factory=dict)
    canary: str | None = None

    @property
    def is_restorable(self) -> bool:
        """Whether its versions may be put into service (again)."""
        return self.status in RESTORABLE and not self.is_dummy and self.kind != "sync"

    def fits(self, function: str, code_sha256: str) -> bool:
        """Tell whether this may be the code of a function here; what early versions of the tool noted has no hashes."""
        return self.code_sha256.get(function, "") in ("", code_sha256) or not code_sha256


@dataclass(frozen=True)
class FunctionCode:
    """What Lambda holds of one function: its unpublished code ($LATEST) and its published versions.

    Hashes are base64 SHA-256 of the zip, as Lambda gives them. `revision` guards $LATEST against a change meanwhile;
    `published` is version -> hash, oldest first; `is_published` says that the newest one holds $LATEST as it is,
    configuration included. `tokens` is version -> hash of the read token that it knows, where that was told.
    """

    function: str
    latest_sha256: str
    revision: str
    published: Mapping[str, str]
    is_published: bool
    tokens: Mapping[str, str] = field(default_factory=dict)

    @property
    def newest(self) -> str:
        """The newest published version; "" before the first."""
        return list(self.published)[-1] if self.published else ""


@dataclass(frozen=True)
class AliasState:
    """Where a function's alias points. `revision` guards against somebody else who moves it meanwhile."""

    function: str
    version: str
    revision: str
    weights: Mapping[str, float]

    def routes_as(self, version: str, weights: Mapping[str, float]) -> bool:
        """Tell whether it sends traffic just so."""
        return self.version == version and dict(self.weights) == dict(weights)


@dataclass(frozen=True)
class Promotion:
    """One alias that has to move: to a version, and `weights` of the traffic to others."""

    function: str
    before: AliasState
    to_version: str
    weights: Mapping[str, float] = field(default_factory=dict)


def promotions(aliases: Mapping[str, AliasState], wanted: Mapping[str, str]) -> tuple[Promotion, ...]:
    """Return the aliases that do not yet give all their traffic to the wanted version."""
    return tuple(
        Promotion(function, aliases[function], version)
        for function, version in sorted(wanted.items())
        if not aliases[function].routes_as(version, {})
    )


def without_weights(state: AliasState) -> AliasState:
    """Return where an alias points but for a canary, which is over when it moves."""
    return replace(state, weights={})


def release_id(at: float, digests: Mapping[str, str]) -> str:
    """Return an id that sorts by time and tells two releases of one second apart."""
    when = datetime.fromtimestamp(at, UTC).strftime("%Y%m%d-%H%M%S")
    mixed = 0
    for digest in digests.values():
        mixed ^= int(digest[:6] or "0", 16)
    return f"{when}-{mixed:06x}"


def in_service(releases: Sequence[Release]) -> Release | None:
    """Return the release in service, or None."""
    return next((one for one in reversed(releases) if one.status == "active"), None)


def unfinished_canary(releases: Sequence[Release]) -> Release | None:
    """Return the release whose canary was begun and neither ended nor overtaken by another release; or None."""
    for one in reversed(releases):
        if one.status in ("canary", "active"):
            return one if one.status == "canary" else None
    return None


def with_added(releases: Sequence[Release], added: Release) -> list[Release]:
    """Return the entries with one more, which is in service from now on unless its status says otherwise."""
    ids = {one.id for one in releases}
    number, name = 1, added.id
    while name in ids:  # twice in one second: a rollback and back again
        number += 1
        name = f"{added.id}-{number}"
    added = replace(added, id=name)
    if added.status != "active":
        return [*releases, added]
    return [*(_ended(one, added) for one in releases), added]


def _ended(release: Release, by: Release) -> Release:
    """Return an entry as it is once another release is in service."""
    if release.status == "canary":
        return replace(release, status="aborted")
    if release.status != "active":
        return release
    is_taken_out = by.kind == "rollback" and by.target != release.id
    return replace(release, status="rolled_back" if is_taken_out else "replaced")


def with_status(releases: Sequence[Release], name: str, status: Status) -> list[Release]:
    """Return the entries, that one with another status; one that becomes active takes the place of the one that is."""
    if status == "active":
        (found,) = (one for one in releases if one.id == name)
        return with_added([one for one in releases if one.id != name], replace(found, status="active"))
    return [replace(one, status=status) if one.id == name else one for one in releases]


def with_aborted(releases: Sequence[Release], canary: Release) -> list[Release]:
    """Return the entries after a canary was ended early: what is in service is pinned against its code."""
    return [
        replace(one, pinned=dict(canary.code_sha256)) if one.status == "active" else one
        for one in with_status(releases, canary.id, "aborted")
    ]


@dataclass(frozen=True)
class ReleaseList:
    """The answer of `releases`, newest first; `total` counts those that are noted."""

    environment: str
    releases: tuple[Release, ...]
    total: int
