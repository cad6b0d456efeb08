"""The ledger of releases, a file beside the state."""

import dataclasses
import getpass
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters import shared_outputs
from liveinsight_cli.adapters.deployed import deploy_command
from liveinsight_cli.adapters.files import unwritable, write_atomically, write_if_changed
from liveinsight_cli.adapters.state_store import ObjectChanged, StateBucket
from liveinsight_cli.context import Context
from liveinsight_cli.core.release import SCHEMA, Release
from liveinsight_cli.core.state import ledger_key
from liveinsight_cli.errors import PreconditionError, StateLocked

KEPT = 200


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
        """Return every entry; raises PreconditionError when the file is damaged."""
        if self.shared is not None:
            self.shared.fetch(self.path)
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            return [_release(entry) for entry in document["releases"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PreconditionError(
                f"The ledger of releases {self.path} is damaged.",
                hint="Move it away; the next deploy begins a new one.",
            ) from error

    def share(self) -> None:
        """Put what this machine noted so far where the ledger is shared, if nothing is there yet."""
        if self.shared is not None and self.path.exists():
            self.shared.fetch(self.path)
            if self.shared.etag is None:
                self.shared.store(self.path)

    def latest(self) -> Release | None:
        """Return the release in service, or None."""
        active = [release for release in self.releases() if release.status == "active"]
        return active[-1] if active else None

    def require_functions(self, environment: str) -> None:
        """Raise PreconditionError where dummies are in service: they would keep nothing of what is sent."""
        latest = self.latest()
        if latest is not None and latest.is_dummy:
            raise PreconditionError(
                f"The functions of {environment} are dummies: nothing is stored or shown.",
                code="dummy",
                hint=f"Put the functions in their place: {deploy_command(environment)}",
            )

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

    def add(self, release: Release) -> None:
        """Add the release that is in service from now on."""
        earlier = [
            dataclasses.replace(one, status="replaced") if one.status == "active" else one
            for one in self.releases()
        ]
        self._write([*earlier, release])

    def close(self) -> None:
        """Note that the environment was destroyed."""
        entries = self.releases()
        if entries:
            self._write([dataclasses.replace(one, status="destroyed") for one in entries])

    def _write(self, releases: list[Release]) -> None:
        document = {"schema": SCHEMA, "releases": [dataclasses.asdict(one) for one in releases[-KEPT:]]}
        with unwritable(self.path):
            write_atomically(self.path, (json.dumps(document, indent=2) + "\n").encode())
        if self.shared is not None:
            self.shared.store(self.path)


@dataclass
class SharedLedger:
    """The ledger in the state bucket; the file of this machine is a copy of it, and what there is before the first."""

    bucket: StateBucket
    key: str
    etag: str | None = None

    def fetch(self, path: Path) -> None:
        """Bring the copy up to date."""
        stored = self.bucket.get(self.key)
        self.etag = None if stored is None else stored.etag
        if stored is not None:
            with unwritable(path):
                write_if_changed(path, stored.content)

    def store(self, path: Path) -> None:
        """Write the copy back; raises StateLocked where somebody else added a release meanwhile."""
        try:
            self.bucket.put(self.key, path.read_bytes(), replaces=self.etag)
        except ObjectChanged as error:
            raise StateLocked(
                "Somebody else noted a release at the same time.", hint="Deploy again: it goes on from here."
            ) from error


def who(variables: Mapping[str, str]) -> str:
    """Return the name of whoever runs the command."""
    try:
        return variables.get("GITHUB_ACTOR") or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def git_sha(directory: Path) -> str | None:
    """Return the commit that is checked out in a directory, or None outside of a repository."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None


def _release(entry: Mapping[str, Any]) -> Release:
    known = {item.name for item in dataclasses.fields(Release)}
    return Release(**{name: value for name, value in entry.items() if name in known})
