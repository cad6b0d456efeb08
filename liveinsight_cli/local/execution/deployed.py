"""What was deployed: a version of a function and the aliases that name one. Read by everything that executes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

LogFormat = Literal["Text", "JSON"]


@dataclass(frozen=True)
class Logging:
    """Where and how a function logs; the levels count for JSON only."""

    group: str
    format: LogFormat = "Text"
    application_level: str = "INFO"
    system_level: str = "INFO"


@dataclass(frozen=True)
class Deployed:
    """One version of a function: its code (a zip) and its configuration."""

    name: str
    version: str
    arn: str
    handler: str
    code: bytes = field(repr=False)
    code_digest: str
    logging: Logging
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    runtime: str = "python3.11"
    memory_mb: int = 128
    timeout_seconds: float = 3


@dataclass(frozen=True)
class Alias:
    """A name for a version; `additional` are other versions and their share of the invocations (0..1)."""

    version: str
    additional: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """The account that the embedded AWS stands for, and where it answers."""

    endpoint_url: str
    region: str = "ap-northeast-2"
    account_id: str = "123456789012"
    access_key: str = "test"
    secret_key: str = "test"  # noqa: S105 (a dummy: nothing checks it)


class FunctionSource(Protocol):
    """Where deployed functions are looked up at each invocation."""

    def version(self, name: str, version: str) -> Deployed | None:
        """A version by its number or $LATEST."""

    def alias(self, name: str, alias: str) -> Alias | None:
        """An alias."""

    def reserved_concurrency(self, name: str) -> int | None:
        """How many may run at once, None when nothing is reserved."""


def split_name(name_or_arn: str) -> tuple[str, str | None]:
    """Function name and qualifier of `name`, `name:qualifier`, a partial or a full ARN."""
    parts = name_or_arn.split(":")
    if "function" in parts:
        parts = parts[parts.index("function") + 1 :]
    return parts[0], parts[1] if len(parts) > 1 else None
