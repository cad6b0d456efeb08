"""Stream records to stored events. A record that cannot be read is named and left out: it must not hold up the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.event import MalformedEvent, StoredEvent, from_item


@dataclass(frozen=True, slots=True)
class Record:
    """An inserted event, its place in the shard, and when it was written, epoch ms, 0 when the stream does not say.

    Sequence numbers have up to 40 digits; the stream's clock has whole seconds.
    """

    sequence: int
    event: StoredEvent
    written_at: int


@dataclass(frozen=True, slots=True)
class Poison:
    """A record that cannot be read, and why."""

    sequence: str
    reason: str


def read(records: Iterable[Mapping[str, Any]]) -> tuple[list[Record], list[Poison]]:
    """The events that were inserted, in the order of the shard; changes and expiries are of no interest."""
    events = []
    poison = []
    for record in records:
        change = record.get("dynamodb") or {}
        sequence = str(change.get("SequenceNumber", ""))
        if record.get("eventName") != "INSERT":
            continue
        try:
            written_at = int(float(change.get("ApproximateCreationDateTime", 0)) * 1000)
            events.append(Record(int(sequence), from_item(change["NewImage"]), written_at))
        except (MalformedEvent, KeyError, TypeError, ValueError) as error:
            poison.append(Poison(sequence, f"{type(error).__name__}: {error}"[:200]))
    return sorted(events, key=lambda record: record.sequence), poison
