"""From a log event to an entry. Thousands of events a second pass through here."""

import json

from liveinsight_cli.core.logs.access import from_access_log
from liveinsight_cli.core.logs.entries import Entry
from liveinsight_cli.core.logs.events import LogEvent
from liveinsight_cli.core.logs.json_lines import from_json
from liveinsight_cli.core.logs.platform import ENDED, STARTED, from_platform
from liveinsight_cli.core.logs.text_lines import from_text
from liveinsight_cli.core.logs.values import doubled_keys, key_count

# JSON has no NaN: as text it is shown, and may be written again under `--json`.
_parse = json.JSONDecoder(parse_constant=str).raw_decode

# Two of the three records of an invocation say nothing that the third, the report, does not: their ids are enough until
# it turns out that no report comes.
_QUICK = {'start"': {"type": "start"}, 'runtimeDone"': {"type": "runtimeDone"}}
_MESSAGES = {'start"': STARTED, 'runtimeDone"': ENDED}
_PLATFORM = '"platform.'
_TYPE_WITHIN = 60
_ID = '"requestId":'
_ID_LENGTH = 36


def read_entry(event: LogEvent, source: str, *, is_access_log: bool) -> Entry:
    """Return what an event says; text that nobody knows is shown as it is."""
    text = event.message.rstrip()
    if not text.startswith("{"):
        return from_text(event.timestamp_ms, source, text)
    at = text.find(_PLATFORM, 0, _TYPE_WITHIN)
    if at > 0:
        kind = text[at + len(_PLATFORM) : at + len(_PLATFORM) + 12]
        quick = _QUICK.get(kind) or _QUICK.get(kind := kind[:6])
        if quick and not is_access_log:
            begin = text.find('"', text.find(_ID, at) + len(_ID)) + 1
            request_id = text[begin : begin + _ID_LENGTH]
            if (
                begin > at
                and text.startswith('"', begin + _ID_LENGTH)
                and (kind == 'start"' or '"success"' in text)
            ):
                return Entry(
                    event.timestamp_ms,
                    source,
                    "platform",
                    "INFO",
                    _MESSAGES[kind],
                    request_id,
                    quick,
                    (),
                    (text,),
                )
    return _read(event.timestamp_ms, source, text, is_access_log=is_access_log)


def read_wholly(entry: Entry) -> Entry:
    """Return the entry of a record of which only the id was read, with all that it says."""
    return _read(entry.timestamp_ms, entry.source, entry.texts[-1], is_access_log=False)._replace(
        texts=entry.texts
    )


def _read(timestamp_ms: int, source: str, text: str, *, is_access_log: bool) -> Entry:
    try:
        record, end = _parse(text)
        if end != len(text):
            return from_text(timestamp_ms, source, text)
        if record.get("type") == "platform.report" and isinstance(record.get("record"), dict):
            return from_platform(timestamp_ms, source, text, record)
        # A colon for each key: then none was there twice. Looking at each pair would take as long as all the rest.
        colons = text.count('":')
        if colons != len(record) and colons != key_count(record) and doubled_keys(text):
            return from_text(timestamp_ms, source, text)
    except (ValueError, RecursionError):
        return from_text(timestamp_ms, source, text)
    if is_access_log:
        return from_access_log(timestamp_ms, source, text, record)
    kind = record.get("type")
    if kind.__class__ is str and kind.startswith("platform."):
        return from_platform(timestamp_ms, source, text, record)
    return from_json(timestamp_ms, source, text, record)
