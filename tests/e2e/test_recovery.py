"""What goes on after a deploy was killed, with the real terraform."""

import json
from typing import Any

import pytest

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.orphans import FOUND_BY_NAME, find
from liveinsight_cli.core.recovery import Creation, Found
from tests.e2e.conftest import Stack

pytestmark = pytest.mark.e2e

# How the provider's documentation has the ids to import by, where they are not the resource's `id`.
QUERY_ARN = "arn:aws:logs:ap-northeast-2:123456789012:query-definition:{query_definition_id}"
IMPORT_IDS = {
    "aws_api_gateway_integration": "{rest_api_id}/{resource_id}/{http_method}",
    "aws_api_gateway_integration_response": "{rest_api_id}/{resource_id}/{http_method}/{status_code}",
    "aws_api_gateway_method": "{rest_api_id}/{resource_id}/{http_method}",
    "aws_api_gateway_method_response": "{rest_api_id}/{resource_id}/{http_method}/{status_code}",
    "aws_api_gateway_model": "{rest_api_id}/{name}",
    "aws_api_gateway_request_validator": "{rest_api_id}/{id}",
    "aws_api_gateway_resource": "{rest_api_id}/{id}",
    "aws_api_gateway_stage": "{rest_api_id}/{stage_name}",
    "aws_cloudfront_function": "{name}",
    "aws_cloudfront_key_value_store": "{name}",
    "aws_cloudwatch_dashboard": "{dashboard_name}",
    "aws_cloudwatch_event_target": "{rule}/{target_id}",
    "aws_cloudwatch_metric_alarm": "{alarm_name}",
    "aws_cloudwatch_query_definition": QUERY_ARN,
    "aws_lambda_alias": "{function_name}/{name}",
    "aws_lambda_permission": "{function_name}:{qualifier}/{statement_id}",
}


def deployed(stack: Stack) -> list[tuple[Creation, dict[str, Any]]]:
    """Every resource that can be found by its name, as if it were to be created, with what the state says of it."""
    state = json.loads((stack.files / "terraform.tfstate").read_text())
    return [
        (
            Creation(
                f"{one['type']}.{number}.{index}", one["type"], instance["attributes"], "ap-northeast-2"
            ),
            instance,
        )
        for number, one in enumerate(state["resources"])
        if one["mode"] == "managed" and one["type"] in FOUND_BY_NAME
        for index, instance in enumerate(one["instances"])
    ]


def test_everything_that_is_deployed_would_be_found_again(stack: Stack) -> None:
    server = stack.answer("local", "status")["server"]
    aws = Aws(server["region"], endpoint_url=server["endpoint_url"])
    known = deployed(stack)
    expected = {
        creation.address: IMPORT_IDS.get(creation.type, "{id}").format_map(instance["attributes"])
        for creation, instance in known
    }
    assert len({creation.type for creation, _ in known}) > 20
    assert find(aws, [creation for creation, _ in known]) == Found(expected)
