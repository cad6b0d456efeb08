"""Each role allows what its function's code calls: nothing is missing, nothing is left over.

The embedded AWS enforces no IAM, so a missing right would show in an account only.
"""

import json
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.terraform.calls import Call, calls_of
from tests.terraform.deployed import Deployed

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
LAMBDAS = REPOSITORY / "lambdas"
FUNCTIONS = ["aggregator", "event-collector", "realtime-api", "stats-api"]
TABLES = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/"
STREAM = {
    Call("dynamodb:DescribeStream", "events/stream"),
    Call("dynamodb:GetRecords", "events/stream"),
    Call("dynamodb:GetShardIterator", "events/stream"),
    Call("dynamodb:ListStreams", "*"),
}

OTHER_SERVICES = ("kms:", "logs:", "xray:")
READER_KEY_ACTIONS = {"kms:Decrypt", "kms:DescribeKey"}
WRITER_KEY_ACTIONS = READER_KEY_ACTIONS | {
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
WRITES = {"dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}


def statements(deployed: Deployed, function: str) -> list[tuple[str, str]]:
    """(action, ARN) of everything that a function's role allows."""
    allowed = documents(deployed, function)
    return [(action, arn) for one in allowed for action in one["Action"] for arn in one["Resource"]]


def documents(deployed: Deployed, function: str) -> list[dict[str, Any]]:
    """Every statement of a function's role."""
    iam = deployed.client("iam")
    role = f"liveinsight-{function}-local"
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    found = [iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names]
    parsed = [json.loads(document) if isinstance(document, str) else document for document in found]
    allowed = [statement for document in parsed for statement in document["Statement"]]
    assert {statement["Effect"] for statement in allowed} == {"Allow"}
    return allowed


def target(arn: str) -> str:
    """`arn:...:table/liveinsight-state-local` -> `state`; an index and a stream keep their kind."""
    if arn == "*":
        return arn
    assert arn.startswith(TABLES), arn
    table, *below = arn.removeprefix(TABLES).split("/")
    kept = below[:1] if below[:1] == ["stream"] else below
    return "/".join([table.removeprefix("liveinsight-").removesuffix("-local"), *kept])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_allows_exactly_what_the_code_calls(deployed: Deployed, function: str) -> None:
    deployed.outputs()
    allowed = {
        Call(action, target(arn))
        for action, arn in statements(deployed, function)
        if not action.startswith(OTHER_SERVICES)
    }
    needed = calls_of(LAMBDAS, function.replace("-", "_"))
    assert needed
    assert sorted(allowed) == sorted(needed | (STREAM if function == "aggregator" else set()))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_writes_only_its_own_log(deployed: Deployed, function: str) -> None:
    deployed.outputs()
    logs = [(action, arn) for action, arn in statements(deployed, function) if action.startswith("logs:")]
    group = f"arn:aws:logs:ap-northeast-2:123456789012:log-group:/aws/lambda/liveinsight-{function}-local:*"
    assert sorted(logs) == [("logs:CreateLogStream", group), ("logs:PutLogEvents", group)]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_role_uses_the_key_only_for_its_tables_and_only_as_its_code_does(
    deployed: Deployed, function: str
) -> None:
    deployed.outputs()
    (one,) = [one for one in documents(deployed, function) if one["Action"][0].startswith("kms:")]
    (alias,) = [
        alias
        for alias in deployed.client("kms").list_aliases()["Aliases"]
        if alias["AliasName"] == "alias/liveinsight-local"
    ]
    assert one["Resource"] == [f"arn:aws:kms:ap-northeast-2:123456789012:key/{alias['TargetKeyId']}"]
    assert one["Condition"] == {"StringEquals": {"kms:ViaService": ["dynamodb.ap-northeast-2.amazonaws.com"]}}
    writes = any(call.action in WRITES for call in calls_of(LAMBDAS, function.replace("-", "_")))
    assert set(one["Action"]) == (WRITER_KEY_ACTIONS if writes else READER_KEY_ACTIONS)


def test_no_wildcard_but_those_that_aws_insists_on(deployed: Deployed) -> None:
    deployed.outputs()
    everywhere = [
        action for function in FUNCTIONS for action, arn in statements(deployed, function) if arn == "*"
    ]
    traces = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    assert sorted(everywhere) == ["dynamodb:ListStreams", *sorted(traces * len(FUNCTIONS))]
    assert not [
        action for function in FUNCTIONS for action, _ in statements(deployed, function) if "*" in action
    ]
