"""API Gateway's front over a deployed API, with a function that answers what the test says."""

import base64
import io
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from liveinsight_cli.local.execution.gateway import Gateway
from liveinsight_cli.local.execution.invocation import FunctionNotFound, Invocation
from liveinsight_cli.local.execution.rest_api import (
    GatewayResponse,
    Integration,
    IntegrationResponse,
    MethodSettings,
    Resource,
    RestApi,
    Stage,
)
from liveinsight_cli.local.execution.throttle import Throttle
from tests.local.execution.conftest import Log, Samples

URI = "arn:aws:apigateway:ap-northeast-2:lambda:path/2015-03-31/functions/{}/invocations"
COLLECTOR = "arn:aws:lambda:ap-northeast-2:123456789012:function:collector:live"
CORS = {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}
PREFLIGHT = Integration(
    "MOCK",
    request_templates={"application/json": '{"statusCode": 204}'},
    responses=(
        IntegrationResponse(
            204,
            parameters={
                "method.response.header.Access-Control-Allow-Origin": "'*'",
                "method.response.header.Access-Control-Allow-Methods": "'POST,OPTIONS'",
                "method.response.header.Vary-By": "method.request.header.Origin",
            },
        ),
    ),
)
WRONG_METHOD = Integration(
    "MOCK",
    request_templates={"application/json": '{"statusCode": 405}', "text/plain": '{"statusCode": 405}'},
    passthrough="WHEN_NO_TEMPLATES",
    responses=(
        IntegrationResponse(500, pattern="5\\d\\d"),
        IntegrationResponse(
            405,
            parameters={"method.response.header.Allow": "'GET'"},
            templates={"application/json": '{"path": "$context.resourcePath"}'},
        ),
    ),
)


@dataclass
class Answering:
    """A stand-in for Lambda."""

    respond: Callable[[dict[str, Any]], Any] = lambda event: {"statusCode": 200, "body": "{}"}
    error: str | None = None
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def invoke(self, name: str, qualifier: str | None, payload: bytes) -> Invocation:
        event = json.loads(payload)
        self.calls.append((name, event))
        answer = self.respond(event)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return Invocation(200, body, "1", "id", self.error)

    @property
    def event(self) -> dict[str, Any]:
        return self.calls[-1][1]


@dataclass
class OneApi:
    """The deployed API; tests change it."""

    stage: Stage = field(default_factory=lambda: Stage("v1", "dep1"))
    proxy: Integration = field(default_factory=lambda: Integration("AWS_PROXY", URI.format(COLLECTOR)))
    gateway_responses: dict[str, GatewayResponse] = field(default_factory=dict)
    binary: tuple[str, ...] = ()

    def api(self, api_id: str) -> RestApi | None:
        if api_id != "abc123":
            return None
        resources = (
            Resource("root", "/"),
            Resource("api", "/api"),
            Resource("events", "/api/events", {"POST": self.proxy, "OPTIONS": PREFLIGHT}),
            Resource("wrong", "/api/wrong", {"GET": self.proxy, "ANY": WRONG_METHOD}),
            Resource("item", "/api/{id}", {"GET": self.proxy}),
            Resource("rest", "/files/{path+}", {"ANY": self.proxy}),
        )
        return RestApi("abc123", "demo", resources, {"v1": self.stage}, self.gateway_responses, self.binary)


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    gateway: Gateway

    def __call__(
        self, method: str, path: str, body: bytes = b"", peer: str = "203.0.113.9", **headers: str
    ) -> Reply:
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query,
            "REMOTE_ADDR": peer,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "127.0.0.1:4567",
            "wsgi.input": io.BytesIO(body),
        }
        content_type = headers.pop("content_type", None)
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        if content_type:
            environ["CONTENT_TYPE"] = content_type
        seen: list[Any] = []
        parts = self.gateway(environ, lambda status, head: seen.append((status, head)))
        return Reply(int(seen[0][0].split()[0]), dict(seen[0][1]), b"".join(parts))


@pytest.fixture
def lambdas() -> Answering:
    return Answering()


@pytest.fixture
def api() -> OneApi:
    return OneApi()


@pytest.fixture
def now() -> list[float]:
    return [1000.0]


@pytest.fixture
def call(lambdas: Answering, api: OneApi, log: Log, samples: Samples, now: list[float]) -> Iterator[Client]:
    gateway = Gateway(api, lambdas, log, samples, throttle=Throttle(lambda: now[0]))
    yield Client(gateway)
    gateway.close()


def test_the_function_gets_a_proxy_event_as_aws_sends_it(call: Client, lambdas: Answering) -> None:
    reply = call(
        "POST", "/abc123/v1/api/events?site=a&tag=x&tag=%C3%A9", b'{"a":1}',
        content_type="application/json", user_agent="Firefox", origin="https://a.example",
    )  # fmt: skip
    assert (reply.status, reply.body) == (200, b"{}")
    name, event = lambdas.calls[0]
    assert name == COLLECTOR
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/api/events", "/api/events", "POST")
    assert event["headers"]["Origin"] == "https://a.example"
    assert event["multiValueHeaders"]["Content-Type"] == ["application/json"]
    assert event["queryStringParameters"] == {"site": "a", "tag": "é"}
    assert event["multiValueQueryStringParameters"] == {"site": ["a"], "tag": ["x", "é"]}
    assert (event["body"], event["isBase64Encoded"]) == ('{"a":1}', False)
    assert event["pathParameters"] is None
    assert event["stageVariables"] is None
    context = event["requestContext"]
    assert context["path"] == "/v1/api/events"
    assert (context["stage"], context["apiId"], context["resourceId"]) == ("v1", "abc123", "events")
    assert context["identity"]["sourceIp"] == "203.0.113.9"
    assert context["identity"]["userAgent"] == "Firefox"
    assert context["requestId"] == reply.headers["x-amzn-RequestId"]
    assert re.fullmatch(r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000", context["requestTime"])


def test_nothing_that_is_absent_is_an_empty_object(call: Client, lambdas: Answering) -> None:
    call("GET", "/abc123/v1/api/7")
    assert lambdas.event["queryStringParameters"] is None
    assert lambdas.event["multiValueQueryStringParameters"] is None
    assert lambdas.event["body"] is None
    assert lambdas.event["pathParameters"] == {"id": "7"}


def test_a_claimed_forwarding_address_never_becomes_the_source(call: Client, lambdas: Answering) -> None:
    call("POST", "/abc123/v1/api/events", b"{}", x_forwarded_for="1.1.1.1")
    assert lambdas.event["requestContext"]["identity"]["sourceIp"] == "203.0.113.9"
    assert lambdas.event["headers"]["X-Forwarded-For"] == "1.1.1.1, 203.0.113.9"


def test_binary_media_types_are_sent_and_returned_as_base64(
    call: Client, lambdas: Answering, api: OneApi
) -> None:
    api.binary = ("image/*",)
    lambdas.respond = lambda event: {"statusCode": 200, "body": event["body"], "isBase64Encoded": True}
    reply = call("POST", "/abc123/v1/api/events", b"\x00\xff", content_type="image/png", accept="image/png")
    assert lambdas.event["isBase64Encoded"] is True
    assert reply.body == b"\x00\xff"
    reply = call("POST", "/abc123/v1/api/events", b"\x00\xff", content_type="image/png", accept="text/html")
    assert reply.body == base64.b64encode(b"\x00\xff")


def test_the_functions_status_headers_and_cookies_reach_the_caller(call: Client, lambdas: Answering) -> None:
    lambdas.respond = lambda event: {
        "statusCode": 202,
        "headers": {"X-Number": 7, "content-type": "text/plain", "Set-Cookie": "ignored"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": "ok",
    }
    seen: list[Any] = []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": "/abc123/v1/api/events", "wsgi.input": io.BytesIO(b""),
    }  # fmt: skip
    call.gateway(environ, lambda status, headers: seen.append((status, headers)))
    status, headers = seen[0]
    assert status.startswith("202")
    assert ("X-Number", "7") in headers
    assert [value for name, value in headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert [value for name, value in headers if name.lower() == "content-type"] == ["text/plain"]


def test_headers_that_belong_to_the_gateway_are_renamed_or_dropped(call: Client, lambdas: Answering) -> None:
    headers = {"WWW-Authenticate": "Bearer", "server": "mine", "Content-Length": "999", "Retry-After": "2"}
    lambdas.respond = lambda event: {"statusCode": 401, "headers": headers, "body": "{}"}
    reply = call("POST", "/abc123/v1/api/events")
    assert reply.headers["x-amzn-Remapped-WWW-Authenticate"] == "Bearer"
    assert reply.headers["x-amzn-Remapped-server"] == "mine"
    assert reply.headers["Retry-After"] == "2"
    assert not {"WWW-Authenticate", "server", "Content-Length"} & reply.headers.keys()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "text",
        {"body": "no status"},
        {"statusCode": "teapot"},
        {"statusCode": 200, "body": {"an": "object"}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": {"b": 1}}},
        {"statusCode": 200, "multiValueHeaders": {"a": "b"}},
        b"not json",
    ],
)
def test_a_malformed_answer_is_a_502_that_tells_nothing(
    call: Client, lambdas: Answering, answer: Any
) -> None:
    lambdas.respond = lambda event: answer
    reply = call("POST", "/abc123/v1/api/events", b"{}")
    assert (reply.status, reply.json) == (502, {"message": "Internal server error"})


def test_a_failed_function_is_a_502_with_the_headers_of_the_gateway_response(
    call: Client, lambdas: Answering, api: OneApi
) -> None:
    lambdas.error = "Unhandled"
    api.gateway_responses["DEFAULT_5XX"] = GatewayResponse(parameters=CORS)
    reply = call("POST", "/abc123/v1/api/events", b"{}")
    assert reply.status == 502
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_a_function_that_cannot_be_invoked_is_a_500(call: Client, lambdas: Answering) -> None:
    def refuse(event: dict[str, Any]) -> Any:
        raise FunctionNotFound("arn:gone")

    lambdas.respond = refuse
    assert call("POST", "/abc123/v1/api/events", b"{}").status == 500


def test_an_integration_that_takes_too_long_is_a_504(call: Client, lambdas: Answering, api: OneApi) -> None:
    released = threading.Event()
    lambdas.respond = lambda event: released.wait(30)
    api.proxy = Integration("AWS_PROXY", URI.format(COLLECTOR), timeout_seconds=0.05)
    reply = call("POST", "/abc123/v1/api/events", b"{}")
    released.set()
    assert (reply.status, reply.json) == (504, {"message": "Endpoint request timed out"})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/events/x"), ("DELETE", "/api/events"), ("GET", "/")]
)
def test_an_unknown_path_or_method_is_a_missing_authentication_token(
    call: Client, method: str, path: str
) -> None:
    reply = call(method, f"/abc123/v1{path}")
    assert (reply.status, reply.json) == (403, {"message": "Missing Authentication Token"})
    assert reply.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_an_unknown_path_with_a_bearer_token_is_an_invalid_signature(call: Client, api: OneApi) -> None:
    api.gateway_responses["INVALID_SIGNATURE"] = GatewayResponse(status=404)
    reply = call("GET", "/abc123/v1/nowhere", authorization="Bearer secret")
    assert (reply.status, reply.headers["x-amzn-ErrorType"]) == (404, "IncompleteSignatureException")
    assert b"secret" not in reply.body


def test_a_gateway_response_shapes_status_body_and_headers(call: Client, api: OneApi) -> None:
    api.gateway_responses["MISSING_AUTHENTICATION_TOKEN"] = GatewayResponse(
        status=404,
        parameters={**CORS, "gatewayresponse.header.X-Origin": "method.request.header.origin"},
        templates={
            "application/json": '{"error": {"code": "not_found", "message": $context.error.messageString, '
            '"type": "$context.error.responseType", "id": "$context.requestId"}}'
        },
    )
    reply = call("GET", "/abc123/v1/nowhere", origin="https://a.example")
    assert reply.status == 404
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["X-Origin"] == "https://a.example"
    assert reply.json["error"] == {
        "code": "not_found",
        "message": "Missing Authentication Token",
        "type": "MISSING_AUTHENTICATION_TOKEN",
        "id": reply.headers["x-amzn-RequestId"],
    }


def test_a_mock_integration_answers_a_preflight_without_the_function(
    call: Client, lambdas: Answering
) -> None:
    reply = call("OPTIONS", "/abc123/v1/api/events", origin="https://a.example")
    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Methods"] == "POST,OPTIONS"
    assert reply.headers["Vary-By"] == "https://a.example"
    assert lambdas.calls == []


@pytest.mark.parametrize("media_type", [None, "application/json", "text/plain; charset=utf-8"])
def test_any_stands_for_the_methods_that_are_not_named(
    call: Client, lambdas: Answering, media_type: str | None
) -> None:
    reply = call("PATCH", "/abc123/v1/api/wrong", b"x", content_type=media_type or "")
    assert (reply.status, reply.headers["Allow"], reply.json) == (405, "GET", {"path": "/api/wrong"})
    assert call("GET", "/abc123/v1/api/wrong").status == 200
    assert len(lambdas.calls) == 1


def test_a_media_type_without_a_template_is_unsupported(call: Client) -> None:
    reply = call("PATCH", "/abc123/v1/api/wrong", b"x", content_type="image/png")
    assert (reply.status, reply.json) == (415, {"message": "Unsupported Media Type"})


def test_the_most_literal_resource_wins_and_greedy_parameters_take_the_rest(
    call: Client, lambdas: Answering
) -> None:
    call("PUT", "/abc123/v1/files/a/b%20c")
    assert lambdas.event["pathParameters"] == {"path": "a/b%20c"}
    assert lambdas.event["resource"] == "/files/{path+}"
    call("POST", "/abc123/v1/api/events")
    assert lambdas.event["resource"] == "/api/events"


def test_each_method_has_a_bucket_that_fills_at_its_rate(call: Client, api: OneApi, now: list[float]) -> None:
    limits = {"api/events/POST": MethodSettings(2, 3), "*/*": MethodSettings(1, 1)}
    api.stage = Stage("v1", settings=limits)
    api.gateway_responses["DEFAULT_4XX"] = GatewayResponse(parameters=CORS)

    def statuses(count: int) -> list[int]:
        return [call("POST", "/abc123/v1/api/events", b"{}").status for _ in range(count)]

    assert statuses(4) == [200, 200, 200, 429]
    assert call("GET", "/abc123/v1/api/7").status == 200, "another method has a bucket of its own"
    refused = call("POST", "/abc123/v1/api/events", b"{}")
    assert refused.json == {"message": "Too Many Requests"}
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    now[0] += 1
    assert statuses(3) == [200, 200, 429]
    now[0] += 100
    assert statuses(4) == [200, 200, 200, 429]


def test_a_body_over_ten_megabytes_is_too_large(call: Client, lambdas: Answering) -> None:
    assert call("POST", "/abc123/v1/api/events", b"x" * (10 << 20)).status == 200
    assert call("POST", "/abc123/v1/api/events", b"x" * ((10 << 20) + 1)).status == 413
    assert len(lambdas.calls) == 1


def test_the_access_log_is_written_in_the_stages_format(call: Client, api: OneApi, log: Log) -> None:
    line = (
        '{"id":"$context.requestId","ip":"$context.identity.sourceIp","route":"$context.resourcePath","s":$context.status,'
        '"n":$context.responseLength,"il":"$context.integrationLatency","e":"$context.error.message","u":"$context.unknown"}'
    )
    api.stage = Stage("v1", log_group="/aws/api/demo", log_format=line)
    reply = call("POST", "/abc123/v1/api/events", b"{}")
    call("GET", "/abc123/v1/nowhere")
    good, bad = (json.loads(message) for message in log.messages)
    assert good["id"] == reply.headers["x-amzn-RequestId"]
    assert (good["ip"], good["route"], good["s"], good["n"]) == ("203.0.113.9", "/api/events", 200, 2)
    assert good["il"].isdigit()
    assert (good["e"], good["u"]) == ("-", "-")
    assert (bad["s"], bad["e"], bad["route"]) == (403, "Missing Authentication Token", "-")
    assert {group for group, *_ in log.events} == {"/aws/api/demo"}


def test_metrics_are_counted_by_stage_and_in_detail_where_that_is_on(
    call: Client, api: OneApi, lambdas: Answering, samples: Samples
) -> None:
    api.stage = Stage("v1", settings={"api/events/POST": MethodSettings(has_detailed_metrics=True)})
    call("POST", "/abc123/v1/api/events", b"{}")
    lambdas.respond = lambda event: None
    call("POST", "/abc123/v1/api/events", b"{}")
    call("GET", "/abc123/v1/nowhere")
    stage = {"ApiName": "demo", "Stage": "v1"}
    assert samples.of("Count", **stage) == [1, 1, 1]
    assert samples.of("4XXError", **stage) == [0, 0, 1]
    assert samples.of("5XXError", **stage) == [0, 1, 0]
    assert len(samples.of("Latency", **stage)) == 3
    assert len(samples.of("IntegrationLatency", **stage)) == 2
    assert samples.of("5XXError", **stage, Resource="/api/events", Method="POST") == [0, 1]


@pytest.mark.parametrize("path", ["/", "/other/v1/api/events", "/abc123/v2/api/events", "/abc123"])
def test_an_api_or_stage_that_is_not_deployed_is_a_404(call: Client, path: str) -> None:
    reply = call("POST", path)
    assert reply.status == 404
    assert "The embedded AWS has no" in reply.json["message"]
