"""Counts what a destroy would lose, and lifts the protection that stands in its way."""

import contextlib

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.core.destroying import BucketLoss, Losses, TableLoss
from liveinsight_cli.core.plan_names import counted

GONE = frozenset({"ResourceNotFoundException", "NoSuchBucket", "404"})
COUNTED_PAGES = 20  # of 1,000 objects: enough to know that a bucket is not empty


def count_losses(aws: Aws, deployed: Deployed) -> Losses:
    """Return tables with items, buckets with objects, and log groups; what is gone already counts nothing."""
    tables = deployed.tables
    return Losses(
        tables=tuple(_table(aws, name) for name in (tables.events, tables.sessions, tables.state)),
        buckets=tuple(
            _bucket(aws, name) for name in (deployed.dashboard_bucket, deployed.artifact_bucket) if name
        ),
        log_groups=deployed.log_groups,
    )


def unprotect(aws: Aws, deployed: Deployed) -> None:
    """Take the deletion protection off the tables."""
    tables = deployed.tables
    for name in (tables.events, tables.sessions, tables.state):
        try:
            answer = aws.call("dynamodb", "describe_table", TableName=name)
            if answer["Table"].get("DeletionProtectionEnabled"):
                aws.call("dynamodb", "update_table", TableName=name, DeletionProtectionEnabled=False)
        except AwsError as error:
            if error.aws_code not in GONE:
                raise


def held(aws: Aws, resource_type: str, name: str) -> str | None:
    """Return in words what a table, bucket or log group holds; None where that cannot be told."""
    with contextlib.suppress(AwsError):
        if resource_type == "aws_dynamodb_table":
            items = _table(aws, name).items
            return None if items is None else counted(items, "item")
        if resource_type == "aws_s3_bucket":
            return _objects(aws, name)
        if resource_type == "aws_cloudwatch_log_group":
            return _logs(aws, name)
    return None


def _objects(aws: Aws, name: str) -> str:
    objects = 0
    for number, page in enumerate(aws.pages("s3", "list_objects_v2", Bucket=name), start=1):
        objects += page.get("KeyCount", 0)
        if number == COUNTED_PAGES:
            return f"at least {counted(objects, 'object')}"
    return counted(objects, "object")


def _logs(aws: Aws, name: str) -> str | None:
    answer = aws.call("logs", "describe_log_groups", logGroupNamePrefix=name)
    sizes = [one.get("storedBytes", 0) for one in answer["logGroups"] if one["logGroupName"] == name]
    return f"{sizes[0] / 1e6:,.1f} MB of logs" if sizes else None


def _table(aws: Aws, name: str) -> TableLoss:
    try:
        answer = aws.call("dynamodb", "describe_table", TableName=name)
    except AwsError as error:
        if error.aws_code in GONE:
            return TableLoss(name, 0)
        raise
    return TableLoss(name, answer["Table"].get("ItemCount"))


def _bucket(aws: Aws, name: str) -> BucketLoss:
    try:
        pages = aws.pages("s3", "list_objects_v2", Bucket=name)
        return BucketLoss(name, sum(page.get("KeyCount", 0) for page in pages))
    except AwsError as error:
        if error.aws_code in GONE:
            return BucketLoss(name, 0)
        raise
