"""Moves a Terraform state between a file and the bucket, so that at every moment one complete copy counts.

The state in the bucket counts whenever there is one. So to the bucket: write it there whole, read it back, then put the
file aside. To a file: write it whole, read it back, leave a note in the bucket, then delete the object. Each step can
be the last one before a SIGKILL; the next run sees how far it came and goes on.
"""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters import state_lock, terraform_state
from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.adapters.state_place import Place
from liveinsight_cli.adapters.state_store import ObjectChanged, StateBucket, StoredObject
from liveinsight_cli.adapters.terraform import Terraform
from liveinsight_cli.context import Context
from liveinsight_cli.core.state import LOCAL_BACKEND, Moved, StateFacts, moved_key, read_state
from liveinsight_cli.core.times import rfc3339
from liveinsight_cli.errors import PreconditionError, StateLocked


@dataclass
class Migration:
    """The move of one state. `terraform` must point at AWS; the turn of the environment must be held."""

    context: Context
    terraform: Terraform
    bucket: StateBucket
    place: Place

    def to_s3(self) -> bool:
        """Move the file into the bucket; false when it is there already."""
        with self._locked():
            stored, local = self._stored(), self._local()
            if local is None:
                return False
            remote = None if stored is None else read_state(stored.content)
            if remote is None or not self._is_done(local, remote):
                content = self.place.path.read_bytes()
                self._put(self.place.key, content, None if stored is None else stored.etag)
                self._say(f"Copied {self.place.path} to {self.url}.")
            else:
                self._say(f"{self.url} holds it already: going on from there.")
                local = remote
            self._require_read(self.place.s3, local, self.url)
            self._forget_note()
            aside = self.place.path.with_name(f"{self.place.path.name}.moved")
            with unwritable(aside):
                self.place.path.replace(aside)
            self._say(f"Put the file aside: {aside}.")
            return True

    def to_local(self) -> bool:
        """Move the object into the file; false when it is there already."""
        with self._locked():
            stored, local = self._stored(), self._local()
            if stored is None:
                return False
            remote = read_state(stored.content)
            if local is not None and not self._is_done(remote, local) and not _gives_way(local, remote):
                raise self._conflict()
            with unwritable(self.place.path):
                write_atomically(self.place.path, stored.content, mode=0o600)
            self._say(f"Copied {self.url} to {self.place.path}.")
            self._require_read(LOCAL_BACKEND, remote, str(self.place.path))
            self._leave_note(remote)
            self._delete(stored)
            self._say(f"Deleted {self.url}; the bucket keeps its versions.")
            return True

    @property
    def url(self) -> str:
        """The state's address in the bucket."""
        return self.bucket.url(self.place.key)

    def _is_done(self, source: StateFacts, copy: StateFacts) -> bool:
        """Tell whether `copy` was made from `source` by a run before; raises where it is another state."""
        if not source.is_readable:
            raise PreconditionError(
                "The state that is to be moved is damaged: it cannot be read. Nothing was changed.",
                code="state_damaged",
                hint="Bring back a copy of it first.",
            )
        if source.lineage == copy.lineage and copy.serial >= source.serial:
            return True
        if _gives_way(copy, source):
            return False
        raise self._conflict()

    def _conflict(self) -> PreconditionError:
        return PreconditionError(
            f"{self.place.path} and {self.url} hold different states. Nothing was changed.",
            code="state_conflict",
            hint="Find out which one describes what is deployed, and move the other one away.",
        )

    def _stored(self) -> StoredObject | None:
        return self.bucket.get(self.place.key)

    def _local(self) -> StateFacts | None:
        return read_state(self.place.path.read_bytes()) if self.place.path.exists() else None

    def _require_read(self, backend: Mapping[str, Any], wanted: StateFacts, where: str) -> None:
        """Have terraform itself read the copy; raises PreconditionError when it finds another state."""
        found = terraform_state.pull(self.terraform, backend)
        if not found.is_same_as(wanted):
            raise PreconditionError(
                f"Terraform reads serial {found.serial} with {len(found.resources)} resources at {where}, not serial "
                f"{wanted.serial} with {len(wanted.resources)}.",
                code="state_conflict",
                hint="The state is still where it was. Run this again when nobody else is at work.",
            )
        self._say(
            f"Terraform reads it there: serial {found.serial}, lineage {found.lineage}, "
            f"{len(found.resources)} resources."
        )

    def _put(self, key: str, content: bytes, etag: str | None) -> None:
        try:
            self.bucket.put(key, content, replaces=etag)
        except ObjectChanged as error:
            raise _somebody_else() from error

    def _delete(self, stored: StoredObject) -> None:
        try:
            self.bucket.delete(self.place.key, stored.etag)
        except ObjectChanged as error:
            raise _somebody_else() from error

    def _leave_note(self, facts: StateFacts) -> None:
        """Tell every other machine that the state is in a file here, so that none begins a new one."""
        at = rfc3339(self.context.clock.now())
        path = str(self.place.path.resolve())
        note = Moved(facts.lineage, facts.serial, state_lock.whoami(), path, at)
        before = self.bucket.get(moved_key(self.place.key))
        self._put(moved_key(self.place.key), note.content(), None if before is None else before.etag)

    def _forget_note(self) -> None:
        note = self.bucket.get(moved_key(self.place.key))
        if note is not None:
            self.bucket.delete(moved_key(self.place.key), note.etag)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the object; the file is this directory's, whose turn is held."""
        _require_unlocked(self.place.path)
        with state_lock.held(self.context, self.bucket, self.place.key):
            yield

    def _say(self, text: str) -> None:
        self.context.terminal.say(text)


def _gives_way(old: StateFacts, new: StateFacts) -> bool:
    """Tell whether nothing is lost when `old` is written over: it is older, or describes nothing any more."""
    if old.lineage == new.lineage:
        return old.serial < new.serial
    return old.is_readable and not old.resources


def _somebody_else() -> StateLocked:
    return StateLocked(
        "Somebody else wrote the state at the same time, in spite of the lock.", hint="Run this again."
    )


def _require_unlocked(path: Path) -> None:
    """Raise StateLocked while a terraform that was started by hand has the file."""
    if not path.exists():
        return
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StateLocked(
            f"A terraform has {path} locked.", hint="Wait until it has ended, then run this again."
        ) from error
    finally:
        os.close(handle)
