"""From what a failed terraform run said to the error that the user sees."""

import dataclasses
import os
import re
import shutil
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liveinsight_cli.adapters.terraform_provider import no_provider
from liveinsight_cli.core.recovery import exists_already
from liveinsight_cli.core.state import MIGRATION
from liveinsight_cli.core.terraform_errors import age_in_words, kind_of, lock_info
from liveinsight_cli.core.terraform_events import Diagnostic
from liveinsight_cli.core.terraform_words import describe_all
from liveinsight_cli.errors import (
    CredentialsError,
    LiveInsightError,
    PreconditionError,
    StateLocked,
    TerraformFailed,
)

SHOWN_WORDS = 15


@dataclass(frozen=True)
class Failure:
    """A run of `terraform <verb>` that ended with errors. `words` is what it said outside its stream.

    `shown` are the errors with file names that the user can open.
    """

    verb: str
    errors: Sequence[Diagnostic]
    words: Sequence[str]
    exit_code: int
    log: Path
    shown: Sequence[Diagnostic]


def failure_error(
    failure: Failure, environment: str, now: float, *, is_remote: bool = False
) -> LiveInsightError:
    """Return the error with its exit code, and Terraform's own words of it as its data."""
    kind = kind_of(failure.errors, failure.words)
    text = _text(failure)
    log = f"Raw stream: {os.path.relpath(failure.log)}"
    error: LiveInsightError
    if kind == "locked":
        error = _locked(failure, now, log, environment if is_remote else None)
    elif kind == "unwritable" or _is_full(failure.log):
        error = PreconditionError(
            f"terraform {failure.verb} could not write its files: the disk is full or read-only.",
            code="unwritable",
            hint=f"Make room, then run the command again. {log}",
        )
    elif kind == "credentials":
        error = CredentialsError(text, hint=f"Sign in again or give another --profile. {log}")
    elif kind in ("provider", "checksum"):
        error = no_provider(text)
        error.hint = f"{error.hint} {log}"
    elif kind == "stale_plan":
        error = PreconditionError(
            "The saved plan is stale: somebody changed the environment after it was made. Nothing was changed.",
            code="stale_plan",
            hint=f"Run the command again, or liveinsight plan: it plans anew. {log}",
        )
    elif kind == "damaged_state":
        error = PreconditionError(
            "The Terraform state is damaged: it cannot be read. Nothing was changed.",
            code="state_damaged",
            hint=f"{_copies(environment, is_remote=is_remote)} {log}",
        )
    elif kind == "no_plan":
        error = PreconditionError(
            "The file is no plan. Nothing was changed.",
            code="no_plan",
            hint=f"Make one: liveinsight plan --out FILE. {log}",
        )
    elif kind == "unreachable":
        error = TerraformFailed(
            f"AWS stopped answering during terraform {failure.verb}: {_refused(failure.errors)}",
            code="aws_unreachable",
            hint="Embedded AWS: see what it said with liveinsight local logs, then run the command again: it starts "
            f"the AWS and goes on from here. {log}",
        )
    elif failure.verb == "apply" and any(exists_already(one) for one in failure.errors):
        flag = "" if environment == "local" else f" --env {environment}"
        error = TerraformFailed(
            text,
            code="exists",
            hint="If a deploy of this environment was killed on another machine, liveinsight deploy --take-over"
            f"{flag} takes over what it made, as far as it has this environment's tags. If not, somebody else uses "
            f"the name: give another `project` in liveinsight.toml. {log}",
        )
    else:
        hint = "The next deploy goes on from here. " if failure.verb == "apply" else ""
        error = TerraformFailed(text, hint=f"{hint}{log}")
    error.data = {
        "log": str(failure.log),
        "environment": environment,
        "diagnostics": [dataclasses.asdict(one) for one in failure.errors],
    }
    return error


def _ended(exit_code: int) -> str:
    if exit_code >= 0:
        return f"exit code {exit_code}"
    return f"it was ended by {signal.Signals(-exit_code).name}; what it was just doing may be missing from the state"


def _refused(errors: Sequence[Diagnostic]) -> str:
    """Return who refused; every resource under way has an error of its own about that, and they all say the same."""
    text = "\n".join(f"{one.summary}\n{one.detail}" for one in errors)
    found = re.search(r"dial tcp ([0-9.:\[\]a-f]+)", text)
    return f"{found[1].rstrip(':')} refuses connections." if found else "connection refused."


def _is_full(log: Path) -> bool:
    """Tell whether the disk of the stream is full: then the stream's end, with the cause in it, is missing."""
    return shutil.disk_usage(log.parent).free < log.stat().st_blksize


def _text(failure: Failure) -> str:
    if not failure.errors:
        said = "\n".join(failure.words[-SHOWN_WORDS:]) or _ended(failure.exit_code)
        return f"terraform {failure.verb} failed: {said}"
    return f"terraform {failure.verb} failed: {describe_all(failure.shown)}"


def _copies(environment: str, *, is_remote: bool) -> str:
    if is_remote:
        return (
            "Bring back an earlier version of the object; the bucket keeps them. See: liveinsight state show."
        )
    return (
        f"Bring back a copy of .liveinsight/{environment}/terraform.tfstate; Terraform keeps the one before beside it, "
        "terraform.tfstate.backup."
    )


def _locked(failure: Failure, now: float, log: str, remote: str | None) -> StateLocked:
    """Return who holds the lock and how it is got back; `remote` is the environment whose state is in S3."""
    holder = lock_info(failure.errors, failure.words)
    age = age_in_words(holder.age_seconds(now))
    by = f" by {holder.who}" if holder.who else ""
    what = f" ({holder.operation.removeprefix('OperationType')})" if holder.operation else ""
    since = f", for {age}" if age else ""
    identity = f", lock {holder.id}" if holder.id else ""
    message = f"The Terraform state is locked{by}{what}{since}{identity}."
    if remote is not None:
        migrating = (
            f"Interrupted while it was moved? Run the same liveinsight state migrate --env {remote} again: it goes on. "
            if holder.operation == MIGRATION
            else ""
        )
        return StateLocked(
            message,
            hint=f"{migrating}Wait until the holder has ended, then run this again. If it is dead: "
            f"liveinsight state unlock --env {remote}, then liveinsight deploy --env {remote} --take-over. {log}",
        )
    return StateLocked(
        message,
        hint="The lock of a local state file ends with the process that holds it: wait until the other command has "
        f"ended, or end it, then run this again. {log}",
    )
