"""What `liveinsight state` does: the bucket, the move there and back, the lock, a copy."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from liveinsight_cli.adapters import shared_outputs, state_lock
from liveinsight_cli.adapters.account_part import AccountPart
from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.adapters.state_bucket import Foundation
from liveinsight_cli.adapters.state_migration import Migration
from liveinsight_cli.adapters.state_place import Place, locate
from liveinsight_cli.adapters.state_store import ObjectChanged, StateBucket, StoredObject
from liveinsight_cli.context import Context
from liveinsight_cli.core.state import (
    BootstrapResult,
    LockReport,
    MigrationResult,
    PulledState,
    StateReport,
    lock_key,
    read_state,
    why_not_unlock,
)
from liveinsight_cli.core.state import Lock as StateLockNote
from liveinsight_cli.errors import PreconditionError, StateLocked


@dataclass(frozen=True)
class FoundLock:
    """A lock, the object it is in, and both as people read them."""

    lock: StateLockNote
    stored: StoredObject
    report: LockReport


@dataclass
class States:
    """The state of one environment, and the bucket of the account. AWS must be reachable."""

    context: Context

    @property
    def place(self) -> Place:
        """Where the state is, as it was when the command began."""
        return self.context.state

    @cached_property
    def bucket(self) -> StateBucket:
        """The account's bucket, there or not."""
        return StateBucket(self.context.aws, self.place.bucket_name, self.place.account)

    @cached_property
    def foundation(self) -> Foundation:
        """What makes the bucket what it must be."""
        return Foundation(self.bucket, self.context.settings.project)

    @cached_property
    def account_part(self) -> AccountPart:
        """The account-wide part, whose state goes where the environments' go."""
        return AccountPart(self.context)

    def planned_bootstrap(self) -> list[str]:
        """Return what a bootstrap would do, a line each; raises where the bucket is not ours to use."""
        lines = []
        if not self.foundation.require_usable():
            lines.append(f"make the bucket {self.bucket.name}")
        else:
            lines += [
                f"put right the {one.what} of {self.bucket.name}" for one, _ in self.foundation.differences()
            ]
        for path in self._files_to_move():
            lines.append(f"move {path} there")
        return lines

    def bootstrap(self) -> BootstrapResult:
        """Make the bucket or repair it, then move the states of this directory into it."""
        created = not self.foundation.require_usable()
        if created:
            self.foundation.create()
        repaired = self.foundation.repair()
        moved = []
        for path in self._files_to_move():
            if path == self.place.path:
                self._migration().to_s3()
            else:
                self._account_migration().to_s3()
            moved.append(str(path))
        self._remember()
        return BootstrapResult(
            self.context.environment, self.bucket.name, created, () if created else repaired, tuple(moved)
        )

    def migrate_to_s3(self) -> MigrationResult:
        """Move the state into the bucket; raises PreconditionError where there is no bucket or no state."""
        place = self.place
        if place.bucket is None:
            raise PreconditionError(
                f"There is no bucket {place.bucket_name} for states in account {place.account}.",
                code="state_bucket",
                hint=f"Make it: liveinsight state bootstrap --env {self.context.environment}",
            )
        if place.local is None and place.remote is None:
            place.require_one(self.context.environment)
            raise self._no_state()
        return self._migrated("s3", self._migration().to_s3())

    def migrate_to_local(self) -> MigrationResult:
        """Move the state into the file; raises PreconditionError where there is none."""
        if self.place.local is None and self.place.remote is None:
            self.place.require_one(self.context.environment)
            raise self._no_state()
        if self.place.bucket is None:
            return self._migrated("local", moved=False)
        return self._migrated("local", self._migration().to_local())

    def report(self) -> StateReport:
        """Return where the state is, what it holds, and its lock."""
        place = self.place.require_one(self.context.environment)
        found = self.lock(has_turn=False)
        return StateReport(
            environment=self.context.environment,
            backend="s3" if place.is_remote else "local",
            place=place.shown,
            serial=place.facts.serial if place.facts else None,
            lineage=place.facts.lineage if place.facts else None,
            resources=len(place.facts.resources) if place.facts else 0,
            versions_kept=self.bucket.versions(place.key) if place.is_remote else None,
            lock=found.report if found else None,
            leftover=str(place.path) if place.is_remote and place.local is not None else None,
        )

    def lock(self, *, has_turn: bool = True) -> FoundLock | None:
        """Return the lock of the remote state; a file's lock ends with its holder, so there is none to speak of."""
        if self.place.bucket is None:
            return None
        found = self.place.bucket.lock(self.place.key)
        if found is None:
            return None
        return FoundLock(*found, state_lock.report(self.context, *found, has_turn=has_turn))

    def require_unlockable(self, found: FoundLock, forced_id: str | None) -> None:
        """Raise StateLocked where the lock may still be somebody's."""
        reason = why_not_unlock(
            found.lock, found.stored.age_seconds, forced_id, is_dead=found.report.holder_is_dead
        )
        if reason is not None:
            raise state_lock.locked(found.report, self.context.environment, reason)

    def unlock(self, found: FoundLock) -> None:
        """Delete this very lock: one that was taken meanwhile stays."""
        try:
            self.bucket.delete(lock_key(self.place.key), found.stored.etag)
        except ObjectChanged as error:
            raise StateLocked(
                "The lock changed while you were asked: it is another one by now, or none.",
                hint=f"Look again: liveinsight state show --env {self.context.environment}",
            ) from error

    def pull(self, out: Path | None) -> PulledState:
        """Write a copy of the remote state into a file that no command reads."""
        place = self.place
        if place.stored is None:
            place.require_one(self.context.environment)
            raise PreconditionError(
                f"The state of {self.context.environment} is not in a bucket: {place.shown}.",
                code="not_remote",
                hint="A file can be copied as it is.",
            )
        path = out or self.context.files.root / "pulled.tfstate"
        with unwritable(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, place.stored.content, mode=0o600)
        facts = read_state(place.stored.content)
        return PulledState(self.context.environment, str(path), facts.serial, len(facts.resources))

    def _files_to_move(self) -> list[Path]:
        places = (self.place, self.account_part.place)
        return [one.path for one in places if one.local is not None and one.local.is_readable]

    def _migration(self) -> Migration:
        self.context.terraform.backend = self.place.s3
        return Migration(self.context, self.context.terraform, self.bucket, self.place)

    def _account_migration(self) -> Migration:
        terraform = dataclasses.replace(self.context.terraform, files=self.account_part.files)
        return Migration(self.context, terraform, self.bucket, self.account_part.place)

    def _migrated(self, to: str, moved: bool) -> MigrationResult:
        place = self._remember()
        return MigrationResult(
            environment=self.context.environment,
            to="s3" if to == "s3" else "local",
            place=place.shown,
            moved=moved,
            serial=place.facts.serial if place.facts else None,
            resources=len(place.facts.resources) if place.facts else 0,
        )

    def _remember(self) -> Place:
        """Look again where the state is, and note it for the commands that only read; the ledger goes along."""
        place = locate(self.context)
        Ledger.of(
            self.context
        ).releases()  # while it may still be in the bucket: this brings the copy up to date
        shared_outputs.remember(self.context, place)
        Ledger.of(self.context).share()
        return place

    def _no_state(self) -> PreconditionError:
        return PreconditionError(
            f"The environment {self.context.environment!r} has no state yet: it was never deployed.",
            code="not_deployed",
            hint="Nothing to move. The first deploy puts its state into the account's bucket, if there is one.",
        )
