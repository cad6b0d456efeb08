"""Who may speak to the AWS port."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from liveinsight_cli.local.guard import Refused, Scope, scope
from liveinsight_cli.local.process import AUTHORIZATION, HEALTH_PATH

from .conftest import Running

SIGNED = (
    "AWS4-HMAC-SHA256 Credential=test/20261123/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, "
    "Signature=" + "a" * 64
)
REGIONLESS = (
    "AWS4-ECDSA-P256-SHA256 Credential=test/20261123/cloudfront-keyvaluestore/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-region-set, Signature=" + "3045" + "a" * 138
)
PRESIGNED = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "test/20261123/eu-west-1/s3/aws4_request",
    "X-Amz-Signature": "a" * 64,
}


def request(**changes: Any) -> dict[str, Any]:
    return {"HTTP_HOST": "127.0.0.1:4750", "HTTP_AUTHORIZATION": SIGNED, **changes}


def presigned(**changes: str) -> dict[str, Any]:
    return {"HTTP_HOST": "localhost:4750", "QUERY_STRING": urlencode({**PRESIGNED, **changes})}


def test_a_signed_request_says_what_it_is_for() -> None:
    assert scope(request()) == Scope("test", "eu-west-1", "dynamodb")


def test_a_signature_for_no_region_is_one_too() -> None:
    found = scope(request(HTTP_AUTHORIZATION=REGIONLESS))
    assert found == Scope("test", "*", "cloudfront-keyvaluestore")


def test_a_presigned_request_to_s3_is_answered() -> None:
    assert scope(presigned()) == Scope("test", "eu-west-1", "s3")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:1", "bucket.localhost:4750", "[::1]:4750"])
def test_the_loopback_has_these_names(host: str) -> None:
    assert scope(request(HTTP_HOST=host))


@pytest.mark.parametrize(
    "changes",
    [
        {"HTTP_AUTHORIZATION": "Bearer abc"},
        {"HTTP_AUTHORIZATION": SIGNED.replace("a" * 64, "short")},
        {"HTTP_AUTHORIZATION": REGIONLESS.replace("a" * 138, "short")},
        {"HTTP_AUTHORIZATION": REGIONLESS.replace("P256", "P521")},
        {"HTTP_AUTHORIZATION": "AWS4-HMAC-SHA256 Credential=test"},
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "127.0.0.1.evil.example:4750"},
        {"HTTP_HOST": ""},
        {"HTTP_ORIGIN": "http://127.0.0.1:4752"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "same-site"},
    ],
)
def test_what_a_web_page_could_send_is_refused(changes: dict[str, str]) -> None:
    with pytest.raises(Refused):
        scope(request(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"X-Amz-Credential": "test/20261123/eu-west-1/iam/aws4_request"},
        {"X-Amz-Algorithm": "none"},
        {"X-Amz-Credential": "test"},
    ],
)
def test_only_s3_is_signed_in_the_query(changes: dict[str, str]) -> None:
    with pytest.raises(Refused):
        scope(presigned(**changes))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": AUTHORIZATION, "Origin": "http://127.0.0.1:4752"},
        {"Authorization": AUTHORIZATION, "Host": "evil.example"},
    ],
)
def test_the_port_answers_403_and_says_why(running: Running, headers: dict[str, str]) -> None:
    for method, path in (("GET", "/"), ("GET", HEALTH_PATH), ("OPTIONS", "/"), ("POST", "/")):
        status, body = _ask(running, method, path, headers)
        assert status == 403
        assert "__type" in body


def test_health_says_whose_it_is(running: Running) -> None:
    status, body = _ask(running, "GET", HEALTH_PATH, {"Authorization": AUTHORIZATION})
    assert status == 200
    assert body["project"] == str(running.project)


def _ask(running: Running, method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(running.server.endpoint_url).port)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
