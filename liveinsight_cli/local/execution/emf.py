"""Metrics embedded in log lines (CloudWatch's embedded metric format)."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple


class EmbeddedSample(NamedTuple):
    """One value to record; `at` in epoch seconds."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    value: float
    unit: str
    at: float


def embedded_samples(message: str) -> Iterator[EmbeddedSample]:
    """The samples a log message carries; none when it is not in the format."""
    if '"_aws"' not in message:
        return
    try:
        document = json.loads(message)
        metadata = document["_aws"]
        at = float(metadata["Timestamp"]) / 1000
        directives = list(metadata["CloudWatchMetrics"])
    except (ValueError, TypeError, KeyError):
        return
    for directive in directives:
        yield from _samples(document, directive, at)


def _samples(document: dict[str, Any], directive: dict[str, Any], at: float) -> Iterator[EmbeddedSample]:
    for names in directive.get("Dimensions") or [[]]:
        dimensions = {name: str(document[name]) for name in names if name in document}
        for metric in directive.get("Metrics", []):
            value = document.get(metric["Name"])
            for number in value if isinstance(value, list) else [value]:
                if isinstance(number, int | float) and not isinstance(number, bool):
                    yield EmbeddedSample(
                        directive["Namespace"],
                        metric["Name"],
                        dimensions,
                        number,
                        metric.get("Unit", "None"),
                        at,
                    )
