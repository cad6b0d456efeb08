"""Lambda's own records in JSON format: https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html."""

from typing import Any

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.values import in_words, number

STARTED = "started, no report so far"
ENDED = "ended, no report so far"
_METRICS = {
    "durationMs": "duration_ms",
    "billedDurationMs": "billed_ms",
    "memorySizeMB": "memory_mb",
    "maxMemoryUsedMB": "max_memory_mb",
    "initDurationMs": "init_ms",
    "restoreDurationMs": "restore_ms",
    "billedRestoreDurationMs": "billed_restore_ms",
}
_WORDS = {
    "start": STARTED,
    "end": ENDED,
    "runtimeDone": ENDED,
    "report": "done",
    "initStart": "container starting",
    "initRuntimeDone": "runtime ready",
    "initReport": "container ready",
    "restoreStart": "snapshot being restored",
    "restoreRuntimeDone": "runtime ready",
    "restoreReport": "snapshot restored",
    "extension": "extension",
    "telemetrySubscription": "telemetry subscription",
    "logsDropped": "log lines lost",
    "fault": "fault",
}
_LEVELS = {"logsDropped": "WARN", "fault": "ERROR"}


def from_platform(timestamp_ms: int, source: str, text: str, line: dict[str, Any]) -> Entry:
    """Return a record; of a type that nobody knows the name and all values."""
    kind = in_words(line["type"])[9:]  # after `platform.`
    record = line.get("record")
    if not isinstance(record, dict):  # a fault is a sentence
        message = f"{_WORDS.get(kind, f'platform.{kind}')}: {in_words(record)}"
        return platform_entry(timestamp_ms, source, text, kind, None, {}, message)
    if kind == "report" and len(record) == 3:
        usual = _usual(record)
        if usual:
            return Entry(
                timestamp_ms, source, "platform", "INFO", "done", record["requestId"], usual, (), (text,)
            )
    take = record.pop
    request_id, metrics = take("requestId", None), take("metrics", None)
    status, error_type, tracing = take("status", None), take("errorType", None), take("tracing", None)
    fields: dict[str, Any] = {}
    if isinstance(metrics, dict):
        for name, value in metrics.items():
            known = _METRICS.get(name)
            fields[known if known and number(value) is not None else name] = value
    elif metrics is not None:
        fields["metrics"] = metrics
    if status is not None:
        fields["outcome"] = in_words(status)
    if error_type is not None:
        fields["error_type"] = in_words(error_type)
    if tracing is not None:
        fields["trace"] = _trace(tracing)
    if record:
        fields |= record
    request_id = in_words(request_id) if request_id else None
    return platform_entry(timestamp_ms, source, text, kind, request_id, fields)


def _usual(record: dict[str, Any]) -> dict[str, Any] | None:
    """Return the fields of a report of the commonest form, sooner than what takes care of all others."""
    metrics = record.get("metrics")
    if (
        record.get("status") != "success"
        or metrics.__class__ is not dict
        or record.get("requestId").__class__ is not str
    ):
        return None
    fields: dict[str, Any] = {"type": "report", "outcome": "success"}
    for name, value in metrics.items():
        if (
            name not in _METRICS
            or (value.__class__ is not int and value.__class__ is not float)
            or not 0 <= value < 1e9
        ):
            return None
        fields[_METRICS[name]] = value
    return fields


def platform_entry(
    timestamp_ms: int,
    source: str,
    text: str,
    kind: str,
    request_id: str | None,
    fields: dict[str, Any],
    message: str | None = None,
) -> Entry:
    """Return the entry of a record of Lambda's. Its field `outcome` says how it went, `error_type` why not."""
    failed = fields.get("outcome", "success") != "success"
    level = "ERROR" if failed else _LEVELS.get(kind, "INFO")
    if message is None:
        message = _failed(kind, fields) if failed else _WORDS.get(kind, f"platform.{kind}")
    fields["type"] = kind
    return Entry(timestamp_ms, source, "platform", level, message, request_id, fields, (), (text,))


def _failed(kind: str, fields: dict[str, Any]) -> str:
    what = {"init": "init ", "rest": "restore "}.get(kind[:4], "")
    return f"{what}failed: {fields.get('error_type') or fields['outcome']}"


def _trace(tracing: object) -> str:
    """Return X-Ray's trace id out of `{"type": "X-Amzn-Trace-Id", "value": "Root=1-...;Parent=...;Sampled=1"}`."""
    value = tracing.get("value") if isinstance(tracing, dict) else None
    root = [part[5:] for part in str(value).split(";") if part.startswith("Root=")]
    return root[0] if root else in_words(tracing)
