"""CloudFront in front of an API: the stack's own function runs, policies decide what passes, answers come back."""

import gzip
import http.client
import itertools
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from liveinsight_cli.adapters.aws import Aws
from liveinsight_cli.local.cloudfront.runtime import FunctionFailed, run
from tests.conftest import REPOSITORY

from .conftest import Running

CODE = (REPOSITORY / "terraform" / "edge_function.js").read_text(encoding="utf-8")
SECRET, ADDRESS, COUNTRY = (
    "x-liveinsight-origin-secret",
    "x-liveinsight-viewer-address",
    "x-liveinsight-viewer-country",
)
SPOOFED = {name: {"value": "made up"} for name in (SECRET, ADDRESS, COUNTRY)}
KVS = "cloudfront-keyvaluestore"


def event(ip: str = "198.51.100.7", **headers: dict[str, Any]) -> dict[str, Any]:
    request = {"method": "POST", "uri": "/api/events", "querystring": {}, "headers": headers, "cookies": {}}
    return {"version": "1.0", "context": {}, "viewer": {"ip": ip}, "request": request}


def headers_after(given: dict[str, Any], pairs: dict[str, str]) -> dict[str, str]:
    made = run(CODE, given, {"store": pairs})
    return {name: held["value"] for name, held in made["headers"].items()}


# The function by itself.


@pytest.mark.parametrize("ip", ["198.51.100.7", "2001:db8::7"])
def test_the_function_says_who_the_viewer_is_and_proves_it(ip: str) -> None:
    given = event(ip, **{"cloudfront-viewer-country": {"value": "KR"}, "user-agent": {"value": "x"}})
    assert headers_after(given, {"origin-secret": "s3cret"}) == {
        "cloudfront-viewer-country": "KR",
        "user-agent": "x",
        SECRET: "s3cret",
        ADDRESS: ip,
        COUNTRY: "KR",
    }


def test_what_a_viewer_sends_under_the_same_names_is_replaced() -> None:
    many = {"value": "1.1.1.1", "multiValue": [{"value": "1.1.1.1"}, {"value": "2.2.2.2"}]}
    given = event(**{**SPOOFED, ADDRESS: many})
    made = run(CODE, given, {"store": {"origin-secret": "s3cret"}})
    assert made["headers"] == {SECRET: {"value": "s3cret"}, ADDRESS: {"value": "198.51.100.7"}}


def test_without_the_secret_nothing_is_claimed() -> None:
    assert headers_after(event(**SPOOFED), {}) == {}


@pytest.mark.parametrize(
    "code",
    [
        "async function handler(event) { throw new Error('no'); }",
        "async function handler(event) { for (;;) await null; }",
        "async function handler(event) { await new Promise(() => {}); }",
        "function handler(event) { return 'nothing'; }",
        "function other(event) { return event.request; }",
        "function handler(event) {",
        "import fs from 'fs';\nfunction handler(event) { return event.request; }",
    ],
)
def test_a_function_that_fails_is_said_to_fail(code: str) -> None:
    with pytest.raises(FunctionFailed):
        run(code, event(), {})


# Behind the ports of the embedded AWS.


@pytest.fixture(scope="module")
def origin() -> Iterator[int]:
    """An HTTP server that answers with the request it got."""

    numbers = itertools.count()

    class Echo(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen = {"method": self.command, "path": self.path, "headers": headers, "body": body}
            content = json.dumps(seen | {"number": next(numbers), "more": "x" * 1000}).encode()
            self.send_response(418 if "teapot" in self.path else 200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Access-Control-Allow-Origin", "https://shop.example")
            if "kept" in self.path:
                self.send_header("Content-Type", "application/json")
                self.send_header("Cache-Control", "s-maxage=60, must-revalidate")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_OPTIONS = do_DELETE = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def store(running: Running) -> str:
    made = running.client("cloudfront").create_key_value_store(Name="edge", Comment="one")
    return str(made["KeyValueStore"]["ARN"])


@pytest.fixture(scope="module")
def data(running: Running) -> Aws:
    """The command line's own way to the pairs: boto3 cannot sign for them by itself."""
    return Aws(running.server.region, endpoint_url=running.server.endpoint_url)


@pytest.fixture(scope="module")
def port(running: Running, origin: int, store: str, data: Aws) -> int:
    """A distribution with the stack's function before an API."""
    cloudfront = running.client("cloudfront")
    etag = data.call(KVS, "describe_key_value_store", KvsARN=store)["ETag"]
    data.call(KVS, "put_key", KvsARN=store, Key="origin-secret", Value="s3cret", IfMatch=etag)
    function = cloudfront.create_function(
        Name="viewer",
        FunctionConfig={
            "Comment": "",
            "Runtime": "cloudfront-js-2.0",
            "KeyValueStoreAssociations": {"Quantity": 1, "Items": [{"KeyValueStoreARN": store}]},
        },
        FunctionCode=CODE.encode(),
    )
    cloudfront.publish_function(Name="viewer", IfMatch=function["ETag"])
    policies = [cache_policy("api", 1, "Authorization"), cache_policy("reads", 60, "Authorization", "Origin")]
    api, reads = (
        cloudfront.create_cache_policy(CachePolicyConfig=policy)["CachePolicy"]["Id"] for policy in policies
    )
    config = distribution(origin, api, reads, function["FunctionSummary"]["FunctionMetadata"]["FunctionARN"])
    made = cloudfront.create_distribution(DistributionConfig=config)["Distribution"]
    return int(made["DomainName"].rpartition(":")[2])


def test_the_origin_hears_whose_request_it_is(port: int) -> None:
    sent = {"User-Agent": "Browser", "Authorization": "Bearer t", "Cookie": "a=1; b=2", ADDRESS: "1.1.1.1"}
    status, headers, seen = ask(port, "POST", "/api/events?x=%2F&y", b'{"a": 1}', sent, source="127.0.0.9")
    assert (status, seen["method"], seen["path"]) == (200, "POST", "/v1/api/events?x=%2F&y")
    assert seen["body"] == '{"a": 1}'
    passed = seen["headers"]
    assert (passed[SECRET], passed[ADDRESS]) == ("s3cret", "127.0.0.9")
    assert (passed["user-agent"], passed["authorization"], passed["cookie"]) == (
        "Browser",
        "Bearer t",
        "a=1; b=2",
    )
    assert not passed["host"].endswith(f":{port}"), "API Gateway knows its own name only"
    assert passed["x-forwarded-for"] == "127.0.0.9"
    assert headers["access-control-allow-origin"] == "https://shop.example"


@pytest.mark.parametrize("method", ["OPTIONS", "DELETE", "HEAD"])
def test_every_method_of_the_behaviour_passes(port: int, method: str) -> None:
    assert ask(port, method, "/api/events")[0] == 200


def test_an_answer_comes_back_as_it_is(port: int) -> None:
    status, _, seen = ask(port, "GET", "/api/teapot")
    assert (status, seen["path"]) == (418, "/v1/api/teapot")


def test_a_behaviour_without_policies_passes_nothing_on(port: int) -> None:
    status, _, seen = ask(
        port,
        "GET",
        "/bare/x?q=1",
        headers={"Authorization": "Bearer t", "User-Agent": "Browser", "Cookie": "a=1"},
    )
    assert (status, seen["path"]) == (200, "/v1/bare/x")
    assert seen["headers"]["user-agent"] == "Amazon CloudFront"
    assert not {"authorization", "cookie", SECRET} & seen["headers"].keys()
    assert ask(port, "POST", "/bare/x")[0] == 403, "only GET and HEAD unless the behaviour says so"


def test_a_token_shares_an_answer_and_nothing_else_reaches_the_origin(port: int) -> None:
    def number(path: str = "/reads/kept?range=24h", method: str = "GET", **headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return int(ask(port, method, path, headers={"Authorization": "Bearer t"} | given)[2]["number"])

    sent = {
        "Authorization": "Bearer t",
        "User-Agent": "Browser",
        "Cookie": "a=1",
        "Accept-Encoding": "gzip, br",
    }
    _, first, _ = ask(port, "GET", "/reads/kept?range=24h", headers=sent | {"Accept-Encoding": "identity"})
    status, headers, seen = ask(port, "GET", "/reads/kept?range=24h", headers={"Authorization": "Bearer t"})
    assert (first["x-cache"], headers["x-cache"]) == ("Miss from cloudfront", "Hit from cloudfront")
    assert (status, int(headers["age"]) < 60, first.get("age")) == (200, True, None)
    assert seen["headers"].keys().isdisjoint({"cookie", SECRET})
    assert (seen["headers"]["authorization"], seen["headers"]["user-agent"]) == (
        "Bearer t",
        "Amazon CloudFront",
    )
    mine = seen["number"]
    assert number() == number(User_Agent="another", Cookie="a=2") == mine
    assert mine not in (
        number(Authorization="Bearer other"),
        number("/reads/kept?range=7d"),
        number(Origin="https://shop.example"),
    )
    assert number(method="POST") != number(method="POST"), "what is not GET or HEAD is never kept"
    assert number("/reads/other") != number("/reads/other"), "the origin says nothing of keeping"
    assert ask(port, "HEAD", "/reads/kept?range=24h", headers={"Authorization": "Bearer t"})[1][
        "x-cache"
    ] == ("Hit from cloudfront")


def test_answers_of_an_api_are_compressed_for_those_who_take_it(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/reads/kept", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert json.loads(gzip.decompress(content))["headers"]["accept-encoding"] == "gzip"


def test_an_origin_that_is_not_there_is_a_502(port: int) -> None:
    assert ask(port, "GET", "/gone/x")[0] == 502


def test_a_function_that_fails_is_a_503_and_one_may_answer_itself(running: Running, port: int) -> None:
    cloudfront = running.client("cloudfront")

    def publish(code: str) -> None:
        read = cloudfront.describe_function(Name="viewer")
        written = cloudfront.update_function(
            Name="viewer",
            IfMatch=read["ETag"],
            FunctionConfig=read["FunctionSummary"]["FunctionConfig"],
            FunctionCode=code.encode(),
        )
        cloudfront.publish_function(Name="viewer", IfMatch=written["ETag"])

    try:
        publish("function handler(event) { throw new Error('broken'); }")
        assert ask(port, "GET", "/api/stats")[0] == 503
        publish(
            "function handler(event) { return { statusCode: 302, headers: { location: { value: '/' } } }; }"
        )
        status, headers, _ = ask(port, "GET", "/api/stats")
        assert (status, headers["location"]) == (302, "/")
    finally:
        publish(CODE)


# Key value stores.


def test_a_store_reads_back_changes_and_goes_when_no_function_uses_it(running: Running) -> None:
    cloudfront = running.client("cloudfront")
    made = cloudfront.create_key_value_store(Name="other", Comment="one")
    assert made["KeyValueStore"]["Status"] == "READY"
    assert refused(lambda: cloudfront.create_key_value_store(Name="other")) == "EntityAlreadyExists"
    changed = cloudfront.update_key_value_store(Name="other", Comment="two", IfMatch=made["ETag"])
    read = cloudfront.describe_key_value_store(Name="other")
    assert (read["KeyValueStore"]["Comment"], read["ETag"]) == ("two", changed["ETag"])
    assert read["KeyValueStore"]["ARN"] == made["KeyValueStore"]["ARN"]
    assert (
        refused(lambda: cloudfront.delete_key_value_store(Name="other", IfMatch=made["ETag"]))
        == "PreconditionFailed"
    )
    listed = cloudfront.list_key_value_stores()["KeyValueStoreList"]["Items"]
    assert "other" in [one["Name"] for one in listed]
    cloudfront.delete_key_value_store(Name="other", IfMatch=changed["ETag"])
    assert refused(lambda: cloudfront.describe_key_value_store(Name="other")) == "EntityNotFound"


def test_a_store_that_a_function_uses_cannot_go(running: Running, port: int) -> None:
    cloudfront = running.client("cloudfront")
    etag = cloudfront.describe_key_value_store(Name="edge")["ETag"]
    assert (
        refused(lambda: cloudfront.delete_key_value_store(Name="edge", IfMatch=etag))
        == "CannotDeleteEntityWhileInUse"
    )


def test_pairs_are_written_against_the_newest_etag(running: Running, data: Aws) -> None:
    made = running.client("cloudfront").create_key_value_store(Name="pairs")
    arn = made["KeyValueStore"]["ARN"]
    first = data.call(KVS, "describe_key_value_store", KvsARN=arn)
    assert (first["ItemCount"], first["KvsARN"], first["Status"]) == (0, arn, "READY")
    pairs = [{"Key": "a", "Value": "1"}, {"Key": "b/c d", "Value": "2"}, {"Key": "e", "Value": "3"}]
    second = data.call(KVS, "update_keys", KvsARN=arn, IfMatch=first["ETag"], Puts=pairs)
    assert (second["ItemCount"], second["TotalSizeInBytes"]) == (3, 10)
    got = data.call(KVS, "get_key", KvsARN=arn, Key="b/c d")
    assert (got["Key"], got["Value"]) == ("b/c d", "2")
    page = data.call(KVS, "list_keys", KvsARN=arn, MaxResults=2)
    rest = data.call(KVS, "list_keys", KvsARN=arn, NextToken=page["NextToken"])
    assert page["Items"] + rest["Items"] == pairs
    assert "NextToken" not in rest
    put = {"KvsARN": arn, "Key": "a"}
    assert code_of(data, "put_key", **put, Value="9", IfMatch=first["ETag"]) == "ConflictException"
    third = data.call(KVS, "delete_key", **put, IfMatch=second["ETag"])
    assert code_of(data, "get_key", **put) == "ResourceNotFoundException"
    assert code_of(data, "put_key", **put, Value="x" * 1025, IfMatch=third["ETag"]) == "ValidationException"
    assert code_of(data, "delete_key", **put, IfMatch=third["ETag"]) == "ResourceNotFoundException"


def test_an_unknown_store_is_not_found(store: str, data: Aws) -> None:
    unknown = store.rpartition("/")[0] + "/00000000-0000-0000-0000-000000000000"
    assert code_of(data, "describe_key_value_store", KvsARN=unknown) == "ResourceNotFoundException"


def ask(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    source: str = "127.0.0.1",
) -> tuple[int, dict[str, str], dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, source_address=(source, 0))
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        content = answer.read()
        seen = json.loads(content) if content[:1] == b"{" else {}
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, seen
    finally:
        connection.close()


def code_of(data: Aws, operation: str, **asked: Any) -> str:
    from liveinsight_cli.adapters.aws import AwsError

    with pytest.raises(AwsError) as caught:
        data.call(KVS, operation, **asked)
    return caught.value.aws_code


def refused(call: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def cache_policy(name: str, most: int, *headers: str) -> dict[str, Any]:
    return {
        "Name": name,
        "MinTTL": 0,
        "DefaultTTL": 0,
        "MaxTTL": most,
        "ParametersInCacheKeyAndForwardedToOrigin": {
            "EnableAcceptEncodingGzip": True,
            "HeadersConfig": {
                "HeaderBehavior": "whitelist",
                "Headers": {"Quantity": len(headers), "Items": list(headers)},
            },
            "CookiesConfig": {"CookieBehavior": "none"},
            "QueryStringsConfig": {"QueryStringBehavior": "all"},
        },
    }


def distribution(origin: int, cache_policy: str, reads_policy: str, function: str) -> dict[str, Any]:
    methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    every_method = {"Quantity": len(methods), "Items": methods}
    bare = {"TargetOriginId": "api", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "none"}
    api = {
        **bare,
        "PathPattern": "/api/*",
        "AllowedMethods": every_method,
        "CachePolicyId": cache_policy,
        "OriginRequestPolicyId": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
        "FunctionAssociations": {
            "Quantity": 1,
            "Items": [{"EventType": "viewer-request", "FunctionARN": function}],
        },
    }
    reads = {
        **bare,
        "PathPattern": "/reads/*",
        "AllowedMethods": every_method,
        "CachePolicyId": reads_policy,
        "Compress": True,
    }
    gone = {**bare, "PathPattern": "/gone/*", "TargetOriginId": "gone"}
    return {
        "CallerReference": "api",
        "Comment": "",
        "Enabled": True,
        "Origins": {"Quantity": 2, "Items": [custom("api", origin), custom("gone", 1)]},
        "DefaultCacheBehavior": bare,
        "CacheBehaviors": {"Quantity": 3, "Items": [api, reads, gone]},
    }


def custom(name: str, port: int) -> dict[str, Any]:
    return {
        "Id": name,
        "DomainName": "127.0.0.1",
        "OriginPath": "/v1",
        "CustomOriginConfig": {
            "HTTPPort": port,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "http-only",
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
        },
    }
