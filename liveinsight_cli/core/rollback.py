"""Which release a rollback goes back to, and what a later deploy leaves in service because of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from liveinsight_cli.core.release import (
    LATEST,
    AliasState,
    FunctionCode,
    Kind,
    Release,
    in_service,
    unfinished_canary,
)

READERS = frozenset({"realtime-api", "stats-api"})  # the functions that ask for the read token


class NoTarget(ValueError):
    """There is no release to go back to; `candidates` are those there are."""

    def __init__(self, message: str, candidates: Sequence[Release] = ()) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


class UnknownRelease(ValueError):
    """The name fits no release, or several."""


@dataclass(frozen=True)
class MoveResult:
    """The answer of `rollback` and `promote`. `moved` is function -> version before and after."""

    environment: str
    kind: Kind
    changed: bool
    dry_run: bool
    target: str | None
    release: str | None
    moved: Mapping[str, "Moved"] = field(default_factory=dict)
    in_service: Mapping[str, str] = field(default_factory=dict)
    pinned: tuple[str, ...] = ()
    duration_s: float = 0.0


@dataclass(frozen=True)
class Moved:
    """The version a function had in service, and the one it has now; `shares` is what others got of its traffic."""

    before: str
    after: str
    shares: Mapping[str, float] = field(default_factory=dict)


def named(releases: Sequence[Release], name: str) -> Release:
    """Return the release of that id, or of an id that begins so; raises UnknownRelease."""
    exact = [one for one in releases if one.id == name]
    found = exact or [one for one in releases if one.id.startswith(name)]
    if not found:
        raise UnknownRelease(f"There is no release {name}.")
    if len(found) > 1:
        raise UnknownRelease(f"{name} may be {', '.join(one.id for one in found)}.")
    return found[0]


def restorable(
    releases: Sequence[Release], published: Mapping[str, Mapping[str, str]], functions: Iterable[str]
) -> list[Release]:
    """Return the releases that can be put into service, oldest first: all their versions of `functions` are there.

    `published` is function -> version -> hash.
    """
    wanted = tuple(functions)
    return [one for one in releases if one.is_restorable and is_there(one, published, wanted)]


def is_there(release: Release, published: Mapping[str, Mapping[str, str]], functions: Iterable[str]) -> bool:
    """Tell whether the versions of a release still exist, and hold its code: numbers begin anew with the function."""
    return all(
        release.versions.get(name) in published.get(name, {})
        and release.fits(name, published[name][release.versions[name]])
        for name in functions
    )


def previous(
    releases: Sequence[Release],
    published: Mapping[str, Mapping[str, str]],
    functions: Iterable[str],
    now: Mapping[str, str],
) -> Release:
    """Return what was in service before what is in service `now` (function -> version); raises NoTarget.

    After a rollback "before" is counted from the release that it went back to: a second rollback goes further back,
    not forth again. A deploy that was killed before it noted its release left newer versions than the ledger tells:
    then the release in the ledger is the one before. A rollback that was killed is done again, and goes no further.
    """
    wanted = tuple(functions)
    possible = restorable(releases, published, wanted)
    present = in_service(releases)
    if present is not None and present in possible and _is_newer(now, present.versions, wanted):
        return _origin(releases, present)
    then = present.versions if present is not None else now
    for one in reversed(releases[: _before(releases)]):
        if one in possible and any(one.versions[name] != then.get(name) for name in wanted):
            return _origin(releases, one)
    raise NoTarget("No earlier release can be put into service again.", possible)


def _is_newer(versions: Mapping[str, str], than: Mapping[str, str], functions: Iterable[str]) -> bool:
    """Tell whether a function has a newer version than another time; $LATEST is newer than all."""
    return any(_number(versions.get(name, "")) > _number(than.get(name, "")) for name in functions)


def _number(version: str) -> float:
    return float(version) if version.isdigit() else float("inf" if version else "-inf")


def _origin(releases: Sequence[Release], release: Release) -> Release:
    """Return the release that a rollback went back to as a whole, however often; else the release itself."""
    for one in releases:
        if one.id == release.target and release.kind == "rollback" and one.versions == release.versions:
            return _origin(releases, one)
    return release


def _before(releases: Sequence[Release]) -> int:
    """Return how many of the releases came before the one in service."""
    present = in_service(releases)
    if present is None:
        return len(releases)
    if present.kind == "rollback":
        return _end(releases, present)
    return releases.index(present)


def _end(releases: Sequence[Release], release: Release) -> int:
    """Return how many releases there were with this one; a rollback counts as what it went back to."""
    place = releases.index(release)
    if release.kind == "rollback":
        for one in releases[:place]:
            if one.id == release.target:
                return _end(releases, one)
    return place + 1


def pins(
    earlier: Release | None, moved_to: Mapping[str, str], codes: Mapping[str, FunctionCode]
) -> dict[str, str]:
    """Return the pins after `moved_to` (function -> version) was put in service by hand: function -> code_sha256.

    Where all are at their newest version none of them is pinned; functions that were not moved keep their pins.
    """
    kept = {name: code for name, code in (earlier.pinned if earlier else {}).items() if name not in moved_to}
    if all(codes[name].newest == version for name, version in moved_to.items()):
        return kept
    return kept | {name: codes[name].published[codes[name].newest] for name in moved_to}


def pins_hold(pinned: Mapping[str, str], built_sha256: Mapping[str, str]) -> bool:
    """Tell whether pins outlive a deploy of this code: as long as every pinned function's code is the same.

    They are one unit: a rollback put versions together that have worked together.
    """
    return bool(pinned) and all(built_sha256.get(name) == code for name, code in pinned.items())


def ended_pin(releases: Sequence[Release], built_sha256: Mapping[str, str]) -> str | None:
    """Return in words which pin a deploy of this code ends, or None where it ends none."""
    present = in_service(releases)
    if present is None or not present.pinned or pins_hold(present.pinned, built_sha256):
        return None
    kept = ", ".join(sorted(present.pinned))
    return (
        f"Release {present.id} was kept in service by hand ({kept}). This deploy has other code, which ends that: "
        "the newest versions of all functions go into service."
    )


def digest_of(releases: Sequence[Release], function: str, version: str, code_sha256: str) -> str:
    """Return the digest of a function's version, as far as the ledger tells; else ""."""
    for one in reversed(releases):
        if one.status == "destroyed":
            continue
        same = one.versions.get(function) == version or one.code_sha256.get(function) == code_sha256
        if same and function in one.digests:
            return one.digests[function]
    return ""


@dataclass(frozen=True)
class Stays:
    """What stays in service although newer versions are there: the release, and the one that it is kept from.

    `reason`: somebody rolled back, or a canary was not ended. `versions` are function -> version that stays.
    """

    reason: Literal["pinned", "canary"]
    release: str
    instead_of: str | None
    versions: Mapping[str, str]

    def in_words(self) -> str:
        """Return it with the commands that end it."""
        other = f"release {self.instead_of}" if self.instead_of else "the newest versions"
        if self.reason == "canary":
            return (
                f"Release {self.release} stays in service, and a canary of {other} is still open: "
                "`liveinsight promote` puts it into service, `liveinsight rollback` ends it."
            )
        return (
            f"Release {self.release} stays in service, because {other} was taken out of it. "
            "`liveinsight promote` puts the newest versions into service; a deploy of other code does, too."
        )


def staying(
    releases: Sequence[Release],
    codes: Mapping[str, FunctionCode],
    aliases: Mapping[str, AliasState],
    built_sha256: Mapping[str, str],
) -> Stays | None:
    """Return what a deploy of this code leaves in service, or None where the newest versions belong there."""
    present = in_service(releases)
    if present is None:
        return None
    canary = unfinished_canary(releases)
    is_open = any(state.weights for state in aliases.values())
    if canary is not None and is_open and dict(canary.code_sha256) == dict(built_sha256):
        versions = {name: state.version for name, state in aliases.items()}
        return Stays("canary", present.id, canary.id, versions)
    if not pins_hold(present.pinned, built_sha256):
        return None
    versions = {name: present.versions[name] for name in present.pinned}
    if not is_there(present, {name: code.published for name, code in codes.items()}, versions):
        return None
    return Stays("pinned", present.id, _instead_of(releases, present), versions)


def _instead_of(releases: Sequence[Release], present: Release) -> str | None:
    """Return the release whose code the pins keep out of service."""
    for one in reversed(releases):
        taken_out = one.status in ("rolled_back", "aborted", "pruned") and one.kind != "rollback"
        if taken_out and all(one.code_sha256.get(name) == code for name, code in present.pinned.items()):
            return one.id
    return None


def with_old_token(
    present: Mapping[str, AliasState], codes: Mapping[str, FunctionCode], versions: Mapping[str, str]
) -> list[str]:
    """Return the functions whose wanted version asks for a read token that was replaced since.

    What is in service may ask for it still: then a rotation is under way, and the old token is the valid one.
    """
    old = []
    for name in READERS & versions.keys():
        tokens = codes[name].tokens
        wanted, latest = tokens.get(versions[name]), tokens.get(LATEST)
        if wanted and latest and wanted not in (latest, tokens.get(present[name].version)):
            old.append(name)
    return sorted(old)
