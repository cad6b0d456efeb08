"""What a log event says: the line of a function, a record of the platform, a line of the API's access log."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from liveinsight_cli.core.logs.events import LogEvent

Kind = Literal["line", "platform", "request", "access"]
LEVELS = {"TRACE": 0, "DEBUG": 1, "INFO": 2, "WARN": 3, "WARNING": 3, "ERROR": 4, "CRITICAL": 5, "FATAL": 5}
SHORT_LEVELS = {"WARNING": "WARN", "CRITICAL": "FATAL"}

# Text log format of Lambda's own records and of Python's logging there.
_TEXT_LINE = re.compile(
    r"\[(?P<level>[A-Z]+)\]\s+(?:\S+Z)?\s*(?P<request>[0-9a-f-]{36})?\s*(?P<message>.*)", re.DOTALL
)
_TEXT_PLATFORM = re.compile(r"(?P<type>START|END|REPORT) RequestId: (?P<request>\S+)|(?P<init>INIT_START) ")
_TEXT_METRIC = re.compile(r"(?P<name>[A-Z][A-Za-z ]+): (?P<value>[^\t\n]+)")
_METRIC_NAMES = {
    "Duration": "durationMs",
    "Billed Duration": "billedDurationMs",
    "Memory Size": "memorySizeMB",
    "Max Memory Used": "maxMemoryUsedMB",
    "Init Duration": "initDurationMs",
}
_KNOWN = frozenset(
    {"timestamp", "time", "level", "log_level", "message", "msg", "requestId", "function_request_id"}
)
_FAULT = frozenset(
    {"errorType", "errorMessage", "stackTrace", "exception_name", "stack_trace", "exception", "location"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of output. `detail` holds the lines below it, such as a traceback; times are epoch milliseconds."""

    timestamp_ms: int
    source: str
    kind: Kind
    level: str
    message: str
    request_id: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    detail: tuple[str, ...] = ()


def read_entry(event: LogEvent, source: str, *, is_access_log: bool) -> Entry:
    """Return what an event says; text that nobody knows is shown as it is."""
    text = event.message.rstrip()
    record = _json_object(text)
    if record is None:
        return _from_text(event, source, text)
    if is_access_log:
        return _from_access_log(event, source, record)
    if str(record.get("type", "")).startswith("platform.") and isinstance(record.get("record"), dict):
        return _from_platform(event, source, str(record["type"]).removeprefix("platform."), record["record"])
    return _from_json_line(event, source, record)


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _from_json_line(event: LogEvent, source: str, record: dict[str, Any]) -> Entry:
    level = str(record.get("level") or record.get("log_level") or "INFO").upper()
    message = str(record.get("message") or record.get("msg") or "")
    fault = record.get("errorType") or record.get("exception_name")
    detail: tuple[str, ...] = ()
    if fault:
        said = record.get("errorMessage") or record.get("exception") or ""
        headline = f"{fault}: {said}" if said else str(fault)
        message = f"{message}: {headline}" if message and message != said else headline
        detail = _lines(record.get("stackTrace") or record.get("stack_trace"))
    request = record.get("requestId") or record.get("function_request_id")
    fields = {name: value for name, value in record.items() if name not in _KNOWN | _FAULT}
    if "_aws" in fields:  # metrics in the embedded format: their values are fields, the envelope is noise
        fields.pop("_aws")
        fields.pop("FunctionName", None)  # the dimension; who wrote the line is said before it
    return Entry(
        event.timestamp_ms,
        source,
        "line",
        SHORT_LEVELS.get(level, level),
        message,
        request and str(request),
        fields,
        detail,
    )


def _lines(trace: object) -> tuple[str, ...]:
    parts = trace if isinstance(trace, list) else [trace] if trace else []
    return tuple(line for part in parts for line in str(part).rstrip("\n").split("\n"))


def _from_platform(event: LogEvent, source: str, kind: str, record: dict[str, Any]) -> Entry:
    request = record.get("requestId")
    fields = {"type": kind, "status": record.get("status"), "error_type": record.get("errorType")}
    metrics = record.get("metrics")
    if isinstance(metrics, dict):
        fields |= metrics
    return Entry(
        event.timestamp_ms, source, "platform", "INFO", f"platform.{kind}", request and str(request), fields
    )


def _from_access_log(event: LogEvent, source: str, record: dict[str, Any]) -> Entry:
    status = _number(record.get("status"))
    level = "ERROR" if status and status >= 500 else "WARN" if status and status >= 400 else "INFO"
    latency = _number(record.get("responseLatency"))
    took = f"  {latency:.0f} ms" if latency is not None else ""
    message = f"{record.get('method', '-')} {record.get('path', '-')} {record.get('status', '-')}{took}"
    reason = record.get("errorType")
    message += f"  {reason}" if reason and reason != "-" else ""
    fields = {"status": status, "latency_ms": latency}
    return Entry(
        event.timestamp_ms, source, "access", level, message, str(record.get("requestId", "")) or None, fields
    )


def _from_text(event: LogEvent, source: str, text: str) -> Entry:
    platform = _TEXT_PLATFORM.match(text)
    if platform:
        kind = {"START": "start", "END": "end", "REPORT": "report"}.get(platform["type"] or "", "initStart")
        return Entry(
            event.timestamp_ms,
            source,
            "platform",
            "INFO",
            f"platform.{kind}",
            platform["request"],
            {"type": kind, **_text_metrics(text)},
        )
    line = _TEXT_LINE.match(text)
    if line and line["level"] in LEVELS:
        first, *rest = line["message"].strip().split("\n")
        level = SHORT_LEVELS.get(line["level"], line["level"])
        return Entry(event.timestamp_ms, source, "line", level, first, line["request"], {}, tuple(rest))
    first, *rest = text.split("\n")
    level = "ERROR" if " Task timed out after " in first else "INFO"
    return Entry(event.timestamp_ms, source, "line", level, first, None, {}, tuple(rest))


def _text_metrics(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for match in _TEXT_METRIC.finditer(text):
        name, value = match["name"].strip(), match["value"].strip()
        if name in _METRIC_NAMES:
            found[_METRIC_NAMES[name]] = _number(value.split()[0])
        elif name in ("Status", "Error Type"):
            found[name.lower().replace(" ", "_")] = value
    return found


def _number(value: object) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None
