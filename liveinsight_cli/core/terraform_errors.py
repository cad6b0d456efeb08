"""Which error a failed terraform run means to the user, and the words for it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from liveinsight_cli.core.terraform_events import Diagnostic

Kind = Literal[
    "locked",
    "credentials",
    "provider",
    "stale_plan",
    "not_initialised",
    "checksum",
    "unwritable",
    "unreachable",
    "damaged_state",
    "no_plan",
    "failed",
]

LOCKED = re.compile(r"error acquiring the state lock|error locking state", re.IGNORECASE)
CREDENTIALS = re.compile(
    r"no valid credential sources|ExpiredToken|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|"
    r"error validating provider credentials|failed to get shared config profile|InvalidAccessKeyId|RequestExpired|"
    r"the SSO session has expired|no EC2 IMDS role found",
    re.IGNORECASE,
)
PROVIDER = re.compile(
    r"failed to query available provider packages|failed to install provider|could not retrieve|"
    r"invalid provider registry host|incompatible provider version",
    re.IGNORECASE,
)
CHECKSUM = re.compile(r"doesn't match any of the checksums|checksum", re.IGNORECASE)
STALE = re.compile(r"saved plan is stale|plan file was created|cannot apply saved plan", re.IGNORECASE)
NOT_INITIALISED = re.compile(
    r"inconsistent dependency lock file|required plugins are not installed|module not installed|"
    r"backend initialization required|module source has changed|cached package|"
    r"backend configuration changed|missing required provider|could not load plugin",
    re.IGNORECASE,
)
UNWRITABLE = re.compile(r"no space left on device|read-only file system|disk quota exceeded", re.IGNORECASE)
DAMAGED = re.compile(r"unsupported state file format|state file could not be parsed", re.IGNORECASE)
NO_PLAN = re.compile(r"failed to load .* as a plan file", re.IGNORECASE)
UNREACHABLE = re.compile(r"connect: connection refused", re.IGNORECASE)
LOCK_FIELD = re.compile(r"^\s*(ID|Path|Operation|Who|Version|Created|Info):[ \t]*(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class LockInfo:
    """Who holds the state, since when; any part may be unknown."""

    id: str
    who: str
    operation: str
    created: str

    def age_seconds(self, now: float) -> float | None:
        """Return how long the lock has been held, or None when that cannot be told."""
        found = re.match(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ?(?:\+0000 UTC|Z)?", self.created)
        if not found:
            return None
        since = datetime.fromisoformat(f"{found[1]}T{found[2]}").replace(tzinfo=UTC)
        return max(0.0, now - since.timestamp())


def kind_of(errors: Sequence[Diagnostic], words: Sequence[str] = ()) -> Kind:
    """Return what a run's errors mean; the most telling one decides. Some subcommands only have `words`."""
    text = "\n".join(words) if not errors else "\n".join(f"{one.summary}\n{one.detail}" for one in errors)
    if UNWRITABLE.search(text):
        return "unwritable"
    if DAMAGED.search(text):
        return "damaged_state"
    if LOCKED.search(text):
        return "locked"
    if NO_PLAN.search(text):
        return "no_plan"
    if STALE.search(text):
        return "stale_plan"
    if PROVIDER.search(text) and CHECKSUM.search(text):
        return "checksum"
    if NOT_INITIALISED.search(text):
        return "not_initialised"
    if PROVIDER.search(text):
        return "provider"
    if CREDENTIALS.search(text):
        return "credentials"
    return "unreachable" if UNREACHABLE.search(text) else "failed"


def lock_info(errors: Sequence[Diagnostic], words: Sequence[str] = ()) -> LockInfo:
    """Return the holder that terraform names in the error's detail, or in its `words`."""
    fields: dict[str, str] = {}
    for text in (*(one.detail for one in errors), "\n".join(words)):
        fields |= {name: value.strip() for name, value in LOCK_FIELD.findall(text)}
    return LockInfo(
        fields.get("ID", ""), fields.get("Who", ""), fields.get("Operation", ""), fields.get("Created", "")
    )


def age_in_words(seconds: float | None) -> str:
    """Return an age such as "4 min"; empty when unknown."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"
