"""How tables and buckets are found, and what is watched by: log groups, saved queries, alarms, dashboards."""

from liveinsight_cli.adapters.aws import AwsError
from liveinsight_cli.adapters.orphans.search import MISSING, Orphan, Search, Values, pairs

ELSEWHERE = frozenset({"301", "400", "403"})  # a HEAD has no other code than HTTP's


def table(search: Search, values: Values) -> Orphan | None:
    """Find a table; returns when it is ready to be changed."""
    found = search.ask("dynamodb", "describe_table", TableName=values["name"]).get("Table")
    if found is None:
        return None
    if found["TableStatus"] != "ACTIVE":
        search.aws.wait("dynamodb", "table_exists", TableName=values["name"])
    with_tags = search.ask("dynamodb", "list_tags_of_resource", ResourceArn=found["TableArn"])
    return Orphan(values["name"], pairs(with_tags.get("Tags", ())))


def bucket(search: Search, values: Values) -> Orphan | None:
    """Find a bucket of this account, and nothing of another's."""
    name = values["bucket"]
    try:
        search.aws.call("s3", "head_bucket", Bucket=name, ExpectedBucketOwner=search.aws.account())
    except AwsError as error:
        if error.aws_code in MISSING:
            return None
        if error.aws_code not in ELSEWHERE:
            raise
        return Orphan(name, {})  # it is another account's, or in another region
    tags = pairs(search.ask("s3", "get_bucket_tagging", Bucket=name).get("TagSet", ()))
    if not tags and not search.ask("s3", "list_object_versions", Bucket=name, MaxKeys=1).get("Versions"):
        return Orphan(name)  # Terraform tags a bucket by a call of its own: this one was never filled
    return Orphan(name, tags)


def log_group(search: Search, values: Values) -> Orphan | None:
    """Find a log group by its name."""
    name = values["name"]
    found = search.first(
        "logs",
        "describe_log_groups",
        "logGroups",
        lambda one: one["logGroupName"] == name,
        logGroupNamePrefix=name,
    )
    if found is None:
        return None
    arn = found["arn"].removesuffix(":*")
    return Orphan(name, search.ask("logs", "list_tags_for_resource", resourceArn=arn).get("tags", {}))


def query(search: Search, values: Values) -> Orphan | None:
    """Find a saved query by its name."""
    name = values["name"]
    found = search.first(
        "logs",
        "describe_query_definitions",
        "queryDefinitions",
        lambda one: one["name"] == name,
        queryDefinitionNamePrefix=name,
    )
    return (
        None
        if found is None
        else Orphan(search.arn("logs", f"query-definition:{found['queryDefinitionId']}"))
    )


def metric_alarm(search: Search, values: Values) -> Orphan | None:
    """Find an alarm by its name."""
    name = values["alarm_name"]
    found = search.ask("cloudwatch", "describe_alarms", AlarmNames=[name]).get("MetricAlarms")
    if not found:
        return None
    tags = search.ask("cloudwatch", "list_tags_for_resource", ResourceARN=found[0]["AlarmArn"])
    return Orphan(name, pairs(tags.get("Tags", ())))


def dashboard(search: Search, values: Values) -> Orphan | None:
    """Find a dashboard by its name."""
    name = values["dashboard_name"]
    return Orphan(name) if search.ask("cloudwatch", "get_dashboard", DashboardName=name) else None
