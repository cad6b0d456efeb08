"""From a log event to an entry. Thousands of events a second pass through here."""

import json

from liveinsight_cli.core.logs.access import from_access_log
from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.json_lines import from_json
from liveinsight_cli.core.logs.platform import STARTED, from_platform
from liveinsight_cli.core.logs.text_lines import from_text
from liveinsight_cli.core.logs.values import doubled_keys, key_count

# JSON has no NaN: as text it is shown, and may be written again under `--json`.
_parse = json.JSONDecoder(parse_constant=str).raw_decode

# Every invocation begins with this record, and all that matters in it is the id; Lambda writes a time of 24 characters.
_TYPE_AT = len('{"time":"2026-11-23T10:00:00.000Z",')
_PLATFORM = '"type":"platform.'
_START = '"type":"platform.start","record":{"requestId":"'
_ID_AT = _TYPE_AT + len(_START)
_ID_END = _ID_AT + 36


def read_entry(event: LogEvent, source: str, *, is_access_log: bool) -> Entry:
    """Return what an event says; text that nobody knows is shown as it is."""
    text = event.message.rstrip()
    if not text.startswith("{"):
        return from_text(event.timestamp_ms, source, text)
    if text.startswith(_START, _TYPE_AT) and text.startswith('"', _ID_END):
        return Entry(
            event.timestamp_ms,
            source,
            "platform",
            "INFO",
            STARTED,
            text[_ID_AT:_ID_END],
            {"type": "start"},
            (),
            (text,),
        )
    try:
        record, end = _parse(text)
        if end != len(text):
            return from_text(event.timestamp_ms, source, text)
        if text.startswith(_PLATFORM, _TYPE_AT):
            return from_platform(event.timestamp_ms, source, text, record)
        # A colon for each key: then none was there twice. Looking at each pair would take as long as all the rest.
        colons = text.count('":')
        if colons != len(record) and colons != key_count(record) and doubled_keys(text):
            return from_text(event.timestamp_ms, source, text)
    except (ValueError, RecursionError):
        return from_text(event.timestamp_ms, source, text)
    if is_access_log:
        return from_access_log(event.timestamp_ms, source, text, record)
    kind = record.get("type")
    if kind.__class__ is str and kind.startswith("platform."):
        return from_platform(event.timestamp_ms, source, text, record)
    return from_json(event.timestamp_ms, source, text, record)
