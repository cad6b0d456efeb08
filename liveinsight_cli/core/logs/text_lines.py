"""Lines in Lambda's text format: its own records, those of the runtimes' loggers, and whatever was printed."""

import re

from liveinsight_cli.core.logs.entries import LEVELS, Entry, level_named
from liveinsight_cli.core.logs.platform import platform_entry
from liveinsight_cli.core.logs.values import first_line, number_in

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PLATFORM = re.compile(
    rf"(?P<type>START|END) RequestId: (?P<request>{_ID})(?: Version: \S+)?\s*\Z"
    rf"|REPORT RequestId: (?P<reported>{_ID})\t"
    r"|(?P<init>INIT_START|INIT_REPORT|RESTORE_START|RESTORE_REPORT) "
)
_TYPES = {
    "START": "start",
    "END": "end",
    "INIT_START": "initStart",
    "INIT_REPORT": "initReport",
    "RESTORE_START": "restoreStart",
    "RESTORE_REPORT": "restoreReport",
}
_METRICS = {
    "Duration": "duration_ms",
    "Billed Duration": "billed_ms",
    "Memory Size": "memory_mb",
    "Max Memory Used": "max_memory_mb",
    "Init Duration": "init_ms",
    "Restore Duration": "restore_ms",
    "Billed Restore Duration": "billed_restore_ms",
    "Status": "outcome",
    "Error Type": "error_type",
    "XRAY TraceId": "trace",
}
# Python: `[INFO]\t2026-11-23T10:00:00.000Z\t<id>\ttext`; an uncaught error has neither time nor id.
_PYTHON = re.compile(rf"\[(?P<level>[A-Z]+)\]\s+(?:\S+Z\s+)?(?:(?P<request>{_ID})\s+)?")
# Node.js: `2026-11-23T10:00:00.000Z\t<id>\tINFO\ttext`.
_NODE = re.compile(rf"\d\S+Z\t(?:(?P<request>{_ID})|undefined)\t(?P<level>[A-Z]+)\t")
_FAULT = re.compile(
    rf"(?:\S+Z )?(?:RequestId: )?(?P<request>{_ID}) (?:Task timed out after |Error: |Process exited before )"
)
_TRACEBACK = "Traceback (most recent call last):"


def from_text(timestamp_ms: int, source: str, text: str) -> Entry:
    """Return what a text says; one that nobody knows is the message as it is."""
    platform = _PLATFORM.match(text)
    if platform:
        return _from_platform(timestamp_ms, source, text, platform)
    for pattern in (_PYTHON, _NODE):
        line = pattern.match(text)
        if line and line["level"] in LEVELS:
            message, detail = first_line(text[line.end() :])
            level = level_named(line["level"])
            return Entry(timestamp_ms, source, "line", level, message, line["request"], {}, detail, (text,))
    fault = _FAULT.match(text)
    level = "ERROR" if fault or text.startswith(_TRACEBACK) else "INFO"
    message, detail = first_line(text)
    return Entry(
        timestamp_ms, source, "line", level, message, fault and fault["request"], {}, detail, (text,)
    )


def _from_platform(timestamp_ms: int, source: str, text: str, found: re.Match[str]) -> Entry:
    if found["type"]:
        return platform_entry(timestamp_ms, source, text, _TYPES[found["type"]], found["request"], {})
    kind = _TYPES[found["init"]] if found["init"] else "report"
    fields = dict(_metric(part) for part in re.split(r"[\t\n]+", text[found.end() :]) if ": " in part)
    return platform_entry(timestamp_ms, source, text, kind, found["reported"], fields)


def _metric(part: str) -> tuple[str, object]:
    """`Billed Duration: 13 ms` is ("billed_ms", 13.0)."""
    name, _, value = part.strip().partition(": ")
    known = _METRICS.get(name)
    if known is None or known in ("outcome", "error_type", "trace"):
        return known or name.lower().replace(" ", "_"), value
    figure = number_in(value.split(" ")[0])
    return (known, figure) if figure is not None else (name, value)
