"""The lock that Terraform puts beside a state in S3: held by us while a state is moved, and looked at for people."""

import contextlib
import getpass
import json
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from liveinsight_cli.adapters.state_store import ObjectChanged, StateBucket, StoredObject
from liveinsight_cli.adapters.turns import Abandoned, abandoned
from liveinsight_cli.context import Context
from liveinsight_cli.core.state import MIGRATION, Lock, LockReport, created_at, lock_key
from liveinsight_cli.core.terraform_errors import age_in_words
from liveinsight_cli.core.times import rfc3339
from liveinsight_cli.errors import StateLocked

CLOCK_SECONDS = 2.0  # a lock says its time in whole seconds or less


@contextmanager
def held(context: Context, bucket: StateBucket, key: str) -> Iterator[None]:
    """Hold the lock of a state while the block runs; this directory's turn must be held. Raises StateLocked.

    A lock that an earlier run of this directory left behind is taken over: with the turn held, that run is dead.
    """
    lock = Lock(
        id=str(uuid.uuid4()),
        operation=MIGRATION,
        who=whoami(),
        created=rfc3339(context.clock.now()),
        path=f"{bucket.name}/{key}",
        info=json.dumps({"directory": str(context.files.root.resolve())}),
    )
    etag = _take(context, bucket, key, lock)
    try:
        yield
    finally:
        with contextlib.suppress(ObjectChanged):  # somebody took it away meanwhile
            bucket.delete(lock_key(key), etag)


def release_dead(context: Context, bucket: StateBucket, key: str) -> None:
    """Take away the lock that a killed command of this directory left; this directory's turn must be held."""
    found = bucket.lock(key)
    if found is None or not is_dead(context, found[0]):
        return
    context.terminal.say(f"Taking away the lock {found[0].id} of an earlier run that was killed.")
    with contextlib.suppress(ObjectChanged):  # then it is another one by now, and Terraform will say whose
        bucket.delete(lock_key(key), found[1].etag)


def report(context: Context, lock: Lock, stored: StoredObject, *, has_turn: bool) -> LockReport:
    """Return a lock as people read it; only with this directory's turn held can its holder be told dead."""
    dead = has_turn and is_dead(context, lock)
    return LockReport(lock.id, lock.who, lock.work, lock.created, round(stored.age_seconds, 1), dead)


def locked(lock: LockReport, environment: str, reason: str) -> StateLocked:
    """Return the error for a lock that stays where it is."""
    return StateLocked(
        f"The state is locked by {lock.who} ({lock.operation}), for {age_in_words(lock.age_seconds)}, lock {lock.id}: "
        f"{reason}.",
        hint="Wait until the holder has ended. If you know that it is dead: "
        f"liveinsight state unlock --env {environment} --force {lock.id}, then liveinsight deploy --env {environment} "
        "--take-over",
        data=lock,
    )


def is_dead(context: Context, lock: Lock) -> bool:
    """Tell whether the holder of a lock is provably dead; this directory's turn must be held.

    Provable is only what happened here: a lock of this host and user, taken by a command of this directory that was
    killed, while no terraform runs on this host any more.
    """
    if lock.who != whoami():
        return False
    if lock.operation == MIGRATION:
        return _is_from(context, lock)
    died, created = abandoned(context.files.turn), created_at(lock)
    return died is not None and created is not None and _is_within(died, created) and not _terraform_runs()


def whoami() -> str:
    """Return user and host as Terraform writes them into its locks."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return f"{user}@{socket.gethostname()}"


def _take(context: Context, bucket: StateBucket, key: str, lock: Lock) -> str:
    for _ in range(2):
        try:
            return bucket.put(lock_key(key), lock.content())
        except ObjectChanged:
            found = bucket.lock(key)
            if found is not None and is_dead(context, found[0]):
                context.terminal.say(f"Taking over the lock {found[0].id} of an earlier run that was killed.")
                bucket.delete(lock_key(key), found[1].etag)
            elif found is not None:
                raise locked(
                    report(context, *found, has_turn=True), context.environment, "nothing was changed"
                ) from None
    raise StateLocked("Others take the lock of the state again and again.", hint="Run this again.")


def _is_from(context: Context, lock: Lock) -> bool:
    try:
        return bool(json.loads(lock.info)["directory"] == str(context.files.root.resolve()))
    except (ValueError, KeyError, TypeError):
        return False


def _is_within(died: Abandoned, created: float) -> bool:
    return died.since - CLOCK_SECONDS <= created <= died.found_at + CLOCK_SECONDS


def _terraform_runs() -> bool:
    import psutil

    names = {(process.info["name"] or "").lower() for process in psutil.process_iter(["name"])}
    return any(name.startswith(("terraform", "tofu")) for name in names)
