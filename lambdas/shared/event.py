"""A stored event and its item in the events table: what it says, and the stamp of what it meant when it arrived."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from shared import running
from shared.keys import epoch_ms_of
from shared.metrics import BOT, Running

UTM_PARAMETERS = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
_OPTIONAL_TEXTS = (
    "visitor_before",
    "title",
    "user_id",
    "props",
    "vitals",
    "country",
    "screen",
    "lang",
    "source",
    *UTM_PARAMETERS,
)
_OPTIONAL_NUMBERS = ("engaged_ms", "scroll_depth")
_NONE: Mapping[str, Any] = MappingProxyType({})
_HASH = re.compile(r"[0-9a-f]{1,16}")
_LONGEST_SITE = 253
_END_OF_TIME_MS = 253_402_300_800_000  # the year 10000: days from then on have no name


class MalformedEvent(Exception):
    """An item of the events table that is not one of ours."""


class StoredEvent(NamedTuple):
    """An event with its stamp; `before` is the session as the event met it, `user_agent` a class, never the text.

    `source` and UTM values are present on a session's first event only; `visitor_before`, the visitor's hash under the
    salt of the day before, in the first 45 minutes of a day only. `bot` is the reason why a bot was seen.
    """

    session_id: str
    timestamp: int
    event_id: str
    event_type: str
    page_url: str
    user_agent: str
    referrer: str
    site: str
    visitor: str
    before: Running
    interactive: bool = False
    bot: str = ""
    texts: Mapping[str, str] = _NONE
    numbers: Mapping[str, int] = _NONE

    @property
    def at(self) -> int:
        """Event time, epoch ms."""
        return epoch_ms_of(self.timestamp)

    @property
    def is_entry(self) -> bool:
        """Whether the session began with this event."""
        return self.before.events == 0


def to_item(event: StoredEvent, ttl_seconds: int) -> dict[str, Any]:
    """The event as an item. The same event always gives the same item, byte for byte."""
    item: dict[str, Any] = {
        "session_id": {"S": event.session_id},
        "timestamp": {"N": str(event.timestamp)},
        "event_id": {"S": event.event_id},
        "event_type": {"S": BOT if event.bot else event.event_type},
        "page_url": {"S": event.page_url},
        "user_agent": {"S": event.user_agent},
        "referrer": {"S": event.referrer},
        "site": {"S": event.site},
        "visitor": {"S": event.visitor},
        "before": running.to_map(event.before, with_id=False),
        "ttl": {"N": str(ttl_seconds)},
    }
    if event.interactive:
        item["interactive"] = {"BOOL": True}
    if event.bot:
        item["bot"] = {"S": event.bot}
    item.update({name: {"S": text} for name, text in event.texts.items() if text})
    item.update({name: {"N": str(number)} for name, number in event.numbers.items()})
    return item


def from_item(item: Mapping[str, Any]) -> StoredEvent:
    """The event back out of an item or a stream image; raises MalformedEvent for anything else.

    What passes can be folded: one event that fails there would hold up all of its shard.
    """
    event = _read(item)
    if not _HASH.fullmatch(event.visitor):
        raise MalformedEvent("visitor is no hash")
    if not (0 <= event.at < _END_OF_TIME_MS and 0 <= event.before.start < _END_OF_TIME_MS):
        raise MalformedEvent("a moment is out of range")
    if not 0 < len(event.site) <= _LONGEST_SITE:
        raise MalformedEvent("site is no name")
    return event


def _read(item: Mapping[str, Any]) -> StoredEvent:
    try:
        session_id = item["session_id"]["S"]
        return StoredEvent(
            session_id=session_id,
            timestamp=int(item["timestamp"]["N"]),
            event_id=item["event_id"]["S"],
            event_type=item["event_type"]["S"],
            page_url=item["page_url"]["S"],
            user_agent=item["user_agent"]["S"],
            referrer=item["referrer"]["S"],
            site=item["site"]["S"],
            visitor=item["visitor"]["S"],
            before=running.from_map(item["before"], session_id),
            interactive="interactive" in item,
            bot=item["bot"]["S"] if "bot" in item else "",
            texts={name: item[name]["S"] for name in _OPTIONAL_TEXTS if name in item},
            numbers={name: int(item[name]["N"]) for name in _OPTIONAL_NUMBERS if name in item},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedEvent(f"{type(error).__name__}: {error}"[:200]) from error
