"""Finds the Terraform state of an environment: in the account's state bucket, or in a file of this project.

Nothing on this machine says where it is: a fresh clone, a colleague and CI all look in the same place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.state_store import StateBucket, StoredObject
from liveinsight_cli.context import Context
from liveinsight_cli.core.state import (
    LOCAL_BACKEND,
    REFUSED,
    Moved,
    StateFacts,
    Verdict,
    bucket_name,
    moved_key,
    read_moved,
    read_state,
    s3_backend,
    state_key,
    verdict,
)
from liveinsight_cli.errors import PreconditionError


@dataclass(frozen=True)
class Place:
    """Where a state is, and what is there. `bucket` is None where there is no state bucket."""

    verdict: Verdict
    path: Path
    key: str
    region: str
    account: str
    bucket_name: str
    bucket: StateBucket | None
    local: StateFacts | None
    remote: StateFacts | None
    stored: StoredObject | None
    moved: Moved | None

    @property
    def is_remote(self) -> bool:
        """Whether the state that counts is in the bucket, or will be."""
        return self.verdict in ("remote", "new_remote")

    @property
    def facts(self) -> StateFacts | None:
        """The state that counts; None before the first deploy."""
        return self.remote if self.is_remote else self.local

    @property
    def backend(self) -> Mapping[str, Any]:
        """Terraform's backend block."""
        return self.s3 if self.is_remote else LOCAL_BACKEND

    @property
    def s3(self) -> Mapping[str, Any]:
        """The backend block for a state in the bucket."""
        return s3_backend(self.bucket_name, self.key, self.region, self.account)

    @property
    def shown(self) -> str:
        """The place for people."""
        return f"s3://{self.bucket_name}/{self.key}" if self.is_remote else str(self.path)

    def require_one(self, environment: str) -> "Place":
        """Return itself, or raise PreconditionError where going on would lose a state or begin a second one."""
        if self.verdict in REFUSED:
            raise self._refusal(environment)
        return self

    def _refusal(self, environment: str) -> PreconditionError:
        remote, flag = f"s3://{self.bucket_name}/{self.key}", f"--env {environment}"
        if self.verdict == "bucket_missing":
            return PreconditionError(
                f"The bucket {self.bucket_name}, which state_bucket names, does not exist in account {self.account}.",
                code="state_bucket",
                hint=f"Make it: liveinsight state bootstrap {flag}. Or give the right --profile. Nothing was changed.",
            )
        if self.verdict == "moved_away":
            moved = self.moved or read_moved(b"")
            return PreconditionError(
                f"The Terraform state of {environment} was moved to a file by {moved.who}: {moved.path}.",
                code="state_moved",
                hint=f"There, run: liveinsight state migrate --to s3 {flag}. Or bring that file to {self.path}.",
            )
        if self.verdict == "local_ahead":
            return PreconditionError(
                f"{self.path} (serial {_serial(self.local)}) is newer than {remote} (serial {_serial(self.remote)}).",
                code="state_conflict",
                hint="Somebody deployed with the file although the state is in the bucket. Find out which describes "
                "what is deployed, and move the other one away. Nothing was changed.",
            )
        return PreconditionError(
            f"There are two Terraform states of {environment}: {self.path} and {remote}.",
            code="state_conflict",
            hint="They have nothing to do with each other. Find out which one describes what is deployed, and move the "
            "other one away. Nothing was changed.",
        )


def locate(context: Context) -> Place:
    """Return where the state of the environment in use is; AWS must be reachable."""
    return find(context, state_key(context.environment), context.files.state)


def find(context: Context, key: str, path: Path) -> Place:
    """Return where the state is that has this key in the bucket, or this path as a file."""
    settings = context.settings
    account = context.aws.account()
    name = settings.state_bucket or bucket_name(settings.project, account, settings.region)
    candidate = StateBucket(context.aws, name, account)
    bucket = candidate if candidate.exists() else None
    stored = None if bucket is None else bucket.get(key)
    note = None if bucket is None or stored is not None else bucket.get(moved_key(key))
    moved = None if note is None else read_moved(note.content)
    local = read_state(path.read_bytes()) if path.exists() else None
    remote = None if stored is None else read_state(stored.content)
    decided = verdict(
        local,
        remote,
        moved,
        bucket_exists=bucket is not None,
        bucket_required=settings.state_bucket is not None and local is None,
    )
    return Place(decided, path, key, settings.region, account, name, bucket, local, remote, stored, moved)


def _serial(facts: StateFacts | None) -> str:
    return "?" if facts is None or not facts.is_readable else str(facts.serial)
