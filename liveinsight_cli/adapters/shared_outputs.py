"""Outputs of a deploy that somebody else made: kept up to date with the state in the account's bucket.

`.liveinsight/<env>/remote-state.json` remembers which object the kept outputs are from, so that a command that only
reads asks S3 once. It decides nothing: without it the state is looked up anew.
"""

import json
from dataclasses import dataclass

from liveinsight_cli.adapters.deployed import write_outputs
from liveinsight_cli.adapters.files import make_private_home, unwritable, write_if_changed
from liveinsight_cli.adapters.state_place import Place, locate
from liveinsight_cli.adapters.state_store import StateBucket
from liveinsight_cli.context import Context
from liveinsight_cli.core.state import StateFacts, read_state
from liveinsight_cli.errors import CredentialsError, PreconditionError, TimedOut


@dataclass(frozen=True)
class Remembered:
    """The object that the kept outputs are from."""

    bucket: str
    account: str
    key: str
    etag: str


def remembered(context: Context) -> Remembered | None:
    """Return what this project knows of the environment's remote state."""
    try:
        found = json.loads(context.files.remote_state.read_text(encoding="utf-8"))
        return Remembered(found["bucket"], found["account"], found["key"], found["etag"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def remember(context: Context, place: Place) -> None:
    """Note where the state is; for one in a file there is nothing to note."""
    if not place.is_remote:
        context.files.remote_state.unlink(missing_ok=True)
        return
    _write(context, Remembered(place.bucket_name, place.account, place.key, ""))


def refresh(context: Context) -> None:
    """Bring the kept outputs up to date, where the state is in the bucket and the bucket can be asked."""
    if context.is_excused or not _can_ask(context):
        return
    known = remembered(context)
    try:
        if known is not None:
            _update(context, known)
        elif not context.files.outputs.exists() and not context.files.state.exists():
            _adopt(context)
    except (PreconditionError, CredentialsError, TimedOut) as error:
        if context.files.outputs.exists():
            context.terminal.warn(f"The remote state cannot be read, so this may be old: {error.message}")
        else:
            context.terminal.detail(f"The remote state cannot be read: {error.message}")


def _can_ask(context: Context) -> bool:
    if context.settings.target != "embedded":
        return True
    return context.embedded.process.running() is not None


def _update(context: Context, known: Remembered) -> None:
    bucket = StateBucket(context.aws, known.bucket, known.account)
    if known.etag and context.files.outputs.exists() and bucket.is_unchanged(known.key, known.etag):
        return
    stored = bucket.get(known.key)
    if stored is None:  # moved, or in another bucket by now
        context.files.remote_state.unlink(missing_ok=True)
        return
    _keep(context, read_state(stored.content))
    _write(context, Remembered(known.bucket, known.account, known.key, stored.etag))


def _adopt(context: Context) -> None:
    """Take over what is deployed, on a machine that knows nothing of it yet."""
    place = locate(context)
    if place.is_remote and place.stored is not None and place.remote is not None:
        _keep(context, place.remote)
        _write(context, Remembered(place.bucket_name, place.account, place.key, place.stored.etag))


def _keep(context: Context, facts: StateFacts) -> None:
    """Write the outputs of a state; one without outputs is of what was never finished, or was destroyed."""
    files = context.files
    if not facts.outputs:
        files.outputs.unlink(missing_ok=True)
        return
    write_outputs(files, facts.outputs)


def _write(context: Context, known: Remembered) -> None:
    make_private_home(context.project.work, context.files.root)
    with unwritable(context.files.remote_state):
        write_if_changed(context.files.remote_state, (json.dumps(known.__dict__, indent=2) + "\n").encode())
