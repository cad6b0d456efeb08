"""What terraform sends for the stack is what AWS's own service models allow; the embedded AWS would take more."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from tests.terraform.deployed import Deployed
from tests.terraform.recorder import Sent
from tests.terraform.service_models import objections

TARGET = {"X-Amz-Target": "DynamoDB_20120810.CreateTable", "Content-Type": "application/x-amz-json-1.0"}


@pytest.mark.e2e
@pytest.mark.timeout(600)
def test_every_request_for_the_stack_fits_its_services_model(deployed: Deployed) -> None:
    read = [objections(sent) for sent in deployed.requests() if sent.service != "s3"]
    assert [one for _, found in read for one in found] == []
    made = Counter(name for name, _ in read)
    assert made["CreateEventSourceMapping"] >= 1
    assert made["PutMetricAlarm"] >= 17
    assert made["PutIntegration"] >= 9
    assert made["CreateDistributionWithTags"] >= 1
    assert made["CreateKey"] == 1
    assert made["CreateWebACL"] == 2


def test_what_aws_would_refuse_is_found() -> None:
    table = {
        "TableName": "ok-name",
        "AttributeDefinitions": [{"AttributeName": "is_active", "AttributeType": "BOOL"}],
        "KeySchema": [{"AttributeName": "is_active", "KeyType": "HASH"}],
        "BillingMode": "FREE",
    }
    sent = Sent("dynamodb", "POST", "/", TARGET, json.dumps(table).encode())
    name, found = objections(sent)
    assert name == "CreateTable"
    assert any("BOOL" in one for one in found)
    assert any("FREE" in one for one in found)
    named = replace(sent, body=json.dumps({"TableName": "x" * 2000}).encode())
    assert any("2000 is outside" in one for one in objections(named)[1])
    assert any("TableName" in one for one in objections(replace(sent, body=b"{}"))[1])


def test_a_rest_request_is_found_by_method_path_and_query() -> None:
    body = json.dumps({"op": "x"}).encode()
    sent = Sent("apigateway", "PUT", "/restapis/abc/resources/def/methods/GET/integration", {}, body)
    name, found = objections(sent)
    assert name == "PutIntegration"
    assert any("type" in one for one in found)
