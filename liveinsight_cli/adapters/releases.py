"""The ledger of releases, a file beside the state."""

import dataclasses
import fcntl
import getpass
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters import shared_outputs
from liveinsight_cli.adapters.deployed import deploy_command
from liveinsight_cli.adapters.files import unwritable, write_if_changed
from liveinsight_cli.adapters.state_store import ObjectChanged, StateBucket
from liveinsight_cli.context import Context
from liveinsight_cli.core.release import SCHEMA, Release, Status, in_service, with_added, with_status
from liveinsight_cli.core.state import ledger_key
from liveinsight_cli.errors import PreconditionError, StateLocked

KEPT = 200
ATTEMPTS = 5


@dataclass(frozen=True)
class Ledger:
    """The releases of one environment, oldest first."""

    path: Path
    shared: "SharedLedger | None" = None

    @classmethod
    def of(cls, context: Context) -> "Ledger":
        """Return the ledger of the environment in use: beside its state, so in the bucket where that is."""
        known = shared_outputs.remembered(context)
        if known is None:
            return cls(context.files.releases)
        bucket = StateBucket(context.aws, known.bucket, known.account)
        return cls(context.files.releases, SharedLedger(bucket, ledger_key(context.environment)))

    def releases(self) -> list[Release]:
        """Return every entry; raises PreconditionError for a ledger that is damaged, or of a newer version."""
        content = self._read()
        return [] if content is None else _parsed(content, self._place)

    def update(self, change: Callable[[list[Release]], list[Release]]) -> list[Release]:
        """Put what `change` makes of the entries in their place, and return it.

        Nothing that another command notes at the same time is lost: on this machine a lock keeps it waiting, in the
        bucket the write is refused and `change` gets the new entries. Raises StateLocked when that does not end.
        """
        for _ in range(ATTEMPTS):
            with self._alone():
                before = self.releases()
                after = change(before)
                if after == before:
                    return after
                content = _document(after)
                if self.shared is not None and not self.shared.replace(content):
                    continue
                with unwritable(self.path):
                    write_if_changed(self.path, content)
                return after
        raise StateLocked(
            "Others note releases at the same time, again and again.",
            hint="Run this again: it goes on from here.",
        )

    def share(self) -> None:
        """Put what this machine noted so far where the ledger is shared, if nothing is there yet."""
        if self.shared is not None and self.path.exists():
            content = self.path.read_bytes()
            if self.shared.fetch(self.path) is None:
                self.shared.replace(content)

    def latest(self) -> Release | None:
        """Return the release in service, or None."""
        return in_service(self.releases())

    def require_functions(self, environment: str) -> None:
        """Raise PreconditionError where dummies are in service: they would keep nothing of what is sent."""
        require_functions(self.latest(), environment)

    def require_none(self, environment: str, replaced: tuple[str, ...] = ()) -> None:
        """Raise PreconditionError where functions are or were in service: a dummy would end that.

        `replaced` are functions whose code a plan replaces.
        """
        releases = [one for one in self.releases() if one.status != "destroyed"]
        if all(one.is_dummy for one in releases) and not (replaced and not releases):
            return
        raise PreconditionError(
            f"{environment} has functions of its own: dummies in their place would put it out of service.",
            code="in_service",
            hint="Prove an infrastructure in an environment of its own: liveinsight deploy --env trial --dummy",
        )

    def add(self, release: Release) -> Release:
        """Note a release, and return it as it was noted; one that is active is in service from now on."""
        return self.update(lambda releases: with_added(releases, release))[-1]

    def mark(self, release: str, status: Status) -> None:
        """Give an entry another status; active takes the place of the one in service."""
        self.update(lambda releases: with_status(releases, release, status))

    def close(self) -> None:
        """Note that the environment was destroyed."""
        self.update(lambda releases: [dataclasses.replace(one, status="destroyed") for one in releases])

    @property
    def _place(self) -> str:
        return str(self.path) if self.shared is None else self.shared.bucket.url(self.shared.key)

    def _read(self) -> bytes | None:
        if self.shared is not None:
            stored = self.shared.fetch(self.path)
            if stored is not None:
                return stored
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _damaged(self._place) from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes of this machine from writing meanwhile; they wait for a moment."""
        with unwritable(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


@dataclass
class SharedLedger:
    """The ledger in the state bucket; the file of this machine is a copy of it, and what there is before the first."""

    bucket: StateBucket
    key: str
    etag: str | None = None

    def fetch(self, path: Path) -> bytes | None:
        """Return what is in the bucket, or None; bring the copy up to date."""
        stored = self.bucket.get(self.key)
        self.etag = None if stored is None else stored.etag
        if stored is None:
            return None
        with unwritable(path):
            write_if_changed(path, stored.content)
        return stored.content

    def replace(self, content: bytes) -> bool:
        """Write it in place of what was fetched; return False where somebody else has meanwhile."""
        try:
            self.etag = self.bucket.put(self.key, content, replaces=self.etag)
        except ObjectChanged:
            return False
        return True


def require_functions(latest: Release | None, environment: str) -> None:
    """Raise PreconditionError where the release in service is of dummies."""
    if latest is not None and latest.is_dummy:
        raise PreconditionError(
            f"The functions of {environment} are dummies: nothing is stored or shown.",
            code="dummy",
            hint=f"Put the functions in their place: {deploy_command(environment)}",
        )


def who(variables: Mapping[str, str]) -> str:
    """Return the name of whoever runs the command."""
    try:
        return variables.get("GITHUB_ACTOR") or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@dataclass(frozen=True)
class Commit:
    """What is checked out; `is_dirty` says that tracked files differ from it."""

    sha: str | None
    is_dirty: bool = False


def commit(directory: Path) -> Commit:
    """Return the commit that is checked out in a directory; outside of a repository none."""
    sha = _git(directory, "rev-parse", "HEAD")
    if not sha:
        return Commit(None)
    return Commit(sha, bool(_git(directory, "status", "--porcelain", "--untracked-files=no")))


def _git(directory: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _document(releases: Sequence[Release]) -> bytes:
    document = {"schema": SCHEMA, "releases": [dataclasses.asdict(one) for one in releases[-KEPT:]]}
    return (json.dumps(document, indent=2) + "\n").encode()


def _parsed(content: bytes, place: str) -> list[Release]:
    """Return the entries of a ledger; those of an older version lack fields, which have defaults."""
    known = {item.name for item in dataclasses.fields(Release)}
    try:
        document = json.loads(content)
        schema = int(document["schema"])
        if schema <= SCHEMA:
            return [
                Release(**{name: value for name, value in entry.items() if name in known})
                for entry in document["releases"]
            ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(place) from error
    raise PreconditionError(
        f"The ledger of releases {place} was written by a newer version of liveinsight (schema {schema}).",
        code="ledger_newer",
        hint="Use that version, or a newer one, for this environment. Nothing was changed.",
    )


def _damaged(place: str) -> PreconditionError:
    return PreconditionError(
        f"The ledger of releases {place} is damaged.",
        hint="Move it away; the next deploy begins a new one.",
    )
