"""Counts what a destroy would lose, and lifts the protection that stands in its way."""

from liveinsight_cli.adapters.aws import Aws, AwsError
from liveinsight_cli.adapters.deployed import Deployed
from liveinsight_cli.core.destroying import BucketLoss, Losses, TableLoss

GONE = frozenset({"ResourceNotFoundException", "NoSuchBucket", "404"})


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
