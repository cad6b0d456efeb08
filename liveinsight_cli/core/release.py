"""Releases: what was put in service, when and by whom; and which aliases have to move for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

SCHEMA = 1


@dataclass(frozen=True)
class Release:
    """One entry of the ledger. `versions` are the published versions in service, function -> number.

    `digests` are of what was built, `code_sha256` of the zips as Lambda reports them; both function -> hash.

    `is_dummy`: only the infrastructure was proven, by functions that keep nothing.
    """

    id: str
    environment: str
    at: str
    by: str
    tool_version: str
    git_sha: str | None
    digests: Mapping[str, str]
    versions: Mapping[str, str]
    status: Literal["active", "replaced", "destroyed"] = "active"
    is_dummy: bool = False
    code_sha256: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FunctionCode:
    """What Lambda holds of one function: its unpublished code ($LATEST) and its published versions.

    Hashes are base64 SHA-256 of the zip, as Lambda gives them. `revision` guards $LATEST against a change meanwhile;
    `published` is version -> hash, oldest first; `is_published` says that the newest one holds $LATEST as it is,
    configuration included.
    """

    function: str
    latest_sha256: str
    revision: str
    published: Mapping[str, str]
    is_published: bool

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


@dataclass(frozen=True)
class Promotion:
    """One alias that has to move."""

    function: str
    before: AliasState
    to_version: str


def promotions(aliases: Mapping[str, AliasState], newest: Mapping[str, str]) -> tuple[Promotion, ...]:
    """Return the aliases that do not yet give all their traffic to the newest version."""
    return tuple(
        Promotion(function, state, newest[function])
        for function, state in sorted(aliases.items())
        if state.version != newest[function] or state.weights
    )


def release_id(at: float, digests: Mapping[str, str]) -> str:
    """Return an id that sorts by time and tells two releases of one second apart."""
    when = datetime.fromtimestamp(at, UTC).strftime("%Y%m%d-%H%M%S")
    mixed = 0
    for digest in digests.values():
        mixed ^= int(digest[:6] or "0", 16)
    return f"{when}-{mixed:06x}"
