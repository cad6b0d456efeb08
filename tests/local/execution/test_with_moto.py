"""The adapters: what boto3 deploys into moto is what the embedded parts run."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from liveinsight_cli.local.execution.asynchronous import EventQueue
from liveinsight_cli.local.execution.deployed import Alias, Place
from liveinsight_cli.local.execution.functions import Functions
from liveinsight_cli.local.execution.gateway import Gateway
from liveinsight_cli.local.execution.invoke_api import InvokeApi
from liveinsight_cli.local.execution.moto_apigateway import MotoApis
from liveinsight_cli.local.execution.moto_events import MotoRules
from liveinsight_cli.local.execution.moto_lambda import MotoFunctions
from liveinsight_cli.local.execution.moto_streams import MotoMappings
from liveinsight_cli.local.execution.schedules import Rule, Target
from tests.local.execution.conftest import ARN, Log, Samples, zip_of

REGION = "ap-northeast-2"
ROLE = {"Version": "2012-10-17", "Statement": []}
SOURCE = """
    import os
    def handler(event, context):
        return {'v': %r, 'event': event, 'table': os.environ.get('TABLE')}
"""


@dataclass
class Deployment:
    """boto3 clients over moto, and moto's backends."""

    role: str

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=REGION)

    def backend(self, service: str) -> Any:
        from moto.backends import get_backend

        return get_backend(service)["123456789012"][REGION]  # type: ignore[call-overload]

    def deploy_demo(self) -> None:
        """Version 1 and 2 of `demo`, with the alias `live` on 1 and a quarter of it on 2."""
        client = self.client("lambda")
        client.create_function(
            FunctionName="demo", Runtime="python3.11", Role=self.role, Handler="app.handler", Timeout=7,
            MemorySize=256, Environment={"Variables": {"TABLE": "events"}}, Publish=True,
            Code={"ZipFile": zip_of({"app.py": SOURCE % "one"})},
        )  # fmt: skip
        client.update_function_code(
            FunctionName="demo", ZipFile=zip_of({"app.py": SOURCE % "two"}), Publish=True
        )
        weights = {"AdditionalVersionWeights": {"2": 0.25}}
        client.create_alias(FunctionName="demo", Name="live", FunctionVersion="1", RoutingConfig=weights)


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    from moto import mock_aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with mock_aws():
        role = boto3.client("iam", region_name=REGION).create_role(
            RoleName="r", AssumeRolePolicyDocument=json.dumps(ROLE)
        )
        yield Deployment(role["Role"]["Arn"])


@pytest.fixture
def functions(
    moto: Deployment, log: Log, samples: Samples, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Functions]:
    source = MotoFunctions(lambda: moto.backend("lambda"))
    place = Place("http://127.0.0.1:1", REGION)
    functions = Functions(source, place, log, samples, tmp_path_factory.mktemp("lambda"), choose=lambda: 0.9)
    yield functions
    functions.close()


def test_versions_aliases_and_configuration_are_read_as_deployed(moto: Deployment) -> None:
    moto.deploy_demo()
    source = MotoFunctions(lambda: moto.backend("lambda"))
    assert source.alias("demo", "live") == Alias("1", {"2": 0.25})
    found = source.version("demo", "1")
    assert found is not None
    assert (found.arn, found.handler, found.timeout_seconds, found.memory_mb) == (
        ARN + "demo",
        "app.handler",
        7,
        256,
    )
    assert found.environment == {"TABLE": "events"}
    assert found.code != source.version("demo", "2").code
    assert source.version("demo", "$LATEST").code == source.version("demo", "2").code
    assert source.version("demo", "9") is None
    assert source.version("nobody", "1") is None
    assert source.alias("demo", "nobody") is None
    assert source.reserved_concurrency("demo") is None
    moto.client("lambda").put_function_concurrency(FunctionName="demo", ReservedConcurrentExecutions=3)
    assert source.reserved_concurrency("demo") == 3
    assert source.retries("demo", "live") == 2
    moto.client("lambda").put_function_event_invoke_config(
        FunctionName="demo", Qualifier="live", MaximumRetryAttempts=0
    )
    assert source.retries("demo", "live") == 0


def invoke(api: InvokeApi, name: str, body: bytes = b"{}", query: str = "", **headers: str) -> Any:
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": f"/2015-03-31/functions/{name}/invocations",
               "QUERY_STRING": query, "wsgi.input": io.BytesIO(body), **headers}  # fmt: skip
    return api.answer(environ, "Invoke")


def test_the_invoke_operation_runs_the_version_behind_the_qualifier(
    moto: Deployment, functions: Functions
) -> None:
    moto.deploy_demo()
    api = InvokeApi(functions, EventQueue(functions))
    for name, query, value in (
        ("demo", "", "two"),
        ("demo", "Qualifier=live", "one"),
        ("demo", "Qualifier=2", "two"),
        (f"{ARN}demo:live", "", "one"),
        ("demo:1", "", "one"),
    ):
        answer = invoke(api, name, b'{"a": 1}', query, HTTP_X_AMZ_LOG_TYPE="Tail")
        assert json.loads(answer.body) == {"v": value, "event": {"a": 1}, "table": "events"}
        assert answer.header("X-Amz-Executed-Version") in ("1", "2", "$LATEST")
        assert answer.header("X-Amz-Log-Result")


def test_invoke_refuses_as_lambda_does_and_leaves_other_operations_alone(
    moto: Deployment, functions: Functions
) -> None:
    moto.deploy_demo()
    events = EventQueue(functions)
    api = InvokeApi(functions, events)
    missing = invoke(api, "nobody")
    assert (missing.status, missing.header("x-amzn-ErrorType")) == (404, "ResourceNotFoundException")
    assert invoke(api, "demo", b"{").status == 400
    assert invoke(api, "demo", HTTP_X_AMZ_INVOCATION_TYPE="DryRun").status == 204
    assert invoke(api, "nobody", HTTP_X_AMZ_INVOCATION_TYPE="Event").status == 404
    assert invoke(api, "demo", HTTP_X_AMZ_INVOCATION_TYPE="Event").status == 202
    assert (
        api.answer({"REQUEST_METHOD": "GET", "PATH_INFO": "/2015-03-31/functions/demo"}, "GetFunction")
        is None
    )
    events.close()


def test_a_deployed_rest_api_is_served(
    moto: Deployment, functions: Functions, log: Log, samples: Samples
) -> None:
    moto.deploy_demo()
    client = moto.client("apigateway")
    api_id = client.create_rest_api(name="demo", binaryMediaTypes=["image/png"])["id"]
    root = client.get_resources(restApiId=api_id)["items"][0]["id"]
    api = client.create_resource(restApiId=api_id, parentId=root, pathPart="api")["id"]
    stats = client.create_resource(restApiId=api_id, parentId=api, pathPart="stats")["id"]
    at = {"restApiId": api_id, "resourceId": stats}
    client.put_method(**at, httpMethod="GET", authorizationType="NONE")
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{ARN}demo:live/invocations"
    client.put_integration(**at, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    client.put_method(**at, httpMethod="OPTIONS", authorizationType="NONE")
    client.put_integration(
        **at, httpMethod="OPTIONS", type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'}
    )
    client.put_method_response(**at, httpMethod="OPTIONS", statusCode="200")
    client.put_integration_response(
        **at, httpMethod="OPTIONS", statusCode="200",
        responseParameters={"method.response.header.Access-Control-Allow-Origin": "'*'"},
    )  # fmt: skip
    client.put_gateway_response(
        restApiId=api_id,
        responseType="DEFAULT_5XX",
        responseParameters={"gatewayresponse.header.X-Shape": "'5xx'"},
    )
    client.put_gateway_response(
        restApiId=api_id, responseType="MISSING_AUTHENTICATION_TOKEN", statusCode="404",
        responseTemplates={"application/json": '{"code":"not_found"}'},
    )  # fmt: skip
    deployment = client.create_deployment(restApiId=api_id)["id"]
    client.create_stage(restApiId=api_id, stageName="v1", deploymentId=deployment)
    group = f"arn:aws:logs:{REGION}:123456789012:log-group:/access"
    client.update_stage(
        restApiId=api_id,
        stageName="v1",
        patchOperations=[
            {"op": "replace", "path": "/*/*/throttling/rateLimit", "value": "5"},
            {"op": "replace", "path": "/*/*/throttling/burstLimit", "value": "3"},
            {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": group},
            {"op": "replace", "path": "/accessLogSettings/format", "value": "$context.status"},
        ],
    )
    apis = MotoApis(lambda: moto.backend("apigateway"))
    settings = apis.api(api_id).stages["v1"].settings_of("/api/stats", "GET")
    assert (settings.rate, settings.burst) == (5, 3)
    gateway = Gateway(apis, functions, log, samples)

    def call(method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        seen: list[Any] = []
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": f"/{api_id}/v1{path}",
            "wsgi.input": io.BytesIO(b""),
        }
        body = b"".join(gateway(environ, lambda status, headers: seen.append((status, headers))))
        return int(seen[0][0].split()[0]), dict(seen[0][1]), body

    status, headers, _ = call("GET", "/api/stats")
    assert (status, headers["X-Shape"]) == (502, "5xx"), "the function does not answer as a proxy"
    assert call("OPTIONS", "/api/stats")[1]["Access-Control-Allow-Origin"] == "*"
    assert call("GET", "/api")[0::2] == (404, b'{"code":"not_found"}')
    gateway.close()
    access = [(group, message) for group, _, _, message in log.events if group == "/access"]
    assert access == [("/access", "502"), ("/access", "200"), ("/access", "404")]


def test_event_source_mappings_are_read_with_all_their_settings(moto: Deployment) -> None:
    moto.deploy_demo()
    table = moto.client("dynamodb").create_table(
        TableName="events", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]  # fmt: skip
    created = moto.client("lambda").create_event_source_mapping(
        FunctionName="demo", EventSourceArn=table["LatestStreamArn"], StartingPosition="TRIM_HORIZON", BatchSize=50,
        MaximumBatchingWindowInSeconds=5, TumblingWindowInSeconds=60, BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=3, FunctionResponseTypes=["ReportBatchItemFailures"],
        FilterCriteria={"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]},
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:x:1:q"}},
    )  # fmt: skip
    mappings = MotoMappings(lambda: moto.backend("lambda"))
    (found,) = mappings.mappings()
    assert found.id == created["UUID"]
    assert found.table == "events"
    assert (found.starting_position, found.batch_size, found.batching_seconds) == ("TRIM_HORIZON", 50, 5)
    assert (found.window_seconds, found.is_bisecting, found.max_retries, found.max_age_seconds) == (
        60,
        True,
        3,
        -1,
    )
    assert found.has_partial_failures
    assert found.filters == ('{"eventName":["INSERT"]}',)
    assert found.failure_destination == "arn:aws:sqs:x:1:q"
    moto.client("lambda").update_event_source_mapping(UUID=created["UUID"], Enabled=False)
    assert list(mappings.mappings()) == []


def test_scheduled_rules_are_read_while_they_are_enabled(moto: Deployment) -> None:
    client = moto.client("events")
    arn = client.put_rule(Name="sweep", ScheduleExpression="rate(5 minutes)")["RuleArn"]
    client.put_rule(Name="pattern", EventPattern='{"source": ["x"]}')
    targets = [
        {"Id": "1", "Arn": ARN + "demo:live", "Input": '{"task": "sweep"}'},
        {"Id": "2", "Arn": "arn:aws:sqs:x:1:q"},
    ]
    client.put_targets(Rule="sweep", Targets=targets)
    rules = MotoRules(lambda: moto.backend("events"))
    assert list(rules.rules()) == [
        Rule("sweep", arn, "rate(5 minutes)", (Target(ARN + "demo:live", '{"task": "sweep"}'),))
    ]
    client.disable_rule(Name="sweep")
    assert list(rules.rules()) == []
