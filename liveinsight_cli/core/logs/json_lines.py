"""Lines of functions in JSON: of Lambda's runtime, of Powertools and of loggers like it, and with embedded metrics."""

from typing import Any

from liveinsight_cli.core.logs.entries import Entry, level_named
from liveinsight_cli.core.logs.values import first_line, in_words, lines_of

_SHOWN = {"INFO": "INFO", "DEBUG": "DEBUG", "WARN": "WARN", "WARNING": "WARN", "ERROR": "ERROR"}
_FAULTS = frozenset({"errorType", "stackTrace", "exception_name", "stack_trace", "exception", "exc_info"})


def from_json(timestamp_ms: int, source: str, text: str, record: dict[str, Any]) -> Entry:
    """Return a line: its message first, what is said beside it as fields, a traceback below."""
    take = record.pop
    if take("timestamp", None) is None and isinstance(record.get("time"), str):
        del record["time"]  # CloudWatch has the time of every event
    level, message, request_id = take("level", None), take("message", None), take("requestId", None)
    if level.__class__ is not str:
        level = _text(level) or _taken(record, "log_level", "severity", "levelname") or "INFO"
    if message.__class__ is not str:
        message = _text(message) or _taken(record, "msg") or ""
    if request_id is None:
        request_id = _taken(record, "function_request_id", "aws_request_id", "lambda_request_id")
    elif request_id.__class__ is not str:
        request_id = in_words(request_id)
    message, detail = first_line(message)
    if not _FAULTS.isdisjoint(record):
        message, fault_detail = _with_fault(message, record)
        detail += fault_detail
    elif not message and "_aws" in record:
        message = "metrics"
    level = _SHOWN.get(level) or level_named(level)
    return Entry(timestamp_ms, source, "line", level, message, request_id or None, record, detail, (text,))


def _text(value: object) -> str:
    return "" if value is None else in_words(value)


def _taken(record: dict[str, Any], *names: str) -> str | None:
    """Take the first of these fields that is there out of the record."""
    for name in names:
        value = record.get(name)
        if value is not None:
            del record[name]
            return value if value.__class__ is str else in_words(value)
    return None


def _with_fault(message: str, record: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Return the message with the exception in it, and the traceback.

    The runtime writes errorType, errorMessage and the list stackTrace; Powertools exception_name, the text exception
    and, if so configured, the object stack_trace; others the text exc_info or exception.
    """
    name = _taken(record, "errorType", "exception_name")
    said = _taken(record, "errorMessage")
    trace: list[str] = []
    for key in ("stackTrace", "stack_trace", "exception", "exc_info"):
        found = record.get(key)
        if found is None or isinstance(found, bool):
            continue
        rows = _rows(record.pop(key))
        trace = trace or rows if key == "exception" and len(rows) == 1 else trace + rows
        if said is None and key in ("exception", "exc_info") and rows:
            said = rows[-1]  # a traceback ends with what was raised
    if name and said and said.startswith(f"{name}:"):
        name = None
    headline = ": ".join(part for part in (name, said) if part)
    if message and headline and headline not in message:
        headline = f"{message}: {headline}" if message != said else headline
    return headline or message, tuple(trace)


def _rows(trace: object) -> list[str]:
    if isinstance(trace, dict) and isinstance(trace.get("frames"), list):
        return [row for frame in trace["frames"] for row in _frame(frame)]
    parts = trace if isinstance(trace, list) else [trace] if trace else []
    return [row for part in parts for row in lines_of(in_words(part).rstrip("\r\n"))]


def _frame(frame: object) -> list[str]:
    if not isinstance(frame, dict):
        return [in_words(frame)]
    where = f'  File "{frame.get("file")}", line {frame.get("line")}, in {frame.get("function")}'
    return [where, f"    {in_words(frame.get('statement', ''))}"]
