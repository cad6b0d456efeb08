"""The one fence around DynamoDB: what goes wrong behind it comes out as an exception of this module.

Requests and answers are DynamoDB's own JSON, binaries in base64. Whatever has a `send(operation, request)` that raises
Refusal or NoAnswer can stand behind the fence.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Protocol

from shared.connection import Connection, NoAnswer, Refusal, from_environment

Item = dict[str, Any]


class Transport(Protocol):
    """What makes the calls."""

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call; raises Refusal or NoAnswer."""
        ...


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
    """Calls whose failures are the exceptions of this module."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def call(self, operation: str, **request: Any) -> dict[str, Any]:
        """Make one call (`UpdateItem`, ...)."""
        try:
            return self._transport.send(operation, request)
        except Refusal as refusal:
            if refusal.code == "ConditionalCheckFailedException":
                raise ConditionFailed(refusal.answer.get("Item") or None) from refusal
            error = StorageBusy if refusal.is_passing else StorageError
            raise error(operation, refusal.code) from refusal
        except NoAnswer as silence:
            raise StorageBusy(operation, str(silence)) from silence

    def query(self, max_pages: int = 1000, **request: Any) -> Iterator[dict[str, Any]]:
        """The answers of a Query, page by page."""
        for _ in range(max_pages):
            page = self.call("Query", **request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


@lru_cache(maxsize=1)
def default_connection() -> Connection:
    """The container's connection."""
    return from_environment(os.environ)


def take_throttles() -> int:
    """How often the container's calls were throttled since this was last asked."""
    return default_connection().take_throttles() if default_connection.cache_info().currsize else 0


def connect_early() -> None:
    """Connect while the container starts: done inside the first request, it is most of that one's time.

    https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html ("outside of the function handler"). Elsewhere
    handlers are imported without AWS.
    """
    if "AWS_LAMBDA_RUNTIME_API" in os.environ:
        default_connection().open()
