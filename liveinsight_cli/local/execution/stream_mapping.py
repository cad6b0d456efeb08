"""An event source mapping: which stream goes to which function, and how."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

FOR_EVER = -1


@dataclass(frozen=True)
class StreamMapping:
    """As deployed; -1 retries or seconds mean no limit."""

    id: str
    stream_arn: str
    function_arn: str
    starting_position: Literal["LATEST", "TRIM_HORIZON"] = "LATEST"
    batch_size: int = 100
    batching_seconds: float = 0
    filters: tuple[str, ...] = ()
    window_seconds: int = 0
    has_partial_failures: bool = False
    is_bisecting: bool = False
    max_retries: int = FOR_EVER
    max_age_seconds: int = FOR_EVER
    failure_destination: str | None = None

    @property
    def table(self) -> str:
        """The name of the table whose stream it is."""
        return self.stream_arn.split(":table/")[-1].split("/")[0]

    def window_of(self, record: dict[str, Any]) -> int:
        """The start of a record's tumbling window, epoch seconds; 0 without windows."""
        seconds = self.window_seconds
        return int(created(record) // seconds * seconds) if seconds else 0


class MappingSource(Protocol):
    """Where mappings are looked up."""

    def mappings(self) -> Iterable[StreamMapping]:
        """Those that are enabled."""


class StreamReader(Protocol):
    """Where records come from."""

    def read_stream(self, table: str, after: int, limit: int) -> list[dict[str, Any]]:
        """Records as Lambda hands them to functions, oldest first, behind a sequence number."""


def sequence(record: dict[str, Any]) -> int:
    """A record's sequence number."""
    return int(record["dynamodb"]["SequenceNumber"])


def created(record: dict[str, Any]) -> float:
    """When the change happened, epoch seconds."""
    return float(record["dynamodb"]["ApproximateCreationDateTime"])


def size(record: dict[str, Any]) -> int:
    """Bytes of the record in an event."""
    return len(json.dumps(record))
