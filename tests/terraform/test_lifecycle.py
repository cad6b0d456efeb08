"""The stack's life against the embedded AWS: applied from nothing, unchanged by a second plan, gone after destroy."""

from typing import Any

import pytest

from tests.terraform.deployed import Deployed

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
NOTHING_TO_DO = 0


def test_a_second_plan_finds_nothing_to_do(deployed: Deployed) -> None:
    deployed.outputs()
    assert deployed.plan() == NOTHING_TO_DO


def test_the_outputs_name_what_is_there(deployed: Deployed) -> None:
    outputs = deployed.outputs()
    assert sorted(outputs["tables"].values()) == sorted(
        deployed.client("dynamodb").list_tables()["TableNames"]
    )
    alarms = deployed.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert outputs["alarm_names"] == sorted(alarm["AlarmName"] for alarm in alarms)
    groups = [group["logGroupName"] for group in deployed.client("logs").describe_log_groups()["logGroups"]]
    assert set(outputs["log_groups"]) <= set(groups)
    stage = deployed.client("apigateway").get_stage(
        restApiId=outputs["rest_api_id"], stageName=outputs["stage_name"]
    )
    assert stage["stageName"] == "v1"
    assert outputs["api_gateway_url"] == f"{deployed.server.api_url}/{outputs['rest_api_id']}/v1"


def test_each_function_gets_exactly_the_environment_of_the_contract(deployed: Deployed) -> None:
    outputs = deployed.outputs()
    expected = {
        "EVENTS_TABLE": "liveinsight-events-local",
        "SESSIONS_TABLE": "liveinsight-sessions-local",
        "STATE_TABLE": "liveinsight-state-local",
        "ENVIRONMENT": "local",
        "ALLOWED_SITES": "",
        "ALLOWED_ORIGINS": "*",
        "PUBLIC_DASHBOARD": "false",
        "KEPT_PARAMETERS": "",
        "VISITOR_REQUESTS_PER_MINUTE": "60",
        "READ_TOKEN_SHA256": "0" * 64,
        "LOG_LEVEL": "INFO",
    }
    for function in outputs["functions"].values():
        found = deployed.client("lambda").get_function_configuration(FunctionName=function["function_name"])
        assert found["Environment"]["Variables"] == expected


def test_every_log_group_expires_after_seven_days(deployed: Deployed) -> None:
    deployed.outputs()
    groups = deployed.client("logs").describe_log_groups()["logGroups"]
    assert len(groups) == 6
    assert {group.get("retentionInDays") for group in groups} == {7}


def test_destroy_leaves_nothing(deployed: Deployed) -> None:
    deployed.outputs()
    assert leftovers(deployed) != []
    deployed.destroy()
    assert leftovers(deployed) == []


def leftovers(deployed: Deployed) -> list[Any]:
    """Everything of ours that is there, of every service the stack uses."""
    client = deployed.client
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
