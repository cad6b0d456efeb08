"""Log events for programs: as they were written, or as JSON lines."""

import json
from datetime import UTC, datetime

from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.values import in_words
from liveinsight_cli.render.text import plain

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_encode_in_ascii = json.JSONEncoder().encode
SCHEMA = "liveinsight.tail/1"


def raw_text(message: str, *, is_terminal: bool) -> str:
    """Return an event as it was written, on a line of its own; for a terminal without what it would act upon."""
    text = plain(message, keep="\n\t") if is_terminal else message
    return text if text.endswith("\n") else text + "\n"


def json_line(shown: Entry | LogEvent, source: str | None = None) -> str:
    """Return an entry, or an event that nobody took apart, as a line of JSON."""
    body: dict[str, object] = {
        "schema": SCHEMA,
        "time": _time(shown.timestamp_ms),
        "timestamp_ms": shown.timestamp_ms,
        "source": source if isinstance(shown, LogEvent) else shown.source,
    }
    if isinstance(shown, LogEvent):
        body |= {"kind": "event", "message": shown.message, "group": shown.group, "event_id": shown.event_id}
    else:
        body |= {
            "kind": shown.kind,
            "level": shown.level,
            "message": shown.message,
            "request_id": shown.request_id,
            "fields": shown.fields,
            "detail": shown.detail,
        }
    return _harmless(body) + "\n"


def _harmless(body: dict[str, object]) -> str:
    """Return JSON in which neither a terminal nor a reader of workflow commands finds anything to act upon."""
    try:
        text = _encode(body)
    except (ValueError, RecursionError):  # a number that JSON has not, or too deep a nesting to be written
        body["fields"] = {name: in_words(value) for name, value in dict(body["fields"]).items()}  # type: ignore[call-overload]
        text = _encode(body)
    if plain(text) != text:
        text = _encode_in_ascii(body)
    return text.replace("##[", "#\\u0023[")


def _time(timestamp_ms: int) -> str:
    return (
        datetime.fromtimestamp(timestamp_ms / 1000, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
