"""StartLiveTail: an answer without an end, which says every second what has arrived."""

import json
import time
import uuid
import zlib
from collections.abc import Callable, Collection, Generator, Iterable
from struct import pack
from typing import Any

from liveinsight_cli.local.aws_errors import error_answer
from liveinsight_cli.local.http import Answer, Environ, Stream, body_of
from liveinsight_cli.local.telemetry.logs import LogEvent, LogStore
from liveinsight_cli.local.telemetry.patterns import InvalidPattern, compile_pattern

MOST_GROUPS = 10
MOST_EVENTS = 500  # an update; what is more is sampled
LOOKED_AT = 20_000
SESSION_SECONDS = 3 * 3600.0
EVENT_STREAM = "application/vnd.amazon.eventstream"
STRING = 7


class LiveTail:
    """Answers StartLiveTail. `groups` are those that exist; `second` is how long the second of an update takes."""

    def __init__(
        self,
        store: LogStore,
        groups: Callable[[], Collection[str]],
        account: str,
        second: float = 1.0,
        session_seconds: float = SESSION_SECONDS,
    ) -> None:
        self._store, self._groups, self._account = store, groups, account
        self._second, self._session_seconds = second, session_seconds

    def answer(self, environ: Environ, operation: str) -> Answer | None:
        """Answer StartLiveTail; None for any other operation, which is moto's."""
        if operation != "StartLiveTail":
            return None
        asked = json.loads(body_of(environ) or b"{}")
        names = [str(one).split(":")[-1] for one in asked.get("logGroupIdentifiers", [])]
        try:
            matches = compile_pattern(asked.get("logEventFilterPattern") or "")
        except InvalidPattern as error:
            return error_answer(environ, "logs", 400, "InvalidParameterException", str(error))
        if not 1 <= len(names) <= MOST_GROUPS:
            message = f"1 to {MOST_GROUPS} log groups can be given."
            return error_answer(environ, "logs", 400, "InvalidParameterException", message)
        missing = [name for name in names if name not in self._groups()]
        if missing:
            message = f"The specified log group does not exist: {missing[0]}"
            return error_answer(environ, "logs", 400, "ResourceNotFoundException", message)
        parts = self._session(asked, names, matches, self._store.last_id())
        return Answer(200, b"", (("Content-Type", EVENT_STREAM),), Stream(parts))

    def _session(
        self, asked: dict[str, Any], names: list[str], matches: Callable[[str], bool], after_id: int
    ) -> Generator[bytes, None, None]:
        yield message("event", "initial-response", {})
        session = {"requestId": str(uuid.uuid4()), "sessionId": str(uuid.uuid4())}
        told = {key: value for key, value in asked.items() if key.startswith("log")}
        yield message("event", "sessionStart", told | session)
        ends = time.monotonic() + self._session_seconds
        while time.monotonic() < ends:
            time.sleep(self._second)
            arrived = self._store.arrived(names, after_id, LOOKED_AT)
            after_id = arrived[-1][1].id if arrived else after_id
            yield self._update((group, event) for group, event in arrived if matches(event.message))
        yield message("exception", "SessionTimeoutException", {"message": "The session has timed out."})

    def _update(self, events: Iterable[tuple[str, LogEvent]]) -> bytes:
        results = [
            {
                "logGroupIdentifier": f"{self._account}:{group}",
                "logStreamName": event.stream,
                "message": event.message,
                "timestamp": event.at,
                "ingestionTime": event.ingested,
            }
            for group, event in events
        ]
        is_sampled = len(results) > MOST_EVENTS
        if is_sampled:
            results = results[:: -(-len(results) // MOST_EVENTS)]
        body = {"sessionMetadata": {"sampled": is_sampled}, "sessionResults": results}
        return message("event", "sessionUpdate", body)


def message(kind: str, name: str, body: dict[str, Any]) -> bytes:
    """Return one message of the event stream encoding: lengths and their checksum, headers, body, checksum of all.

    https://smithy.io/2.0/aws/amazon-eventstream.html
    """
    texts = {":message-type": kind, f":{kind}-type": name, ":content-type": "application/json"}
    headers = b"".join(
        pack("!B", len(key)) + key.encode() + pack("!BH", STRING, len(value)) + value.encode()
        for key, value in texts.items()
    )
    payload = json.dumps(body).encode()
    prelude = pack("!II", 16 + len(headers) + len(payload), len(headers))
    content = prelude + pack("!I", zlib.crc32(prelude)) + headers + payload
    return content + pack("!I", zlib.crc32(content))
