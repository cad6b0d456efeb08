"""What CloudWatch Logs says of log groups."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from liveinsight_cli.adapters.aws import Aws


def described(aws: "Aws", names: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return DescribeLogGroups' entries of these groups by name, without those that are not there."""
    prefixes = {name.rpartition("/")[0] + "/" for name in names}
    return {
        group["logGroupName"]: group
        for prefix in sorted(prefixes)
        for page in aws.pages("logs", "describe_log_groups", logGroupNamePrefix=prefix)
        for group in page["logGroups"]
        if group["logGroupName"] in names
    }


def stored_bytes(aws: "Aws", names: Collection[str]) -> float:
    """Return how much these groups hold."""
    return float(sum(group.get("storedBytes", 0) for group in described(aws, names).values()))
