"""The one fence around DynamoDB: lazy client, short timeouts, own exceptions.

Requests and answers are DynamoDB's own typed JSON. Whatever offers the methods of a boto3 client
(`update_item(**request)`, ...) can stand behind the fence.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

Item = dict[str, Any]

_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "InternalServerError",
        "ServiceUnavailable",
        "TransactionInProgressException",
    }
)


class StorageError(Exception):
    """DynamoDB did not do what was asked; `reason` is its error code."""

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(f"{operation}: {reason}")
        self.operation = operation
        self.reason = reason


class StorageBusy(StorageError):
    """Throttled or briefly out of order: the same call may work a moment later."""


class ConditionFailed(Exception):
    """A conditional write met another state; `item` is the one it met, when it was asked for and exists."""

    def __init__(self, item: Item | None) -> None:
        super().__init__("the item is not in the expected state")
        self.item = item


class DynamoDB:
    """A boto3-style client whose failures are the exceptions of this module."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def call(self, method: str, **request: Any) -> dict[str, Any]:
        """Make one call (`update_item`, ...)."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer: dict[str, Any] = getattr(self._client, method)(**request)
        except ClientError as error:
            raise _translated(method, error.response) from error
        except BotoCoreError as error:
            raise StorageBusy(method, type(error).__name__) from error
        return answer

    def query(self, max_pages: int = 1000, **request: Any) -> Iterator[dict[str, Any]]:
        """The answers of a Query, page by page."""
        for _ in range(max_pages):
            page = self.call("query", **request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _translated(method: str, response: Any) -> Exception:
    code = str(response.get("Error", {}).get("Code", "Unknown"))
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(response.get("Item") or None)
    if code in _BUSY:
        return StorageBusy(method, code)
    return StorageError(method, code)


@lru_cache(maxsize=1)
def default_client() -> Any:
    """The container's boto3 client."""
    import logging

    import boto3
    from botocore.config import Config

    # At a cold start botocore tells where it found credentials and endpoint: noise, paid for by the byte.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    config = Config(
        connect_timeout=1,
        read_timeout=2,
        retries={"mode": "standard", "total_max_attempts": 2},
        tcp_keepalive=True,
    )
    return boto3.client("dynamodb", config=config)


def connect_early() -> None:
    """Make the client while the container starts: done inside the first request, it is most of that one's time.

    https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html ("outside of the function handler"). Elsewhere
    handlers are imported without AWS.
    """
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        default_client()
