"""DynamoDB on the wire: items and streams are answered by the data plane, tables by moto with the true item counts."""

import json
import uuid
import zlib
from typing import Any

from liveinsight_cli.local.dynamodb import DataPlane, DynamoDBError
from liveinsight_cli.local.http import Answer, Environ, body_of

JSON_1_0 = "application/x-amz-json-1.0"


class DynamoDBFront:
    """Answers data operations; amends what moto says of tables."""

    def __init__(self, data: DataPlane) -> None:
        self._data = data

    def answer(self, environ: Environ, operation: str) -> Answer | None:
        """Answer an operation of the data plane or the streams; None for tables, which are moto's."""
        if operation not in DataPlane.OPERATIONS:
            return None
        try:
            request = json.loads(body_of(environ) or b"{}")
        except ValueError:
            return _refusal(DynamoDBError("SerializationException", "The request is not JSON."))
        try:
            return _answer(200, self._data.handle(operation, request))
        except DynamoDBError as error:
            return _refusal(error)

    def amend(self, environ: Environ, operation: str, answer: Answer) -> Answer:
        """Follow what moto answered: drop the rows of a deleted table, put in the counts of a described one."""
        if answer.status != 200 or operation not in ("DescribeTable", "DeleteTable"):
            return answer
        body = json.loads(answer.body)
        table = body.get("Table") or body.get("TableDescription")
        if operation == "DeleteTable":
            self._data.drop(table["TableName"])
        else:
            table["ItemCount"], table["TableSizeBytes"] = self._data.item_count(table["TableName"])
        return _answer(200, body)


def _refusal(error: DynamoDBError) -> Answer:
    body = {"__type": error.wire_type, "message": error.message, **error.extra}
    if error.code == "TransactionCanceledException":
        body["Message"] = body["message"]
    return _answer(error.status, body)


def _answer(status: int, body: dict[str, Any]) -> Answer:
    content = json.dumps(body, separators=(",", ":")).encode()
    return Answer(
        status,
        content,
        (
            ("Content-Type", JSON_1_0),
            ("x-amzn-RequestId", uuid.uuid4().hex.upper()),
            ("x-amz-crc32", str(zlib.crc32(content))),
        ),
    )
