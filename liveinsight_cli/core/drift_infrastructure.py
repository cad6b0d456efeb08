"""Drift as Terraform sees it, made out of `terraform show -json` of a plan.

The UI stream cannot tell it: right after a first deploy it announces drift of 81 resources, all of it values that AWS
or a companion resource filled in. Here attributes are compared, and what the plan would do about them is looked up.
"""

import re
from collections.abc import Iterator, Mapping, Set
from typing import Any

from liveinsight_cli.core.drift import Difference
from liveinsight_cli.core.plan_diff import AttributeDiff, ResourceDiff, read_details

# What other resources of the stack write into a bucket: a change by hand shows at these.
BUCKET_COMPANIONS: Mapping[str, str] = {
    "lifecycle_rule": "aws_s3_bucket_lifecycle_configuration",
    "logging": "aws_s3_bucket_logging",
    "policy": "aws_s3_bucket_policy",
    "server_side_encryption_configuration": "aws_s3_bucket_server_side_encryption_configuration",
    "versioning": "aws_s3_bucket_versioning",
}
# The same for a role.
ROLE_COMPANIONS: Mapping[str, str] = {
    "inline_policy": "aws_iam_role_policies_exclusive",
    "managed_policy_arns": "aws_iam_role_policy_attachments_exclusive",
}
COMPANIONS = {"aws_s3_bucket": BUCKET_COMPANIONS, "aws_iam_role": ROLE_COMPANIONS}
# What the ledger is asked about, or what follows from a change that is told by itself.
TOLD_ELSEWHERE: Mapping[str, frozenset[str]] = {
    "aws_lambda_function": frozenset(
        {
            *("code_sha256", "last_modified", "qualified_arn", "qualified_invoke_arn"),
            *("source_code_size", "version"),
        }
    ),
    "aws_lambda_alias": frozenset({"function_version", "invoke_arn", "routing_config"}),
}
# What AWS changes by itself; told only where the plan would change it back.
BY_ITSELF = frozenset(
    {
        *("deployment_id", "etag", "in_progress_validation_batches", "last_modified", "last_modified_time"),
        *("last_processing_result", "state", "state_transition_reason", "status"),
        *("stream_arn", "stream_label", "version_id"),
    }
)
Managed = Set[tuple[object, object]]  # (type, bucket or role)
# What Terraform takes for nothing: it tells one from another in a state, and AWS does not.
NOTHING: tuple[object, ...] = (None, "", 0, "0", False, [], {})


def infrastructure_drift(document: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return what was changed outside of Terraform, and whether the plan puts it right; raises ValueError."""
    managed = frozenset(_companions(document))
    entries = [_without_companions(one, managed) for one in document.get("resource_drift", ())]
    resources = read_details({**document, "resource_drift": entries}).resources
    planned = {one.address: one for one in resources if not one.is_drift}
    return tuple(
        difference
        for one in resources
        if one.is_drift
        for difference in _differences(one, planned.get(one.address))
    )


def _differences(drift: ResourceDiff, planned: ResourceDiff | None) -> Iterator[Difference]:
    if drift.action == "delete":
        comes_back = planned is not None and "create" in planned.actions
        yield Difference("infrastructure", drift.address, "was deleted", is_repaired=comes_back)
        return
    touched = _touched(planned)
    elsewhere = TOLD_ELSEWHERE.get(drift.type, frozenset())
    changed = [one for one in drift.attributes if _is_change(one) and _top(one) not in elsewhere]
    if any(_top(one) == "tags" for one in changed):  # tags_all repeats them
        changed = [one for one in changed if _top(one) != "tags_all"]
    repaired = tuple(one for one in changed if touched is None or _top(one) in touched)
    left = tuple(one for one in changed if one not in repaired and _top(one) not in BY_ITSELF)
    if repaired:
        yield Difference("infrastructure", drift.address, "was changed", repaired)
    if left:
        yield Difference("infrastructure", drift.address, "was changed", left, is_repaired=False)


def _touched(planned: ResourceDiff | None) -> frozenset[str] | None:
    """Return the attributes that a plan changes of a resource; None stands for all of them."""
    if planned is None:
        return frozenset()
    return None if "create" in planned.actions else frozenset(_top(one) for one in planned.attributes)


def _top(attribute: AttributeDiff) -> str:
    return re.split(r"[.\[]", attribute.path, maxsplit=1)[0]


def _is_change(attribute: AttributeDiff) -> bool:
    if attribute.is_sensitive:
        return True
    return not (attribute.before in NOTHING and attribute.after in NOTHING)


def _companions(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (type, bucket or role) of the resources that show up in the attributes of others."""
    for side in (document.get("prior_state", {}).get("values"), document.get("planned_values")):
        for resource in _resources((side or {}).get("root_module", {})):
            values = resource.get("values", {})
            if resource["type"] in BUCKET_COMPANIONS.values():
                yield resource["type"], str(values.get("bucket"))
            if resource["type"] in ROLE_COMPANIONS.values():
                yield resource["type"], str(values.get("role_name"))


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from module.get("resources", ())
    for child in module.get("child_modules", ()):
        yield from _resources(child)


def _without_companions(entry: Mapping[str, Any], managed: Managed) -> dict[str, Any]:
    """Return a drifted resource without what other resources of the stack keep as it should be."""
    companions = COMPANIONS.get(entry["type"])
    if companions is None:
        return dict(entry)
    change = dict(entry["change"])
    for side in ("before", "after"):
        values = change.get(side) or {}
        if values:
            change[side] = {
                name: value
                for name, value in values.items()
                if (companions.get(name), values.get("id")) not in managed
            }
    return {**entry, "change": change}
