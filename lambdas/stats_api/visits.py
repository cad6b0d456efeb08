"""Visits put together from raw events, and which of them the filters choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from shared import metrics
from shared.event import StoredEvent
from shared.facts import facts_of
from shared.filters import FACTS
from shared.metrics import PAGE_VIEW


@dataclass(slots=True)
class Visit:
    """The events of a session that are known, in any order. `is_whole`: none of them can be missing."""

    events: list[StoredEvent] = field(default_factory=list)
    is_whole: bool = True

    @property
    def start(self) -> int:
        """When the session began, epoch ms; every event knows it."""
        return self.events[0].before.start

    @property
    def session_id(self) -> str:
        """Its id."""
        return self.events[0].session_id

    def has_first(self) -> bool:
        """Whether the event is known that the session began with."""
        return any(event.is_entry for event in self.events)

    def passes(self, filters: Mapping[str, str]) -> bool | None:
        """Whether all filters hold; None when that depends on events that are gone."""
        first = next((event for event in self.events if event.is_entry), None)
        facts = facts_of(first) if first else {}
        is_open = False
        for name, value in filters.items():
            if name == "exit_page":
                holds = self._exit_page() == value
                is_known = True
            elif name in FACTS:
                holds = facts.get(FACTS[name]) == value
                is_known = self.is_whole or first is not None
            else:
                holds = any(_is_of(event, name, value) for event in self.events)
                is_known = self.is_whole
            if not holds and is_known:
                return False
            is_open = is_open or not holds
        return None if is_open else True

    def _exit_page(self) -> str:
        last = max(self.events, key=lambda event: event.before.events)
        path = metrics.path_of(last.page_url)
        return metrics.after(last.before, last.at, last.event_type, last.interactive, path).page


def _is_of(event: StoredEvent, name: str, value: str) -> bool:
    if name == "page":
        return event.event_type == PAGE_VIEW and metrics.path_of(event.page_url) == value
    return event.event_type == value


def visits_of(events: Iterable[StoredEvent]) -> list[Visit]:
    """The visits that events belong to; bots have none."""
    found: dict[tuple[str, str], Visit] = {}
    for event in events:
        if not event.bot:
            found.setdefault((event.site, event.session_id), Visit()).events.append(event)
    return list(found.values())
