"""Drift: what is in AWS and does not come from a deploy. Here: functions and what is in service of them.

The ledger says which code a release put into Lambda and which versions it put into service; Lambda says what is there.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from liveinsight_cli.core.plan_diff import AttributeDiff
from liveinsight_cli.core.release import (
    LATEST,
    AliasState,
    FunctionCode,
    Release,
    in_service,
    unfinished_canary,
)

Kind = Literal["infrastructure", "code", "service", "dashboard", "edge"]
SHOWN_OF_HASH = 8


@dataclass(frozen=True)
class Difference:
    """Something that is not as the last deploy left it. `where` is a resource's address, a function or a file.

    `is_repaired`: the next deploy puts it right; else somebody has to.
    """

    kind: Kind
    where: str
    what: str
    attributes: tuple[AttributeDiff, ...] = ()
    is_repaired: bool = True


@dataclass(frozen=True)
class Drift:
    """What was found. `release` is the one in service; `code_only`: Terraform's part was left out.

    `notes` are things to know that are no drift, such as a rollback.
    """

    environment: str
    release: str | None
    code_only: bool
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()

    @property
    def repaired(self) -> tuple[Difference, ...]:
        """What the next deploy puts right."""
        return tuple(one for one in self.differences if one.is_repaired)

    @property
    def left(self) -> tuple[Difference, ...]:
        """What no deploy puts right."""
        return tuple(one for one in self.differences if not one.is_repaired)


@dataclass(frozen=True)
class Expected:
    """What the ledger says of one function. What is not known is empty: an early version of the tool deployed it.

    `code_sha256` is of the version in service. `latest_sha256` are of what $LATEST may hold: after a rollback, in a
    canary and after a deploy whose check failed that is other code.
    """

    version: str
    code_sha256: str
    latest_sha256: frozenset[str]


@dataclass(frozen=True)
class Ledgered:
    """What the ledger says of an environment: the release in service, its functions, and all code that it knows.

    `synced` are functions whose code a sync put there; `tried` are the versions of a canary that has not ended;
    `notes` say what is no drift and looks like it.
    """

    release: Release | None
    functions: Mapping[str, Expected]
    known_sha256: frozenset[str]
    synced: tuple[str, ...] = ()
    tried: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def ledgered(releases: Sequence[Release]) -> Ledgered:
    """Return what ought to be there by these entries, oldest first."""
    known = frozenset(sha for one in releases for sha in one.code_sha256.values())
    release, canary = in_service(releases), unfinished_canary(releases)
    if release is None:
        return Ledgered(
            None, {}, known, notes=("No release is noted: the functions' code cannot be compared.",)
        )
    later = [one for one in releases[releases.index(release) :] if one.status in ("canary", "failed")]
    functions = {}
    for name, version in release.versions.items():
        newest = release.pinned.get(name) or release.code_sha256.get(name, "")
        latest = {newest, *(one.code_sha256.get(name, "") for one in later)} - {""}
        functions[name] = Expected(version, release.code_sha256.get(name, ""), frozenset(latest))
    return Ledgered(
        release,
        functions,
        known,
        _synced(releases, release),
        canary.versions if canary else {},
        tuple(_notes(release, later)),
    )


def _synced(releases: Sequence[Release], release: Release) -> tuple[str, ...]:
    """Return the functions that a sync gave other code than the release before it."""
    if release.kind != "sync":
        return ()
    before = [one for one in releases if one.status == "replaced" and one.kind != "sync"]
    code = before[-1].code_sha256 if before else {}
    return tuple(sorted(name for name, sha in release.code_sha256.items() if code.get(name) != sha))


def _notes(release: Release, later: Iterable[Release]) -> Iterable[str]:
    if release.pinned:
        yield f"Release {release.id} was put into service by hand; newer code waits. That is no drift."
    for one in later:
        what = "A canary of it is under way" if one.status == "canary" else "Its check failed"
        yield f"Release {one.id} is not in service. {what}; that is no drift."


def code_drift(
    ledger: Ledgered, codes: Mapping[str, FunctionCode], aliases: Mapping[str, AliasState]
) -> Iterable[Difference]:
    """Yield what of the functions is not as the ledger says. Those that are gone are no matter of code."""
    for name, code in sorted(codes.items()):
        expected = ledger.functions.get(name)
        if expected is None:
            continue
        yield from _latest(name, code, expected, ledger)
        yield from _versions(name, code, expected, ledger)
        if name in aliases:
            yield from _in_service(name, code, expected, aliases[name], ledger)


def unpublished(codes: Mapping[str, FunctionCode], besides: Iterable[str]) -> Iterable[Difference]:
    """Yield the functions whose configuration is not that of their newest version, but for these."""
    left_out = set(besides)
    for name, code in sorted(codes.items()):
        if not code.is_published and name not in left_out:
            yield Difference(
                "code", name, f"the configuration of {LATEST} is not that of version {code.newest or '-'}"
            )


def _latest(name: str, code: FunctionCode, expected: Expected, ledger: Ledgered) -> Iterable[Difference]:
    release, wanted = ledger.release, expected.latest_sha256
    if release is None:
        return
    if wanted and code.latest_sha256 not in wanted:
        yield Difference(
            "code",
            name,
            f"{LATEST} holds other code than release {release.id}: "
            f"{_short(code.latest_sha256)} instead of {' or '.join(_short(one) for one in sorted(wanted))}",
        )
    elif name in ledger.synced:
        yield Difference(
            "code", name, f"holds what `liveinsight sync` put there, by {release.by} at {release.at}"
        )


def _versions(name: str, code: FunctionCode, expected: Expected, ledger: Ledgered) -> Iterable[Difference]:
    """Yield what somebody published: the next deploy publishes the right code over it."""
    foreign = [
        version
        for version, sha in code.published.items()
        if int(version) > int(expected.version or "0") and sha not in ledger.known_sha256
    ]
    if foreign and ledger.known_sha256:
        names = ", ".join(foreign)
        yield Difference("code", name, f"version {names} was published outside of a release")


def _in_service(
    name: str, code: FunctionCode, expected: Expected, alias: AliasState, ledger: Ledgered
) -> Iterable[Difference]:
    if alias.version != expected.version:
        found = code.latest_sha256 if alias.version == LATEST else code.published.get(alias.version, "")
        same = ", with the same code" if found and found == expected.code_sha256 else ""
        yield Difference(
            "service",
            name,
            f"{_named(alias.version)} is in service instead of {_named(expected.version)}{same}",
        )
    elif (
        expected.code_sha256
        and code.published.get(alias.version, expected.code_sha256) != expected.code_sha256
    ):
        yield Difference(
            "service", name, f"{_named(alias.version)}, in service, holds other code than the release's"
        )
    elsewhere = {one: share for one, share in alias.weights.items() if one != ledger.tried.get(name)}
    if elsewhere:
        shares = ", ".join(f"{share:.0%} to {_named(version)}" for version, share in elsewhere.items())
        yield Difference("service", name, f"part of the calls go elsewhere: {shares}")


def _named(version: str) -> str:
    return version if version == LATEST else f"version {version}"


def _short(sha256: str) -> str:
    return f"{sha256[:SHOWN_OF_HASH]}…"
