"""What a plan means: changes by service, what is risky first, which functions' code changes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from liveinsight_cli.core.terraform_events import Change, Resource

HOLDS_DATA = frozenset({"aws_dynamodb_table", "aws_s3_bucket", "aws_cloudwatch_log_group"})
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
    "aws_wafv2": "WAF",
    "aws_route53": "Route 53",
    "aws_acm": "Certificates",
}


@dataclass(frozen=True)
class PlannedChange:
    """One resource that would change. `service` is where an operator looks for it."""

    address: str
    type: str
    service: str
    action: Literal["create", "update", "delete", "replace", "move", "import", "forget"]
    reason: str | None


@dataclass(frozen=True)
class Risk:
    """Something to read before saying yes."""

    address: str
    message: str


@dataclass(frozen=True)
class ServiceChanges:
    """How many resources of a service are created, updated, replaced, deleted."""

    service: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Plan:
    """A plan as people read it. `has_changes` also when only an output changes; `path` is the saved plan."""

    has_changes: bool
    changes: tuple[PlannedChange, ...]
    risks: tuple[Risk, ...]
    services: tuple[ServiceChanges, ...]
    code_changes: tuple[str, ...]
    drift: tuple[str, ...]
    destroys: bool
    path: str | None = None

    @property
    def operations(self) -> int:
        """How many operations an apply makes; a replacement is two."""
        return sum(2 if change.action == "replace" else 1 for change in self.changes)


def read_plan(changes: Iterable[Change], *, has_changes: bool, destroys: bool, path: str | None) -> Plan:
    """Return what the messages of `terraform plan -json` say."""
    changes = list(changes)
    planned = [_planned(one) for one in changes if not one.is_drift and one.action not in UNCHANGED]
    planned.sort(key=lambda one: (one.service, one.address))
    return Plan(
        has_changes=has_changes,
        changes=tuple(planned),
        risks=() if destroys else tuple(_risks(planned)),
        services=_by_service(planned),
        code_changes=tuple(sorted(set(_code_changes(changes)))),
        drift=_repaired_drift(changes, planned),
        destroys=destroys,
        path=path,
    )


def service_of(resource_type: str) -> str:
    """Return the service that a resource type belongs to."""
    fitting = [prefix for prefix in SERVICES if resource_type.startswith(prefix)]
    return SERVICES[max(fitting, key=len)] if fitting else resource_type.split("_")[0]


def _repaired_drift(changes: Iterable[Change], planned: Iterable[PlannedChange]) -> tuple[str, ...]:
    """Return what was changed behind Terraform's back and will be put right; the rest is AWS filling in values."""
    changes = list(changes)
    replaced = set(_code_changes(changes))  # functions that change anyway
    repaired = {
        one.address
        for one in planned
        if one.action != "delete"
        and not (one.type == "aws_lambda_function" and _key_of(one.address) in replaced)
    }
    drifted = (one.resource for one in changes if one.is_drift and one.action != "noop")
    return tuple(
        sorted(
            one.address for one in drifted if one.address in repaired and one.type not in MOVED_BY_RELEASES
        )
    )


def _key_of(address: str) -> str | None:
    """Return the key of the module that a resource is in, such as `stats-api`."""
    found = re.match(r'module\.[^.\[]+\["([^"]+)"\]', address)
    return found[1] if found else None


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
    )


def _risks(planned: Iterable[PlannedChange]) -> Iterable[Risk]:
    for change in planned:
        if change.action in ("delete", "replace") and change.type in HOLDS_DATA:
            word = "deleted" if change.action == "delete" else "replaced"
            yield Risk(change.address, f"would be {word}: what it holds is lost")
    for change in planned:
        if change.type.startswith("aws_iam") and change.action in ("update", "replace"):
            yield Risk(change.address, "permissions change")


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
