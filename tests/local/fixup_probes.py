"""Asks moto, as it is or corrected, one question for each fault that `fixups` corrects; prints name -> right? as JSON.

Run as a program (`--fixed` applies the corrections), so that no other test sees a patched moto.
"""

import functools
import io
import json
import os
import sys
import zipfile
from collections.abc import Callable
from typing import Any

os.environ |= {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}

import boto3
from botocore.exceptions import ClientError
from botocore.loaders import JSONFileLoader
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID

# Each probe makes clients of its own, and a quarter of the CPU would go into the same files of botocore.
read_once = functools.cache(functools.partial(JSONFileLoader.load_file, JSONFileLoader()))
JSONFileLoader.load_file = lambda _, path: read_once(path)  # type: ignore[method-assign]

PROBES: dict[str, Callable[[], bool]] = {}
DELIVERED: list[tuple[str, str, bytes]] = []


def probe(function: Callable[[], bool]) -> Callable[[], bool]:
    PROBES[function.__name__] = function
    return function


def make_function(**settings: Any) -> Any:
    role = boto3.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    client = boto3.client("lambda")
    code = {"ZipFile": buffer.getvalue()}
    client.create_function(
        FunctionName="f",
        Runtime="python3.11",
        Role=role,
        Handler="app.handler",
        Code=code,
        Publish=True,
        **settings,
    )
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return client


def make_table() -> str:
    created = boto3.client("dynamodb").create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    return str(created["TableDescription"]["LatestStreamArn"])


def make_stage(client: Any) -> str:
    api = client.create_rest_api(name="api")
    root = api["rootResourceId"]
    client.put_method(restApiId=api["id"], resourceId=root, httpMethod="GET", authorizationType="NONE")
    client.put_integration(restApiId=api["id"], resourceId=root, httpMethod="GET", type="MOCK")
    client.create_deployment(restApiId=api["id"], stageName="v1")
    return str(api["id"])


@probe
def keep_lambda_configuration() -> bool:
    client = make_function(LoggingConfig={"LogFormat": "JSON", "LogGroup": "mine"})
    kept = client.get_function_configuration(FunctionName="f").get("LoggingConfig") or {}
    client.update_function_configuration(
        FunctionName="f", TracingConfig={"Mode": "Active"}, LoggingConfig={"LogFormat": "Text"}
    )
    after = client.get_function_configuration(FunctionName="f")
    return (
        kept.get("LogFormat") == "JSON"
        and kept.get("LogGroup") == "mine"
        and after["TracingConfig"] == {"Mode": "Active"}
        and after["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}
    )


@probe
def refuse_reserved_variables() -> bool:
    try:
        make_function(Environment={"Variables": {"AWS_REGION": "eu-west-1"}})
    except ClientError as error:
        return error.response["Error"]["Code"] == "InvalidParameterValueException" and "AWS_REGION" in str(
            error
        )
    return False


@probe
def keep_alias_of_event_source_mapping() -> bool:
    client = make_function()
    alias = f"arn:aws:lambda:us-east-1:{DEFAULT_ACCOUNT_ID}:function:f:live"
    made = client.create_event_source_mapping(
        FunctionName=alias, EventSourceArn=make_table(), StartingPosition="LATEST"
    )
    return bool(client.get_event_source_mapping(UUID=made["UUID"])["FunctionArn"] == alias)


@probe
def run_deployed_code() -> bool:
    """Right is: handed over with name and version, nothing started by moto itself."""
    make_function()
    from moto.awslambda.models import lambda_backends

    function = lambda_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].get_function("f", "live")
    function._invoke_lambda = lambda event=None: ("", True, "")  # type: ignore[method-assign]  # Docker
    function.invoke("{}", {}, {})
    import threading

    for thread in threading.enumerate():
        if thread.name == "deliver":
            thread.join()
    return DELIVERED[-1:] == [("f", "1", b"{}")]


@probe
def leave_streams_to_the_poller() -> bool:
    """Right is: a write leaves its record in the stream and calls nobody."""
    client = make_function()
    stream = make_table()
    client.create_event_source_mapping(FunctionName="f", EventSourceArn=stream, StartingPosition="LATEST")
    from moto.awslambda.models import LambdaFunction
    from moto.dynamodb.models import dynamodb_backends

    called: list[str] = []
    original = LambdaFunction.invoke
    LambdaFunction.invoke = lambda self, *_: called.append(self.function_name) or "true"  # type: ignore
    try:
        boto3.client("dynamodb").put_item(TableName="t", Item={"pk": {"S": "1"}})
    finally:
        LambdaFunction.invoke = original  # type: ignore[method-assign]
    shard = dynamodb_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].tables["t"].stream_shard
    return not called and shard is not None and len(shard.items) == 1


@probe
def accept_nested_method_settings() -> bool:
    client = boto3.client("apigateway")
    api = make_stage(client)
    path = "/api/events/POST/throttling/rateLimit"
    operations = [{"op": "replace", "path": path, "value": "5"}]
    client.update_stage(restApiId=api, stageName="v1", patchOperations=operations)
    settings = client.get_stage(restApiId=api, stageName="v1")["methodSettings"]
    set_to = settings.get("api/events/POST", {}).get("throttlingRateLimit")
    operations = [{"op": "remove", "path": "/api/events/POST"}]
    client.update_stage(restApiId=api, stageName="v1", patchOperations=operations)
    left = client.get_stage(restApiId=api, stageName="v1")["methodSettings"]
    return set_to == 5.0 and left == {}


@probe
def remove_usage_plan_stage_with_throttles() -> bool:
    client = boto3.client("apigateway")
    api = make_stage(client)
    throttle = {"/GET": {"rateLimit": 1.0, "burstLimit": 1}}
    plan = client.create_usage_plan(name="p", apiStages=[{"apiId": api, "stage": "v1", "throttle": throttle}])
    operations = [{"op": "remove", "path": "/apiStages", "value": f"{api}:v1"}]
    try:
        client.update_usage_plan(usagePlanId=plan["id"], patchOperations=operations)
    except (ClientError, ValueError):
        return False
    return not client.get_usage_plan(usagePlanId=plan["id"]).get("apiStages")


@probe
def accept_mock_integration_without_uri() -> bool:
    mock = {"type": "mock", "requestTemplates": {"application/json": '{"statusCode": 204}'}}
    body = {
        "openapi": "3.0.1",
        "info": {"title": "a", "version": "1", "description": ""},
        "paths": {"/x": {"options": {"responses": {}, "x-amazon-apigateway-integration": mock}}},
    }
    try:
        boto3.client("apigateway").import_rest_api(body=json.dumps(body).encode())
    except (ClientError, TypeError):
        return False
    return True


@probe
def give_zones_ids_that_begin_with_z() -> bool:
    client = boto3.client("route53")
    made = [client.create_hosted_zone(Name="example.com", CallerReference=str(n)) for n in range(4)]
    return all(one["HostedZone"]["Id"].removeprefix("/hostedzone/").startswith("Z") for one in made)


@probe
def ignore_conditioned_bucket_statements() -> bool:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(
        Bucket="bucket", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    )
    try:
        s3.head_object(Bucket="bucket", Key="k")
    except ClientError:
        return False
    return True


@probe
def tell_of_event_bridge() -> bool:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    none = s3.get_bucket_notification_configuration(Bucket="bucket")
    s3.put_bucket_notification_configuration(
        Bucket="bucket", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    kept = s3.get_bucket_notification_configuration(Bucket="bucket")
    return "EventBridgeConfiguration" in kept and "EventBridgeConfiguration" not in none


@probe
def know_policies_of_aws() -> bool:
    iam = boto3.client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument="{}")
    policy = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    try:
        iam.attach_role_policy(RoleName="role", PolicyArn=policy)
    except ClientError:
        return False
    (attached,) = iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    iam.detach_role_policy(RoleName="role", PolicyArn=policy)
    left = iam.list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    return (attached["PolicyArn"], attached["PolicyName"], left) == (policy, policy.rpartition("/")[2], [])


def refused(call: Callable[[], object], code: str) -> bool:
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] == code
    return False


@probe
def count_versions_on() -> bool:
    client = make_function()
    for memory in (256, 512):
        client.update_function_configuration(FunctionName="f", MemorySize=memory)
        client.publish_version(FunctionName="f")
    client.delete_function(FunctionName="f", Qualifier="2")
    client.delete_function(FunctionName="f", Qualifier="3")
    again = client.publish_version(FunctionName="f")["Version"]  # nothing has changed since
    client.update_function_configuration(FunctionName="f", MemorySize=1024)
    made = client.publish_version(FunctionName="f")
    listed = client.list_versions_by_function(FunctionName="f")["Versions"]
    arns = [one["FunctionArn"].rpartition(":")[2] for one in listed]
    return (again, made["Version"], arns) == ("1", "4", ["$LATEST", "1", "4"])


@probe
def keep_versions_in_use() -> bool:
    client = make_function()
    for memory in (256, 512):
        client.update_function_configuration(FunctionName="f", MemorySize=memory)
        client.publish_version(FunctionName="f")
    client.update_alias(FunctionName="f", Name="live", RoutingConfig={"AdditionalVersionWeights": {"3": 0.1}})
    used = all(
        refused(
            lambda version=version: client.delete_function(FunctionName="f", Qualifier=version),  # type: ignore[misc]
            "ResourceConflictException",
        )
        for version in ("1", "3")
    )
    client.delete_function(FunctionName="f", Qualifier="2")
    return used


@probe
def check_revisions() -> bool:
    """Right is: each change makes a new revision, and a request that gives an older one changes nothing."""
    client = make_function()
    alias = client.get_alias(FunctionName="f", Name="live")["RevisionId"]
    moved = client.update_alias(FunctionName="f", Name="live", Description="a", RevisionId=alias)
    stale_alias = refused(
        lambda: client.update_alias(FunctionName="f", Name="live", Description="b", RevisionId=alias),
        "PreconditionFailedException",
    )
    before = client.get_function_configuration(FunctionName="f")
    client.update_function_configuration(FunctionName="f", MemorySize=256)
    stale = {"FunctionName": "f", "RevisionId": before.get("RevisionId", "0")}
    code = client.get_function_configuration(FunctionName="f")["CodeSha256"]
    return (
        stale_alias
        and moved["RevisionId"] != alias
        and refused(lambda: client.update_function_code(ZipFile=b"", **stale), "PreconditionFailedException")
        and refused(lambda: client.publish_version(**stale), "PreconditionFailedException")
        and refused(
            lambda: client.publish_version(FunctionName="f", CodeSha256="x"), "InvalidParameterValueException"
        )
        and client.publish_version(FunctionName="f", CodeSha256=code)["Version"] == "2"
    )


def is_refused_again(call: Callable[[], object], code: str) -> bool:
    """Whether a call that succeeds at first is refused when it is made once more."""
    call()
    return refused(call, code)


@probe
def refuse_second_parts_of_an_api() -> bool:
    client = boto3.client("apigateway")
    api = client.create_rest_api(name="api")
    there = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    creations: list[Callable[[], object]] = [
        lambda: client.create_resource(
            restApiId=api["id"], parentId=api["rootResourceId"], pathPart="events"
        ),
        lambda: client.put_method(**there, authorizationType="NONE"),
        lambda: client.put_method_response(**there, statusCode="200"),
        lambda: client.create_model(
            restApiId=api["id"], name="Model", contentType="application/json", schema="{}"
        ),
    ]
    return all(is_refused_again(one, "ConflictException") for one in creations)


@probe
def refuse_second_permissions() -> bool:
    client = make_function()
    who = {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    client.add_permission(FunctionName="f", StatementId="same", **who)  # of the function, not of its alias
    return is_refused_again(
        lambda: client.add_permission(FunctionName="f", Qualifier="live", StatementId="same", **who),
        "ResourceConflictException",
    )


@probe
def refuse_second_mappings() -> bool:
    client, stream = make_function(), make_table()
    return is_refused_again(
        lambda: client.create_event_source_mapping(
            EventSourceArn=stream, FunctionName="f:live", StartingPosition="LATEST"
        ),
        "ResourceConflictException",
    )


def main() -> None:
    if "--fixed" in sys.argv:
        from liveinsight_cli.local import fixups

        fixups.apply(lambda *call: DELIVERED.append(call))
    answers = {}
    for name, ask in PROBES.items():
        with mock_aws():
            try:
                answers[name] = ask()
            except Exception as error:  # noqa: BLE001 (the test shows which)
                answers[name] = f"{type(error).__name__}: {error}"
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
