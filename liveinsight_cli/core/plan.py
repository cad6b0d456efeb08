"""What a plan means: changes by service, which functions' code changes, what was changed by somebody else."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from liveinsight_cli.core.plan_diff import AttributeDiff, ResourceDiff
from liveinsight_cli.core.plan_names import owner_of
from liveinsight_cli.core.terraform_events import Change, Resource

# A release moves the aliases, and S3 tells Terraform more of an object than it wrote: neither is anybody's tampering.
MOVED_BY_RELEASES = frozenset({"aws_lambda_alias", "aws_s3_object"})
UNCHANGED = frozenset({"noop", "read"})
# The longest prefix that fits names the service.
SERVICES: Mapping[str, str] = {
    "aws_dynamodb": "DynamoDB",
    "aws_lambda": "Lambda",
    "aws_api_gateway": "API Gateway",
    "aws_s3": "S3",
    "aws_cloudfront": "CloudFront",
    "aws_iam": "IAM",
    "aws_cloudwatch": "CloudWatch",
    "aws_cloudwatch_event": "EventBridge",
    "aws_sns": "SNS",
    "aws_sqs": "SQS",
    "aws_kms": "KMS",
    "aws_wafv2": "WAF",
    "aws_route53": "Route 53",
    "aws_acm": "Certificates",
}
# What is part of terraform/account by now, as earlier versions called it in the stack: a destroy leaves it as it is.
HANDED_OVER = (
    "aws_api_gateway_account.this",
    "aws_iam_role.api_gateway_logs",
    "aws_iam_role_policy.api_gateway_logs",
)
TWO_OPERATIONS = "replace"
NO_OPERATION = frozenset({"move", "forget", "import"})


@dataclass(frozen=True)
class PlannedChange:
    """One resource that would change. `service` is where an operator looks for it.

    `previous_address` is what it was called before, `import_id` what it is in AWS where Terraform takes it over.
    """

    address: str
    type: str
    service: str
    action: Literal["create", "update", "delete", "replace", "move", "import", "forget"]
    reason: str | None
    previous_address: str | None = None
    import_id: str | None = None


@dataclass(frozen=True)
class Risk:
    """Something to read before saying yes: a sentence, and what to know about it, a line each."""

    address: str
    message: str
    because: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServiceChanges:
    """How many resources of a service are created, updated, replaced, deleted; `lines` say it in words."""

    service: str
    counts: Mapping[str, int]
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A plan as people read it. `has_changes` also when only an output changes; `path` is the saved plan.

    `settings` are those that differ from the last deploy from this machine, a line each. `diff` is there on request.
    """

    has_changes: bool
    changes: tuple[PlannedChange, ...]
    risks: tuple[Risk, ...]
    services: tuple[ServiceChanges, ...]
    code_changes: tuple[str, ...]
    drift: tuple[str, ...]
    destroys: bool
    path: str | None = None
    outputs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    diff: tuple[ResourceDiff, ...] | None = None
    output_diff: tuple[AttributeDiff, ...] = ()

    @property
    def kept_by_deploy(self) -> tuple[str, ...]:
        """What Terraform would replace because its creation was interrupted; a deploy takes it over as it is."""
        if self.destroys:
            return ()
        return tuple(change.address for change in self.changes if change.reason == "tainted")

    @property
    def operations(self) -> tuple[tuple[str, str, str], ...]:
        """The operations of an apply as (address, type, action); a replacement is two."""
        return tuple(
            (change.address, change.type, action)
            for change in self.changes
            for action in _operations(change.action)
        )


def read_plan(
    changes: Iterable[Change],
    *,
    has_changes: bool,
    destroys: bool,
    path: str | None,
    outputs: Iterable[str] = (),
) -> Plan:
    """Return what the messages of `terraform plan -json` say. What it puts at risk is found out after that."""
    changes = [one for one in changes if not (destroys and one.resource.address.startswith(HANDED_OVER))]
    planned = [_planned(one) for one in changes if not one.is_drift and one.action not in UNCHANGED]
    planned.sort(key=lambda one: (one.service, one.address))
    return Plan(
        has_changes=has_changes and (bool(planned) or not destroys),
        changes=tuple(planned),
        risks=(),
        services=_by_service(planned),
        code_changes=tuple(sorted(set(_code_changes(changes)))),
        drift=_repaired_drift(changes, planned),
        destroys=destroys,
        path=path,
        outputs=tuple(sorted(outputs)),
    )


def service_of(resource_type: str) -> str:
    """Return the service that a resource type belongs to."""
    fitting = [prefix for prefix in SERVICES if resource_type.startswith(prefix)]
    return SERVICES[max(fitting, key=len)] if fitting else resource_type.split("_")[0]


def _operations(action: str) -> tuple[str, ...]:
    if action == TWO_OPERATIONS:
        return ("delete", "create")
    return () if action in NO_OPERATION else (action,)


def _repaired_drift(changes: Iterable[Change], planned: Iterable[PlannedChange]) -> tuple[str, ...]:
    """Return what was changed behind Terraform's back and will be put right; the rest is AWS filling in values."""
    changes = list(changes)
    replaced = set(_code_changes(changes))  # functions that change anyway
    repaired = {
        one.address
        for one in planned
        if one.action != "delete"
        and not (one.type == "aws_lambda_function" and owner_of(one.address) in replaced)
    }
    drifted = (one.resource for one in changes if one.is_drift and one.action != "noop")
    return tuple(
        sorted(
            one.address for one in drifted if one.address in repaired and one.type not in MOVED_BY_RELEASES
        )
    )


def _planned(change: Change) -> PlannedChange:
    resource = change.resource
    action: object = (
        "forget" if change.action == "remove" else change.action
    )  # as its `removed` block means it
    return PlannedChange(
        resource.address,
        resource.type,
        service_of(resource.type),
        action,  # type: ignore[arg-type]  # a newer terraform's action is shown by its own name
        change.reason,
        change.previous_address,
        change.import_id,
    )


def _by_service(planned: Iterable[PlannedChange]) -> tuple[ServiceChanges, ...]:
    counts: dict[str, Counter[str]] = {}
    for change in planned:
        counts.setdefault(change.service, Counter())[change.action] += 1
    return tuple(ServiceChanges(service, dict(sorted(found.items()))) for service, found in counts.items())


def _code_changes(changes: Iterable[Change]) -> Iterable[str]:
    """Yield the functions whose existing package is replaced; the package's key holds the digest of its content."""
    for change in changes:
        resource = change.resource
        if _is_package(resource) and change.action in ("update", "replace") and not change.is_drift:
            yield resource.key or resource.address


def _is_package(resource: Resource) -> bool:
    return resource.type == "aws_s3_object" and resource.name == "package"
