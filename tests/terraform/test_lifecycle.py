"""The stack's life against the embedded AWS: applied from nothing, unchanged by a second plan."""

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
