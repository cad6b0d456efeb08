"""Where an environment's Terraform state is kept, what it holds and who has its lock: names and decisions.

docs/decisions/0014-remote-state.md says why it is looked up this way.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

# Relative to the working copy, so that a project that is moved does not need another init.
LOCAL_BACKEND: Mapping[str, Any] = {"local": {"path": "../terraform.tfstate"}}
FRESH_SECONDS = 600.0  # a lock younger than this is taken to be in use
ACCOUNT = "account"  # what the account-wide part is called where an environment's name would stand
MIGRATION = "liveinsight state migrate"

Verdict = Literal[
    "local",
    "remote",
    "new_local",
    "new_remote",
    "local_ahead",  # both hold the same state, and the file is newer
    "two_states",  # both hold a state, and they have nothing to do with each other
    "moved_away",  # it was moved to a file, and that file is not here
    "bucket_missing",
]
REFUSED: frozenset[Verdict] = frozenset({"local_ahead", "two_states", "moved_away", "bucket_missing"})


def bucket_name(project: str, account: str, region: str) -> str:
    """Return the name of the bucket that is looked for when none is configured; 57 characters at most."""
    return f"{project}-tfstate-{account}-{region}"


def state_key(environment: str) -> str:
    """Return the key of an environment's state in the bucket."""
    return f"{environment}/terraform.tfstate"


def account_key(region: str) -> str:
    """Return the key of the account-wide part's state; no environment is called `account`."""
    return f"{ACCOUNT}/{region}/terraform.tfstate"


def lock_key(key: str) -> str:
    """Return the key of the lock that Terraform puts beside a state."""
    return f"{key}.tflock"


def moved_key(key: str) -> str:
    """Return the key of the note that a state was moved to somebody's file."""
    return f"{key}.moved"


def ledger_key(environment: str) -> str:
    """Return the key of an environment's ledger of releases."""
    return f"{environment}/releases.json"


def s3_backend(bucket: str, key: str, region: str, account: str) -> Mapping[str, Any]:
    """Return the backend block for a state in S3."""
    return {
        "s3": {
            "bucket": bucket,
            "key": key,
            "region": region,
            "encrypt": True,
            "use_lockfile": True,
            "allowed_account_ids": [account],
        }
    }


@dataclass(frozen=True)
class StateFacts:
    """What tells two states apart, and what is in one. A state is newer than one of its lineage with a lower serial."""

    lineage: str = ""
    serial: int = -1
    resources: tuple[str, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    writer: str = ""  # the version of terraform

    @property
    def is_readable(self) -> bool:
        """Whether it was a state at all."""
        return self.serial >= 0

    def is_same_as(self, other: "StateFacts") -> bool:
        """Tell whether both are the same state at the same time."""
        mine = (self.lineage, self.serial, self.resources)
        return mine == (other.lineage, other.serial, other.resources)


def read_state(content: bytes) -> StateFacts:
    """Return what a state holds; one that cannot be read has no lineage and the serial -1."""
    try:
        document = json.loads(content)
        return StateFacts(
            lineage=str(document.get("lineage", "")),
            serial=int(document.get("serial", 0)),
            resources=tuple(sorted(_addresses(document.get("resources", ())))),
            outputs={name: one["value"] for name, one in document.get("outputs", {}).items()},
            writer=str(document.get("terraform_version", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return StateFacts()


def _addresses(resources: list[Mapping[str, Any]]) -> Iterator[str]:
    for resource in resources:
        parts = [resource.get("module", ""), "data" if resource.get("mode") == "data" else ""]
        name = ".".join(part for part in (*parts, resource["type"], resource["name"]) if part)
        for instance in resource.get("instances", ()):
            key = instance.get("index_key")
            yield name if key is None else f"{name}[{json.dumps(key)}]"


def verdict(
    local: StateFacts | None,
    remote: StateFacts | None,
    moved: "Moved | None",
    *,
    bucket_exists: bool,
    bucket_required: bool,
) -> Verdict:
    """Decide which state counts. A state in the bucket always does: only so is it the same for everybody."""
    if remote is not None:
        if local is None:
            return "remote"
        if local.lineage == remote.lineage:
            return "local_ahead" if local.serial > remote.serial else "remote"
        return "remote" if local.is_readable and not local.resources else "two_states"
    if local is not None:
        return "moved_away" if moved is not None and moved.lineage != local.lineage else "local"
    if moved is not None:
        return "moved_away"
    if bucket_exists:
        return "new_remote"
    return "bucket_missing" if bucket_required else "new_local"


@dataclass(frozen=True)
class Moved:
    """The note that is left in the bucket when a state goes to somebody's file."""

    lineage: str
    serial: int
    who: str
    path: str
    at: str

    def content(self) -> bytes:
        """Return it as it is stored."""
        return (json.dumps(self.__dict__, indent=2) + "\n").encode()


def read_moved(content: bytes) -> Moved:
    """Return a stored note; what cannot be read still says that the state is elsewhere."""
    try:
        found = json.loads(content)
        return Moved(
            str(found["lineage"]),
            int(found["serial"]),
            str(found["who"]),
            str(found["path"]),
            str(found["at"]),
        )
    except (ValueError, KeyError, TypeError):
        return Moved("", -1, "somebody", "a file", "")


@dataclass(frozen=True)
class Lock:
    """The lock of a state, in Terraform's own form. `holder` is what our own locks say of the process."""

    id: str
    operation: str
    who: str
    created: str
    path: str = ""
    version: str = ""
    info: str = ""

    @property
    def work(self) -> str:
        """What it is held for, e.g. Apply."""
        return self.operation.removeprefix("OperationType") or "unknown work"

    def content(self) -> bytes:
        """Return it as Terraform reads and writes it."""
        names = ("id", "operation", "info", "who", "version", "created", "path")
        document = {"ID" if name == "id" else name.capitalize(): getattr(self, name) for name in names}
        return json.dumps(document).encode()


def read_lock(content: bytes) -> Lock:
    """Return a stored lock; parts that are missing are empty."""
    try:
        found = json.loads(content)
        taken = {
            name: str(found.get(name, ""))
            for name in ("Operation", "Who", "Created", "Path", "Version", "Info")
        }
        return Lock(str(found.get("ID", "")), **{name.lower(): value for name, value in taken.items()})
    except (ValueError, TypeError, AttributeError):
        return Lock("", "", "", "")


def why_not_unlock(lock: Lock, age_seconds: float, forced_id: str | None, *, is_dead: bool) -> str | None:
    """Return why a lock must stay, or None when it may be taken away."""
    if forced_id is not None:
        return None if forced_id == lock.id else f"--force names lock {forced_id}, but it is lock {lock.id}"
    if is_dead or age_seconds >= FRESH_SECONDS:
        return None
    return f"it is younger than {FRESH_SECONDS / 60:.0f} min, so its holder is most likely at work"


def created_at(lock: Lock) -> float | None:
    """Return when the lock was taken, by its holder's clock, in epoch seconds."""
    found = re.match(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", lock.created)
    return datetime.fromisoformat(f"{found[1]}+00:00").timestamp() if found else None


@dataclass(frozen=True)
class LockReport:
    """The holder of a lock as people read it."""

    id: str
    who: str
    operation: str
    created: str
    age_seconds: float
    holder_is_dead: bool


@dataclass(frozen=True)
class StateReport:
    """The answer of `state show`. `place` is s3://... or a path; `serial` is None before the first deploy."""

    environment: str
    backend: Literal["s3", "local"]
    place: str
    serial: int | None
    lineage: str | None
    resources: int
    versions_kept: int | None
    lock: LockReport | None
    leftover: str | None = None


@dataclass(frozen=True)
class BootstrapResult:
    """The answer of `state bootstrap`. `repaired` names what differed."""

    environment: str
    bucket: str
    created: bool
    repaired: tuple[str, ...]
    moved: tuple[str, ...]


@dataclass(frozen=True)
class MigrationResult:
    """The answer of `state migrate`."""

    environment: str
    to: Literal["s3", "local"]
    place: str
    moved: bool
    serial: int | None
    resources: int


@dataclass(frozen=True)
class UnlockResult:
    """The answer of `state unlock`; without a lock there was nothing to do."""

    environment: str
    unlocked: bool
    lock: LockReport | None


@dataclass(frozen=True)
class PulledState:
    """The answer of `state pull-local`."""

    environment: str
    path: str
    serial: int
    resources: int
