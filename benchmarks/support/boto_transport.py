"""The functions' calls through a boto3 client: what they would cost, and what they are compared with."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any


class BotoTransport:
    """Stands where the functions' own connection stands."""

    def __init__(self) -> None:
        import boto3
        from botocore.config import Config

        config = Config(
            connect_timeout=1,
            read_timeout=2,
            retries={"mode": "standard", "total_max_attempts": 2},
            tcp_keepalive=True,
        )
        self._client = boto3.client("dynamodb", config=config)

    def open(self) -> None:
        """Connect when the first call is made."""

    def send(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make a call as boto3 wants it made."""
        answer: dict[str, Any] = _with_binaries(self.method(operation)(**_with_bytes(request)))
        return answer

    def method(self, operation: str) -> Callable[..., Any]:
        """The client's method for an operation (`UpdateItem`, ...)."""
        name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
        method: Callable[..., Any] = getattr(self._client, name)
        return method


def _with_bytes(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            name: b64decode(part) if name == "B" and isinstance(part, str) else _with_bytes(part)
            for name, part in value.items()
        }
    return [_with_bytes(part) for part in value] if isinstance(value, list) else value


def _with_binaries(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_binaries(part) for name, part in value.items()}
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return [_with_binaries(part) for part in value] if isinstance(value, list) else value
