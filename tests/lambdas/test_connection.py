"""The connection to DynamoDB: it answers as boto3 does, tries once more, and never takes damage for an answer."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from liveinsight_cli.local.http import Answer, Environ
from shared import connection as module
from shared.connection import Connection, NoAnswer, Refusal, from_environment
from shared.dynamo import ConditionFailed, DynamoDB, StorageBusy, StorageError
from tests.lambdas.served import ServedTables
from tests.lambdas.world import STATE, World

KEY = {"pk": {"S": "k"}, "sk": {"S": "s"}}


@pytest.fixture
def served(world: World) -> Iterator[ServedTables]:
    made = ServedTables(world.plane)
    yield made
    made.close()


@pytest.fixture
def connection(served: ServedTables) -> Iterator[Connection]:
    made = from_environment(served.environment())
    made._sleep = lambda seconds: None
    yield made
    made.close()


@pytest.fixture
def reference(served: ServedTables, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in served.environment().items():
        monkeypatch.setenv(name, value)
    return boto3.client("dynamodb")


CALLS: list[tuple[str, str, dict[str, Any]]] = [
    (
        "PutItem",
        "put_item",
        {"TableName": STATE, "Item": {**KEY, "n": {"N": "1"}, "t": {"S": "한글 \u2028"}}},
    ),
    ("GetItem", "get_item", {"TableName": STATE, "Key": KEY, "ConsistentRead": True}),
    (
        "UpdateItem",
        "update_item",
        {
            "TableName": STATE,
            "Key": KEY,
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnValues": "ALL_OLD",
        },
    ),
    (
        "Query",
        "query",
        {
            "TableName": STATE,
            "KeyConditionExpression": "pk = :k",
            "ExpressionAttributeValues": {":k": {"S": "k"}},
        },
    ),
    (
        "BatchWriteItem",
        "batch_write_item",
        {"RequestItems": {STATE: [{"PutRequest": {"Item": {**KEY, "pk": {"S": "other"}}}}]}},
    ),
    ("DeleteItem", "delete_item", {"TableName": STATE, "Key": KEY}),
]
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("GetItem", "get_item", {"TableName": "nobody-knows", "Key": KEY}),
    ("GetItem", "get_item", {"TableName": STATE, "Key": {"pk": {"S": "k"}}}),
    (
        "PutItem",
        "put_item",
        {"TableName": STATE, "Item": KEY, "ConditionExpression": "attribute_exists(pk)"},
    ),
]


def test_every_call_of_the_functions_is_answered_as_boto3_answers_it(
    connection: Connection, reference: Any
) -> None:
    ours = [connection.send(operation, request) for operation, _, request in CALLS]
    theirs = [getattr(reference, method)(**request) for _, method, request in CALLS]
    for answer in theirs:
        del answer["ResponseMetadata"]
    assert ours == theirs


@pytest.mark.parametrize(("operation", "method", "request_of"), REFUSED)
def test_every_refusal_has_the_code_that_boto3_sees(
    connection: Connection, reference: Any, operation: str, method: str, request_of: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as theirs:
        getattr(reference, method)(**request_of)
    with pytest.raises(Refusal) as ours:
        connection.send(operation, request_of)
    assert ours.value.code == theirs.value.response["Error"]["Code"]


def test_calls_share_one_connection(connection: Connection, served: ServedTables) -> None:
    for operation, _, request in CALLS:
        connection.send(operation, request)
    assert len(served.connections) == 1


def test_threads_do_not_share_one(connection: Connection, served: ServedTables) -> None:
    def read() -> None:
        connection.send("GetItem", {"TableName": STATE, "Key": KEY})
        connection.close()

    threads = [Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
        thread.join()
    assert len(served.connections) == 3


def test_a_connection_that_was_closed_meanwhile_costs_no_attempt(
    connection: Connection, served: ServedTables
) -> None:
    connection.send("GetItem", {"TableName": STATE, "Key": KEY})
    connection._kept.http.sock.shutdown(socket.SHUT_RDWR)
    assert connection.send("GetItem", {"TableName": STATE, "Key": KEY}) == {}
    assert served.targets == ["GetItem", "GetItem"]


def test_an_answer_that_ends_the_connection_is_an_answer(
    connection: Connection, served: ServedTables
) -> None:
    served.amend = lambda environ, answer: replace(answer, headers=(*answer.headers, ("Connection", "close")))
    for _ in range(3):
        assert connection.send("GetItem", {"TableName": STATE, "Key": KEY}) == {}


def failing(status: int, code: str, times: int) -> Any:
    left = [times]

    def amend(environ: Environ, answer: Answer) -> Answer:
        left[0] -= 1
        body = f'{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"no"}}'.encode()
        return Answer(status, body) if left[0] >= 0 else answer

    return amend


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (500, "InternalServerError"),
        (503, "ServiceUnavailable"),
        (400, "ThrottlingException"),
        (400, "ProvisionedThroughputExceededException"),
    ],
)
def test_passing_trouble_is_tried_once_more(
    connection: Connection, served: ServedTables, status: int, code: str
) -> None:
    served.amend = failing(status, code, 1)
    assert connection.send("GetItem", {"TableName": STATE, "Key": KEY}) == {}
    served.amend = failing(status, code, 2)
    with pytest.raises(StorageBusy, match=code):
        DynamoDB(connection).call("GetItem", TableName=STATE, Key=KEY)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException"])
def test_lasting_trouble_is_not_tried_again(connection: Connection, served: ServedTables, code: str) -> None:
    served.amend = failing(400, code, 9)
    with pytest.raises(StorageError, match=code):
        DynamoDB(connection).call("GetItem", TableName=STATE, Key=KEY)
    assert len(served.targets) == 1


def test_a_failed_condition_brings_the_item_it_met(connection: Connection) -> None:
    dynamodb = DynamoDB(connection)
    dynamodb.call("PutItem", TableName=STATE, Item={**KEY, "v": {"B": "AAE="}})
    with pytest.raises(ConditionFailed) as failed:
        dynamodb.call(
            "PutItem",
            TableName=STATE,
            Item=KEY,
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert failed.value.item == {**KEY, "v": {"B": "AAE="}}


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"__type":', b"[1]", b"null"])
def test_an_error_without_a_readable_body_is_named_by_its_status(
    connection: Connection, served: ServedTables, body: bytes
) -> None:
    served.amend = lambda environ, answer: Answer(502, body)
    with pytest.raises(StorageBusy, match="Http502"):
        DynamoDB(connection).call("GetItem", TableName=STATE, Key=KEY)


@pytest.mark.parametrize(
    "damaged",
    [
        lambda answer: replace(answer, body=answer.body + b" "),
        lambda answer: Answer(200, b'{"Item":'),
        lambda answer: Answer(200, b"[]"),
    ],
)
def test_a_damaged_answer_is_none(connection: Connection, served: ServedTables, damaged: Any) -> None:
    served.amend = lambda environ, answer: damaged(answer)
    with pytest.raises(StorageBusy):
        DynamoDB(connection).call("GetItem", TableName=STATE, Key=KEY)
    assert len(served.targets) == 2


def test_a_server_that_does_not_answer_in_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        connection = from_environment({**_KEYS, "AWS_ENDPOINT_URL": url})
        with pytest.raises(NoAnswer, match="TimeoutError"):
            connection.send("GetItem", {})
        connection.close()


def test_nobody_listening_is_no_answer_and_opening_early_fails_silently() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    connection = from_environment({**_KEYS, "AWS_ENDPOINT_URL": url})
    connection.open()
    with pytest.raises(NoAnswer, match="ConnectionRefusedError"):
        connection.send("GetItem", {})


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://127.0.0.1:{listening.getsockname()[1]}"
        greeter = Thread(target=_greet, args=(listening, context, 2))
        greeter.start()
        connection = from_environment({**_KEYS, "AWS_ENDPOINT_URL": url})
        with pytest.raises(NoAnswer, match="SSLCertVerificationError"):
            connection.send("GetItem", {})
        greeter.join()


def _greet(listening: socket.socket, context: ssl.SSLContext, times: int) -> None:
    for _ in range(times):
        plain, _ = listening.accept()
        with plain:
            try:
                context.wrap_socket(plain, server_side=True).close()
            except OSError:
                continue


_KEYS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "ap-northeast-2",
}


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, ("dynamodb.ap-northeast-2.amazonaws.com", None)),
        ({"AWS_REGION": "cn-north-1"}, ("dynamodb.cn-north-1.amazonaws.com.cn", None)),
        (
            {"AWS_ENDPOINT_URL": "http://a:1", "AWS_ENDPOINT_URL_DYNAMODB": "http://b:2"},
            ("b", 2),
        ),
    ],
)
def test_the_address_is_found_as_the_sdks_find_it(
    environment: dict[str, str], address: tuple[str, int | None]
) -> None:
    assert from_environment({**_KEYS, **environment})._address == address


def test_throttles_are_counted_once_told_and_also_where_another_try_had_the_capacity(
    connection: Connection, served: ServedTables
) -> None:
    def get() -> None:
        DynamoDB(connection).call("GetItem", TableName=STATE, Key=KEY)

    get()
    assert connection.take_throttles() == 0
    served.amend = failing(400, "ThrottlingException", 1)
    get()
    assert connection.take_throttles() == 1
    assert connection.take_throttles() == 0
    served.amend = failing(400, "ProvisionedThroughputExceededException", 2)
    with pytest.raises(StorageBusy):
        get()
    served.amend = failing(503, "ServiceUnavailable", 1)
    get()
    assert connection.take_throttles() == 2, "a server that is out of order is another matter"


def test_what_a_batch_leaves_over_is_a_throttle(connection: Connection, served: ServedTables) -> None:
    left = b'{"UnprocessedItems":{"%s":[{"PutRequest":{"Item":{}}}]}}' % STATE.encode()
    served.amend = lambda environ, answer: Answer(200, left)
    DynamoDB(connection).call("BatchWriteItem", RequestItems={STATE: [{"PutRequest": {"Item": KEY}}]})
    assert connection.take_throttles() == 1
