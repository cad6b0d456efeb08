"""Values of fields: how they compare, how they are shown, and the fields that an event has."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

Value = str | float | int | bool | None

_REPORT = re.compile(r"^(START|END|REPORT) RequestId: (\S+)")
_MEASURES = re.compile(
    r"(?:^|\t)(Billed Duration|Init Duration|Duration|Memory Size|Max Memory Used): ([\d.]+) (?:ms|MB)"
)
_LAMBDA_NAMES = {
    "Duration": "@duration",
    "Billed Duration": "@billedDuration",
    "Init Duration": "@initDuration",
    "Memory Size": "@memorySize",
    "Max Memory Used": "@maxMemoryUsed",
}
_MEGABYTE = 1_000_000  # the memory fields are in bytes


@dataclass
class Row:
    """A line of the result on its way: an event's own fields below those that commands have made."""

    made: dict[str, Value] = field(default_factory=dict)

    def get(self, name: str) -> Value:
        """The value of a field, None where there is none."""
        return self.made.get(name)


@dataclass
class EventRow(Row):
    """An event of a log group; `at` and `ingested` are epoch milliseconds."""

    log: str = ""
    stream: str = ""
    at: int = 0
    ingested: int = 0
    message: str = ""
    pointer: str = ""

    def get(self, name: str) -> Value:
        """A field that was made, one that every event has, one of Lambda's, or one of the event's JSON."""
        if name in self.made:
            return self.made[name]
        if name.startswith("@"):
            return self._own.get(name)
        return _inside(self._json, name)

    @cached_property
    def _own(self) -> Mapping[str, Value]:
        own: dict[str, Value] = {
            "@timestamp": self.at,
            "@ingestionTime": self.ingested,
            "@message": self.message,
            "@log": self.log,
            "@logStream": self.stream,
            "@ptr": self.pointer,
        }
        return own | _of_lambda(self.message)

    @cached_property
    def _json(self) -> Any:
        """The first JSON object in the event."""
        start = self.message.find("{")
        if start < 0:
            return None
        try:
            return json.JSONDecoder().raw_decode(self.message, start)[0]
        except ValueError:
            return None


def _of_lambda(message: str) -> dict[str, Value]:
    """The fields of Lambda's own lines, where they are text; as JSON they are fields like others."""
    found = _REPORT.match(message)
    if found is None:
        return {}
    fields: dict[str, Value] = {"@type": found[1], "@requestId": found[2]}
    for name, value in _MEASURES.findall(message):
        scale = _MEGABYTE if "Memory" in name else 1
        fields[_LAMBDA_NAMES[name]] = float(value) * scale
    return fields


def _inside(value: Any, path: str) -> Value:
    """The value at `a.b.0` in nested objects and lists; a key may itself have dots."""
    if isinstance(value, list):
        value = {str(number): one for number, one in enumerate(value)}
    if not isinstance(value, dict):
        return None
    if path in value:
        found = value[path]
        return json.dumps(found) if isinstance(found, (dict, list)) else found
    for index, char in enumerate(path):
        if char == "." and path[:index] in value:
            found = _inside(value[path[:index]], path[index + 1 :])
            if found is not None:
                return found
    return None


def number(value: Value) -> float | None:
    """The value as a number, if it is one or reads like one."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value) if value else None
    except ValueError:
        return None


def text(value: Value) -> str:
    """The value as it is shown."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def moment(milliseconds: float) -> str:
    """A time as Insights shows it: UTC, with milliseconds."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def order(value: Value) -> tuple[int, float, str]:
    """A sort key: numbers by their size, before texts."""
    as_number = number(value)
    return (1, 0.0, text(value)) if as_number is None else (0, as_number, "")


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same, as numbers where both are."""
    one, other = number(left), number(right)
    return one == other if one is not None and other is not None else text(left) == text(right)
