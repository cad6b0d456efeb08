"""What a plan puts at risk: what is lost, and what may be done afterwards that could not be done before."""

from collections.abc import Iterable, Mapping

from liveinsight_cli.core.grants import Grant, gained
from liveinsight_cli.core.plan import Plan, PlannedChange, Risk
from liveinsight_cli.core.plan_diff import AttributeDiff, PlanDetails, Values
from liveinsight_cli.core.plan_names import label_of, noun_of, owner_of
from liveinsight_cli.core.plan_reasons import reason_in_words

# What holds data, and the attribute that is its name in AWS; what would be missed most comes first.
HOLDS_DATA: Mapping[str, str] = {
    "aws_dynamodb_table": "name",
    "aws_s3_bucket": "bucket",
    "aws_cloudwatch_log_group": "name",
}
# What says who may do what: the attribute with the policy, and the type that it belongs to. What is made together
# with its owner widens nothing.
POLICIES: Mapping[str, tuple[str, str]] = {
    "aws_iam_role_policy": ("policy", "aws_iam_role"),
    "aws_iam_role": ("assume_role_policy", "aws_iam_role"),
    "aws_s3_bucket_policy": ("policy", "aws_s3_bucket"),
    "aws_sns_topic_policy": ("policy", "aws_sns_topic"),
    "aws_sqs_queue_policy": ("policy", "aws_sqs_queue"),
    "aws_kms_key": ("policy", "aws_kms_key"),
    "aws_iam_role_policy_attachment": ("", "aws_iam_role"),
    "aws_lambda_permission": ("", "aws_lambda_function"),
}
GRANTS_LISTED = 6


def risky_changes(plan: Plan) -> tuple[PlannedChange, ...]:
    """Return the changes that have to be looked into before somebody can say yes to them."""
    return tuple(change for change in plan.changes if _loses(change) or _may_widen(change, plan.changes))


def data_losses(plan: Plan) -> tuple[PlannedChange, ...]:
    """Return the changes that take data away."""
    losing = [change for change in plan.changes if _loses(change)]
    return tuple(sorted(losing, key=lambda change: list(HOLDS_DATA).index(change.type)))


def name_in_aws(change: PlannedChange, details: PlanDetails) -> str | None:
    """Return what AWS calls the thing that holds the data."""
    values = details.values.get(change.address)
    found = values.before.get(HOLDS_DATA[change.type]) if values else None
    return None if found is None else str(found)


def risks(plan: Plan, details: PlanDetails | None, holdings: Mapping[str, str]) -> tuple[Risk, ...]:
    """Return the risks, losses first; `holdings` says by address what is lost, such as "57 objects"."""
    losses = [_loss(change, details, holdings.get(change.address)) for change in data_losses(plan)]
    widened = [
        risk
        for change in plan.changes
        if _may_widen(change, plan.changes)
        for risk in _widening(change, None if details is None else details.values.get(change.address))
    ]
    return (*losses, *widened)


def _loses(change: PlannedChange) -> bool:
    return change.action in ("delete", "replace") and change.type in HOLDS_DATA


def _may_widen(change: PlannedChange, all_changes: Iterable[PlannedChange]) -> bool:
    if change.type not in POLICIES or change.action not in ("create", "update", "replace"):
        return False
    owner = POLICIES[change.type][1]
    home = owner_of(change.address) if owner == "aws_iam_role" else None
    return change.action != "create" or not any(
        one.type == owner and one.action == "create" and home in (None, owner_of(one.address))
        for one in all_changes
    )


def _loss(change: PlannedChange, details: PlanDetails | None, holding: str | None) -> Risk:
    verb = "DELETED" if change.action == "delete" else "REPLACED"
    lost = f"{holding} lost" if holding else "what it holds is lost"
    forced = () if details is None else _forcing(change.address, details)
    reason = reason_in_words(change.reason, change.action)
    because = (reason, *(_forced_in_words(one) for one in forced))
    label = label_of(change.address, change.type)
    return Risk(change.address, f"{label} would be {verb}: {lost}", tuple(one for one in because if one))


def _forcing(address: str, details: PlanDetails) -> list[AttributeDiff]:
    return [
        attribute
        for resource in details.resources
        if resource.address == address and not resource.is_drift
        for attribute in resource.attributes
        if attribute.forces_replacement
    ]


def _forced_in_words(attribute: AttributeDiff) -> str:
    if attribute.is_sensitive:
        return f"{attribute.path} changes (its value is kept secret)"
    after = "a value known after the apply" if attribute.is_known_after_apply else _shown(attribute.after)
    return f"{attribute.path} changes from {_shown(attribute.before)} to {after}"


def _shown(value: object) -> str:
    return "nothing" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


def _widening(change: PlannedChange, values: Values | None) -> Iterable[Risk]:
    who = _whose(change)
    attribute = POLICIES[change.type][0]
    if not attribute:
        yield Risk(change.address, f"{who}: {noun_of(change.type)} is {_done(change.action)}")
    elif values is None:
        yield Risk(change.address, f"{who} change")
    elif values.unknown.get(attribute):
        yield Risk(change.address, f"{who} change; to what exactly is known after the apply")
    else:
        try:
            more = gained(_text(values.before.get(attribute)), _text(values.after.get(attribute)))
        except ValueError:
            yield Risk(change.address, f"{who} change")
            return
        if more:
            yield Risk(change.address, f"{who} widen: {_grants_in_words(more)}")


def _whose(change: PlannedChange) -> str:
    label = label_of(change.address, change.type)
    if change.type == "aws_iam_role_policy":
        owner = owner_of(change.address)
        return f"permissions of {owner}" if owner else f"the {label}"
    if change.type == "aws_iam_role":
        return f"those who may take the {label}"
    return f"what the {label} allows" if POLICIES[change.type][0] else label


def _grants_in_words(more: tuple[Grant, ...]) -> str:
    texts = [
        f"no longer denied: {one.in_words()}" if one.is_denial_lost else f"+{one.in_words()}" for one in more
    ]
    left = len(texts) - GRANTS_LISTED
    return ", ".join(texts[:GRANTS_LISTED]) + (f" and {left} more" if left > 0 else "")


def _done(action: str) -> str:
    return {"create": "added", "update": "changed", "replace": "replaced"}[action]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
