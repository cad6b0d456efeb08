"""A plan kept in a file for a later `deploy --plan FILE`, and the note beside it that says what it was made for.

Terraform itself refuses a plan whose state has changed since. It knows nothing of the code in the zips, of a release
that was rolled back, nor of another account: the note does.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli import __version__
from liveinsight_cli.adapters.applied import current_variables
from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.adapters.state_place import Place, locate
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.plan import Plan
from liveinsight_cli.core.plan_note import plan_from, plan_note
from liveinsight_cli.core.stale_plan import Circumstances, why_stale
from liveinsight_cli.errors import PreconditionError

SCHEMA = 2


@dataclass(frozen=True)
class SavedPlan:
    """A plan, and the variables of the stack that it was made with."""

    path: Path
    plan: Plan
    variables: Mapping[str, Any]

    def require_same_settings(self, context: Context) -> None:
        """Raise PreconditionError where the settings differ by now; the working copy must be up to date."""
        now = _settings(current_variables(context))
        differing = sorted(
            name for name in {*now, *self.variables} if now.get(name) != self.variables.get(name)
        )
        if differing:
            raise _stale(self.path, f"these settings are others by now: {', '.join(differing)}")


def save_plan(context: Context, plan: Plan, build: Build) -> None:
    """Write the note beside the plan."""
    path = Path(str(plan.path))
    note = {
        "schema": SCHEMA,
        "environment": context.environment,
        "circumstances": _circumstances(context, path, build, locate(context)).as_json(),
        "variables": _settings(current_variables(context)),
        "plan": plan_note(plan),
    }
    with unwritable(path):
        write_atomically(_note(path), (json.dumps(note, indent=2) + "\n").encode(), mode=0o600)


def require_place(path: Path) -> None:
    """Raise PreconditionError where a plan cannot be written, before it is made."""
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise PreconditionError(
            f"{path} cannot be written.", code="unwritable", hint="Name a file in a directory of your own."
        )


def read_saved_plan(context: Context, path: Path, build: Build) -> SavedPlan:
    """Return the plan in a file; raises PreconditionError unless everything is as it was when it was made."""
    if not path.is_file():
        raise PreconditionError(f"There is no plan {path}.", hint=f"Make it: liveinsight plan --out {path}")
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
        environment = note["environment"]
        plan = plan_from(note["plan"], str(path.absolute()))
        then = Circumstances.from_json(note["circumstances"])
        saved = SavedPlan(path, plan, dict(note["variables"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PreconditionError(
            f"{_note(path)}, the note that belongs to the plan, is missing or damaged.",
            hint=f"Make both again: liveinsight plan --out {path}",
        ) from error
    if environment != context.environment:
        raise PreconditionError(
            f"{path} is a plan for {environment}, not for {context.environment}.",
            hint=f"Add --env {environment}.",
        )
    if plan.destroys:
        raise PreconditionError(f"{path} is a plan to destroy.", hint="Run: liveinsight destroy")
    reason = why_stale(then, _circumstances(context, path, build, context.state))
    if reason:
        raise _stale(path, reason)
    return saved


def _circumstances(context: Context, path: Path, build: Build, place: Place) -> Circumstances:
    facts = place.facts
    latest = Ledger.of(context).latest()
    return Circumstances(
        account=place.account,
        region=context.settings.region,
        tool_version=__version__,
        terraform_version=context.terraform.binary.version,
        sources=context.terraform.workspace.sources_digest(),
        plan_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        digests=build.digests,
        lineage=facts.lineage if facts else "",
        serial=facts.serial if facts else -1,
        release=latest.id if latest else None,
        released_by=f"{latest.by}, {latest.at}" if latest else "",
    )


def _settings(variables: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in variables.items() if name != "packages"}


def _stale(path: Path, reason: str) -> PreconditionError:
    return PreconditionError(
        f"{path} is stale: {reason}. Nothing was changed.",
        code="stale_plan",
        hint=f"Plan again: liveinsight plan --out {path}",
    )


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".json")
