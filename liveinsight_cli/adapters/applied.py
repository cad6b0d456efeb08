"""What was deployed from here last: settings and files, so that the next plan can name what is different.

It decides nothing. Without it, or where somebody deployed from elsewhere since, the plan names less.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liveinsight_cli.adapters.files import unwritable, write_if_changed
from liveinsight_cli.adapters.package import MANIFEST
from liveinsight_cli.adapters.releases import Ledger
from liveinsight_cli.adapters.terraform_workspace import VARIABLES
from liveinsight_cli.context import Context
from liveinsight_cli.core.build import Build
from liveinsight_cli.errors import LiveInsightError

SCHEMA = 1
Files = Mapping[str, Mapping[str, str]]  # function -> name in the zip -> SHA-256


@dataclass(frozen=True)
class Applied:
    """The variables of the stack, the packages' digests, and the files in them."""

    variables: Mapping[str, Any]
    digests: Mapping[str, str]
    files: Files


def remember_applied(context: Context, build: Build) -> None:
    """Note what has just been applied."""
    note = {
        "schema": SCHEMA,
        "variables": current_variables(context),
        "digests": build.digests,
        "files": _files(build),
    }
    path = context.files.applied
    with unwritable(path):
        write_if_changed(path, (json.dumps(note, indent=1, sort_keys=True) + "\n").encode())


def applied_before(context: Context) -> Applied | None:
    """Return what was deployed from here last, or None when that is not what is deployed now."""
    try:
        note = json.loads(context.files.applied.read_text(encoding="utf-8"))
        found = Applied(note["variables"], note["digests"], note["files"])
        releases = [
            one for one in Ledger.of(context).releases() if one.kind == "deploy" and one.status != "destroyed"
        ]
    except (OSError, ValueError, KeyError, TypeError, LiveInsightError):
        return None
    is_latest = not releases or dict(releases[-1].digests) == dict(found.digests)
    return found if is_latest else None


def changed_files(before: Applied, build: Build) -> dict[str, tuple[str, ...]]:
    """Return which files of each function's package are new, different or gone."""
    now = _files(build)
    return {
        function: tuple(sorted(_differing(before.files.get(function, {}), files)))
        for function, files in now.items()
        if function in before.files
    }


def current_variables(context: Context) -> dict[str, Any]:
    """Return the variables of the stack as they are written for Terraform now."""
    return dict(json.loads((context.files.stack / VARIABLES).read_text(encoding="utf-8")))


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def _files(build: Build) -> dict[str, dict[str, str]]:
    """Return what the packager noted beside the zips."""
    if not build.functions:
        return {}
    try:
        path = Path(build.functions[0].path).with_name(MANIFEST)
        functions = json.loads(path.read_text(encoding="utf-8"))["functions"]
        return {name: dict(entry["files"]) for name, entry in functions.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
