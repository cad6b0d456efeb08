"""Where the embedded services leave their logs and their samples."""

from collections.abc import Iterable, Mapping
from typing import Protocol


class Logs(Protocol):
    """Where log events go."""

    def put(self, group: str, stream: str, events: Iterable[tuple[int, str]]) -> None:
        """Epoch milliseconds and message of each."""


class Metrics(Protocol):
    """Where samples go."""

    def put(
        self,
        namespace: str,
        name: str,
        dimensions: Mapping[str, str],
        value: float,
        unit: str = "None",
        at: float | None = None,
    ) -> None:
        """Record one value."""
