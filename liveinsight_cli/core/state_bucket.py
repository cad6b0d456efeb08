"""What a bucket that holds Terraform states must be like, aspect by aspect, and what of an existing one differs.

Statements, rules and tags of others are kept: only ours are put right.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

KEPT_DAYS = 90
KEPT_VERSIONS = 20
SID = "LiveInsightTlsOnly"
RULE = "liveinsight-old-versions"
MANAGED_BY = "liveinsight"
ENCRYPTIONS = frozenset({"AES256", "aws:kms", "aws:kms:dsse"})
PUBLIC_ACCESS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


@dataclass(frozen=True)
class Aspect:
    """One thing to configure: what it is, the two calls, and from what is there to what must be.

    `wanted` returns the parameters of the writing call, or None when nothing differs; it gets the answer of the
    reading call, empty where nothing is configured.
    """

    what: str
    read: str
    write: str
    wanted: Callable[[Mapping[str, Any]], dict[str, Any] | None]


def aspects(bucket: str, project: str, partition: str) -> tuple[Aspect, ...]:
    """Return everything about a state bucket; tags come first, as they mark the bucket as ours."""
    return (
        Aspect("tags", "get_bucket_tagging", "put_bucket_tagging", lambda found: _tags(found, project)),
        Aspect(
            "public access block",
            "get_public_access_block",
            "put_public_access_block",
            _public_access,
        ),
        Aspect(
            "object ownership", "get_bucket_ownership_controls", "put_bucket_ownership_controls", _ownership
        ),
        Aspect("versioning", "get_bucket_versioning", "put_bucket_versioning", _versioning),
        Aspect("encryption", "get_bucket_encryption", "put_bucket_encryption", _encryption),
        Aspect(
            "TLS-only policy",
            "get_bucket_policy",
            "put_bucket_policy",
            lambda found: _policy(found, f"arn:{partition}:s3:::{bucket}"),
        ),
        Aspect(
            "lifecycle of old versions",
            "get_bucket_lifecycle_configuration",
            "put_bucket_lifecycle_configuration",
            _lifecycle,
        ),
    )


def owner_of(tags: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return (ManagedBy, Project) of a bucket's tags."""
    found = {one["Key"]: one["Value"] for one in tags.get("TagSet", ())}
    return found.get("ManagedBy"), found.get("Project")


def _tags(found: Mapping[str, Any], project: str) -> dict[str, Any] | None:
    if owner_of(found) == (MANAGED_BY, project):
        return None
    others = [one for one in found.get("TagSet", ()) if one["Key"] not in ("ManagedBy", "Project")]
    ours = [{"Key": "ManagedBy", "Value": MANAGED_BY}, {"Key": "Project", "Value": project}]
    return {"Tagging": {"TagSet": [*others, *ours]}}


def _public_access(found: Mapping[str, Any]) -> dict[str, Any] | None:
    now = found.get("PublicAccessBlockConfiguration", {})
    if all(now.get(name) is True for name in PUBLIC_ACCESS):
        return None
    return {"PublicAccessBlockConfiguration": dict.fromkeys(PUBLIC_ACCESS, True)}


def _ownership(found: Mapping[str, Any]) -> dict[str, Any] | None:
    wanted = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    return None if found.get("OwnershipControls") == wanted else {"OwnershipControls": wanted}


def _versioning(found: Mapping[str, Any]) -> dict[str, Any] | None:
    if found.get("Status") == "Enabled":
        return None
    return {"VersioningConfiguration": {"Status": "Enabled"}}


def _encryption(found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return SSE-S3; somebody's own key is as good, and stays."""
    rules = found.get("ServerSideEncryptionConfiguration", {}).get("Rules", ())
    used = {rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules}
    if used & ENCRYPTIONS:
        return None
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    return {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}


def _policy(found: Mapping[str, Any], arn: str) -> dict[str, Any] | None:
    document = json.loads(found.get("Policy") or "{}")
    statements = document.get("Statement", [])
    statements = [statements] if isinstance(statements, dict) else statements
    ours = {
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    if ours in statements:
        return None
    others = [one for one in statements if one.get("Sid") != SID]
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [*others, ours]})}


def _lifecycle(found: Mapping[str, Any]) -> dict[str, Any] | None:
    ours = {
        "ID": RULE,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {
            "NoncurrentDays": KEPT_DAYS,
            "NewerNoncurrentVersions": KEPT_VERSIONS,
        },
        "Expiration": {"ExpiredObjectDeleteMarker": True},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
    }
    rules = found.get("Rules", [])
    if any(_holds(rule, _as_kept(ours, rule)) for rule in rules):
        return None
    others = [rule for rule in rules if rule.get("ID") != RULE]
    return {"LifecycleConfiguration": {"Rules": [*others, ours]}}


def _as_kept(ours: dict[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return our rule without the number of versions, where what keeps rules knows none: the embedded AWS does not."""
    if "NewerNoncurrentVersions" in rule.get("NoncurrentVersionExpiration", {}):
        return ours
    return {**ours, "NoncurrentVersionExpiration": {"NoncurrentDays": KEPT_DAYS}}


def _holds(found: object, wanted: object) -> bool:
    """Tell whether everything wanted is in what was found, which may say more."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(_holds(found.get(name), value) for name, value in wanted.items())
    return found == wanted
