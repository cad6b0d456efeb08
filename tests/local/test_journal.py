"""The journal's view of a request: what was called, and whether it may have changed anything."""

import pytest

from liveinsight_cli.local.journal import CAPACITY, Journal, caller, is_write, operation_of


@pytest.mark.parametrize(
    ("method", "path", "target", "action", "operation", "write"),
    [
        ("POST", "/", "DynamoDB_20120810.PutItem", None, "PutItem", True),
        ("POST", "/", "DynamoDB_20120810.BatchGetItem", None, "BatchGetItem", False),
        ("POST", "/", "DynamoDB_20120810.Query", None, "Query", False),
        ("POST", "/", "Logs_20140328.FilterLogEvents", None, "FilterLogEvents", False),
        ("POST", "/", "Logs_20140328.PutLogEvents", None, "PutLogEvents", True),
        ("POST", "/", None, "GetCallerIdentity", "GetCallerIdentity", False),
        ("POST", "/", None, "CreateRole", "CreateRole", True),
        ("GET", "/bucket/key", None, None, "GET /bucket/key", False),
        ("HEAD", "/bucket", None, None, "HEAD /bucket", False),
        ("PUT", "/bucket/key", None, None, "PUT /bucket/key", True),
        ("DELETE", "/restapis/a", None, None, "DELETE /restapis/a", True),
        ("POST", "/2015-03-31/functions/f/invocations", None, None, "Invoke", False),
    ],
)
def test_writes_are_told_from_reads(
    method: str, path: str, target: str | None, action: str | None, operation: str, write: bool
) -> None:
    assert operation_of(method, path, target, action) == operation
    assert is_write(method, operation) is write


@pytest.mark.parametrize(
    ("agent", "who"),
    [
        (
            "APN/1.0 HashiCorp/1.0 Terraform/1.11.4 terraform-provider-aws/5.100.0 aws-sdk-go-v2/1.36",
            "terraform",
        ),
        ("Boto3/1.40 md/Botocore#1.40 exec-env/AWS_Lambda_python3.11", "function"),
        ("aws-cli/2.17 md/awscrt", "aws-cli"),
        ("Boto3/1.40 md/Botocore#1.40", "boto3"),
        ("", "other"),
    ],
)
def test_callers_are_known_by_their_agent(agent: str, who: str) -> None:
    assert caller(agent) == who


def test_the_newest_requests_are_kept_and_numbers_go_on() -> None:
    journal = Journal()
    for _ in range(CAPACITY + 2):
        journal.add("s3", "GET /", False, 200, "")
    assert len(journal.since(0)) == CAPACITY
    assert [entry.number for entry in journal.since(CAPACITY)] == [CAPACITY + 1, CAPACITY + 2]
