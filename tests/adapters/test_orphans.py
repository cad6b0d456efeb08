"""Things in AWS that an interrupted apply made and did not write down: each is found, and nobody else's is taken."""

import json
import os
from collections.abc import Iterator
from typing import Any

import boto3
import hcl2
import pytest
from hcl2 import SerializationOptions
from moto import mock_aws

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.adapters.orphans import FOUND_BY_NAME, MADE_AGAIN, find
from liveinsight_cli.core.recovery import Creation, Found
from liveinsight_cli.errors import CredentialsError, PreconditionError
from tests.conftest import REPOSITORY

REGION = "ap-northeast-2"
OURS = {"Project": "liveinsight", "Environment": "dev", "ManagedBy": "liveinsight"}
STATEMENT = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
THEIRS = OURS | {"Environment": "prod"}


def test_every_type_of_the_stack_is_found_or_may_be_made_again() -> None:
    options = SerializationOptions(strip_string_quotes=True, explicit_blocks=False)
    types = set()
    for path in (REPOSITORY / "terraform").rglob("*.tf"):
        with path.open(encoding="utf-8") as file:
            content = hcl2.load(file, serialization_options=options)
        types |= {name for block in content.get("resource", []) for name in block}
    assert types == FOUND_BY_NAME.keys() | MADE_AGAIN.keys()
    assert not FOUND_BY_NAME.keys() & MADE_AGAIN.keys()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    """An account of moto's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield Aws(REGION)


def client(service: str, region: str = REGION) -> Any:
    return boto3.client(service, region_name=region)


def found(aws: Aws, type_: str, region: str = REGION, **values: Any) -> str | None:
    return find(aws, [Creation("it", type_, {"tags_all": OURS, **values}, region)]).imports.get("it")


def listed(tags: dict[str, str], name: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{name: key, value: text} for key, text in tags.items()]


def test_a_key_is_found_by_its_description_among_others(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    kms = client("kms")
    about = {"Description": "Encrypts what liveinsight-dev keeps."}
    assert found(aws, "aws_kms_key", description=about["Description"]) is None
    kms.create_key(**about, Tags=listed(THEIRS, "TagKey", "TagValue"))
    kms.create_key(Description="another", Tags=listed(OURS, "TagKey", "TagValue"))
    ours = kms.create_key(**about, Tags=listed(OURS, "TagKey", "TagValue"))["KeyMetadata"]["KeyId"]
    call, locked = Aws.call, kms.list_keys()["Keys"][0]["KeyId"]

    def denied(aws: Aws, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        if operation == "describe_key" and parameters["KeyId"] == locked != ours:
            raise CredentialsError("The key's policy says no.", code="access_denied")
        return call(aws, service, operation, **parameters)

    monkeypatch.setattr(Aws, "call", denied)
    assert found(aws, "aws_kms_key", description=about["Description"]) == ours
    assert found(aws, "aws_kms_alias", name="alias/liveinsight-dev") is None
    kms.create_alias(AliasName="alias/liveinsight-dev", TargetKeyId=ours)
    assert found(aws, "aws_kms_alias", name="alias/liveinsight-dev") == "alias/liveinsight-dev"


def test_what_a_role_cannot_go_without_is_found(aws: Aws) -> None:
    iam = client("iam")
    arn = iam.create_policy(PolicyName="logs", PolicyDocument=POLICY)["Policy"]["Arn"]
    asked = {"role": "role", "name": "permissions"}
    for _ in range(2):
        assert found(aws, "aws_iam_role_policy", **asked) is None
        assert found(aws, "aws_iam_role_policy_attachment", role="role", policy_arn=arn) is None
        if not iam.list_roles()["Roles"]:
            iam.create_role(RoleName="role", AssumeRolePolicyDocument=POLICY, Tags=listed(OURS))
    iam.put_role_policy(RoleName="role", PolicyName="permissions", PolicyDocument=POLICY)
    iam.attach_role_policy(RoleName="role", PolicyArn=arn)
    assert found(aws, "aws_iam_role_policy", **asked) == "role:permissions"
    assert found(aws, "aws_iam_role_policy_attachment", role="role", policy_arn=arn) == f"role/{arn}"
    assert found(aws, "aws_iam_role", name="role") == "role"


def test_what_a_destroy_would_leave_behind_is_found(aws: Aws) -> None:
    cloudwatch = client("cloudwatch")
    asked = {"alarm_name": "liveinsight-slow-dev"}
    assert found(aws, "aws_cloudwatch_metric_alarm", **asked) is None
    assert found(aws, "aws_cloudwatch_dashboard", dashboard_name="liveinsight-dev") is None
    cloudwatch.put_metric_alarm(
        AlarmName="liveinsight-slow-dev",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1.0,
        Tags=listed(OURS),
    )
    cloudwatch.put_dashboard(DashboardName="liveinsight-dev", DashboardBody='{"widgets": []}')
    assert found(aws, "aws_cloudwatch_metric_alarm", **asked) == "liveinsight-slow-dev"
    assert found(aws, "aws_cloudwatch_dashboard", dashboard_name="liveinsight-dev") == "liveinsight-dev"


def test_a_queue_is_found_by_its_name(aws: Aws) -> None:
    assert found(aws, "aws_sqs_queue", name="failures") is None
    url = client("sqs").create_queue(QueueName="failures", tags=OURS)["QueueUrl"]
    assert found(aws, "aws_sqs_queue", name="failures") == url


def test_a_firewall_is_found_in_the_region_it_is_made_in(aws: Aws) -> None:
    asked = {"name": "liveinsight-dashboard-dev", "scope": "CLOUDFRONT"}
    shown = {"SampledRequestsEnabled": False, "CloudWatchMetricsEnabled": False, "MetricName": "m"}
    made = client("wafv2", "us-east-1").create_web_acl(
        Name=asked["name"],
        Scope=asked["scope"],
        DefaultAction={"Allow": {}},
        VisibilityConfig=shown,
        Tags=listed(OURS),
    )["Summary"]
    expected = f"{made['Id']}/liveinsight-dashboard-dev/CLOUDFRONT"
    assert found(aws, "aws_wafv2_web_acl", "us-east-1", **asked) == expected
    assert found(aws, "aws_wafv2_web_acl", "us-east-1", name="another", scope="CLOUDFRONT") is None


def test_a_certificate_is_found_among_others_of_its_name(aws: Aws) -> None:
    acm = client("acm", "us-east-1")
    acm.request_certificate(DomainName="stats.example", Tags=listed(THEIRS))
    assert found(aws, "aws_acm_certificate", "us-east-1", domain_name="stats.example") is None
    arn = acm.request_certificate(DomainName="stats.example", Tags=listed(OURS))["CertificateArn"]
    assert found(aws, "aws_acm_certificate", "us-east-1", domain_name="stats.example") == arn


def test_a_record_is_ours_only_if_it_leads_to_our_distribution(aws: Aws) -> None:
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="shop.example", CallerReference="1")["HostedZone"]["Id"].split(
        "/"
    )[-1]
    target = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d1.cloudfront.net", "EvaluateTargetHealth": False}
    record = {"Name": "stats.shop.example", "Type": "A", "AliasTarget": target}
    change = {"Action": "CREATE", "ResourceRecordSet": record}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    asked = {"zone_id": zone, "name": "stats.shop.example", "type": "A"}
    for name, expected in (
        ("d1.cloudfront.net", f"{zone}_stats.shop.example_A"),
        ("d2.cloudfront.net", None),
    ):
        assert found(aws, "aws_route53_record", **asked, alias=[{"name": name}]) == expected
    assert found(aws, "aws_route53_record", **asked, alias=[{}]) is None
    proof = {
        "Name": "_1.stats.shop.example",
        "Type": "CNAME",
        "TTL": 300,
        "ResourceRecords": [{"Value": "_2.aws."}],
    }
    change = {"Action": "CREATE", "ResourceRecordSet": proof}
    route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    asked = {"zone_id": zone, "name": "_1.stats.shop.example.", "type": "CNAME"}
    ours = found(aws, "aws_route53_record", **asked, records=["_2.aws."], alias=[])
    assert ours == f"{zone}__1.stats.shop.example_CNAME"
    assert found(aws, "aws_route53_record", **asked, records=["_3.aws."], alias=[]) is None


def test_a_bucket_without_tags_is_ours_while_nothing_is_in_it(aws: Aws) -> None:
    """Terraform tags a bucket only after it has made it."""
    s3 = client("s3")
    assert found(aws, "aws_s3_bucket", bucket="bucket") is None
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    assert found(aws, "aws_s3_bucket", bucket="bucket") == "bucket"
    s3.put_object(Bucket="bucket", Key="theirs")
    with pytest.raises(PreconditionError, match="bucket is there already"):
        found(aws, "aws_s3_bucket", bucket="bucket")
    s3.put_bucket_tagging(Bucket="bucket", Tagging={"TagSet": listed(OURS)})
    assert found(aws, "aws_s3_bucket", bucket="bucket") == "bucket"


def test_what_has_other_tags_is_somebody_elses(aws: Aws) -> None:
    client("sns").create_topic(Name="liveinsight-alarms-dev", Tags=listed(THEIRS))
    with pytest.raises(PreconditionError, match="tags are not those of this environment"):
        found(aws, "aws_sns_topic", name="liveinsight-alarms-dev")


def test_nothing_is_ours_while_it_is_not_known_what_ours_would_be(aws: Aws) -> None:
    client("apigateway").create_rest_api(name="liveinsight-dev", tags=THEIRS)
    assert found(aws, "aws_api_gateway_rest_api", name="liveinsight-dev", tags_all={}) is None
    assert found(aws, "aws_api_gateway_rest_api", name="liveinsight-dev", tags_all=THEIRS)


def test_what_is_part_of_something_that_is_not_there_yet_is_not_looked_for(aws: Aws) -> None:
    part = Creation("it", "aws_api_gateway_resource", {"path_part": "api"}, REGION)
    assert find(aws, [part]) == Found({}, frozenset({"it"}))
