"""moto's control plane, read as table schemas."""

from __future__ import annotations

import boto3
import pytest
from moto import mock_aws

from liveinsight_cli.local.dynamodb import KeyAttribute
from liveinsight_cli.local.dynamodb.moto_schemas import MotoSchemas

REGION, ACCOUNT = "ap-northeast-2", "123456789012"


def test_a_table_made_through_boto3_is_read_with_indexes_expiry_and_stream(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name=REGION)
        client.create_table(
            TableName="visits",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "at", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "at", "AttributeType": "N"},
                {"AttributeName": "day", "AttributeType": "S"},
            ],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "ByDay",
                    "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["page"]},
                }
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        schemas = MotoSchemas(ACCOUNT, REGION)
        before = schemas.table("visits")
        client.update_time_to_live(
            TableName="visits", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
        )
        schema = schemas.table("visits")
        arn = client.describe_table(TableName="visits")["Table"]["LatestStreamArn"]
        assert schemas.table("gone") is None
        assert list(schemas.names()) == ["visits"]
    assert before is not None
    assert before.ttl_attribute is None
    assert schema is not None
    assert schema.keys == (KeyAttribute("pk", "S"), KeyAttribute("at", "N"))
    assert schema.ttl_attribute == "expires"
    (index,) = schema.indexes
    assert (index.name, index.keys, index.projection) == ("ByDay", (KeyAttribute("day", "S"),), "INCLUDE")
    assert index.included == {"page"}
    assert schema.stream is not None
    assert (schema.stream.arn, schema.stream.view_type) == (arn, "NEW_IMAGE")
