"""What is there, to be asked after a destroy."""

from collections.abc import Callable
from typing import Any


def leftovers(client: Callable[[str], Any]) -> list[Any]:
    """Everything of ours that is there, of every service the stack uses."""
    return [
        *client("dynamodb").list_tables()["TableNames"],
        *client("lambda").list_functions()["Functions"],
        *client("lambda").list_event_source_mappings()["EventSourceMappings"],
        *client("apigateway").get_rest_apis()["items"],
        *client("s3").list_buckets()["Buckets"],
        *client("iam").list_roles()["Roles"],
        *client("logs").describe_log_groups()["logGroups"],
        *client("cloudwatch").describe_alarms()["MetricAlarms"],
        *client("cloudwatch").list_dashboards()["DashboardEntries"],
        *client("logs").describe_query_definitions()["queryDefinitions"],
        *client("sns").list_topics()["Topics"],
        *[one for one in client("kms").list_aliases()["Aliases"] if "alias/aws/" not in one["AliasName"]],
        *client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"],
        *client("wafv2").list_web_acls(Scope="CLOUDFRONT")["WebACLs"],
        *client("events").list_rules()["Rules"],
        *client("cloudfront").list_distributions()["DistributionList"].get("Items", []),
        *client("cloudfront").list_origin_access_controls()["OriginAccessControlList"].get("Items", []),
        *client("cloudfront")
        .list_response_headers_policies(Type="custom")["ResponseHeadersPolicyList"]
        .get("Items", []),
    ]
