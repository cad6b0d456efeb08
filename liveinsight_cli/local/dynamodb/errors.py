"""The errors DynamoDB answers with; the server turns them into the wire form."""

from __future__ import annotations

from typing import Any


class DynamoDBError(Exception):
    """A refusal as a client sees it: `code` is the exception's name on the wire, `extra` goes beside the message."""

    def __init__(
        self, code: str, message: str, status: int = 400, extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.extra = extra or {}

    @property
    def wire_type(self) -> str:
        """The `__type` of the JSON error."""
        if self.code == "ValidationException":
            return "com.amazon.coral.validate#ValidationException"
        if self.code in ("SerializationException", "UnknownOperationException"):
            return f"com.amazon.coral.service#{self.code}"
        return f"com.amazonaws.dynamodb.v20120810#{self.code}"


class SchemaMismatch(DynamoDBError):
    """A request that is well formed but does not fit the table: inside a transaction a cancellation reason."""

    def __init__(self, message: str) -> None:
        super().__init__("ValidationException", message)


def validation(message: str) -> DynamoDBError:
    """The request breaks a rule that holds for every table."""
    return DynamoDBError("ValidationException", message)


def invalid_values(message: str) -> SchemaMismatch:
    """A value does not fit the table, in AWS's usual opening."""
    return SchemaMismatch(f"One or more parameter values were invalid: {message}")


def serialization(message: str) -> DynamoDBError:
    """The JSON has another shape than the API's."""
    return DynamoDBError("SerializationException", message)


def not_found(message: str = "Requested resource not found") -> DynamoDBError:
    """No such table, stream or shard."""
    return DynamoDBError("ResourceNotFoundException", message)


def condition_failed(item: dict[str, Any] | None = None) -> DynamoDBError:
    """The condition did not hold; `item` is what the request asked to see then."""
    extra = {"Item": item} if item is not None else None
    return DynamoDBError("ConditionalCheckFailedException", "The conditional request failed", extra=extra)
