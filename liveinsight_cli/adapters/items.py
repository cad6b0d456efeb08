"""Items of DynamoDB's tables, many at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from liveinsight_cli.adapters.aws import Aws

KEYS_A_CALL = 25  # the most that BatchWriteItem takes


def delete_items(aws: Aws, table: str, keys: Sequence[dict[str, Any]]) -> None:
    """Delete the items with these keys; those that are not there are no error."""
    batches = [keys[start : start + KEYS_A_CALL] for start in range(0, len(keys), KEYS_A_CALL)]
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda batch: _delete(aws, table, batch), batches):
            pass


def _delete(aws: Aws, table: str, keys: Sequence[dict[str, Any]]) -> None:
    left: dict[str, Any] = {table: [{"DeleteRequest": {"Key": key}} for key in keys]}
    while left:
        answer = aws.call("dynamodb", "batch_write_item", RequestItems=left)
        left = answer.get("UnprocessedItems") or {}
