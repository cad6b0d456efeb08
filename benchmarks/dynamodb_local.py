"""What a DynamoDB request costs in this process: CPU ms an operation, the data plane on SQLite against moto's own.

Run: python benchmarks/dynamodb_local.py [items ...]   (default 1000 10000 100000)
Both answer the same requests in wire form, without HTTP or boto3. moto takes them as web requests, so the cost of
a request that does nothing is taken off its figures.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from moto.core.request import Request
from moto.dynamodb.responses import DynamoHandler

from liveinsight_cli.local.dynamodb import DataPlane
from liveinsight_cli.local.dynamodb.moto_schemas import MotoSchemas

REGION, ACCOUNT = "ap-northeast-2", "123456789012"
TABLE = "events"
PER_PARTITION = 20
BUDGET_SECONDS = 2.0
Ask = Callable[[str, dict[str, Any]], Any]
DEFINITION: dict[str, Any] = {
    "TableName": TABLE,
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "kind", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "ByKind",
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def item(number: int) -> dict[str, Any]:
    """An event of about 300 bytes; there are ten kinds, and twenty events to a partition."""
    return {
        "pk": {"S": f"session-{number // PER_PARTITION}"},
        "sk": {"N": str(1_795_000_000_000 + number)},
        "kind": {"S": f"kind-{number % 10}"},
        "page": {"S": f"/articles/{number % 500}"},
        "agent": {"S": "Mozilla/5.0 (X11; Linux x86_64) " * 5},
        "visits": {"N": "1"},
    }


def operations(items: int) -> dict[str, Callable[[int], tuple[str, dict[str, Any]]]]:
    """The measured requests, as functions of a running number."""

    def update(number: int) -> tuple[str, dict[str, Any]]:
        chosen = item(number * 7919 % items)
        return "UpdateItem", {
            "TableName": TABLE,
            "Key": {"pk": chosen["pk"], "sk": chosen["sk"]},
            "UpdateExpression": "ADD visits :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }

    def query(number: int) -> tuple[str, dict[str, Any]]:
        partition = item(number * 7919 % items)["pk"]
        return "Query", {
            "TableName": TABLE,
            "KeyConditionExpression": "pk = :p",
            "ExpressionAttributeValues": {":p": partition},
        }

    def index_query(number: int) -> tuple[str, dict[str, Any]]:
        return "Query", {
            "TableName": TABLE,
            "IndexName": "ByKind",
            "KeyConditionExpression": "kind = :k",
            "ExpressionAttributeValues": {":k": {"S": f"kind-{number % 10}"}},
            "ScanIndexForward": False,
            "Limit": 20,
        }

    return {
        "PutItem": lambda number: ("PutItem", {"TableName": TABLE, "Item": item(items + number)}),
        "UpdateItem": update,
        "Query": query,
        "Query GSI": index_query,
    }


def ask_moto(name: str, request: dict[str, Any]) -> Any:
    """moto's answer to a request."""
    credential = f"test/20261123/{REGION}/dynamodb/aws4_request"
    headers = {
        "X-Amz-Target": f"DynamoDB_20120810.{name}",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0",
    }
    headers["Content-Type"] = "application/x-amz-json-1.0"
    url = f"https://dynamodb.{REGION}.amazonaws.com/"
    web_request = Request.from_primitives("POST", url, headers, json.dumps(request).encode())
    status, _headers, body = DynamoHandler.dispatch(web_request, web_request.url, web_request.headers)
    if status != 200:
        raise RuntimeError(f"{name}: {body}")
    return json.loads(body)


def cpu_ms(ask: Ask, requests: Callable[[int], tuple[str, dict[str, Any]]]) -> float:
    """CPU ms of one request: as many as fit the budget, at least three."""
    started, count = time.process_time(), 0
    while count < 3 or (time.process_time() - started < BUDGET_SECONDS and count < 2000):
        ask(*requests(count))
        count += 1
    return (time.process_time() - started) / count * 1000


def fill(ask: Ask, items: int) -> None:
    """Loads the table in batches of 25."""
    for start in range(0, items, 25):
        writes = [{"PutRequest": {"Item": item(number)}} for number in range(start, min(start + 25, items))]
        ask("BatchWriteItem", {"RequestItems": {TABLE: writes}})


def measure(items: int) -> Iterator[tuple[str, float, float]]:
    """Operation, CPU ms here, CPU ms in moto."""
    ask_moto("CreateTable", DEFINITION)
    with tempfile.TemporaryDirectory() as directory:
        overhead = cpu_ms(ask_moto, lambda _number: ("ListTables", {"Limit": 1}))
        data = DataPlane(Path(directory) / "data.db", MotoSchemas(ACCOUNT, REGION))
        fill(data.handle, items)
        fill(ask_moto, items)
        for name, requests in operations(items).items():
            yield name, cpu_ms(data.handle, requests), cpu_ms(ask_moto, requests) - overhead
        data.close()
    ask_moto("DeleteTable", {"TableName": TABLE})


def main() -> None:
    """Prints one line for each operation and size."""
    print(f"{'items':>8}  {'operation':<10}  {'SQLite ms':>9}  {'moto ms':>9}  {'moto / SQLite':>13}")
    for items in [int(argument) for argument in sys.argv[1:]] or [1_000, 10_000, 100_000]:
        for name, ours, moto in measure(items):
            print(f"{items:>8}  {name:<10}  {ours:>9.2f}  {moto:>9.2f}  {moto / ours:>13.0f}", flush=True)


if __name__ == "__main__":
    main()
