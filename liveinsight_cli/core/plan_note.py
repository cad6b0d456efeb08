"""A plan as JSON in the note beside a saved one, and back. Every attribute's diff stays out of it."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from liveinsight_cli.core.plan import Plan, PlannedChange, Risk, ServiceChanges


def plan_note(plan: Plan) -> dict[str, Any]:
    """Return what plan_from takes."""
    return dataclasses.asdict(dataclasses.replace(plan, diff=None, output_diff=()))


def plan_from(source: Mapping[str, Any], path: str) -> Plan:
    """Return the plan again, which is in the file `path` now; raises KeyError or TypeError for another shape."""
    return Plan(
        has_changes=source["has_changes"],
        changes=tuple(PlannedChange(**one) for one in source["changes"]),
        risks=tuple(Risk(one["address"], one["message"], tuple(one["because"])) for one in source["risks"]),
        services=tuple(
            ServiceChanges(one["service"], one["counts"], tuple(one["lines"])) for one in source["services"]
        ),
        code_changes=tuple(source["code_changes"]),
        drift=tuple(source["drift"]),
        destroys=source["destroys"],
        path=path,
        outputs=tuple(source["outputs"]),
        settings=tuple(source["settings"]),
    )
