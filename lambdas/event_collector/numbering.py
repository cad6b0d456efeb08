"""Which session a request belongs to and which numbers its events get: pure decisions over the visitor's row.

The row remembers the last four requests and the state each of them met. A request sent again therefore gets the
numbers that it got the first time, and its events come out byte-identical. Of older requests it remembers only that
they were here: what cannot get its numbers again is refused, and nothing is counted twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from event_collector.allowance import Allowance, take_one
from event_collector.parse import ClientEvent
from shared import metrics
from shared.metrics import Running

REMEMBERED_REQUESTS = 4
# The row is rewritten when so many requests are noted; the notes of the rewriting before it are kept, too.
MOST_NOTED = 64
_NOTE_LENGTH = 10  # 40 bits: among 128 notes a new request looks like an old one once in 8,000,000,000 times


@dataclass(frozen=True, slots=True)
class Remembered:
    """A request that was numbered before: when it came first, and the session as it met it."""

    request_id: str
    received_at: int
    before: Running


@dataclass(frozen=True, slots=True)
class Row:
    """A visitor's row: the running session, the requests that led there, newest first, and those it may still send."""

    now: Running
    ring: tuple[Remembered, ...]
    allowance: Allowance | None = None
    noted: frozenset[str] = frozenset()
    noted_before: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request's events of one visitor, or of one session that the caller numbers itself."""

    request_id: str
    received_at: int
    sent_at: float | None
    events: tuple[ClientEvent, ...]
    own_session: str | None

    @property
    def note(self) -> str:
        """By what the row knows later that the request was here."""
        return self.request_id[:_NOTE_LENGTH]

    def timeline(self, received_at: int) -> list[tuple[int, ClientEvent]]:
        """The events in the order in which they happened, had the request come at `received_at`."""
        timed = [(metrics.event_time(received_at, e.client_time, self.sent_at), e) for e in self.events]
        return sorted(timed, key=lambda pair: pair[0])


@dataclass(frozen=True, slots=True)
class Numbering:
    """What an arrival met. `row` is the row as it has to become, None when the request was here before."""

    before: Running
    received_at: int
    row: Row | None


@dataclass(frozen=True, slots=True)
class Stamped:
    """An event, when it happened, and the session as it met it."""

    at: int
    event: ClientEvent
    before: Running


def stamp(before: Running, timeline: list[tuple[int, ClientEvent]]) -> tuple[list[Stamped], Running]:
    """Run the session forward over the events."""
    stamped = []
    session = before
    for at, event in timeline:
        stamped.append(Stamped(at, event, session))
        path = metrics.path_of(event.page.url)
        session = metrics.after(session, at, event.event_type, event.interactive, path)
    return stamped, session


class Forgotten(Exception):
    """The request was here before, but too many others came since to give it its numbers again."""


def recall(row: Row | None, arrival: Arrival) -> Numbering | None:
    """The numbers of a request that was here before; raises Forgotten when it was, and they are gone."""
    if row is None:
        return None
    for memory in row.ring:
        if memory.request_id == arrival.request_id:
            return Numbering(memory.before, memory.received_at, None)
    if arrival.note in row.noted or arrival.note in row.noted_before:
        raise Forgotten
    return None


def decide(row: Row | None, arrival: Arrival, new_session_id: str, limit: int) -> Numbering:
    """Continue the running session, begin a new one, or recall what was decided before.

    Raises Forgotten or Exhausted when the request cannot be taken.
    """
    recalled = recall(row, arrival)
    if recalled is not None:
        return recalled
    allowance = take_one(row.allowance if row else None, arrival.received_at, limit)
    timeline = arrival.timeline(arrival.received_at)
    begins_at = timeline[0][0]
    if row and (arrival.own_session or metrics.continues(row.now, begins_at)):
        before = row.now
    else:
        before = metrics.begin(arrival.own_session or new_session_id, begins_at)
    _, after = stamp(before, timeline)
    memory = Remembered(arrival.request_id, arrival.received_at, before)
    ring = (memory, *(row.ring if row else ()))[:REMEMBERED_REQUESTS]
    noted, noted_before = (row.noted, row.noted_before) if row else (frozenset(), frozenset())
    if len(noted) >= MOST_NOTED:
        noted, noted_before = frozenset(), noted
    return Numbering(
        before, arrival.received_at, Row(after, ring, allowance, noted | {arrival.note}, noted_before)
    )
