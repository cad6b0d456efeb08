"""A plan kept in a file for a later `deploy --plan FILE`, and the note beside it that says what it was made for."""

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.files import unwritable, write_atomically
from liveinsight_cli.core.build import Build
from liveinsight_cli.core.plan import Plan, PlannedChange, Risk, ServiceChanges
from liveinsight_cli.errors import PreconditionError

SCHEMA = 1


@dataclass(frozen=True)
class SavedPlan:
    """A plan, the environment and the zips it is for."""

    environment: str
    digests: Mapping[str, str]
    plan: Plan

    def write(self) -> None:
        """Write the note beside the plan."""
        note = {"schema": SCHEMA, **dataclasses.asdict(self)}
        path = _note(Path(str(self.plan.path)))
        with unwritable(path):
            write_atomically(path, (json.dumps(note, indent=2) + "\n").encode())


def require_place(path: Path) -> None:
    """Raise PreconditionError where a plan cannot be written, before it is made."""
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise PreconditionError(
            f"{path} cannot be written.", code="unwritable", hint="Name a file in a directory of your own."
        )


def read_saved_plan(path: Path, environment: str, build: Build) -> Plan:
    """Return the plan in a file; raises PreconditionError when it is not for this environment and these zips."""
    if not path.is_file():
        raise PreconditionError(f"There is no plan {path}.", hint=f"Make it: liveinsight plan --out {path}")
    try:
        note = json.loads(_note(path).read_text(encoding="utf-8"))
        saved = SavedPlan(note["environment"], note["digests"], _plan(note["plan"], path))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PreconditionError(
            f"{_note(path)}, the note that belongs to the plan, is missing or damaged.",
            hint=f"Make both again: liveinsight plan --out {path}",
        ) from error
    if saved.environment != environment:
        raise PreconditionError(
            f"{path} is a plan for {saved.environment}, not for {environment}.",
            hint=f"Add --env {saved.environment}.",
        )
    if saved.plan.destroys:
        raise PreconditionError(f"{path} is a plan to destroy.", hint="Run: liveinsight destroy")
    if dict(saved.digests) != build.digests:
        raise PreconditionError(
            f"{path} is stale: the functions' code is not the one it was made for. Nothing was changed.",
            code="stale_plan",
            hint=f"Plan again: liveinsight plan --out {path}",
        )
    return saved.plan


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _plan(source: Mapping[str, Any], path: Path) -> Plan:
    return Plan(
        has_changes=source["has_changes"],
        changes=tuple(PlannedChange(**one) for one in source["changes"]),
        risks=tuple(Risk(**one) for one in source["risks"]),
        services=tuple(ServiceChanges(**one) for one in source["services"]),
        code_changes=tuple(source["code_changes"]),
        drift=tuple(source["drift"]),
        destroys=source["destroys"],
        path=str(path.absolute()),
    )
